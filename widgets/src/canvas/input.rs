//! From raw pointer events to zooming, panning, and gestures for the tools.

use egui::{
    Event, Modifiers, MouseWheelUnit, PointerButton, Pos2, Rect, Response, TouchPhase, Ui, Vec2,
    vec2,
};

use super::glide::Glide;
use super::view::{Camera, View};

/// One notch of a mouse wheel zooms by this.
const ZOOM_A_NOTCH: f64 = 1.2;

/// One notch with Shift held pans by so many points.
const PAN_A_NOTCH: f32 = 60.0;

/// Points of trackpad scrolling with Ctrl held that zoom by a factor of e.
const POINTS_AN_E: f64 = 200.0;

/// What a tool is told, in order. Positions are in image coordinates and may lie beside the
/// image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CanvasEvent {
    /// A button went down on the canvas.
    Press {
        /// Where, in image coordinates.
        pos: Pos2,
        /// Which button.
        button: PointerButton,
        /// What was held.
        modifiers: Modifiers,
        /// How hard a pen or finger presses, 0 to 1, where the system says so.
        pressure: Option<f32>,
    },
    /// The pointer moved while a button was down: every point of the path, not one a frame.
    Move {
        /// Where to, in image coordinates.
        pos: Pos2,
        /// How hard a pen or finger presses, 0 to 1, where the system says so.
        pressure: Option<f32>,
    },
    /// The button came up again, wherever the pointer is by then.
    Release {
        /// Where, in image coordinates.
        pos: Pos2,
        /// Which button.
        button: PointerButton,
    },
    /// The second click of a double click; its press and release were told as well.
    DoubleClick {
        /// Where, in image coordinates.
        pos: Pos2,
    },
}

/// The pointer's state between frames.
#[derive(Debug, Default)]
pub(super) struct PointerState {
    /// The button that pans, while it is down.
    pan: Option<PointerButton>,
    /// The button of the tool's gesture, while it is down.
    gesture: Option<PointerButton>,
    last: Option<Pos2>,
    /// Of the touch that moves the pointer. Its event comes before those of the pointer.
    pressure: Option<f32>,
}

impl PointerState {
    pub(super) fn panning(&self) -> bool {
        self.pan.is_some()
    }
}

/// Where the canvas is this frame.
pub(super) struct Place<'a> {
    pub ui: &'a Ui,
    pub response: &'a Response,
    pub rect: Rect,
    pub size: [u32; 2],
    /// The primary button pans.
    pub pan_with_primary: bool,
}

impl Place<'_> {
    pub(super) fn view(&self, camera: &Camera) -> View {
        camera.view(self.size, self.rect, self.ui.pixels_per_point())
    }

    /// Whether a pointer there is on the canvas and on nothing above it.
    fn is_over(&self, pos: Pos2) -> bool {
        self.response.contains_pointer()
            && self.rect.contains(pos)
            && self.ui.ctx().layer_id_at(pos) == Some(self.ui.layer_id())
    }
}

/// Goes through the frame's events in order: moves the camera, and returns what is the tool's.
pub(super) fn handle(
    state: &mut PointerState,
    camera: &mut Camera,
    glide: &mut Glide,
    place: &Place<'_>,
) -> Vec<CanvasEvent> {
    if !place.ui.is_enabled() {
        return Vec::new();
    }
    let (events, hover) = place
        .ui
        .input(|input| (input.raw.events.clone(), input.pointer.latest_pos()));
    let mut out = Vec::new();
    for event in &events {
        match *event {
            Event::PointerButton {
                pos,
                button,
                pressed: true,
                modifiers,
            } => press(state, camera, place, &mut out, (pos, button, modifiers)),
            Event::PointerButton {
                pos,
                button,
                pressed: false,
                ..
            } => {
                if state.pan == Some(button) {
                    state.pan = None;
                } else if state.gesture == Some(button) {
                    state.gesture = None;
                    let pos = place.view(camera).to_image(pos);
                    out.push(CanvasEvent::Release { pos, button });
                }
            }
            Event::PointerMoved(pos) => {
                if let (true, Some(last)) = (state.panning(), state.last) {
                    camera.pan(pos - last, &place.view(camera));
                } else if state.gesture.is_some() {
                    let pos = place.view(camera).to_image(pos);
                    let pressure = state.pressure;
                    out.push(CanvasEvent::Move { pos, pressure });
                }
                state.last = Some(pos);
            }
            Event::Touch { phase, force, .. } => {
                let ends = matches!(phase, TouchPhase::End | TouchPhase::Cancel);
                state.pressure = force.filter(|_| !ends);
            }
            Event::MouseWheel {
                unit,
                delta,
                modifiers,
                ..
            } => {
                // Alt belongs to the tools.
                let over = hover.filter(|pos| place.is_over(*pos) && !modifiers.alt);
                if let Some(pos) = over {
                    let turn = Turn {
                        unit,
                        delta,
                        modifiers,
                    };
                    turn.apply(camera, glide, &place.view(camera), pos);
                }
            }
            Event::Zoom(factor) => {
                if let Some(pos) = hover.filter(|pos| place.is_over(*pos)) {
                    camera.zoom_at(f64::from(factor), pos, &place.view(camera));
                }
            }
            _ => {}
        }
    }
    if let (true, Some(pos)) = (
        place.response.double_clicked() && !place.pan_with_primary,
        place.response.interact_pointer_pos(),
    ) {
        let pos = place.view(camera).to_image(pos);
        out.push(CanvasEvent::DoubleClick { pos });
    }
    out
}

fn press(
    state: &mut PointerState,
    camera: &Camera,
    place: &Place<'_>,
    out: &mut Vec<CanvasEvent>,
    (pos, button, modifiers): (Pos2, PointerButton, Modifiers),
) {
    if !place.is_over(pos) {
        return;
    }
    state.last = Some(pos);
    let pans = button == PointerButton::Middle
        || (button == PointerButton::Primary && place.pan_with_primary);
    if pans && state.gesture.is_none() {
        state.pan = Some(button);
    } else if !pans && state.pan.is_none() {
        // A second button during a gesture is told too: it may abort it.
        state.gesture.get_or_insert(button);
        let pos = place.view(camera).to_image(pos);
        out.push(CanvasEvent::Press {
            pos,
            button,
            modifiers,
            pressure: state.pressure,
        });
    }
}

/// A turn of a wheel, or two fingers that move on a trackpad.
struct Turn {
    unit: MouseWheelUnit,
    delta: Vec2,
    modifiers: Modifiers,
}

impl Turn {
    /// A wheel zooms, by steps that are smoothed; with Shift it pans sideways. Two fingers on a
    /// trackpad pan, and zoom with Ctrl: they are smooth already.
    fn apply(&self, camera: &mut Camera, glide: &mut Glide, view: &View, pos: Pos2) {
        let along = self.delta.x + self.delta.y;
        match self.unit {
            MouseWheelUnit::Line | MouseWheelUnit::Page if self.modifiers.shift => {
                glide.pan_by(vec2(along * PAN_A_NOTCH, 0.0));
            }
            MouseWheelUnit::Line | MouseWheelUnit::Page => {
                glide.zoom_by(ZOOM_A_NOTCH.powf(f64::from(along)), Some(pos));
            }
            MouseWheelUnit::Point if self.modifiers.command => {
                camera.zoom_at((f64::from(along) / POINTS_AN_E).exp(), pos, view);
            }
            MouseWheelUnit::Point => camera.pan(self.delta, view),
        }
    }
}
