//! The select tool: the canvas moves the view, a click takes the class under the pointer.

use std::borrow::Cow;

use atrous_engine::mask::Point;

use super::{Bench, Button, Cursor, Input, Machine, Outcome};

/// How far the pointer may wander, as a part of the reach, for a press to count as a click.
const STILL: f32 = 0.4;

/// Waits for a click.
#[derive(Debug, Default)]
pub struct Select {
    pressed: Option<Point>,
}

impl Machine for Select {
    fn handle(&mut self, input: Input, bench: &mut Bench<'_>) -> Outcome {
        match input {
            Input::Press {
                at,
                button: Button::Primary,
                ..
            } => self.pressed = Some(at),
            Input::Move { at, .. } => {
                let limit = bench.reach * STILL;
                self.pressed = self.pressed.filter(|start| {
                    (start[0] - at[0]).abs() <= limit && (start[1] - at[1]).abs() <= limit
                });
            }
            Input::Release => {
                let class = self.pressed.take().and_then(|at| class_at(bench, at));
                return Outcome::picked(class);
            }
            Input::Press { .. } | Input::Confirm | Input::Back | Input::Abort => {
                self.pressed = None;
            }
            Input::Hover { .. } => {}
        }
        Outcome::default()
    }

    fn hint(&self) -> Cow<'static, str> {
        "Drag to move the view, click to take a class".into()
    }

    fn cursor(&self) -> Cursor {
        Cursor::Arrow
    }
}

/// The class of the pixel at `at`, void too; none outside the image.
pub(super) fn class_at(bench: &Bench<'_>, at: Point) -> Option<u8> {
    if at[0] < 0.0 || at[1] < 0.0 {
        return None;
    }
    bench.labels.get(at[0] as u32, at[1] as u32)
}
