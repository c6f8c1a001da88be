//! The select tool: the canvas moves the view, a click takes the class under the pointer.

use atrous_engine::mask::Point;

use super::{Bench, Button, Input, Outcome};

/// How far the pointer may wander, as a part of the reach, for a press to count as a click.
const STILL: f32 = 0.4;

/// Waits for a click.
#[derive(Debug, Default)]
pub struct Select {
    pressed: Option<Point>,
}

impl Select {
    pub(super) fn handle(&mut self, input: Input, bench: &Bench<'_>) -> Outcome {
        match input {
            Input::Press {
                at,
                button: Button::Primary,
                ..
            } => self.pressed = Some(at),
            Input::Move { at } => {
                let limit = bench.reach * STILL;
                self.pressed = self.pressed.filter(|start| {
                    (start[0] - at[0]).abs() <= limit && (start[1] - at[1]).abs() <= limit
                });
            }
            Input::Release => {
                let picked = self
                    .pressed
                    .take()
                    .and_then(|at| class_at(bench, at))
                    .filter(|class| *class != atrous_palettes::VOID);
                return Outcome {
                    picked,
                    ..Outcome::default()
                };
            }
            Input::Press { .. } | Input::Confirm | Input::Back | Input::Abort => {
                self.pressed = None;
            }
        }
        Outcome::default()
    }
}

/// The class of the pixel at `at`, where that is inside the image.
fn class_at(bench: &Bench<'_>, at: Point) -> Option<u8> {
    if at[0] < 0.0 || at[1] < 0.0 {
        return None;
    }
    bench.labels.get(at[0] as u32, at[1] as u32)
}
