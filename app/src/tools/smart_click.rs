//! The smart click: left is inside, right is outside, and the region is found. What the brush's disc
//! covers on its way is inside for sure.
//!
//! ```text
//! empty --click or stroke--> open --right click--> open (the region is looked for again)
//!                             |--click into the region--> open (with that click)
//!                             |--click beside it--> open (one edit, and another region)
//!                             |--Backspace--> open without the last click
//!                             |--Enter, double click--> empty (one edit, once the region is found)
//!                             |--another tool, class or image--> empty (one edit, if it is found)
//!                             |--Esc--> empty (no trace)
//! ```

use std::borrow::Cow;

use atrous_engine::mask::{
    Brush, BrushShape, LabelMap, Mark, Point, Rect, SmartClick as Clicks, Span,
};

use super::preview::Preview;
use super::select::class_at;
use super::{Bench, Button, Cursor, Figure, Hand, Input, Machine, Outcome, Search};

/// How small a brush may be, as a part of the reach: nobody points more exactly.
const SURE: f32 = 0.25;

/// How far apart marks of a stroke are, in radii.
const SPACING: f32 = 0.5;

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
    /// The labels as they were before.
    labels: LabelMap,
    /// The class that the region is to have.
    class: u8,
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

    fn press(&mut self, at: Point, button: Button, bench: &mut Bench<'_>) -> Outcome {
        let mut kept = Outcome::default();
        if let Some(open) = &mut self.open {
            if open.preview.is_confirmed() {
                // The clicks are done with: this one is not meant for their region.
                return kept;
            }
            // Beside a region another one begins.
            if button == Button::Primary && open.preview.is_beside(at) {
                kept = open.preview.confirm(open.class, bench);
                kept = self.end(kept);
            }
        }
        if self.open.is_none() && class_at(bench, at).is_none() {
            // Beside the image there is nothing to find.
            return kept;
        }
        let open = self.open.get_or_insert_with(|| Open::new(bench));
        open.press(at, button, bench);
        Outcome {
            dirty: kept.dirty,
            edit: kept.edit,
            ..self.look()
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
            return self.press(at, button, bench);
        }
        let Some(open) = &mut self.open else {
            return Outcome::default();
        };
        match input {
            Input::Move { at, .. } => {
                if open.stroke(at, bench) {
                    return self.look();
                }
            }
            Input::Release => open.held = None,
            Input::Confirm => {
                let outcome = open.preview.confirm(open.class, bench);
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
            None => "Click or drag over what is to have the class; the brush is inside for sure",
            Some(open) if open.preview.waits() => "Looking...",
            Some(_) => "Right button on what is too much, Esc takes it back; go on, and it is kept",
        }
        .into()
    }

    fn is_busy(&self) -> bool {
        self.open.is_some()
    }

    fn keeps(&self) -> bool {
        let open = self.open.as_ref();
        open.is_some_and(|open| !open.preview.waits())
    }

    fn cursor(&self) -> Cursor {
        Cursor::Hidden
    }

    fn preview(&self, hand: &Hand) -> Vec<Figure> {
        let at = hand.pointer.into_iter();
        let ring = at.map(|at| Figure::Brush {
            at,
            brush: Brush {
                shape: BrushShape::Round,
                radius: hand.brush.radius.max(hand.reach * SURE),
            },
        });
        ring.collect()
    }

    fn found(&mut self, spans: Vec<Span>, last: bool, bench: &mut Bench<'_>) -> Outcome {
        let Some(open) = &mut self.open else {
            return Outcome::default();
        };
        let outcome = open.preview.found(spans, last, open.class, bench);
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
            labels: bench.labels.clone(),
            class: bench.class,
            marks: Vec::new(),
            held: None,
            presses: Vec::new(),
            around: 0.0,
        }
    }

    fn search(&self) -> Search {
        let clicks = Clicks {
            marks: self.marks.clone(),
            part: self.part(),
            class: self.class,
        };
        Search::Click(clicks, self.labels.clone())
    }

    fn press(&mut self, at: Point, button: Button, bench: &Bench<'_>) {
        self.held = Some(button);
        self.presses.push(0);
        self.mark(at, button, bench);
    }

    /// Adds marks on the way to where a held pointer has come, some way from the last one.
    fn stroke(&mut self, to: Point, bench: &Bench<'_>) -> bool {
        let (Some(button), Some(last)) = (self.held, self.marks.last().copied()) else {
            return false;
        };
        let way = [to[0] - last.at[0], to[1] - last.at[1]];
        let steps = (way[0].hypot(way[1]) / (last.radius * SPACING).max(1.0)).floor();
        // A stroke is drawn on the screen: it is not longer than a few hundred discs.
        for step in 1..=steps.min(1e3) as u32 {
            let part = step as f32 / steps;
            let at = [last.at[0] + part * way[0], last.at[1] + part * way[1]];
            self.mark(at, button, bench);
        }
        steps >= 1.0
    }

    fn mark(&mut self, at: Point, button: Button, bench: &Bench<'_>) {
        self.marks.push(Mark {
            at,
            radius: bench.brush.radius.max(bench.reach * SURE),
            inside: button == Button::Primary,
        });
        if let Some(count) = self.presses.last_mut() {
            *count += 1;
        }
        self.around = self.around.max(AROUND * bench.reach);
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
