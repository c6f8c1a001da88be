//! The tools: each a small state machine, in a file of its own, that turns input on the canvas
//! into edits.
//!
//! A gesture is a transaction: it starts with a press, goes on with moves, and ends with a commit
//! (one edit) or an abort (no trace). Tools know label maps and points in image pixels; they know
//! nothing of the window. What a tool shows over the image it says as [`Figure`]s.
//!
//! A new tool is a file with a [`Machine`], a [`ToolKind`], an arm of [`Tool::new`], a command
//! (`Command::tool` names its kind) and an icon in the tool strip.

mod brush;
mod figure;
pub mod fill;
mod grab_cut;
mod input;
mod lasso;
mod options;
mod polygon;
mod preview;
mod rectangle;
mod scene;
mod search;
mod select;
mod shape;
mod smart_click;
mod superpixel;
mod wand;

use std::borrow::Cow;
use std::fmt;

pub use brush::Paint;
pub use figure::{Cursor, Figure, Hand};
pub use fill::{Fill, Relabelling, Relabels};
pub use grab_cut::GrabCut;
pub use input::{Bench, Button, Held, Input, Outcome};
pub use lasso::Lasso;
pub use options::ToolOptions;
pub use polygon::Polygon;
pub use rectangle::Rectangle;
pub use scene::Scene;
pub use search::Search;
pub use select::Select;
pub use shape::SelectedArea;
pub use smart_click::SmartClick;
pub use superpixel::SuperpixelBrush;
pub use wand::{Wand, WandOptions};

use atrous_engine::mask::{Point, Span};

/// Which tool is in the hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ToolKind {
    /// Moves the view, takes classes.
    Select,
    /// Paints the current class.
    Brush,
    /// Paints void.
    Eraser,
    /// Fills or selects a polygon.
    Polygon,
    /// Fills or selects what a line drawn by hand encloses.
    Lasso,
    /// Fills or selects a rectangle.
    Rectangle,
    /// Relabels what lies under a click.
    Fill,
    /// Takes what has nearly one colour.
    Wand,
    /// Paints superpixels.
    Superpixels,
    /// Finds what is meant by clicks.
    SmartClick,
    /// Finds what stands out in a rectangle.
    GrabCut,
}

/// A tool as a state machine.
pub trait Machine: fmt::Debug {
    /// Handles one input: the tool's transition.
    fn handle(&mut self, input: Input, bench: &mut Bench<'_>) -> Outcome;

    /// What the hand can do now, in one line.
    fn hint(&self) -> Cow<'static, str>;

    /// Whether a gesture is under way: then nothing else changes the labels.
    fn is_busy(&self) -> bool {
        false
    }

    /// Whether Enter, Backspace and Esc mean something to the tool now.
    fn is_open(&self) -> bool {
        self.is_busy()
    }

    /// Whether what the gesture shows stays when the hand turns to something else.
    fn keeps(&self) -> bool {
        false
    }

    /// Whether the tool wants [`Input::Hover`].
    fn hovers(&self) -> bool {
        false
    }

    /// The pointer's form.
    fn cursor(&self) -> Cursor {
        Cursor::Cross
    }

    /// What is drawn over the image, back to front.
    fn preview(&self, _hand: &Hand) -> Vec<Figure> {
        Vec::new()
    }

    /// Takes over what a search of its own found, while the gesture it was for is under way;
    /// `last` says that nothing newer is being looked for.
    fn found(&mut self, _spans: Vec<Span>, _last: bool, _bench: &mut Bench<'_>) -> Outcome {
        Outcome::default()
    }

    /// The search to make again once the network's opinion of the image is known.
    fn search_with_network(&self) -> Option<Search> {
        None
    }

    /// Something else changed the labels: what the tool remembers of them no longer holds.
    fn labels_changed(&mut self) {}
}

/// The tool in the hand, with its state.
#[derive(Debug)]
pub enum Tool {
    /// Moves the view, takes classes.
    Select(Select),
    /// Brush or eraser.
    Paint(Paint),
    /// Fills or selects a polygon.
    Polygon(Polygon),
    /// Fills or selects what a line drawn by hand encloses.
    Lasso(Lasso),
    /// Fills or selects a rectangle.
    Rectangle(Rectangle),
    /// Relabels what lies under a click.
    Fill(Fill),
    /// Takes what has nearly one colour.
    Wand(Wand),
    /// Paints superpixels.
    Superpixels(SuperpixelBrush),
    /// Finds what is meant by clicks.
    SmartClick(SmartClick),
    /// Finds what stands out in a rectangle.
    GrabCut(GrabCut),
}

/// The tool's state machine, borrowed as `$borrow` says.
macro_rules! machine {
    ($tool:expr, $($borrow:tt)+) => {
        match $tool {
            Self::Select(select) => select as $($borrow)+,
            Self::Paint(paint) => paint as $($borrow)+,
            Self::Polygon(polygon) => polygon as $($borrow)+,
            Self::Lasso(lasso) => lasso as $($borrow)+,
            Self::Rectangle(rectangle) => rectangle as $($borrow)+,
            Self::Fill(fill) => fill as $($borrow)+,
            Self::Wand(wand) => wand as $($borrow)+,
            Self::Superpixels(brush) => brush as $($borrow)+,
            Self::SmartClick(click) => click as $($borrow)+,
            Self::GrabCut(cut) => cut as $($borrow)+,
        }
    };
}

impl Tool {
    /// A fresh tool.
    pub fn new(kind: ToolKind) -> Self {
        match kind {
            ToolKind::Select => Self::Select(Select::default()),
            ToolKind::Brush => Self::Paint(Paint::brush()),
            ToolKind::Eraser => Self::Paint(Paint::eraser()),
            ToolKind::Polygon => Self::Polygon(Polygon::default()),
            ToolKind::Lasso => Self::Lasso(Lasso::default()),
            ToolKind::Rectangle => Self::Rectangle(Rectangle::default()),
            ToolKind::Fill => Self::Fill(Fill),
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
            Self::Lasso(_) => ToolKind::Lasso,
            Self::Rectangle(_) => ToolKind::Rectangle,
            Self::Fill(_) => ToolKind::Fill,
            Self::Wand(_) => ToolKind::Wand,
            Self::Superpixels(_) => ToolKind::Superpixels,
            Self::SmartClick(_) => ToolKind::SmartClick,
            Self::GrabCut(_) => ToolKind::GrabCut,
        }
    }

    /// What the tool says of itself.
    pub fn machine(&self) -> &dyn Machine {
        machine!(self, &dyn Machine)
    }

    /// The tool at work.
    pub fn machine_mut(&mut self) -> &mut dyn Machine {
        machine!(self, &mut dyn Machine)
    }

    /// Handles one input: the tool's transition.
    pub fn handle(&mut self, input: Input, bench: &mut Bench<'_>) -> Outcome {
        self.machine_mut().handle(input, bench)
    }

    /// Takes over what a search of its own found: see [`Machine::found`].
    pub fn found(&mut self, spans: Vec<Span>, last: bool, bench: &mut Bench<'_>) -> Outcome {
        self.machine_mut().found(spans, last, bench)
    }

    /// The search to make again now that the network's opinion of the image is known.
    pub fn search_with_network(&self) -> Option<Search> {
        self.machine().search_with_network()
    }

    /// Whether a gesture is under way: then nothing else changes the labels.
    pub fn is_busy(&self) -> bool {
        self.machine().is_busy()
    }

    /// Whether Enter, Backspace and Esc belong to the tool now.
    pub fn is_open(&self) -> bool {
        self.machine().is_open()
    }

    /// Whether the tool wants to know where the pointer is with no button down.
    pub fn hovers(&self) -> bool {
        self.machine().hovers()
    }

    /// What the hand can do now, for the status bar.
    pub fn hint(&self) -> Cow<'static, str> {
        self.machine().hint()
    }

    /// The pointer's form over the canvas.
    pub fn cursor(&self) -> Cursor {
        self.machine().cursor()
    }

    /// What is drawn over the image, back to front.
    pub fn preview(&self, hand: &Hand) -> Vec<Figure> {
        self.machine().preview(hand)
    }

    /// Something else changed the labels.
    pub fn labels_changed(&mut self) {
        self.machine_mut().labels_changed();
    }
}

/// The pixel under a point; `None` left of the image or above it.
fn pixel_at([x, y]: Point) -> Option<[u32; 2]> {
    (x >= 0.0 && y >= 0.0).then_some([x as u32, y as u32])
}
