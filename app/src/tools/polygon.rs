//! The polygon: click vertices, drag any of them, insert one on an edge, fill.
//!
//! ```text
//! empty --press--> open --press elsewhere--> open (one more vertex)
//!                   |--press on a vertex or an edge, move--> open (it follows the pointer)
//!                   |--click on the first vertex, Enter, double click--> empty (one edit)
//!                   |--Backspace, right button--> open without the last vertex
//!                   |--Esc--> empty (no trace)
//! ```

use atrous_engine::mask::{Gesture, Point, polygon};

use super::{Bench, Button, Input, Outcome};

/// A polygon in the making. Nothing is painted before it is filled.
#[derive(Debug, Default)]
pub struct Polygon {
    vertices: Vec<Point>,
    held: Option<Held>,
}

/// The vertex that follows the pointer.
#[derive(Debug, Clone, Copy)]
struct Held {
    index: usize,
    /// Whether it stood there before this press: then a mere click on the first one closes.
    old: bool,
    moved: bool,
}

impl Polygon {
    /// The vertices so far, in image pixels.
    pub fn vertices(&self) -> &[Point] {
        &self.vertices
    }

    /// The vertex that a press at `at` would grab.
    pub fn vertex_near(&self, at: Point, reach: f32) -> Option<usize> {
        let near = |vertex: &Point| distance(*vertex, at) <= reach;
        self.vertices.iter().position(near)
    }

    pub(super) fn is_busy(&self) -> bool {
        !self.vertices.is_empty()
    }

    pub(super) fn hint(&self) -> &'static str {
        match self.vertices.len() {
            0 => "Click to set the first vertex",
            1 | 2 => "Click to add vertices, drag one to move it, Backspace takes the last back",
            _ => "Enter or a click on the first vertex fills, drag vertices to move them",
        }
    }

    pub(super) fn handle(&mut self, input: Input, bench: &mut Bench<'_>) -> Outcome {
        match input {
            Input::Press {
                at,
                button: Button::Primary,
                ..
            } => self.grab_or_add(at, bench.reach),
            Input::Press { .. } | Input::Back => self.drop_last(),
            Input::Move { at } => self.follow(at, bench.reach),
            Input::Release => {
                let held = self.held.take();
                if held.is_some_and(|held| held.old && held.index == 0 && !held.moved) {
                    return self.fill(bench);
                }
            }
            Input::Confirm => return self.fill(bench),
            Input::Abort => *self = Self::default(),
        }
        Outcome::default()
    }

    fn grab_or_add(&mut self, at: Point, reach: f32) {
        let (index, old) = if let Some(index) = self.vertex_near(at, reach) {
            (index, true)
        } else if let Some(index) = self.edge_near(at, reach) {
            self.vertices.insert(index, at);
            (index, false)
        } else {
            self.vertices.push(at);
            (self.vertices.len() - 1, false)
        };
        self.held = Some(Held {
            index,
            old,
            moved: false,
        });
    }

    /// The index at which a vertex on the edge under `at` belongs.
    fn edge_near(&self, at: Point, reach: f32) -> Option<usize> {
        self.vertices
            .windows(2)
            .position(|edge| distance_to_edge(at, edge[0], edge[1]) <= reach * 0.5)
            .map(|index| index + 1)
    }

    fn follow(&mut self, at: Point, reach: f32) {
        let Some(held) = &mut self.held else { return };
        let Some(vertex) = self.vertices.get_mut(held.index) else {
            return;
        };
        // A click wavers a little: an old vertex stays where it is until it is really dragged.
        held.moved |= !held.old || distance(*vertex, at) > reach * 0.5;
        if held.moved {
            *vertex = at;
        }
    }

    fn drop_last(&mut self) {
        self.vertices.pop();
        self.held = None;
    }

    fn fill(&mut self, bench: &mut Bench<'_>) -> Outcome {
        if self.vertices.len() < 3 {
            return Outcome::default();
        }
        let ring = std::mem::take(self).vertices;
        let spans = polygon::fill(&[ring], bench.labels.bounds());
        let mut gesture = Gesture::start(bench.labels, bench.protection.clone());
        let dirty = gesture.paint(bench.labels, &spans, bench.class);
        Outcome {
            dirty,
            edit: gesture.commit(bench.labels),
            ..Outcome::default()
        }
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
