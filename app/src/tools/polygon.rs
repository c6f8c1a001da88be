//! The polygon: click vertices, drag any of them, insert one on an edge, add holes, fill. It stays
//! to be changed until something else changes the labels.
//!
//! ```text
//! empty --press--> open --press elsewhere--> open (one more vertex)
//!                   |--press on a vertex or an edge, move--> open (it follows the pointer)
//!                   |--Alt+press--> open (another ring: a hole)
//!                   |--right button on a vertex--> open without it
//!                   |--Backspace, right button--> open without the last vertex
//!                   |--click on the first vertex, Enter, double click--> filled (one edit)
//!                   |--Esc--> empty (no trace)
//! filled --drag a vertex or an edge, right button on a vertex--> filled (one more edit)
//!   |--Alt+press--> open (another ring; what is filled stays)
//!   |--press elsewhere--> open (another polygon)
//!   |--Enter, Esc, other locks, any other change of the labels--> empty
//! ```

use std::borrow::Cow;

use atrous_engine::mask::{Edit, Gesture, LabelMap, Point, Protection, Rect, polygon};

use super::{Bench, Button, Figure, Hand, Input, Machine, Outcome, shape};

/// A polygon in the making or just filled.
#[derive(Debug, Default)]
pub struct Polygon {
    rings: Vec<Vec<Point>>,
    /// Whether the last ring is closed.
    closed: bool,
    grip: Option<Grip>,
    filled: Option<Filled>,
}

/// The vertex that follows the pointer.
#[derive(Debug, Clone, Copy)]
struct Grip {
    ring: usize,
    vertex: usize,
    /// Whether it stood there before this press: then a mere click on the first one closes.
    old: bool,
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
    /// The ring and the vertex that a press at `at` would grab.
    fn vertex_near(&self, at: Point, reach: f32) -> Option<[usize; 2]> {
        let near = |vertex: &Point| distance(*vertex, at) <= reach;
        self.rings.iter().enumerate().find_map(|(place, ring)| {
            let vertex = ring.iter().position(near)?;
            Some([place, vertex])
        })
    }

    /// The ring, and the index in it, at which a vertex on the edge under `at` belongs.
    fn edge_near(&self, at: Point, reach: f32) -> Option<[usize; 2]> {
        self.rings.iter().enumerate().find_map(|(place, ring)| {
            let closed = self.closed || place + 1 < self.rings.len();
            let last = if closed {
                ring.len()
            } else {
                ring.len().saturating_sub(1)
            };
            let near = |edge: &usize| {
                let (from, to) = (ring[*edge], ring[(edge + 1) % ring.len()]);
                distance_to_edge(at, from, to) <= reach * 0.5
            };
            let edge = (0..last).find(near)?;
            Some([place, edge + 1])
        })
    }

    fn press(&mut self, at: Point, hole: bool, reach: f32) {
        if let Some([ring, vertex]) = self.vertex_near(at, reach) {
            return self.hold(ring, vertex, true);
        }
        if let Some([ring, vertex]) = self.edge_near(at, reach) {
            self.rings[ring].insert(vertex, at);
            return self.hold(ring, vertex, false);
        }
        let whole = self.rings.last().is_some_and(|ring| ring.len() > 2);
        if hole && whole {
            self.rings.push(Vec::new());
            self.closed = false;
        } else if self.closed || self.rings.is_empty() {
            *self = Self::default();
            self.rings.push(Vec::new());
        }
        let ring = self.rings.len() - 1;
        self.rings[ring].push(at);
        self.hold(ring, self.rings[ring].len() - 1, false);
    }

    fn hold(&mut self, ring: usize, vertex: usize, old: bool) {
        self.grip = Some(Grip {
            ring,
            vertex,
            old,
            moved: false,
        });
    }

    fn follow(&mut self, at: Point, reach: f32) {
        let Some(grip) = &mut self.grip else { return };
        let ring = self.rings.get_mut(grip.ring);
        let Some(vertex) = ring.and_then(|ring| ring.get_mut(grip.vertex)) else {
            return;
        };
        // A click wavers a little: an old vertex stays where it is until it is really dragged.
        grip.moved |= !grip.old || distance(*vertex, at) > reach * 0.5;
        if grip.moved {
            *vertex = at;
        }
    }

    /// The button goes up: a click on the first vertex closes, a change of a filled polygon is
    /// painted.
    fn let_go(&mut self, bench: &mut Bench<'_>) -> Outcome {
        let Some(grip) = self.grip.take() else {
            return Outcome::default();
        };
        let clicked = grip.old && !grip.moved;
        let first = !self.closed && grip.vertex == 0 && grip.ring + 1 == self.rings.len();
        let changes = self.closed && !clicked;
        if changes || (clicked && first) {
            return self.fill(bench);
        }
        Outcome::default()
    }

    /// The right button: takes out the vertex under it, else the last one of an open ring.
    fn take_out(&mut self, at: Point, bench: &mut Bench<'_>) -> Outcome {
        let Some([ring, vertex]) = self.vertex_near(at, bench.reach) else {
            self.drop_last();
            return Outcome::default();
        };
        self.grip = None;
        self.rings[ring].remove(vertex);
        let open = !self.closed && ring + 1 == self.rings.len();
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
            ring.pop();
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
        match input {
            Input::Press {
                at,
                button: Button::Primary,
                held,
                ..
            } => self.press(at, held.alt, bench.reach),
            Input::Press { at, .. } => return self.take_out(at, bench),
            Input::Back => self.drop_last(),
            Input::Move { at, .. } => self.follow(at, bench.reach),
            Input::Release => return self.let_go(bench),
            Input::Confirm => return self.confirm(bench),
            Input::Abort => self.abort(),
            Input::Hover { .. } => {}
        }
        Outcome::default()
    }

    fn hint(&self) -> Cow<'static, str> {
        let last = self.rings.last().map_or(0, Vec::len);
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

    fn preview(&self, hand: &Hand) -> Vec<Figure> {
        if self.rings.is_empty() {
            return Vec::new();
        }
        let last = self.rings.last().map_or(0, Vec::len);
        vec![Figure::Rings {
            rings: self.rings.clone(),
            closed: self.closed || last > 2,
            hovered: hand.pointer.and_then(|at| self.vertex_near(at, hand.reach)),
        }]
    }

    fn labels_changed(&mut self) {
        *self = Self::default();
    }
}

fn distance(a: Point, b: Point) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

fn distance_to_edge(at: Point, from: Point, to: Point) -> f32 {
    let along = [to[0] - from[0], to[1] - from[1]];
    let length = along[0] * along[0] + along[1] * along[1];
    let share = if length > 0.0 {
        ((at[0] - from[0]) * along[0] + (at[1] - from[1]) * along[1]) / length
    } else {
        0.0
    };
    let share = share.clamp(0.0, 1.0);
    distance(at, [from[0] + share * along[0], from[1] + share * along[1]])
}
