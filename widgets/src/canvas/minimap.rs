//! The whole image, small, in a corner of the canvas: where the view is, and a handle to move it.

use egui::{Area, Id, Order, Rect, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, vec2};

use super::view::View;
use crate::theme;

/// Its longest side, in points.
const SIDE: f32 = 168.0;

/// It takes no more than this part of the canvas, along either side.
const PART: f32 = 0.34;

/// Between it and the canvas's corner, in points.
const MARGIN: f32 = 12.0;

/// A minimap smaller than this shows nothing, in points.
const SMALLEST: f32 = 24.0;

/// Where the minimap goes: the lower right corner. `None` while the whole image is on the screen
/// anyway, and where there is no room for it.
pub(super) fn place(view: &View) -> Option<Rect> {
    let [x0, y0, x1, y1] = view.visible();
    let [w, h] = view.size.map(f64::from);
    // Half a pixel at each side is the rounding of the origin.
    let whole = (x1 - x0) > w - 1.0 && (y1 - y0) > h - 1.0;
    if whole || x0 >= x1 || y0 >= y1 {
        return None;
    }
    let canvas = view.rect();
    let room = (canvas.size() * PART).min(Vec2::splat(SIDE));
    let image = vec2(w as f32, h as f32);
    let scale = (room.x / image.x).min(room.y / image.y);
    let size = (image * scale).max(Vec2::splat(1.0));
    if size.max_elem() < SMALLEST {
        return None;
    }
    let corner = canvas.max - Vec2::splat(MARGIN);
    Some(Rect::from_min_max(corner - size, corner))
}

/// Shows the minimap at `rect`; `paint` draws the image into it. Returns the image coordinates
/// that the person wants in the middle of the view.
pub(super) fn show(
    ui: &Ui,
    rect: Rect,
    view: &View,
    paint: impl FnOnce(&Ui, Rect),
) -> Option<[f64; 2]> {
    let area = Area::new(Id::unique("minimap"))
        .order(Order::Middle)
        .fixed_pos(rect.min)
        .default_size(rect.size())
        .constrain(false)
        .fade_in(false);
    let shown = area.show(ui.ctx(), |ui| {
        let (_, response) = ui.allocate_exact_size(rect.size(), Sense::CLICK | Sense::DRAG);
        response.widget_info(|| {
            let name = "Minimap: click or drag to move the view";
            WidgetInfo::labeled(Role::Canvas, ui.is_enabled(), name)
        });
        let color = &theme::tokens(ui.ctx()).color;
        let frame = rect.expand(3.0);
        let radius = theme::tokens(ui.ctx()).radius.widget;
        let painter = ui.painter().with_clip_rect(frame.expand(2.0));
        painter.rect_filled(frame, radius, color.surface);
        let outline = Stroke::new(1.0, color.separator);
        painter.rect_stroke(frame, radius, outline, StrokeKind::Inside);
        paint(ui, rect);
        let seen = seen(view, rect);
        painter.rect_stroke(
            seen,
            0,
            Stroke::new(3.0, color.ring_shade),
            StrokeKind::Middle,
        );
        painter.rect_stroke(seen, 0, Stroke::new(1.25, color.ring), StrokeKind::Middle);
        response
            .on_hover_cursor(egui::CursorIcon::Move)
            .interact_pointer_pos()
    });
    shown.inner.map(|pos| {
        let part = (pos - rect.min) / rect.size();
        [
            f64::from(part.x) * f64::from(view.size[0]),
            f64::from(part.y) * f64::from(view.size[1]),
        ]
    })
}

/// The part of the minimap that the view shows.
fn seen(view: &View, rect: Rect) -> Rect {
    let [x0, y0, x1, y1] = view.visible();
    let at = |x: f64, y: f64| {
        let part = vec2(
            (x / f64::from(view.size[0])) as f32,
            (y / f64::from(view.size[1])) as f32,
        );
        rect.min + part * rect.size()
    };
    Rect::from_min_max(at(x0, y0), at(x1, y1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::view::Camera;
    use egui::pos2;

    const SIZE: [u32; 2] = [4000, 1000];

    fn view(zoomed: f64) -> View {
        let rect = Rect::from_min_size(pos2(50.0, 20.0), vec2(800.0, 600.0));
        let mut camera = Camera::fit(SIZE, rect, 1.0);
        let view = camera.view(SIZE, rect, 1.0);
        camera.zoom_at(zoomed, rect.center(), &view);
        camera.view(SIZE, rect, 1.0)
    }

    #[test]
    fn it_is_there_only_while_something_is_off_the_screen() {
        assert_eq!(place(&view(1.0)), None);
        let rect = place(&view(4.0)).unwrap();
        assert_eq!(rect.max, pos2(838.0, 608.0));
        assert!((rect.width() / rect.height() - 4.0).abs() < 1e-3);
        assert!(rect.width() <= SIDE);
    }

    #[test]
    fn what_is_seen_is_its_share_of_the_image() {
        let view = view(4.0);
        let rect = place(&view).unwrap();
        let seen = seen(&view, rect);
        let [x0, _, x1, _] = view.visible();
        assert!((f64::from(seen.width() / rect.width()) - (x1 - x0) / 4000.0).abs() < 1e-4);
        assert!((seen.center() - rect.center()).length() < 1.0);
    }
}
