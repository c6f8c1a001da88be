//! The polygon: click vertices, drag any of them, insert one on an edge, add holes, fill. It stays
//! to be changed until something else changes the labels. A magnetic one follows the edges of the
//! image from click to click, with vertices that can be changed like any others.
//!
//! ```text
//! empty --press--> open --press elsewhere--> open (one more vertex; magnetic: a leg of vertices)
//!                   |--press on a vertex or an edge, move--> open (it follows the pointer)
//!                   |--Alt+press--> open (another ring: a hole)
//!                   |--right button on a vertex--> open without it
//!                   |--Backspace, right button--> open without what the last click added
//!                   |--click on the first vertex, Enter, double click--> filled (one edit)
//!                   |--Esc--> empty (no trace)
//! filled --drag a vertex or an edge, right button on a vertex--> filled (one more edit)
//!   |--Alt+press--> open (another ring; what is filled stays)
//!   |--press elsewhere--> open (another polygon)
//!   |--Enter, Esc, other locks, any other change of the labels--> empty
//! ```

mod magnet;
mod near;

use std::borrow::Cow;

use atrous_engine::mask::{Edit, Gesture, LabelMap, Point, Protection, Rect, polygon};

use super::{Bench, Button, Figure, Hand, Held, Input, Machine, Outcome, shape};
use magnet::Clicks;
use near::distance;

/// A polygon in the making or just filled.
#[derive(Debug, Default)]
pub struct Polygon {
    rings: Vec<Vec<Point>>,
    /// Whether the last ring is closed.
    closed: bool,
    clicks: Clicks,
    grip: Option<Grip>,
    filled: Option<Filled>,
    /// Where a press would lay a magnetic outline: from the last vertex, or the first vertex alone.
    wire: Vec<Point>,
}

/// The vertex that follows the pointer.
#[derive(Debug, Clone, Copy)]
struct Grip {
    ring: usize,
    vertex: usize,
    /// Whether it stood there before this press: then a mere click on the first one closes.
    old: bool,
    /// Whether it ends a magnetic leg that this press laid: where it is dragged, the leg follows once
    /// the button goes up.
    laid: bool,
    moved: bool,
}

/// What the polygon was painted on.
#[derive(Debug)]
struct Filled {
    /// The labels as they were before.
    before: LabelMap,
    /// What was protected: under other locks it is not changed any more.
    protection: Box<Protection>,
    value: u8,
    dirty: Rect,
}

impl Polygon {
    fn press(&mut self, at: Point, held: Held, bench: &Bench<'_>) {
        if let Some([ring, vertex]) = self.vertex_near(at, bench.reach) {
            return self.hold(ring, vertex, true);
        }
        if let Some([ring, vertex]) = self.edge_near(at, bench.reach) {
            self.rings[ring].insert(vertex, at);
            if !self.closed && ring + 1 == self.rings.len() {
                self.clicks.insert(vertex);
            }
            return self.hold(ring, vertex, false);
        }
        let whole = self.rings.last().is_some_and(|ring| ring.len() > 2);
        if held.alt && whole {
            self.lay_closing(bench);
            self.begin_ring();
        } else if self.closed || self.rings.is_empty() {
            *self = Self::default();
            self.begin_ring();
        }
        self.lay(at, bench.options.magnetic && !held.command, bench);
    }

    fn begin_ring(&mut self) {
        self.rings.push(Vec::new());
        self.clicks = Clicks::default();
        self.closed = false;
    }

    /// Goes on with the open ring to where a click was, and holds the vertex there.
    fn lay(&mut self, at: Point, magnetic: bool, bench: &Bench<'_>) {
        let leg = if magnetic {
            self.wire_to(at, bench)
        } else {
            vec![at]
        };
        let Some(ring) = self.rings.last_mut() else {
            return;
        };
        ring.extend(leg);
        let last = ring.len() - 1;
        self.clicks.add(last + 1);
        self.hold(self.rings.len() - 1, last, false);
        if let Some(grip) = &mut self.grip {
            grip.laid = magnetic;
        }
    }

    /// The vertices that a magnetic click adds to the open ring.
    fn wire_to(&self, at: Point, bench: &Bench<'_>) -> Vec<Point> {
        let snapped = magnet::snap(at, bench);
        let open = self.rings.last().filter(|_| !self.closed);
        match open.and_then(|ring| ring.last()) {
            None => vec![snapped],
            Some(last) if *last == snapped => vec![at],
            Some(last) => magnet::leg(*last, snapped, bench),
        }
    }

    /// What a magnetic press would add where the pointer is; over the first vertex, what would close
    /// the ring.
    fn look_ahead(&self, at: Point, bench: &Bench<'_>) -> Vec<Point> {
        if !bench.options.magnetic {
            return Vec::new();
        }
        let open = self.rings.last().filter(|_| !self.closed);
        let last = open.and_then(|ring| ring.last()).copied();
        let added = match self.vertex_near(at, bench.reach) {
            Some([ring, 0]) if !self.closed && ring + 1 == self.rings.len() => {
                let mut closing = self.closing(bench);
                closing.extend(self.rings[ring].first());
                closing
            }
            None if self.edge_near(at, bench.reach).is_none() => self.wire_to(at, bench),
            _ => return Vec::new(),
        };
        last.into_iter().chain(added).collect()
    }

    /// The way back from the last vertex of the open ring to its first, both left out.
    fn closing(&self, bench: &Bench<'_>) -> Vec<Point> {
        match self.rings.last().map(Vec::as_slice) {
            Some([first, .., last]) if !self.closed && bench.options.magnetic => {
                let mut leg = magnet::leg(*last, *first, bench);
                leg.pop();
                leg
            }
            _ => Vec::new(),
        }
    }

    /// Lays that way, so that the ring may be closed.
    fn lay_closing(&mut self, bench: &Bench<'_>) {
        let closing = self.closing(bench);
        if let Some(ring) = self.rings.last_mut() {
            ring.extend(closing);
        }
    }

    fn hold(&mut self, ring: usize, vertex: usize, old: bool) {
        self.grip = Some(Grip {
            ring,
            vertex,
            old,
            laid: false,
            moved: false,
        });
    }

    fn follow(&mut self, at: Point, reach: f32) {
        let Some(grip) = &mut self.grip else { return };
        let Some(ring) = self.rings.get_mut(grip.ring) else {
            return;
        };
        let Some(vertex) = ring.get(grip.vertex) else {
            return;
        };
        // A click wavers a little: what is set already stays where it is until it is really dragged.
        let stays = grip.old || grip.laid;
        let moves = !stays || distance(*vertex, at) > reach * 0.5;
        if moves && grip.laid && !grip.moved {
            ring.truncate(self.clicks.take_back());
            grip.vertex = ring.len();
            ring.push(at);
            self.clicks.add(ring.len());
        }
        grip.moved |= moves;
        if grip.moved {
            ring[grip.vertex] = at;
        }
    }

    /// The button goes up: a click on the first vertex closes, a change of a filled polygon is
    /// painted.
    fn let_go(&mut self, bench: &mut Bench<'_>) -> Outcome {
        let Some(grip) = self.grip.take() else {
            return Outcome::default();
        };
        if grip.laid && grip.moved {
            return self.lay_again(bench);
        }
        let clicked = grip.old && !grip.moved;
        let first = !self.closed && grip.vertex == 0 && grip.ring + 1 == self.rings.len();
        let changes = self.closed && !clicked;
        if changes || (clicked && first) {
            return self.fill(bench);
        }
        Outcome::default()
    }

    /// Lays the last leg to where its end was dragged.
    fn lay_again(&mut self, bench: &Bench<'_>) -> Outcome {
        let end = self.rings.last_mut().and_then(Vec::pop);
        self.clicks.take_back();
        if let Some(end) = end {
            self.lay(end, true, bench);
            self.grip = None;
        }
        Outcome::default()
    }

    /// The right button: takes out the vertex under it, else what the last click added to an open ring.
    fn take_out(&mut self, at: Point, bench: &mut Bench<'_>) -> Outcome {
        let Some([ring, vertex]) = self.vertex_near(at, bench.reach) else {
            self.drop_last();
            return Outcome::default();
        };
        self.grip = None;
        self.rings[ring].remove(vertex);
        let open = !self.closed && ring + 1 == self.rings.len();
        if open {
            self.clicks.remove(vertex);
        }
        if self.rings[ring].is_empty() || (!open && self.rings[ring].len() < 3) {
            self.rings.remove(ring);
            self.closed |= open;
        }
        if self.filled.is_some() && !open {
            return self.fill(bench);
        }
        Outcome::default()
    }

    fn drop_last(&mut self) {
        self.grip = None;
        if self.closed {
            return;
        }
        if let Some(ring) = self.rings.last_mut() {
            ring.truncate(self.clicks.take_back());
            if ring.is_empty() {
                self.drop_open();
            }
        }
    }

    /// Forgets the ring that is not closed yet.
    fn drop_open(&mut self) {
        self.grip = None;
        if !self.closed {
            self.rings.pop();
            self.closed = !self.rings.is_empty();
        }
    }

    /// Esc, first of all from the open ring of a polygon that is filled already.
    fn abort(&mut self) {
        if self.filled.is_some() && !self.closed {
            self.drop_open();
        } else {
            *self = Self::default();
        }
    }

    /// Enter: fills, or is done with what is filled.
    fn confirm(&mut self, bench: &mut Bench<'_>) -> Outcome {
        let painted = self.closed && self.filled.is_some();
        if painted {
            *self = Self::default();
            return Outcome::default();
        }
        self.fill(bench)
    }

    fn fill(&mut self, bench: &mut Bench<'_>) -> Outcome {
        self.grip = None;
        self.lay_closing(bench);
        let short = self.rings.last().is_some_and(|ring| ring.len() < 3);
        if short && self.rings.len() > 1 {
            self.drop_open();
        } else if short {
            return Outcome::default();
        }
        self.closed = true;
        if bench.options.selects {
            return shape::select(bench, std::mem::take(self).rings);
        }
        self.paint(bench)
    }

    /// Paints the rings on what was there before them.
    fn paint(&mut self, bench: &mut Bench<'_>) -> Outcome {
        let shown = bench.labels.clone();
        let fresh = self.filled.is_none();
        let filled = self.filled.take().unwrap_or_else(|| Filled {
            before: shown.clone(),
            protection: Box::new(bench.protection.clone()),
            value: bench.class,
            dirty: Rect::EMPTY,
        });
        bench.labels.clone_from(&filled.before);
        let spans = polygon::fill(&self.rings, bench.labels.bounds());
        let mut gesture = Gesture::start(bench.labels, bench.protection.clone());
        let painted = gesture.paint(bench.labels, &spans, filled.value);
        let dirty = painted.union(filled.dirty);
        let edit = if fresh {
            gesture.commit(bench.labels)
        } else {
            Edit::between(&shown, bench.labels, dirty)
        };
        if self.rings.is_empty() {
            *self = Self::default();
        } else {
            self.filled = Some(Filled {
                dirty: painted,
                ..filled
            });
        }
        Outcome {
            dirty,
            edit,
            ..Outcome::default()
        }
    }
}

impl Machine for Polygon {
    fn handle(&mut self, input: Input, bench: &mut Bench<'_>) -> Outcome {
        let filled = self.filled.as_ref();
        if filled.is_some_and(|filled| *filled.protection != *bench.protection) {
            *self = Self::default();
        }
        // Whatever is done, the outline goes on from elsewhere afterwards.
        self.wire.clear();
        match input {
            Input::Press {
                at,
                button: Button::Primary,
                held,
                ..
            } => self.press(at, held, bench),
            Input::Press { at, .. } => return self.take_out(at, bench),
            Input::Back => self.drop_last(),
            Input::Move { at, .. } => self.follow(at, bench.reach),
            Input::Release => return self.let_go(bench),
            Input::Confirm => return self.confirm(bench),
            Input::Abort => self.abort(),
            Input::Hover { at } => self.wire = self.look_ahead(at, bench),
        }
        Outcome::default()
    }

    fn hint(&self) -> Cow<'static, str> {
        let last = self.rings.last().map_or(0, Vec::len);
        if self.wire.len() > 1 {
            return "Click to keep the outline along the edge, Ctrl+click sets a vertex freely, \
                    Backspace takes the last leg back, Enter closes and fills"
                .into();
        }
        match (self.closed, last) {
            (false, 0) => "Click to set the first vertex",
            (false, 1 | 2) => {
                "Click to add vertices, drag one to move it, Backspace takes the last back"
            }
            (false, _) => {
                "Enter or a click on the first vertex fills, drag vertices to move them, \
                 right-click takes one out, Alt+click begins a hole"
            }
            (true, _) => {
                "Drag vertices or edges to change it, Alt+click begins a hole, Enter when done"
            }
        }
        .into()
    }

    fn is_busy(&self) -> bool {
        self.grip.is_some() || (!self.rings.is_empty() && !self.closed)
    }

    fn is_open(&self) -> bool {
        !self.rings.is_empty()
    }

    fn hovers(&self) -> bool {
        true
    }

    fn preview(&self, hand: &Hand) -> Vec<Figure> {
        let mut figures = Vec::new();
        let wire = &self.wire[..if hand.pointer.is_some() {
            self.wire.len()
        } else {
            0
        }];
        if wire.len() > 1 {
            figures.push(Figure::Line(wire.to_vec()));
        }
        if !self.rings.is_empty() {
            let last = self.rings.last().map_or(0, Vec::len);
            figures.push(Figure::Rings {
                rings: self.rings.clone(),
                // The wire is where the outline goes on.
                closed: self.closed || (last > 2 && wire.len() < 2),
                hovered: hand.pointer.and_then(|at| self.vertex_near(at, hand.reach)),
            });
        }
        if let Some(end) = wire.last() {
            figures.push(Figure::Rings {
                rings: vec![vec![*end]],
                closed: false,
                hovered: Some([0, 0]),
            });
        }
        figures
    }

    fn labels_changed(&mut self) {
        *self = Self::default();
    }
}
