//! Zooming and panning by steps (wheel notches, keys), spread over a few frames.

use egui::{Pos2, Ui, Vec2};

use super::view::{Camera, View};

/// After this many seconds, a third of a step is still to come.
const TIME: f32 = 0.045;

/// Factors nearer to 1 than this are not seen any more.
const LAST_ZOOM: f64 = 0.002;

/// Distances below this, in points, are not seen any more.
const LAST_PAN: f32 = 0.5;

/// The part of the steps that is still to come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Glide {
    /// The logarithm of a zoom factor.
    zoom: f64,
    /// What stays in place while zooming; none is the middle of the widget.
    anchor: Option<Pos2>,
    /// Points on the screen.
    pan: Vec2,
}

impl Glide {
    /// Adds a zoom by `factor` that keeps the image under `anchor` in place.
    pub(super) fn zoom_by(&mut self, factor: f64, anchor: Option<Pos2>) {
        self.zoom += factor.ln();
        self.anchor = anchor;
    }

    /// Adds a move of the image by `delta` points on the screen.
    pub(super) fn pan_by(&mut self, delta: Vec2) {
        self.pan += delta;
    }

    /// Moves the camera by this frame's part. Where a person wants no animations
    /// (`animation_time` 0), that is all of it.
    pub(super) fn step(&mut self, ui: &Ui, camera: &mut Camera, view: impl Fn(&Camera) -> View) {
        if self.zoom == 0.0 && self.pan == Vec2::ZERO {
            return;
        }
        let seconds = ui.input(|input| input.stable_dt.min(0.1));
        let still = ui.style().animation_time <= 0.0;
        let mut part = 1.0 - (-seconds / TIME).exp();
        if still || (self.zoom.abs() < LAST_ZOOM && self.pan.length() < LAST_PAN) {
            part = 1.0;
        }
        let zoom = self.zoom * f64::from(part);
        let pan = self.pan * part;
        if zoom != 0.0 {
            let now = view(camera);
            let anchor = self.anchor.unwrap_or(now.rect().center());
            camera.zoom_at(zoom.exp(), anchor, &now);
        }
        if pan != Vec2::ZERO {
            camera.pan(pan, &view(camera));
        }
        self.zoom -= zoom;
        self.pan -= pan;
        if part < 1.0 {
            ui.ctx().request_repaint();
        } else {
            *self = Self::default();
        }
    }
}
