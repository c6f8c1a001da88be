//! Where the image is on the screen.
//!
//! Image coordinates are in image pixels with (0, 0) at the top-left *corner* of the first
//! pixel: pixel (x, y) covers `x..x + 1` by `y..y + 1`, its centre is (x + 0.5, y + 0.5).
//! Zoom is in physical pixels per image pixel, so 1.0 shows every pixel exactly once on any
//! display; points are egui's unit, physical pixels divided by the display's scale.

use egui::{Pos2, Rect, Vec2, pos2, vec2};

/// The largest zoom: one image pixel is this many physical pixels wide.
const MAX_ZOOM: f64 = 64.0;

/// How much smaller than the whole view, or than 100 %, an image can be made.
const MIN_ZOOM_OF_FIT: f64 = 0.25;

/// Free space around a fitted image, in points.
const FIT_MARGIN: f32 = 12.0;

/// What the user looks at, whatever the size of the widget: kept between frames.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Camera {
    /// Physical pixels per image pixel.
    zoom: f64,
    /// The image coordinates in the middle of the widget.
    center: [f64; 2],
}

impl Camera {
    /// The whole image, centred.
    pub(super) fn fit(size: [u32; 2], rect: Rect, pixels_per_point: f32) -> Self {
        Self {
            zoom: fit_zoom(size, rect, pixels_per_point),
            center: size.map(|side| f64::from(side) / 2.0),
        }
    }

    /// The transform for a widget at `rect`.
    pub(super) fn view(&self, size: [u32; 2], rect: Rect, pixels_per_point: f32) -> View {
        let half = (rect.size() * pixels_per_point / 2.0).to_f64();
        View {
            rect,
            pixels_per_point,
            size,
            zoom: self.zoom,
            // On whole physical pixels, so that 100 % is sharp.
            origin: [0, 1].map(|i| (half[i] - self.center[i] * self.zoom).round()),
        }
    }

    /// Multiplies the zoom and keeps the image point under `anchor` (points on the screen) there.
    pub(super) fn zoom_at(&mut self, factor: f64, anchor: Pos2, view: &View) {
        let fit = fit_zoom(view.size, view.rect, view.pixels_per_point);
        let smallest = MIN_ZOOM_OF_FIT * fit.min(1.0);
        let zoom = (self.zoom * factor).clamp(smallest, MAX_ZOOM);
        let offset = ((anchor - view.rect.center()) * view.pixels_per_point).to_f64();
        for i in [0, 1] {
            self.center[i] += offset[i] / self.zoom - offset[i] / zoom;
        }
        self.zoom = zoom;
        self.keep_in(view.size);
    }

    /// Moves the image by `delta` points on the screen.
    pub(super) fn pan(&mut self, delta: Vec2, view: &View) {
        let delta = (delta * view.pixels_per_point).to_f64();
        for i in [0, 1] {
            self.center[i] -= delta[i] / self.zoom;
        }
        self.keep_in(view.size);
    }

    /// Moves the image so that a point of it is in the middle of the widget.
    pub(super) fn look_at(&mut self, center: [f64; 2], size: [u32; 2]) {
        self.center = center;
        self.keep_in(size);
    }

    /// Keeps some of the image in the middle: it cannot get lost.
    fn keep_in(&mut self, size: [u32; 2]) {
        for i in [0, 1] {
            self.center[i] = self.center[i].clamp(0.0, f64::from(size[i]));
        }
    }

    pub(super) fn zoom(&self) -> f64 {
        self.zoom
    }
}

fn fit_zoom(size: [u32; 2], rect: Rect, pixels_per_point: f32) -> f64 {
    /// A tiny image is enlarged to at most this.
    const MAX_FIT: f64 = 8.0;
    let room = (rect.size() - Vec2::splat(2.0 * FIT_MARGIN)).max(Vec2::splat(1.0));
    let room = (room * pixels_per_point).to_f64();
    let [w, h] = size.map(|side| f64::from(side.max(1)));
    (room[0] / w).min(room[1] / h).min(MAX_FIT)
}

/// Two `f32` as `f64`.
trait ToF64 {
    fn to_f64(self) -> [f64; 2];
}

impl ToF64 for Vec2 {
    fn to_f64(self) -> [f64; 2] {
        [f64::from(self.x), f64::from(self.y)]
    }
}

/// One frame's transform between image and screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    pub(super) rect: Rect,
    pub(super) pixels_per_point: f32,
    pub(super) size: [u32; 2],
    zoom: f64,
    /// The image's top-left corner, in physical pixels from the widget's.
    origin: [f64; 2],
}

impl View {
    /// The widget's rectangle on the screen, in points.
    #[must_use]
    pub fn rect(&self) -> Rect {
        self.rect
    }

    /// Physical pixels per image pixel; 1.0 is 100 %.
    #[must_use]
    pub fn zoom(&self) -> f32 {
        self.zoom as f32
    }

    /// Points per image pixel: what a radius on the image is multiplied with.
    #[must_use]
    pub fn scale(&self) -> f32 {
        (self.zoom / f64::from(self.pixels_per_point)) as f32
    }

    /// From image coordinates to points on the screen.
    #[must_use]
    pub fn to_screen(&self, image: Pos2) -> Pos2 {
        let [x, y] = self.to_physical([f64::from(image.x), f64::from(image.y)]);
        self.rect.min + vec2(x as f32, y as f32) / self.pixels_per_point
    }

    /// From points on the screen to image coordinates.
    #[must_use]
    pub fn to_image(&self, screen: Pos2) -> Pos2 {
        let physical = ((screen - self.rect.min) * self.pixels_per_point).to_f64();
        let [x, y] = [0, 1].map(|i| ((physical[i] - self.origin[i]) / self.zoom) as f32);
        pos2(x, y)
    }

    /// The pixel of the image that is shown at a point of the screen; `None` beside the image.
    #[must_use]
    pub fn pixel(&self, screen: Pos2) -> Option<[u32; 2]> {
        let image = self.to_image(screen);
        let inside = |value: f32, side: u32| {
            let value = value.floor();
            (value >= 0.0 && value < side as f32).then_some(value as u32)
        };
        Some([
            inside(image.x, self.size[0])?,
            inside(image.y, self.size[1])?,
        ])
    }

    /// From image coordinates to physical pixels from the widget's corner.
    pub(super) fn to_physical(self, image: [f64; 2]) -> [f64; 2] {
        [0, 1].map(|i| self.origin[i] + image[i] * self.zoom)
    }

    /// The part of the image that is on the screen: `[x0, y0, x1, y1]` in image coordinates,
    /// cut to the image; empty (`x0 >= x1`) when nothing of it is.
    pub(super) fn visible(&self) -> [f64; 4] {
        let extent = (self.rect.size() * self.pixels_per_point).to_f64();
        let [w, h] = self.size.map(f64::from);
        let edge = |i: usize, physical: f64, side: f64| {
            ((physical - self.origin[i]) / self.zoom).clamp(0.0, side)
        };
        [
            edge(0, 0.0, w),
            edge(1, 0.0, h),
            edge(0, extent[0], w),
            edge(1, extent[1], h),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: [u32; 2] = [4000, 3000];

    fn rect() -> Rect {
        Rect::from_min_size(pos2(100.0, 40.0), vec2(801.0, 601.0))
    }

    #[test]
    fn a_fitted_image_is_whole_and_centred() {
        for ppp in [1.0, 1.5, 2.0] {
            let view = Camera::fit(SIZE, rect(), ppp).view(SIZE, rect(), ppp);
            let min = view.to_screen(pos2(0.0, 0.0));
            let max = view.to_screen(pos2(4000.0, 3000.0));
            assert!(rect().contains(min) && rect().contains(max));
            let middle = min + (max - min) / 2.0;
            assert!((middle - rect().center()).length() < 1.0);
        }
    }

    #[test]
    fn there_and_back_again() {
        let camera = Camera {
            zoom: 3.7,
            center: [1234.5, 987.25],
        };
        let view = camera.view(SIZE, rect(), 1.5);
        for image in [pos2(1200.0, 950.5), pos2(1300.25, 1001.0)] {
            assert!((view.to_image(view.to_screen(image)) - image).length() < 1e-3);
        }
    }

    #[test]
    fn the_point_under_the_pointer_stays_while_zooming() {
        let mut camera = Camera::fit(SIZE, rect(), 1.0);
        let anchor = pos2(420.0, 130.0);
        let before = camera.view(SIZE, rect(), 1.0).to_image(anchor);
        for _ in 0..12 {
            let view = camera.view(SIZE, rect(), 1.0);
            camera.zoom_at(1.25, anchor, &view);
        }
        let after = camera.view(SIZE, rect(), 1.0);
        // The origin sits on whole pixels: half a physical pixel of slack at either end.
        let slack = 0.5 / f64::from(after.zoom()) + 0.5 / fit_zoom(SIZE, rect(), 1.0);
        assert!(f64::from((after.to_image(anchor) - before).length()) < 1.5 * slack);
    }

    #[test]
    fn a_pixel_is_its_whole_square() {
        let camera = Camera {
            zoom: 8.0,
            center: [10.0, 10.0],
        };
        let view = camera.view([20, 20], rect(), 1.0);
        let corner = view.to_screen(pos2(10.0, 10.0));
        assert_eq!(view.pixel(corner), Some([10, 10]));
        assert_eq!(view.pixel(corner + vec2(7.5, 7.5)), Some([10, 10]));
        assert_eq!(view.pixel(corner + vec2(8.0, -0.5)), Some([11, 9]));
        assert_eq!(view.pixel(view.to_screen(pos2(-0.1, 3.0))), None);
        assert_eq!(view.pixel(view.to_screen(pos2(3.0, 20.0))), None);
    }

    #[test]
    fn the_image_cannot_be_lost_or_zoomed_away() {
        let mut camera = Camera::fit(SIZE, rect(), 1.0);
        for _ in 0..100 {
            let view = camera.view(SIZE, rect(), 1.0);
            camera.pan(vec2(500.0, -500.0), &view);
            camera.zoom_at(0.5, pos2(0.0, 0.0), &view);
        }
        let view = camera.view(SIZE, rect(), 1.0);
        let [x0, y0, x1, y1] = view.visible();
        assert!(x0 < x1 && y0 < y1, "{:?}", view.visible());
        for _ in 0..100 {
            let view = camera.view(SIZE, rect(), 1.0);
            camera.zoom_at(2.0, rect().center(), &view);
        }
        assert_eq!(camera.zoom(), MAX_ZOOM);
    }
}
