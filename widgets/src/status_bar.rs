//! Pieces of the status bar: quiet text with a name, thin lines between.

use egui::{FontId, Response, RichText, Role, Sense, Ui, WidgetInfo, vec2};

use crate::icons::Icon;
use crate::theme;

/// One fact: an icon if it helps, a value; `name` says what it is, as tooltip and to a screen
/// reader.
pub fn item(ui: &mut Ui, icon: Option<Icon>, name: &str, value: &str) -> Response {
    let tokens = theme::tokens(ui.ctx());
    let ink = tokens.color.text_weak;
    let response = ui
        .scope(|ui| {
            ui.spacing_mut().item_spacing.x = tokens.space.gap;
            if let Some(icon) = icon {
                ui.label(icon.text(13.0).color(ink));
            }
            let font = FontId::proportional(tokens.text.small);
            ui.label(RichText::new(value).font(font).color(ink))
        })
        .inner;
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name}: {value}")));
    response.on_hover_text(name)
}

/// A thin upright line between two groups of facts.
pub fn separator(ui: &mut Ui) {
    let tokens = theme::tokens(ui.ctx());
    let (rect, _) = ui.allocate_exact_size(vec2(1.0, tokens.space.icon), Sense::hover());
    ui.painter().rect_filled(rect, 0.0, tokens.color.separator);
}
