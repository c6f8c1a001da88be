//! What a tool shows over the image, in image pixels: the canvas draws it.

use atrous_engine::mask::{Brush, Point};

/// Where the hand is, for a tool to say what it shows.
#[derive(Debug, Clone, Copy)]
pub struct Hand {
    /// Where the pointer is, while it is over the canvas.
    pub pointer: Option<Point>,
    /// How near is near enough to grab something, in image pixels.
    pub reach: f32,
    /// The brush's shape and size.
    pub brush: Brush,
}

/// One thing drawn over the image.
#[derive(Debug, Clone, PartialEq)]
pub enum Figure {
    /// The outline of what a touch of the brush would paint.
    Brush {
        /// Its centre.
        at: Point,
        /// Its shape and size.
        brush: Brush,
    },
    /// Rings with vertices that can be moved, filled by the even-odd rule.
    Rings {
        /// The rings; the last one may still be open.
        rings: Vec<Vec<Point>>,
        /// Whether the last ring is closed too.
        closed: bool,
        /// The ring and the vertex that a press would grab.
        hovered: Option<[usize; 2]>,
    },
    /// A closed line without vertices, filled.
    Area(Vec<Point>),
    /// A line.
    Line(Vec<Point>),
}

/// The pointer's form over the canvas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cursor {
    /// The usual arrow.
    Arrow,
    /// A cross: what matters is the very point.
    Cross,
    /// None: the tool's own mark shows where it is.
    Hidden,
    /// Something can be dragged.
    Move,
    /// A size is being dragged.
    Resize,
    /// A class is taken.
    Pick,
}
