//! GrabCut: a rectangle is dragged around something, and what stands out in it is found; strokes
//! then say what belongs to it and what does not.
//!
//! ```text
//! idle --press--> dragging --release--> open --stroke--> open (it is looked for again)
//!                    |                    |--Backspace--> open without the last stroke
//!                    |                    |--Enter, double click--> idle (one edit, once found)
//!                    |--other button, Esc--> idle      |--Esc--> idle (no trace)
//! ```

use std::borrow::Cow;

use atrous_engine::mask::{GrabCut as Cut, Mark, Point, Rect, Span};

use super::preview::Preview;
use super::{Bench, Button, Input, Machine, Outcome, Search};

/// How large the place is that a stroke is sure about, as a part of the reach.
const SURE: f32 = 0.5;

/// A rectangle, and what was found in it.
#[derive(Debug, Default)]
pub struct GrabCut {
    stage: Stage,
}

#[derive(Debug, Default)]
enum Stage {
    #[default]
    Idle,
    Dragging {
        from: Point,
        to: Point,
    },
    Open(Box<Open>),
}

#[derive(Debug)]
struct Open {
    preview: Preview,
    cut: Cut,
    held: Option<Button>,
    /// How many marks each stroke made, so that one stroke is taken back at once.
    presses: Vec<usize>,
}

impl GrabCut {
    /// The rectangle's corners: while it is dragged, and while what is in it is shown.
    pub fn corners(&self) -> Option<[Point; 2]> {
        match &self.stage {
            Stage::Idle => None,
            Stage::Dragging { from, to } => Some([*from, *to]),
            Stage::Open(open) => {
                let rect = open.cut.rect;
                Some([
                    [rect.x as f32, rect.y as f32],
                    [rect.right() as f32, rect.bottom() as f32],
                ])
            }
        }
    }

    /// What was marked so far.
    pub fn marks(&self) -> &[Mark] {
        match &self.stage {
            Stage::Open(open) => &open.cut.marks,
            _ => &[],
        }
    }

    /// Lets go of a rectangle that has come to its end.
    fn end(&mut self, outcome: Outcome) -> Outcome {
        if matches!(&self.stage, Stage::Open(open) if open.preview.is_over()) {
            self.stage = Stage::Idle;
        }
        outcome
    }

    fn open(&mut self, [from, to]: [Point; 2], bench: &Bench<'_>) -> Outcome {
        let span =
            |a: f32, b: f32| a.min(b).max(0.0).floor() as u32..a.max(b).max(0.0).ceil() as u32;
        let rect = Rect::from_ranges(span(from[0], to[0]), span(from[1], to[1]));
        let rect = rect.intersection(bench.labels.bounds());
        // A mere click is no rectangle.
        let moved = (to[0] - from[0]).hypot(to[1] - from[1]) > bench.reach;
        self.stage = Stage::Idle;
        if rect.is_empty() || !moved {
            return Outcome::default();
        }
        let mut open = Box::new(Open {
            preview: Preview::start(bench),
            cut: Cut {
                rect,
                marks: Vec::new(),
            },
            held: None,
            presses: Vec::new(),
        });
        let outcome = open.look();
        self.stage = Stage::Open(open);
        outcome
    }
}

impl Machine for GrabCut {
    fn handle(&mut self, input: Input, bench: &mut Bench<'_>) -> Outcome {
        match (&mut self.stage, input) {
            (
                Stage::Idle,
                Input::Press {
                    at,
                    button: Button::Primary,
                    ..
                },
            ) => {
                self.stage = Stage::Dragging { from: at, to: at };
            }
            (Stage::Dragging { to, .. }, Input::Move { at, .. }) => *to = at,
            (Stage::Dragging { from, to }, Input::Release) => {
                let corners = [*from, *to];
                return self.open(corners, bench);
            }
            (Stage::Dragging { .. }, Input::Press { .. } | Input::Abort | Input::Back) => {
                self.stage = Stage::Idle;
            }
            (Stage::Open(open), input) => {
                let outcome = open.handle(input, bench);
                return self.end(outcome);
            }
            _ => {}
        }
        Outcome::default()
    }

    fn hint(&self) -> Cow<'static, str> {
        match &self.stage {
            Stage::Idle => "Drag a rectangle around something",
            Stage::Dragging { .. } => "Esc takes it back",
            Stage::Open(open) if open.preview.waits() => "Looking...",
            Stage::Open(_) => {
                "Enter keeps it; draw over what is missing, with the right button over what is too much"
            }
        }
        .into()
    }

    fn is_busy(&self) -> bool {
        !matches!(self.stage, Stage::Idle)
    }

    fn found(&mut self, spans: Vec<Span>, last: bool, bench: &mut Bench<'_>) -> Outcome {
        let Stage::Open(open) = &mut self.stage else {
            return Outcome::default();
        };
        let outcome = open.preview.found(spans, last, bench.class, bench);
        self.end(outcome)
    }
}

impl Open {
    fn handle(&mut self, input: Input, bench: &mut Bench<'_>) -> Outcome {
        match input {
            // The strokes are done with: this one is not meant for their region.
            Input::Press { .. } if self.preview.is_confirmed() => {}
            Input::Press { at, button, .. } => {
                self.held = Some(button);
                self.presses.push(0);
                self.mark(at, button, bench.reach);
            }
            Input::Move { at, .. } => {
                if let Some(button) = self.held {
                    self.stroke(at, button, bench.reach);
                }
            }
            Input::Release => {
                if self.held.take().is_some() {
                    return self.look();
                }
            }
            Input::Confirm => return self.preview.confirm(bench.class, bench),
            Input::Back => match self.presses.pop() {
                Some(count) => {
                    let left = self.cut.marks.len().saturating_sub(count);
                    self.cut.marks.truncate(left);
                    return self.look();
                }
                None => return self.preview.abort(bench),
            },
            Input::Abort => return self.preview.abort(bench),
            Input::Hover { .. } => {}
        }
        Outcome::default()
    }

    /// Has what stands out looked for, again.
    fn look(&mut self) -> Outcome {
        self.preview.wait();
        Outcome {
            search: Some(Search::Cut(self.cut.clone())),
            ..Outcome::default()
        }
    }

    fn mark(&mut self, at: Point, button: Button, reach: f32) {
        self.cut.marks.push(Mark {
            at,
            radius: reach * SURE,
            inside: button == Button::Primary,
        });
        if let Some(count) = self.presses.last_mut() {
            *count += 1;
        }
    }

    /// Marks the way from the last mark, without gaps.
    fn stroke(&mut self, at: Point, button: Button, reach: f32) {
        let Some(last) = self.cut.marks.last().map(|mark| mark.at) else {
            return;
        };
        let way = [at[0] - last[0], at[1] - last[1]];
        let steps = (way[0].hypot(way[1]) / (reach * SURE)).floor().min(1e4);
        for step in 1..=steps as u32 {
            let part = step as f32 / steps;
            let at = [last[0] + part * way[0], last[1] + part * way[1]];
            self.mark(at, button, reach);
        }
    }
}
