//! The empty state: one place to drop a folder on, and what else one can begin with.

use egui::{
    Align, Color32, Layout, Rect, Response, RichText, Role, Shape, Stroke, Ui, UiBuilder,
    WidgetInfo, vec2,
};

use crate::icons::{self, Icon};
use crate::theme;

/// The card's size in points.
const SIZE: egui::Vec2 = vec2(440.0, 220.0);

/// A card in the middle of what is left of `ui`: an icon, a title, a note, and below them what
/// `actions` adds in one row. `hovered` is true while something is dragged over the window.
pub fn show(
    ui: &mut Ui,
    title: &str,
    note: &str,
    hovered: bool,
    actions: impl FnOnce(&mut Ui),
) -> Response {
    let tokens = theme::tokens(ui.ctx());
    let c = &tokens.color;
    let width = SIZE.x.min(ui.available_width());
    let (rect, response) = ui.allocate_exact_size(vec2(width, SIZE.y), egui::Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Group, true, title));

    let (fill, edge) = if hovered {
        (c.row_selected, c.focus)
    } else {
        (c.surface, c.text_disabled)
    };
    ui.painter().rect_filled(rect, tokens.radius.window, fill);
    dashed(ui, rect.shrink(10.0), edge);

    let inside = UiBuilder::new()
        .max_rect(rect.shrink(24.0))
        .layout(Layout::top_down(Align::Center));
    ui.scope_builder(inside, |ui| {
        ui.add_space(10.0);
        let (at, _) = ui.allocate_exact_size(vec2(40.0, 40.0), egui::Sense::hover());
        let ink = if hovered { c.text_strong } else { c.focus };
        icons::paint(ui.painter(), at.center(), Icon::Import, 36.0, ink);
        ui.label(theme::strong(title).size(tokens.text.heading));
        ui.label(RichText::new(note).color(c.text_weak));
        ui.add_space(10.0);
        centered_row(ui, actions);
    });
    response
}

/// A row of widgets in the middle: its width is known from the frame before.
fn centered_row(ui: &mut Ui, add: impl FnOnce(&mut Ui)) {
    let id = ui.scope_id().with("actions width");
    let width: f32 = ui.data(|data| data.get_temp(id)).unwrap_or(0.0);
    ui.horizontal(|ui| {
        ui.add_space((ui.available_width() - width) / 2.0);
        let before = ui.cursor().left();
        add(ui);
        let used = ui.min_rect().right() - before;
        if (used - width).abs() > 0.5 {
            ui.data_mut(|data| data.insert_temp(id, used));
            ui.ctx().request_discard("the row's width became known");
        }
    });
}

fn dashed(ui: &Ui, rect: Rect, color: Color32) {
    let corners = [
        rect.left_top(),
        rect.right_top(),
        rect.right_bottom(),
        rect.left_bottom(),
        rect.left_top(),
    ];
    let stroke = Stroke::new(1.25, color);
    ui.painter()
        .extend(Shape::dashed_line(&corners, stroke, 5.0, 4.0));
}
