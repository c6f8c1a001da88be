//! The keys of classes as a row of caps: a click takes the class, a class dropped on one gets it.

use egui::{Align2, FontId, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::class_list::Dragged;
use crate::paint;
use crate::theme::{self, Tokens};

/// Keys in a row.
const ROW: usize = 10;
/// Height of a key, in points.
const HEIGHT: f32 = 22.0;

/// One key.
#[derive(Clone, Copy, Debug)]
pub struct ClassKey<'a> {
    /// The key in words: "1", "Shift+1".
    pub key: &'a str,
    /// Name and colour of the class it takes.
    pub class: Option<(&'a str, [u8; 3])>,
    /// That class is what tools paint now.
    pub selected: bool,
}

/// What the user did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ClassKeysResponse {
    /// The key that was clicked, by its place.
    pub clicked: Option<usize>,
    /// A class, by its index, that was dropped on a key.
    pub dropped: Option<(u8, usize)>,
}

/// Shows the keys, ten in a row.
pub fn show(ui: &mut Ui, keys: &[ClassKey<'_>]) -> ClassKeysResponse {
    let tokens = theme::tokens(ui.ctx());
    let mut out = ClassKeysResponse::default();
    let gap = 2.0;
    let width = (ui.available_width() - gap * (ROW - 1) as f32) / ROW as f32;
    ui.spacing_mut().item_spacing = vec2(gap, gap);
    for (row, keys) in keys.chunks(ROW).enumerate() {
        ui.horizontal(|ui| {
            for (column, key) in keys.iter().enumerate() {
                show_key(ui, tokens, key, width, row * ROW + column, &mut out);
            }
        });
    }
    out
}

fn show_key(
    ui: &mut Ui,
    tokens: &Tokens,
    key: &ClassKey<'_>,
    width: f32,
    place: usize,
    out: &mut ClassKeysResponse,
) {
    let (rect, response) = ui.allocate_exact_size(vec2(width, HEIGHT), Sense::click());
    let class = key.class.map_or("no class", |class| class.0);
    let name = format!("Key {}: {class}", key.key);
    response
        .widget_info(|| WidgetInfo::selected(Role::Button, ui.is_enabled(), key.selected, &name));
    if response.clicked() && key.class.is_some() {
        out.clicked = Some(place);
    }
    let over = response.dnd_hover_payload::<Dragged>();
    if over.is_some()
        && let Some(class) = response.dnd_release_payload::<Dragged>()
    {
        out.dropped = Some((class.0, place));
    }
    let c = &tokens.color;
    let lit = response.hovered() || response.has_focus() || over.is_some();
    let (fill, ink) = match (key.selected, lit) {
        (true, _) => (c.row_selected, c.text_strong),
        (false, true) => (c.button_hover, c.text_strong),
        (false, false) => (c.button, c.text_weak),
    };
    let painter = ui.painter();
    painter.rect_filled(rect, tokens.radius.widget, fill);
    if let Some((_, color)) = key.class {
        let bar = Rect::from_min_max(pos2(rect.left(), rect.bottom() - 4.0), rect.max);
        painter.rect_filled(bar.shrink2(vec2(3.0, 1.0)), 1.0, theme::class_color(color));
    }
    let digit = key.key.replace("Shift+", "\u{21e7}");
    let font = FontId::proportional(tokens.text.small);
    let at = rect.center() - vec2(0.0, 2.0);
    paint::line(painter, at, Align2::CENTER_CENTER, &digit, font, ink, width);
    if over.is_some() {
        paint::ring(ui, rect);
    }
    paint::focus_ring(ui, &response, rect);
    response.on_hover_text(name);
}
