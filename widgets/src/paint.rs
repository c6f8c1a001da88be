//! Small pieces of painting that several widgets share.

use egui::{
    Align2, Color32, FontId, Id, Margin, Painter, Pos2, Rect, Response, Stroke, StrokeKind,
    TextEdit, Ui, Vec2,
};

use crate::theme::{self, Tokens};

/// A ring around what has the keyboard's focus.
pub(crate) fn focus_ring(ui: &Ui, response: &Response, rect: Rect) {
    if response.has_focus() {
        ring(ui, rect);
    }
}

/// The ring of [`focus_ring`], whatever has the focus.
pub(crate) fn ring(ui: &Ui, rect: Rect) {
    let tokens = theme::tokens(ui.ctx());
    ui.painter().rect_stroke(
        rect,
        tokens.radius.widget,
        Stroke::new(1.5, tokens.color.focus),
        StrokeKind::Inside,
    );
}

/// The background of a list row: nothing at rest, a tint when hovered, blue when selected.
pub(crate) fn row_background(ui: &Ui, tokens: &Tokens, rect: Rect, selected: bool, hovered: bool) {
    let c = &tokens.color;
    let fill = match (selected, hovered) {
        (true, true) => c.row_selected_hover,
        (true, false) => c.row_selected,
        (false, true) => c.row_hover,
        (false, false) => return,
    };
    ui.painter().rect_filled(rect, tokens.radius.widget, fill);
}

/// A class's colour as a small square, with an edge that is seen where the colour is the panel's.
pub(crate) fn swatch(painter: &Painter, tokens: &Tokens, center: Pos2, color: Color32) -> Rect {
    let rect = Rect::from_center_size(center, Vec2::splat(14.0));
    painter.rect_filled(rect, 3.0, color);
    let edge = Stroke::new(1.0, tokens.color.field_edge.gamma_multiply(0.5));
    painter.rect_stroke(rect, 3.0, edge, StrokeKind::Inside);
    rect
}

/// One line of text, cut with an ellipsis at `width` points. Returns where it was painted.
pub(crate) fn line(
    painter: &Painter,
    pos: Pos2,
    align: Align2,
    text: &str,
    font: FontId,
    color: Color32,
    width: f32,
) -> Rect {
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width);
    let galley = painter.layout_job(job);
    let rect = align.anchor_size(pos, galley.size());
    painter.galley(rect.min, galley, color);
    rect
}

/// A field to type a search into, as wide as there is room. The hint is its accessible name.
pub fn search_field(ui: &mut Ui, id: Id, query: &mut String, hint: &str) -> Response {
    let tokens = theme::tokens(ui.ctx());
    let response = ui.scope(|ui| {
        let edge = Stroke::new(1.0, tokens.color.field_edge);
        let visuals = ui.visuals_mut();
        visuals.widgets.inactive.bg_stroke = edge;
        visuals.widgets.hovered.bg_stroke = edge;
        // egui rings the focused field with this.
        visuals.selection.stroke = Stroke::new(1.5, tokens.color.focus);
        let edit = TextEdit::singleline(query)
            .id(id)
            .hint_text(hint)
            .margin(Margin::symmetric(8, 5))
            .desired_width(f32::INFINITY);
        ui.add(edit)
    });
    let response = response.inner;
    // egui takes the hint away once there is text.
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_label(hint));
    response
}
