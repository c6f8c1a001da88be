//! A region that is looked for behind the window and painted for a look: it stays, changes, or goes
//! without a trace.

use atrous_engine::mask::{Gesture, Point, Span};

use super::{Bench, Outcome};

/// What is painted so far, as a gesture that has not ended.
#[derive(Debug)]
pub(super) struct Preview {
    /// None once it has ended.
    gesture: Option<Box<Gesture>>,
    spans: Vec<Span>,
    /// Whether the region is still being looked for.
    waits: bool,
    /// Whether it is to stay as soon as it is found.
    confirmed: bool,
}

impl Preview {
    /// Nothing yet, and something is being looked for.
    pub(super) fn start(bench: &Bench<'_>) -> Self {
        Self {
            gesture: Some(Box::new(Gesture::start(
                bench.labels,
                bench.protection.clone(),
            ))),
            spans: Vec::new(),
            waits: true,
            confirmed: false,
        }
    }

    /// Whether the region is still being looked for.
    pub(super) fn waits(&self) -> bool {
        self.waits
    }

    /// Whether it is to stay as soon as it is found.
    pub(super) fn is_confirmed(&self) -> bool {
        self.confirmed
    }

    /// Whether the gesture has ended.
    pub(super) fn is_over(&self) -> bool {
        self.gesture.is_none()
    }

    /// Whether a point lies beside the region that is shown.
    pub(super) fn is_beside(&self, [x, y]: Point) -> bool {
        let inside = |span: &Span| {
            let columns = span.start as f32..span.end as f32;
            y >= 0.0 && span.y == y as u32 && columns.contains(&x)
        };
        !self.waits && !self.spans.iter().any(inside)
    }

    /// Something else is being looked for.
    pub(super) fn wait(&mut self) {
        self.waits = true;
    }

    /// Paints what was found in place of what was found before; `last` says that nothing newer is
    /// being looked for.
    pub(super) fn found(
        &mut self,
        spans: Vec<Span>,
        last: bool,
        value: u8,
        bench: &mut Bench<'_>,
    ) -> Outcome {
        self.spans = spans;
        self.waits = !last;
        if last && self.confirmed {
            return self.commit(value, bench);
        }
        self.paint(value, bench)
    }

    /// Ends with what was found, once that is found.
    pub(super) fn confirm(&mut self, value: u8, bench: &mut Bench<'_>) -> Outcome {
        self.confirmed = true;
        if self.waits {
            return Outcome::default();
        }
        self.commit(value, bench)
    }

    /// Takes everything back.
    pub(super) fn abort(&mut self, bench: &mut Bench<'_>) -> Outcome {
        let gesture = self.gesture.take();
        gesture.map_or_else(Outcome::default, |gesture| {
            Outcome::drawn(gesture.abort(bench.labels))
        })
    }

    fn commit(&mut self, value: u8, bench: &mut Bench<'_>) -> Outcome {
        let painted = self.paint(value, bench);
        let gesture = self.gesture.take();
        Outcome {
            edit: gesture.and_then(|gesture| gesture.commit(bench.labels)),
            ..painted
        }
    }

    fn paint(&mut self, value: u8, bench: &mut Bench<'_>) -> Outcome {
        let Some(gesture) = &mut self.gesture else {
            return Outcome::default();
        };
        let before = gesture.reset(bench.labels);
        // Classes may have been locked since the gesture began.
        gesture.protect(bench.protection.clone());
        Outcome::drawn(before.union(gesture.paint(bench.labels, &self.spans, value)))
    }
}
