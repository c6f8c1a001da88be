//! The steps of an image's history: what was done, how much, how long ago. A click goes there.

use egui::{Align2, FontId, Id, Role, Sense, Ui, WidgetInfo, vec2};

use crate::list::{self, List};
use crate::paint;
use crate::theme::{self, Tokens};

/// One step.
#[derive(Clone, Debug, Default)]
pub struct HistoryRow<'a> {
    /// What was done.
    pub name: &'a str,
    /// The colour of what was painted, where it has one.
    pub color: Option<[u8; 3]>,
    /// How much changed, for people.
    pub size: String,
    /// How long ago, for people.
    pub age: String,
}

/// Shows `count` steps, oldest first, in what is left of `ui`; `current` is the one that the labels
/// are at, and those after it can be made again. Returns the step to go to.
pub fn show<'a>(
    ui: &mut Ui,
    count: usize,
    current: usize,
    mut row: impl FnMut(usize) -> HistoryRow<'a>,
) -> Option<usize> {
    let tokens = theme::tokens(ui.ctx());
    ui.spacing_mut().item_spacing.y = 0.0;
    let list = List {
        name: "History",
        count,
        row: tokens.space.row,
        selected: Some(current),
        twin: None,
        below: 0.0,
    };
    let mut wanted = None;
    let moved = list::show(ui, &list, |ui, place| {
        let (id, clicked) = show_row(ui, tokens, &row(place), place, current);
        if clicked {
            wanted = Some(place);
        }
        id
    });
    if moved.steps != 0 {
        let last = count.saturating_sub(1);
        wanted = Some(current.saturating_add_signed(moved.steps).min(last));
    }
    wanted.filter(|wanted| *wanted != current)
}

/// A row, and whether it was clicked.
fn show_row(
    ui: &mut Ui,
    tokens: &Tokens,
    row: &HistoryRow<'_>,
    place: usize,
    current: usize,
) -> (Id, bool) {
    let size = vec2(ui.available_width(), tokens.space.row);
    let (rect, response) = ui.allocate_exact_size(size, Sense::CLICK);
    let selected = place == current;
    let undone = place > current;
    response.widget_info(|| {
        let name = spoken(row, undone);
        WidgetInfo::selected(Role::ListBoxOption, ui.is_enabled(), selected, name)
    });
    paint::row_background(ui, tokens, rect, selected, response.hovered());
    let c = &tokens.color;
    let item = tokens.space.item;
    let painter = ui.painter();
    let center = rect.left_center() + vec2(item + 7.0, 0.0);
    if let Some(color) = row.color {
        let color = theme::class_color(color);
        let shown = if undone { 0.4 } else { 1.0 };
        paint::swatch(painter, tokens, center, color.gamma_multiply(shown));
    }
    let (ink, faint) = match (undone, selected) {
        (true, _) => (c.text_disabled, c.text_disabled),
        (false, true) => (c.text_strong, c.text),
        (false, false) => (c.text, c.text_weak),
    };
    let small = FontId::proportional(tokens.text.small);
    let mut at = rect.right_center() - vec2(item, 0.0);
    for (text, width) in [(&row.age, 44.0), (&row.size, 76.0)] {
        let align = Align2::RIGHT_CENTER;
        paint::line(painter, at, align, text, small.clone(), faint, width);
        at.x -= width;
    }
    let left = center + vec2(7.0 + item, 0.0);
    let body = FontId::proportional(tokens.text.body);
    let width = at.x - left.x;
    paint::line(
        painter,
        left,
        Align2::LEFT_CENTER,
        row.name,
        body,
        ink,
        width,
    );
    (response.id, response.clicked())
}

/// What a screen reader says.
fn spoken(row: &HistoryRow<'_>, undone: bool) -> String {
    let state = if undone { "undone" } else { "" };
    let parts = [row.name, &row.size, &row.age, state];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}
