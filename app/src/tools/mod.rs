//! The tools: each a small state machine that turns input on the canvas into edits.
//!
//! A gesture is a transaction: it starts with a press, goes on with moves, and ends with a commit
//! (one edit) or an abort (no trace). Tools know label maps and points in image pixels; they know
//! nothing of the window.

mod brush;
mod polygon;
mod select;

use atrous_engine::mask::{Brush, Edit, LabelMap, Point, Protection, Rect};

pub use brush::Paint;
pub use polygon::Polygon;
pub use select::Select;

/// Which tool is in the hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ToolKind {
    /// Moves the view, takes classes.
    Select,
    /// Paints the current class.
    Brush,
    /// Paints void.
    Eraser,
    /// Fills a polygon.
    Polygon,
}

/// A button of the pointer that draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button {
    /// The button that acts.
    Primary,
    /// The button that erases, takes back or aborts.
    Secondary,
}

/// What reaches a tool. Points are in image pixels; (0, 0) is the first pixel's top left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Input {
    /// A button went down.
    Press {
        /// Where.
        at: Point,
        /// Which.
        button: Button,
        /// Whether Shift is held: a straight line from where the last stroke ended.
        straight: bool,
    },
    /// The pointer moved.
    Move {
        /// Where to.
        at: Point,
    },
    /// The button went up.
    Release,
    /// Enter or a double click.
    Confirm,
    /// Backspace.
    Back,
    /// Esc, another tool, another image.
    Abort,
}

/// What a tool works on while it handles one input.
pub struct Bench<'a> {
    /// The label map, changed in place.
    pub labels: &'a mut LabelMap,
    /// Locked classes and what may be painted over.
    pub protection: &'a Protection,
    /// The current class.
    pub class: u8,
    /// The brush's shape and size.
    pub brush: Brush,
    /// How near is near enough to grab something, in image pixels.
    pub reach: f32,
}

/// What came of one input.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The rectangle of the label map to draw again.
    pub dirty: Rect,
    /// The finished edit, already made on the label map.
    pub edit: Option<Edit>,
    /// A class that was taken from the image.
    pub picked: Option<u8>,
}

impl Outcome {
    /// Something was painted and the gesture goes on.
    fn drawn(dirty: Rect) -> Self {
        Self {
            dirty,
            ..Self::default()
        }
    }
}

/// The tool in the hand, with its state.
#[derive(Debug)]
pub enum Tool {
    /// Moves the view, takes classes.
    Select(Select),
    /// Brush or eraser.
    Paint(Paint),
    /// Fills a polygon.
    Polygon(Polygon),
}

impl Tool {
    /// A fresh tool.
    pub fn new(kind: ToolKind) -> Self {
        match kind {
            ToolKind::Select => Self::Select(Select::default()),
            ToolKind::Brush => Self::Paint(Paint::brush()),
            ToolKind::Eraser => Self::Paint(Paint::eraser()),
            ToolKind::Polygon => Self::Polygon(Polygon::default()),
        }
    }

    /// Which tool this is.
    pub fn kind(&self) -> ToolKind {
        match self {
            Self::Select(_) => ToolKind::Select,
            Self::Paint(paint) if paint.erases() => ToolKind::Eraser,
            Self::Paint(_) => ToolKind::Brush,
            Self::Polygon(_) => ToolKind::Polygon,
        }
    }

    /// Handles one input: the tool's transition.
    pub fn handle(&mut self, input: Input, bench: &mut Bench<'_>) -> Outcome {
        match self {
            Self::Select(select) => select.handle(input, bench),
            Self::Paint(paint) => paint.handle(input, bench),
            Self::Polygon(polygon) => polygon.handle(input, bench),
        }
    }

    /// Whether a gesture is under way: then Esc belongs to the tool.
    pub fn is_busy(&self) -> bool {
        match self {
            Self::Select(_) => false,
            Self::Paint(paint) => paint.is_busy(),
            Self::Polygon(polygon) => polygon.is_busy(),
        }
    }

    /// What the hand can do now, for the status bar.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Select(_) => "Drag to move the view, click to take a class",
            Self::Paint(paint) => paint.hint(),
            Self::Polygon(polygon) => polygon.hint(),
        }
    }
}
