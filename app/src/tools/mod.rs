//! The tools: each a small state machine that turns input on the canvas into edits.
//!
//! A gesture is a transaction: it starts with a press, goes on with moves, and ends with a commit
//! (one edit) or an abort (no trace). Tools know label maps and points in image pixels; they know
//! nothing of the window.

mod brush;
mod grab_cut;
mod polygon;
mod preview;
mod scene;
mod search;
mod select;
mod smart_click;
mod superpixel;
mod wand;

use atrous_engine::mask::{Brush, Edit, LabelMap, Point, Protection, Rect, Span};

pub use brush::Paint;
pub use grab_cut::GrabCut;
pub use polygon::Polygon;
pub use scene::Scene;
pub use search::Search;
pub use select::Select;
pub use smart_click::SmartClick;
pub use superpixel::SuperpixelBrush;
pub use wand::{Wand, WandOptions};

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
    /// Takes what has nearly one colour.
    Wand,
    /// Paints superpixels.
    Superpixels,
    /// Finds what is meant by clicks.
    SmartClick,
    /// Finds what stands out in a rectangle.
    GrabCut,
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
    /// How the wand is set.
    pub wand: WandOptions,
    /// The image, and what is known of it.
    pub scene: &'a Scene,
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
    /// What is to be looked for behind the window; it takes the place of an earlier search.
    pub search: Option<Search>,
    /// The tolerance that the wand is to start from next time.
    pub tolerance: Option<u8>,
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
    /// Takes what has nearly one colour.
    Wand(Wand),
    /// Paints superpixels.
    Superpixels(SuperpixelBrush),
    /// Finds what is meant by clicks.
    SmartClick(SmartClick),
    /// Finds what stands out in a rectangle.
    GrabCut(GrabCut),
}

impl Tool {
    /// A fresh tool.
    pub fn new(kind: ToolKind) -> Self {
        match kind {
            ToolKind::Select => Self::Select(Select::default()),
            ToolKind::Brush => Self::Paint(Paint::brush()),
            ToolKind::Eraser => Self::Paint(Paint::eraser()),
            ToolKind::Polygon => Self::Polygon(Polygon::default()),
            ToolKind::Wand => Self::Wand(Wand::default()),
            ToolKind::Superpixels => Self::Superpixels(SuperpixelBrush::default()),
            ToolKind::SmartClick => Self::SmartClick(SmartClick::default()),
            ToolKind::GrabCut => Self::GrabCut(GrabCut::default()),
        }
    }

    /// Which tool this is.
    pub fn kind(&self) -> ToolKind {
        match self {
            Self::Select(_) => ToolKind::Select,
            Self::Paint(paint) if paint.erases() => ToolKind::Eraser,
            Self::Paint(_) => ToolKind::Brush,
            Self::Polygon(_) => ToolKind::Polygon,
            Self::Wand(_) => ToolKind::Wand,
            Self::Superpixels(_) => ToolKind::Superpixels,
            Self::SmartClick(_) => ToolKind::SmartClick,
            Self::GrabCut(_) => ToolKind::GrabCut,
        }
    }

    /// Handles one input: the tool's transition.
    pub fn handle(&mut self, input: Input, bench: &mut Bench<'_>) -> Outcome {
        match self {
            Self::Select(select) => select.handle(input, bench),
            Self::Paint(paint) => paint.handle(input, bench),
            Self::Polygon(polygon) => polygon.handle(input, bench),
            Self::Wand(wand) => wand.handle(input, bench),
            Self::Superpixels(brush) => brush.handle(input, bench),
            Self::SmartClick(click) => click.handle(input, bench),
            Self::GrabCut(cut) => cut.handle(input, bench),
        }
    }

    /// Takes over what a search of its own found, while the gesture it was for is under way;
    /// `last` says that nothing newer is being looked for.
    pub fn found(&mut self, spans: Vec<Span>, last: bool, bench: &mut Bench<'_>) -> Outcome {
        match self {
            Self::Wand(wand) => wand.found(spans, last, bench),
            Self::SmartClick(click) => click.found(spans, last, bench),
            Self::GrabCut(cut) => cut.found(spans, last, bench),
            Self::Select(_) | Self::Paint(_) | Self::Polygon(_) | Self::Superpixels(_) => {
                Outcome::default()
            }
        }
    }

    /// The search to make again now that the network's opinion of the image is known.
    pub fn search_with_network(&self) -> Option<Search> {
        match self {
            Self::SmartClick(click) => click.search(),
            _ => None,
        }
    }

    /// Whether a gesture is under way: then Esc belongs to the tool.
    pub fn is_busy(&self) -> bool {
        match self {
            Self::Select(_) => false,
            Self::Paint(paint) => paint.is_busy(),
            Self::Polygon(polygon) => polygon.is_busy(),
            Self::Wand(wand) => wand.is_busy(),
            Self::Superpixels(brush) => brush.is_busy(),
            Self::SmartClick(click) => click.is_busy(),
            Self::GrabCut(cut) => cut.is_busy(),
        }
    }

    /// What the hand can do now, for the status bar.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Select(_) => "Drag to move the view, click to take a class",
            Self::Paint(paint) => paint.hint(),
            Self::Polygon(polygon) => polygon.hint(),
            Self::Wand(wand) => wand.hint(),
            Self::Superpixels(brush) => brush.hint(),
            Self::SmartClick(click) => click.hint(),
            Self::GrabCut(cut) => cut.hint(),
        }
    }
}

/// The pixel under a point; `None` left of the image or above it.
fn pixel_at([x, y]: Point) -> Option<[u32; 2]> {
    (x >= 0.0 && y >= 0.0).then_some([x as u32, y as u32])
}
