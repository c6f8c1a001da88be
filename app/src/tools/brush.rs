//! Brush and eraser: one stroke is one gesture.
//!
//! ```text
//! idle --press--> painting --move--> painting --release--> idle (one edit)
//!   |                |--other button or Esc--> idle (no trace)
//!   |--Shift+press--> aiming --release--> idle (a straight stroke, one edit)
//!   |                   |--move--> sizing --release--> idle (the brush's new size)
//!   |--Alt+press--> idle (takes the class under the pointer)
//! ```

use std::borrow::Cow;

use atrous_engine::mask::{Brush, Gesture, Point};
use atrous_palettes::VOID;

use super::select::class_at;
use super::{Bench, Button, Cursor, Figure, Hand, Input, Machine, Outcome};

/// How far the pointer moves, as a part of the reach, before Shift and a drag change the size.
const STILL: f32 = 0.5;

/// The narrowest that a pen makes the brush, as a part of its size.
const LIGHTEST: f32 = 0.1;

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
        last: Point,
    },
    /// Shift and a button are down: a straight stroke or another size.
    Aiming {
        at: Point,
        value: u8,
    },
    Sizing {
        at: Point,
        /// The radius when the drag began.
        radius: f32,
    },
}

impl Paint {
    /// Paints the current class.
    pub(super) fn brush() -> Self {
        Self {
            erases: false,
            stage: Stage::Idle,
            ended: None,
        }
    }

    /// Paints void.
    pub(super) fn eraser() -> Self {
        Self {
            erases: true,
            ..Self::brush()
        }
    }

    /// Whether the primary button paints void.
    pub fn erases(&self) -> bool {
        self.erases
    }

    fn start(&mut self, input: Input, bench: &mut Bench<'_>) -> Outcome {
        let Input::Press {
            at,
            button,
            held,
            pressure,
        } = input
        else {
            return Outcome::default();
        };
        let value = if self.erases || button == Button::Secondary {
            VOID
        } else {
            bench.class
        };
        if held.alt {
            return Outcome::picked(class_at(bench, at));
        }
        if held.shift {
            self.stage = Stage::Aiming { at, value };
            return Outcome::default();
        }
        let gesture = Box::new(Gesture::start(bench.labels, bench.protection.clone()));
        self.extend(gesture, value, [at, at], pressure, bench)
    }

    /// Goes on with Shift held: a real move changes the brush's size.
    fn aim(&mut self, [at, to]: [Point; 2], value: u8, bench: &Bench<'_>) -> Outcome {
        if (to[0] - at[0]).hypot(to[1] - at[1]) <= bench.reach * STILL {
            self.stage = Stage::Aiming { at, value };
            return Outcome::default();
        }
        self.size(at, bench.brush.radius, to)
    }

    /// The brush's edge follows the pointer.
    fn size(&mut self, at: Point, radius: f32, to: Point) -> Outcome {
        self.stage = Stage::Sizing { at, radius };
        let diameter = 2.0 * (radius + to[0] - at[0]);
        Outcome {
            brush: Some(diameter.round().max(1.0) as u32),
            ..Outcome::default()
        }
    }

    /// One straight stroke from where the last one ended.
    fn straight(&mut self, at: Point, value: u8, bench: &mut Bench<'_>) -> Outcome {
        let from = self.ended.unwrap_or(at);
        let gesture = Box::new(Gesture::start(bench.labels, bench.protection.clone()));
        let drawn = self.extend(gesture, value, [from, at], None, bench);
        Outcome {
            dirty: drawn.dirty,
            ..self.finish(bench)
        }
    }

    fn extend(
        &mut self,
        mut gesture: Box<Gesture>,
        value: u8,
        [from, to]: [Point; 2],
        pressure: Option<f32>,
        bench: &mut Bench<'_>,
    ) -> Outcome {
        let brush = pressed(bench, pressure);
        let spans = brush.segment(from, to, bench.labels.bounds());
        let dirty = gesture.paint(bench.labels, &spans, value);
        self.stage = Stage::Painting {
            gesture,
            value,
            last: to,
        };
        Outcome::drawn(dirty)
    }

    fn finish(&mut self, bench: &Bench<'_>) -> Outcome {
        match std::mem::replace(&mut self.stage, Stage::Idle) {
            Stage::Painting { gesture, last, .. } => {
                self.ended = Some(last);
                Outcome {
                    edit: gesture.commit(bench.labels),
                    ..Outcome::default()
                }
            }
            _ => Outcome::default(),
        }
    }
}

impl Machine for Paint {
    fn handle(&mut self, input: Input, bench: &mut Bench<'_>) -> Outcome {
        match (std::mem::replace(&mut self.stage, Stage::Idle), input) {
            (Stage::Idle, Input::Press { .. }) => self.start(input, bench),
            (
                Stage::Painting {
                    gesture,
                    value,
                    last,
                },
                Input::Move { at, pressure },
            ) => self.extend(gesture, value, [last, at], pressure, bench),
            (stage @ Stage::Painting { .. }, Input::Release) => {
                self.stage = stage;
                self.finish(bench)
            }
            (Stage::Painting { gesture, .. }, Input::Abort | Input::Press { .. }) => {
                Outcome::drawn(gesture.abort(bench.labels))
            }
            (Stage::Aiming { at, value }, Input::Move { at: to, .. }) => {
                self.aim([at, to], value, bench)
            }
            (Stage::Aiming { at, value }, Input::Release) => self.straight(at, value, bench),
            (Stage::Sizing { at, radius }, Input::Move { at: to, .. }) => self.size(at, radius, to),
            (Stage::Sizing { radius, .. }, Input::Abort | Input::Press { .. }) => Outcome {
                brush: Some((2.0 * radius).round().max(1.0) as u32),
                ..Outcome::default()
            },
            (Stage::Aiming { .. }, Input::Abort | Input::Press { .. })
            | (Stage::Sizing { .. }, Input::Release) => Outcome::default(),
            (stage, _) => {
                self.stage = stage;
                Outcome::default()
            }
        }
    }

    fn hint(&self) -> Cow<'static, str> {
        match (&self.stage, self.erases) {
            (Stage::Painting { .. }, _) => "Esc takes the stroke back",
            (Stage::Aiming { .. } | Stage::Sizing { .. }, _) => {
                "Drag to change the size, let go for a straight stroke"
            }
            (Stage::Idle, false) => {
                "Drag to paint, right button erases, Shift+click for a straight stroke, Shift+drag \
                 for the size, Alt+click takes a class"
            }
            (Stage::Idle, true) => {
                "Drag to erase, Shift+click for a straight stroke, Shift+drag for the size"
            }
        }
        .into()
    }

    fn is_busy(&self) -> bool {
        !matches!(self.stage, Stage::Idle)
    }

    fn cursor(&self) -> Cursor {
        match self.stage {
            Stage::Sizing { .. } => Cursor::Resize,
            _ => Cursor::Hidden,
        }
    }

    fn preview(&self, hand: &Hand) -> Vec<Figure> {
        let at = match self.stage {
            Stage::Aiming { at, .. } | Stage::Sizing { at, .. } => Some(at),
            _ => hand.pointer,
        };
        let ring = at.map(|at| Figure::Brush {
            at,
            brush: hand.brush,
        });
        ring.into_iter().collect()
    }

    /// The last stroke may be gone, or on another image: no straight stroke starts there.
    fn labels_changed(&mut self) {
        self.ended = None;
    }
}

/// The brush as the pen presses it, where the person wants that.
fn pressed(bench: &Bench<'_>, pressure: Option<f32>) -> Brush {
    let pressure = pressure.filter(|_| bench.options.pen_pressure);
    let part = pressure.map_or(1.0, |pressure| pressure.clamp(LIGHTEST, 1.0));
    Brush {
        radius: bench.brush.radius * part,
        ..bench.brush
    }
}
