//! The rectangle: from corner to corner, in whole pixels.
//!
//! ```text
//! idle --press--> drawing --move--> drawing --release--> idle (one edit, or a selection)
//!                    |--other button or Esc--> idle (no trace)
//! ```

use std::borrow::Cow;

use atrous_engine::mask::Point;

use super::{Bench, Button, Figure, Hand, Input, Machine, Outcome, shape};

/// Spans a rectangle.
#[derive(Debug, Default)]
pub struct Rectangle {
    drawing: Option<Drawing>,
}

#[derive(Debug, Clone, Copy)]
struct Drawing {
    from: Point,
    to: Point,
    button: Button,
    square: bool,
    moved: bool,
}

impl Drawing {
    /// The corners, out to whole pixels: every pixel that the drag touched is inside.
    fn ring(&self) -> Vec<Point> {
        let [x0, x1] = whole(self.from[0], self.to[0]);
        let [y0, y1] = whole(self.from[1], self.to[1]);
        vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
    }

    /// Where the far corner goes: with Shift held the sides are of one length.
    fn to(&self, at: Point) -> Point {
        if !self.square {
            return at;
        }
        let [dx, dy] = [at[0] - self.from[0], at[1] - self.from[1]];
        let side = dx.abs().max(dy.abs());
        [
            self.from[0] + side.copysign(dx),
            self.from[1] + side.copysign(dy),
        ]
    }
}

fn whole(a: f32, b: f32) -> [f32; 2] {
    let low = a.min(b).floor();
    [low, a.max(b).ceil().max(low + 1.0)]
}

impl Machine for Rectangle {
    fn handle(&mut self, input: Input, bench: &mut Bench<'_>) -> Outcome {
        match (self.drawing.take(), input) {
            (
                None,
                Input::Press {
                    at, button, held, ..
                },
            ) => {
                self.drawing = Some(Drawing {
                    from: at,
                    to: at,
                    button,
                    square: held.shift,
                    moved: false,
                });
            }
            (Some(drawing), Input::Move { at, .. }) => {
                self.drawing = Some(Drawing {
                    to: drawing.to(at),
                    moved: true,
                    ..drawing
                });
            }
            // A mere click spans nothing.
            (Some(drawing), Input::Release) if drawing.moved => {
                return shape::finish(bench, vec![drawing.ring()], drawing.button);
            }
            (Some(_), Input::Release | Input::Press { .. } | Input::Abort) => {}
            (drawing, _) => self.drawing = drawing,
        }
        Outcome::default()
    }

    fn hint(&self) -> Cow<'static, str> {
        match self.drawing {
            None => "Drag from corner to corner, Shift makes it a square, right button erases",
            Some(_) => "Let go to finish, Esc leaves it",
        }
        .into()
    }

    fn is_busy(&self) -> bool {
        self.drawing.is_some()
    }

    fn preview(&self, _hand: &Hand) -> Vec<Figure> {
        let drawn = self.drawing.iter().filter(|drawing| drawing.moved);
        drawn.map(|drawing| Figure::Area(drawing.ring())).collect()
    }
}
