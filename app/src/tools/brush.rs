//! Brush and eraser: one stroke is one gesture.
//!
//! ```text
//! idle --press--> painting --move--> painting --release--> idle (one edit)
//!                    |--other button or Esc--> idle (no trace)
//! ```

use atrous_engine::mask::{Gesture, Point};
use atrous_palettes::VOID;

use super::{Bench, Button, Input, Outcome};

/// Paints a class, or void.
#[derive(Debug)]
pub struct Paint {
    erases: bool,
    stage: Stage,
    /// Where the last stroke ended: a straight stroke starts there.
    ended: Option<Point>,
}

#[derive(Debug)]
enum Stage {
    Idle,
    Painting {
        gesture: Box<Gesture>,
        value: u8,
        button: Button,
        last: Point,
    },
}

impl Paint {
    /// Paints the current class.
    pub fn brush() -> Self {
        Self {
            erases: false,
            stage: Stage::Idle,
            ended: None,
        }
    }

    /// Paints void.
    pub fn eraser() -> Self {
        Self {
            erases: true,
            ..Self::brush()
        }
    }

    /// Whether the primary button paints void.
    pub fn erases(&self) -> bool {
        self.erases
    }

    pub(super) fn is_busy(&self) -> bool {
        matches!(self.stage, Stage::Painting { .. })
    }

    pub(super) fn hint(&self) -> &'static str {
        match (&self.stage, self.erases) {
            (Stage::Painting { .. }, _) => "Esc takes the stroke back",
            (Stage::Idle, false) => {
                "Drag to paint, right button erases, Shift+click for a straight stroke"
            }
            (Stage::Idle, true) => "Drag to erase, Shift+click for a straight stroke",
        }
    }

    pub(super) fn handle(&mut self, input: Input, bench: &mut Bench<'_>) -> Outcome {
        match (std::mem::replace(&mut self.stage, Stage::Idle), input) {
            (
                Stage::Idle,
                Input::Press {
                    at,
                    button,
                    straight,
                },
            ) => self.start(at, button, straight, bench),
            (
                Stage::Painting {
                    gesture,
                    value,
                    button,
                    last,
                },
                Input::Move { at },
            ) => self.extend(gesture, value, button, [last, at], bench),
            (Stage::Painting { gesture, last, .. }, Input::Release) => {
                self.ended = Some(last);
                Outcome {
                    edit: gesture.commit(bench.labels),
                    ..Outcome::default()
                }
            }
            (Stage::Painting { gesture, .. }, Input::Abort | Input::Press { .. }) => {
                Outcome::drawn(gesture.abort(bench.labels))
            }
            (stage, _) => {
                self.stage = stage;
                Outcome::default()
            }
        }
    }

    fn start(
        &mut self,
        at: Point,
        button: Button,
        straight: bool,
        bench: &mut Bench<'_>,
    ) -> Outcome {
        let value = if self.erases || button == Button::Secondary {
            VOID
        } else {
            bench.class
        };
        let from = self.ended.filter(|_| straight).unwrap_or(at);
        let gesture = Box::new(Gesture::start(bench.labels, bench.protection.clone()));
        self.extend(gesture, value, button, [from, at], bench)
    }

    fn extend(
        &mut self,
        mut gesture: Box<Gesture>,
        value: u8,
        button: Button,
        [from, to]: [Point; 2],
        bench: &mut Bench<'_>,
    ) -> Outcome {
        let spans = bench.brush.segment(from, to, bench.labels.bounds());
        let dirty = gesture.paint(bench.labels, &spans, value);
        self.stage = Stage::Painting {
            gesture,
            value,
            button,
            last: to,
        };
        Outcome::drawn(dirty)
    }
}
