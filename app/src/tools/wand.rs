//! The magic wand: a press takes what has the pixel's colour, dragging sideways sets how nearly.
//!
//! ```text
//! idle --press--> trying --move--> trying (another tolerance, shown as it is found)
//!                   |--release--> ending --the last region is found--> idle (one edit)
//!                   |               |--Esc--> idle (no trace)
//!                   |--other button or Esc--> idle (no trace)
//! ```

use std::borrow::Cow;
use std::sync::{Arc, Mutex};

use atrous_engine::mask::{Point, Span, Wand as Walk, wand::MAX_TOLERANCE};
use atrous_palettes::VOID;

use super::preview::Preview;
use super::{Bench, Button, Input, Machine, Outcome, Search};

/// How far the pointer goes sideways for one more of tolerance, as a part of the reach.
const STEP: f32 = 0.35;

/// How the wand is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WandOptions {
    /// How much a colour may differ, 0 to 254 in each channel.
    pub tolerance: u8,
    /// Whether only what hangs together with the pixel is taken.
    pub contiguous: bool,
}

/// The wand in the hand.
#[derive(Debug, Default)]
pub struct Wand {
    trial: Option<Trial>,
}

#[derive(Debug)]
struct Trial {
    preview: Preview,
    value: u8,
    target: Target,
    start: Point,
    before: u8,
    tolerance: u8,
}

#[derive(Debug)]
enum Target {
    Region(Arc<Mutex<Walk>>),
    Color([u8; 3]),
}

impl Wand {
    /// The tolerance that is being tried, while the button is held.
    pub fn trying(&self) -> Option<u8> {
        self.trial.as_ref().map(|trial| trial.tolerance)
    }

    /// Lets go of a trial that is over, and remembers its tolerance.
    fn end(&mut self, outcome: Outcome) -> Outcome {
        match self.trial.take_if(|trial| trial.preview.is_over()) {
            Some(trial) => Outcome {
                tolerance: Some(trial.tolerance),
                ..outcome
            },
            None => outcome,
        }
    }

    fn start(&mut self, at: Point, button: Button, bench: &Bench<'_>) -> Outcome {
        let pixels = bench.scene.pixels();
        let Some(pixel) = super::pixel_at(at) else {
            return Outcome::default();
        };
        let target = if bench.wand.contiguous {
            Walk::new(pixels, pixel).map(|walk| Target::Region(Arc::new(Mutex::new(walk))))
        } else {
            pixels.get(pixel[0], pixel[1]).map(Target::Color)
        };
        let Some(target) = target else {
            return Outcome::default();
        };
        let trial = Trial {
            preview: Preview::start(bench),
            value: if button == Button::Primary {
                bench.class
            } else {
                VOID
            },
            target,
            start: at,
            before: bench.wand.tolerance,
            tolerance: bench.wand.tolerance,
        };
        let search = Some(trial.search());
        self.trial = Some(trial);
        Outcome {
            search,
            ..Outcome::default()
        }
    }
}

impl Machine for Wand {
    fn handle(&mut self, input: Input, bench: &mut Bench<'_>) -> Outcome {
        match (&mut self.trial, input) {
            (None, Input::Press { at, button, .. }) => self.start(at, button, bench),
            (Some(trial), Input::Move { at, .. }) if !trial.preview.is_confirmed() => Outcome {
                search: trial.drag(at, bench.reach).then(|| trial.search()),
                ..Outcome::default()
            },
            (Some(trial), Input::Release) => {
                let outcome = trial.preview.confirm(trial.value, bench);
                self.end(outcome)
            }
            // What was let go of is kept: only Esc takes it back.
            (Some(trial), Input::Press { .. }) if trial.preview.is_confirmed() => {
                Outcome::default()
            }
            (Some(trial), Input::Abort | Input::Press { .. }) => {
                let outcome = trial.preview.abort(bench);
                self.trial = None;
                outcome
            }
            _ => Outcome::default(),
        }
    }

    fn hint(&self) -> Cow<'static, str> {
        match &self.trial {
            None => "Click a colour; drag sideways for more or less of it, right button erases",
            Some(trial) if trial.preview.is_confirmed() => "Looking...",
            Some(_) => "Right for more, left for less, Esc takes it back",
        }
        .into()
    }

    fn is_busy(&self) -> bool {
        self.trial.is_some()
    }

    fn found(&mut self, spans: Vec<Span>, last: bool, bench: &mut Bench<'_>) -> Outcome {
        let Some(trial) = &mut self.trial else {
            return Outcome::default();
        };
        let outcome = trial.preview.found(spans, last, trial.value, bench);
        self.end(outcome)
    }
}

impl Trial {
    fn search(&self) -> Search {
        match &self.target {
            Target::Region(walk) => Search::Wand(walk.clone(), self.tolerance),
            Target::Color(color) => Search::Color(*color, self.tolerance),
        }
    }

    /// Follows the pointer; whether the tolerance is another one now.
    fn drag(&mut self, at: Point, reach: f32) -> bool {
        let steps = (at[0] - self.start[0]) / (STEP * reach).max(f32::MIN_POSITIVE);
        let tolerance = f32::from(self.before) + steps.round();
        let tolerance = tolerance.clamp(0.0, f32::from(MAX_TOLERANCE)) as u8;
        if tolerance == self.tolerance {
            return false;
        }
        self.tolerance = tolerance;
        self.preview.wait();
        true
    }
}
