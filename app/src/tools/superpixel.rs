//! The superpixel brush: whatever superpixels the pointer comes over while a button is held.
//!
//! ```text
//! idle --press--> painting --move--> painting --release--> idle (one edit)
//!                    |--other button or Esc--> idle (no trace)
//! ```

use std::borrow::Cow;
use std::collections::HashSet;

use atrous_engine::mask::{Gesture, Point, Rect};
use atrous_palettes::VOID;

use super::{Bench, Button, Input, Machine, Outcome};

/// Paints superpixels, or erases them.
#[derive(Debug, Default)]
pub struct SuperpixelBrush {
    painting: Option<Painting>,
}

#[derive(Debug)]
struct Painting {
    gesture: Box<Gesture>,
    value: u8,
    last: Point,
    done: HashSet<u32>,
}

impl SuperpixelBrush {
    fn go_on(&mut self, mut painting: Painting, to: Point, bench: &mut Bench<'_>) -> Outcome {
        let dirty = painting.cross(to, bench);
        self.painting = Some(painting);
        Outcome::drawn(dirty)
    }
}

impl Machine for SuperpixelBrush {
    fn handle(&mut self, input: Input, bench: &mut Bench<'_>) -> Outcome {
        match (self.painting.take(), input) {
            (None, Input::Press { at, button, .. }) if bench.scene.superpixels.is_some() => {
                let painting = Painting {
                    gesture: Box::new(Gesture::start(bench.labels, bench.protection.clone())),
                    value: if button == Button::Primary {
                        bench.class
                    } else {
                        VOID
                    },
                    last: at,
                    done: HashSet::new(),
                };
                self.go_on(painting, at, bench)
            }
            (Some(painting), Input::Move { at, .. }) => self.go_on(painting, at, bench),
            (Some(painting), Input::Release) => Outcome {
                edit: painting.gesture.commit(bench.labels),
                ..Outcome::default()
            },
            (Some(painting), Input::Abort | Input::Press { .. }) => {
                Outcome::drawn(painting.gesture.abort(bench.labels))
            }
            (painting, _) => {
                self.painting = painting;
                Outcome::default()
            }
        }
    }

    fn hint(&self) -> Cow<'static, str> {
        match self.painting {
            None => "Drag over superpixels to paint them, right button erases",
            Some(_) => "Esc takes them back",
        }
        .into()
    }

    fn is_busy(&self) -> bool {
        self.painting.is_some()
    }
}

impl Painting {
    /// Paints the superpixels on the straight way to a point, every pixel of which is looked at.
    fn cross(&mut self, to: Point, bench: &mut Bench<'_>) -> Rect {
        let from = std::mem::replace(&mut self.last, to);
        let mut dirty = Rect::EMPTY;
        let Some(superpixels) = &bench.scene.superpixels else {
            return dirty;
        };
        let way = [to[0] - from[0], to[1] - from[1]];
        let steps = way[0].abs().max(way[1].abs()).ceil().clamp(1.0, 1e5);
        for step in 0..=steps as u32 {
            let part = step as f32 / steps;
            let at = [from[0] + part * way[0], from[1] + part * way[1]];
            let region = super::pixel_at(at).and_then(|[x, y]| superpixels.at(x, y));
            if let Some(region) = region.filter(|region| self.done.insert(*region)) {
                let spans = superpixels.spans(region);
                dirty = dirty.union(self.gesture.paint(bench.labels, &spans, self.value));
            }
        }
        dirty
    }
}
