//! Keys drawn as the caps of a keyboard.

use egui::{
    Align2, Color32, FontId, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2,
};

use crate::icons::{self, Icon};
use crate::paint;
use crate::theme;

/// Keys that a click takes away; `name` is the button's tooltip and accessible name.
pub fn removable(ui: &mut Ui, keys: &str, name: &str) -> Response {
    cap(ui, Some(keys), Icon::Close, name)
}

/// A button that adds keys; `name` is its tooltip and accessible name.
pub fn add(ui: &mut Ui, name: &str) -> Response {
    cap(ui, None, Icon::Plus, name)
}

fn cap(ui: &mut Ui, keys: Option<&str>, icon: Icon, name: &str) -> Response {
    let tokens = theme::tokens(ui.ctx());
    let c = &tokens.color;
    let font = FontId::proportional(tokens.text.small);
    let text = keys.unwrap_or_default();
    let galley = ui
        .painter()
        .layout_no_wrap(text.to_owned(), font, Color32::PLACEHOLDER);
    let height = tokens.space.row - 4.0;
    let text_width = galley.size().x;
    let icon_width = 14.0;
    let width = match keys {
        Some(_) => text_width + icon_width + 16.0,
        None => height,
    };
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
    if ui.is_rect_visible(rect) {
        let lit = response.hovered() || response.has_focus();
        let painter = ui.painter();
        let fill = match (keys, lit) {
            (Some(_), true) => c.button_hover,
            (Some(_), false) => c.button,
            (None, true) => c.ghost_hover,
            (None, false) => Color32::TRANSPARENT,
        };
        painter.rect_filled(rect, tokens.radius.widget, fill);
        if keys.is_some() {
            let edge = Stroke::new(1.0, c.separator);
            painter.rect_stroke(rect, tokens.radius.widget, edge, StrokeKind::Inside);
        }
        let at = rect.left_center() + vec2(8.0, 0.0);
        let at = Align2::LEFT_CENTER.anchor_size(at, galley.size()).min;
        painter.galley(at, galley, if lit { c.text_strong } else { c.text });
        let center = match keys {
            Some(_) => rect.right_center() - vec2(icon_width / 2.0 + 3.0, 0.0),
            None => rect.center(),
        };
        let ink = if lit { c.text_strong } else { c.text_weak };
        icons::paint(painter, center, icon, 12.0, ink);
        paint::focus_ring(ui, &response, rect);
    }
    response.on_hover_text(name)
}
