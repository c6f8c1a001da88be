//! A list of models in groups: name and kind on the left, figures on the right.

use egui::{Align2, FontId, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::icons::{self, Icon};
use crate::paint;
use crate::theme::{self, Tokens};

/// Height of a row of two lines, in points.
const ROW: f32 = 40.0;
/// Width of a column of figures, in points.
const FIGURE: f32 = 72.0;
/// Width of the mark at the end of a row, in points.
const MARK: f32 = 24.0;

/// How much of a model is on this machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mark {
    /// Nothing.
    None,
    /// A download that was begun.
    Begun,
    /// A download under way, from 0 to 1.
    Coming(f32),
    /// All of it.
    Here,
}

/// One model.
#[derive(Clone, Debug)]
pub struct ModelRow<'a> {
    /// Its name, by which it is selected.
    pub name: &'a str,
    /// What kind it is, in a few words.
    pub kind: String,
    /// The group it stands in; rows of one group follow each other.
    pub group: &'a str,
    /// Its score, for people.
    pub score: String,
    /// Its size, for people.
    pub size: String,
    /// Whether it is here.
    pub mark: Mark,
}

impl ModelRow<'_> {
    /// What a screen reader says.
    fn spoken(&self) -> String {
        let mark = match self.mark {
            Mark::None => "not downloaded",
            Mark::Begun => "download begun",
            Mark::Coming(_) => "downloading",
            Mark::Here => "on this machine",
        };
        let parts = [self.name, &self.kind, &self.score, &self.size, mark];
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join(", ")
    }
}

/// Shows the rows, `selected` among them; returns the name of the one that was clicked.
pub fn show<'a>(ui: &mut Ui, rows: &[ModelRow<'a>], selected: Option<&str>) -> Option<&'a str> {
    let tokens = theme::tokens(ui.ctx());
    let mut clicked = None;
    ScrollArea::vertical()
        .id_salt("models")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let mut group = "";
            for row in rows {
                if row.group != group {
                    heading(ui, tokens, row.group, group.is_empty());
                    group = row.group;
                }
                if show_row(ui, tokens, row, selected == Some(row.name)) {
                    clicked = Some(row.name);
                }
            }
        });
    clicked
}

fn heading(ui: &mut Ui, tokens: &Tokens, text: &str, first: bool) {
    if !first {
        ui.add_space(tokens.space.item);
    }
    let size = tokens.text.small;
    ui.label(theme::strong(text).size(size).color(tokens.color.text_weak));
    ui.add_space(tokens.space.gap);
}

fn show_row(ui: &mut Ui, tokens: &Tokens, row: &ModelRow<'_>, selected: bool) -> bool {
    let size = vec2(ui.available_width(), ROW);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| {
        WidgetInfo::selected(Role::ListBoxOption, ui.is_enabled(), selected, row.spoken())
    });
    if response.gained_focus() {
        ui.scroll_to_rect(rect, None);
    }
    if ui.is_rect_visible(rect) {
        paint::row_background(ui, tokens, rect, selected, response.hovered());
        paint::focus_ring(ui, &response, rect);
        let inner = rect.shrink2(vec2(tokens.space.item, 4.0));
        texts(ui, tokens, inner, row, selected);
        mark(ui, tokens, inner, row.mark);
    }
    response.clicked()
}

fn texts(ui: &Ui, tokens: &Tokens, rect: Rect, row: &ModelRow<'_>, selected: bool) {
    let c = &tokens.color;
    let body = FontId::proportional(tokens.text.body);
    let small = FontId::proportional(tokens.text.small);
    let painter = ui.painter();
    let mut right = rect.right() - MARK;
    for (text, ink) in [(&row.size, c.text_weak), (&row.score, c.text)] {
        let at = pos2(right, rect.center().y);
        let align = Align2::RIGHT_CENTER;
        paint::line(painter, at, align, text, body.clone(), ink, FIGURE);
        right -= FIGURE;
    }
    let width = right - rect.left() - tokens.space.item;
    let ink = if selected { c.text_strong } else { c.text };
    let at = rect.left_top();
    paint::line(painter, at, Align2::LEFT_TOP, row.name, body, ink, width);
    let at = rect.left_bottom();
    let align = Align2::LEFT_BOTTOM;
    paint::line(painter, at, align, &row.kind, small, c.text_weak, width);
}

fn mark(ui: &Ui, tokens: &Tokens, rect: Rect, mark: Mark) {
    let c = &tokens.color;
    let center = pos2(rect.right() - 7.0, rect.center().y);
    let icon = |icon, ink| icons::paint(ui.painter(), center, icon, 14.0, ink);
    match mark {
        Mark::None => {}
        Mark::Begun => icon(Icon::Import, c.text_weak),
        Mark::Here => icon(Icon::Check, c.success),
        Mark::Coming(part) => {
            let bar = Rect::from_center_size(center, vec2(14.0, 4.0));
            ui.painter().rect_filled(bar, 2.0, c.button);
            let done = vec2(bar.width() * part.clamp(0.0, 1.0), bar.height());
            let done = Rect::from_min_size(bar.min, done);
            ui.painter().rect_filled(done, 2.0, c.accent);
        }
    }
}
