//! Buttons: of one icon, of icon and text, and the one thing to do next.

use egui::{Button, Color32, Response, Role, Sense, Ui, Vec2, WidgetInfo, vec2};

use crate::icons::{self, Icon};
use crate::paint;
use crate::theme;

/// A square button of one icon, without a fill at rest. `name` is its tooltip and its accessible
/// name; `selected` is `None` for a button that does not stay down.
pub fn icon(
    ui: &mut Ui,
    icon: Icon,
    name: &str,
    selected: Option<bool>,
    enabled: bool,
) -> Response {
    let side = theme::tokens(ui.ctx()).space.row + 4.0;
    icon_of_side(ui, icon, name, selected, enabled, side)
}

/// [`icon`] with sides of any length, in points.
pub(crate) fn icon_of_side(
    ui: &mut Ui,
    icon: Icon,
    name: &str,
    selected: Option<bool>,
    enabled: bool,
    side: f32,
) -> Response {
    let tokens = theme::tokens(ui.ctx());
    let sense = if enabled {
        Sense::click()
    } else {
        Sense::hover()
    };
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), sense);
    response.widget_info(|| match selected {
        Some(selected) => {
            WidgetInfo::selected(Role::Button, enabled && ui.is_enabled(), selected, name)
        }
        None => WidgetInfo::labeled(Role::Button, enabled && ui.is_enabled(), name),
    });
    if ui.is_rect_visible(rect) {
        let c = &tokens.color;
        let on = selected == Some(true);
        let (fill, ink) = if !enabled {
            (Color32::TRANSPARENT, c.text_disabled)
        } else if on {
            (c.row_selected, c.text_strong)
        } else if response.is_pointer_button_down_on() {
            (c.ghost_active, c.text_strong)
        } else if response.hovered() || response.has_focus() {
            (c.ghost_hover, c.text_strong)
        } else {
            (Color32::TRANSPARENT, c.text)
        };
        ui.painter().rect_filled(rect, tokens.radius.widget, fill);
        paint::focus_ring(ui, &response, rect);
        let size = tokens.space.icon.min(side * 0.7);
        icons::paint(ui.painter(), rect.center(), icon, size, ink);
    }
    response.on_hover_text(name)
}

/// A button for the one thing to do next.
pub fn primary(ui: &mut Ui, icon: Icon, text: &str) -> Response {
    let tokens = theme::tokens(ui.ctx());
    let c = &tokens.color;
    ui.scope(|ui| {
        let widgets = &mut ui.visuals_mut().widgets;
        for (state, fill) in [
            (&mut widgets.inactive, c.accent),
            (&mut widgets.hovered, c.accent_hover),
            (&mut widgets.active, c.accent_active),
        ] {
            state.weak_bg_fill = fill;
            state.fg_stroke.color = c.text_on_accent;
        }
        labeled(ui, icon, text)
    })
    .inner
}

/// A button with an icon before its text, named by the text alone.
pub fn labeled(ui: &mut Ui, icon: Icon, text: &str) -> Response {
    let label = format!("{} {text}", icon.glyph());
    let response = ui.add(Button::new(label).min_size(vec2(0.0, 28.0)));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), text));
    response
}
