//! The smart click: left is inside, right is outside, and the region is found.
//!
//! ```text
//! empty --click--> open --click or stroke--> open (the region is looked for again)
//!                   |--Backspace--> open without the last click
//!                   |--Enter, double click--> empty (one edit, once the region is found)
//!                   |--Esc--> empty (no trace)
//! ```

use std::borrow::Cow;

use atrous_engine::mask::{Mark, Point, Rect, SmartClick as Clicks, Span};

use super::preview::Preview;
use super::select::class_at;
use super::{Bench, Button, Input, Machine, Outcome, Search};

/// How large the place is that a click is sure about, as a part of the reach.
const SURE: f32 = 0.25;

/// How far around the clicks is looked, in reaches: about as much as a screen shows.
const AROUND: f32 = 70.0;

/// Clicks, and the region that they mean.
#[derive(Debug, Default)]
pub struct SmartClick {
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    preview: Preview,
    marks: Vec<Mark>,
    /// The button that is held: moving draws a stroke of marks.
    held: Option<Button>,
    /// How many marks each press made, so that one press is taken back at once.
    presses: Vec<usize>,
    /// How far around the clicks is looked, in pixels: as far as the largest view showed.
    around: f32,
}

impl SmartClick {
    /// The clicks so far.
    pub fn marks(&self) -> &[Mark] {
        self.open.as_ref().map_or(&[], |open| &open.marks)
    }

    /// Has the region looked for, again.
    fn look(&mut self) -> Outcome {
        if let Some(open) = &mut self.open {
            open.preview.wait();
        }
        Outcome {
            search: self.search_with_network(),
            ..Outcome::default()
        }
    }

    /// Lets go of clicks that have come to their end.
    fn end(&mut self, outcome: Outcome) -> Outcome {
        self.open.take_if(|open| open.preview.is_over());
        outcome
    }
}

impl Machine for SmartClick {
    fn handle(&mut self, input: Input, bench: &mut Bench<'_>) -> Outcome {
        if let Input::Press { at, button, .. } = input {
            if self.open.is_none() && class_at(bench, at).is_none() {
                // Beside the image there is nothing to find.
                return Outcome::default();
            }
            let open = self.open.get_or_insert_with(|| Open::new(bench));
            if open.preview.is_confirmed() {
                // The clicks are done with: this one is not meant for their region.
                return Outcome::default();
            }
            open.press(at, button, bench.reach);
            return self.look();
        }
        let Some(open) = &mut self.open else {
            return Outcome::default();
        };
        match input {
            Input::Move { at, .. } => {
                if open.stroke(at, bench.reach) {
                    return self.look();
                }
            }
            Input::Release => open.held = None,
            Input::Confirm => {
                let outcome = open.preview.confirm(bench.class, bench);
                return self.end(outcome);
            }
            Input::Back => {
                open.take_back();
                if !open.marks.is_empty() {
                    return self.look();
                }
                let outcome = open.preview.abort(bench);
                return self.end(outcome);
            }
            Input::Abort => {
                let outcome = open.preview.abort(bench);
                return self.end(outcome);
            }
            Input::Press { .. } | Input::Hover { .. } => {}
        }
        Outcome::default()
    }

    fn hint(&self) -> Cow<'static, str> {
        match &self.open {
            None => "Click what is to have the class",
            Some(open) if open.preview.waits() => "Looking...",
            Some(_) => "Enter keeps it; click what is missing, right button on what is too much",
        }
        .into()
    }

    fn is_busy(&self) -> bool {
        self.open.is_some()
    }

    fn found(&mut self, spans: Vec<Span>, last: bool, bench: &mut Bench<'_>) -> Outcome {
        let Some(open) = &mut self.open else {
            return Outcome::default();
        };
        let outcome = open.preview.found(spans, last, bench.class, bench);
        self.end(outcome)
    }

    fn search_with_network(&self) -> Option<Search> {
        self.open.as_ref().map(Open::search)
    }
}

impl Open {
    fn new(bench: &Bench<'_>) -> Self {
        Self {
            preview: Preview::start(bench),
            marks: Vec::new(),
            held: None,
            presses: Vec::new(),
            around: 0.0,
        }
    }

    fn search(&self) -> Search {
        Search::Click(Clicks {
            marks: self.marks.clone(),
            part: self.part(),
        })
    }

    fn press(&mut self, at: Point, button: Button, reach: f32) {
        self.held = Some(button);
        self.presses.push(0);
        self.mark(at, button, reach);
    }

    /// Adds a mark where a held pointer has come some way from the last one.
    fn stroke(&mut self, at: Point, reach: f32) -> bool {
        let far = self.marks.last().is_some_and(|last| {
            let away = (last.at[0] - at[0]).hypot(last.at[1] - at[1]);
            away > reach
        });
        match self.held.filter(|_| far) {
            Some(button) => {
                self.mark(at, button, reach);
                true
            }
            None => false,
        }
    }

    fn mark(&mut self, at: Point, button: Button, reach: f32) {
        self.marks.push(Mark {
            at,
            radius: reach * SURE,
            inside: button == Button::Primary,
        });
        if let Some(count) = self.presses.last_mut() {
            *count += 1;
        }
        self.around = self.around.max(AROUND * reach);
    }

    /// The part of the image around all clicks.
    fn part(&self) -> Rect {
        let span = |middle: f32| {
            let [low, high] = [middle - self.around, middle + self.around];
            low.max(0.0) as u32..high.max(0.0).ceil() as u32
        };
        let marks = self.marks.iter();
        let parts = marks.map(|mark| Rect::from_ranges(span(mark.at[0]), span(mark.at[1])));
        parts.fold(Rect::EMPTY, |all, part| all.union(part))
    }

    fn take_back(&mut self) {
        let count = self.presses.pop().unwrap_or(0);
        self.marks.truncate(self.marks.len().saturating_sub(count));
    }
}
