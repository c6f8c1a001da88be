//! The lasso: the area inside a line drawn by hand.
//!
//! ```text
//! idle --press--> drawing --move--> drawing --release--> idle (one edit, or a selection)
//!                    |--other button or Esc--> idle (no trace)
//! ```

use std::borrow::Cow;

use atrous_engine::mask::Point;

use super::{Bench, Button, Figure, Hand, Input, Machine, Outcome, shape};

/// Points of the line nearer than this to the last one, in image pixels, say nothing new.
const NEAR: f32 = 0.25;

/// Follows the hand.
#[derive(Debug, Default)]
pub struct Lasso {
    drawing: Option<(Vec<Point>, Button)>,
}

impl Machine for Lasso {
    fn handle(&mut self, input: Input, bench: &mut Bench<'_>) -> Outcome {
        match (self.drawing.take(), input) {
            (None, Input::Press { at, button, .. }) => self.drawing = Some((vec![at], button)),
            (Some((mut line, button)), Input::Move { at, .. }) => {
                let far = |last: &Point| (last[0] - at[0]).hypot(last[1] - at[1]) >= NEAR;
                if line.last().is_none_or(far) {
                    line.push(at);
                }
                self.drawing = Some((line, button));
            }
            (Some((line, button)), Input::Release) => {
                return shape::finish(bench, vec![line], button);
            }
            (Some(_), Input::Press { .. } | Input::Abort) => {}
            (drawing, _) => self.drawing = drawing,
        }
        Outcome::default()
    }

    fn hint(&self) -> Cow<'static, str> {
        match self.drawing {
            None => "Draw around an area, with the right button to erase it",
            Some(_) => "Let go to close the line, Esc leaves it",
        }
        .into()
    }

    fn is_busy(&self) -> bool {
        self.drawing.is_some()
    }

    fn preview(&self, _hand: &Hand) -> Vec<Figure> {
        let line = self
            .drawing
            .iter()
            .map(|(line, _)| Figure::Area(line.clone()));
        line.collect()
    }
}
