//! What reaches a tool, and what comes of it.

use atrous_engine::mask::{Brush, Edit, LabelMap, Point, Protection, Rect};

use super::{Relabelling, Scene, Search, SelectedArea, ToolOptions, WandOptions};

/// A button of the pointer that draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button {
    /// The button that acts.
    Primary,
    /// The button that erases, takes back or aborts.
    Secondary,
}

/// The keys held while a button goes down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// Shift.
    pub shift: bool,
    /// Alt.
    pub alt: bool,
    /// Ctrl, on a Mac Command.
    pub command: bool,
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
        /// The keys held.
        held: Held,
        /// How hard a pen presses, from 0 to 1, where it says so.
        pressure: Option<f32>,
    },
    /// The pointer moved while a button is down.
    Move {
        /// Where to.
        at: Point,
        /// How hard a pen presses, from 0 to 1, where it says so.
        pressure: Option<f32>,
    },
    /// The pointer moved with no button down; only for tools that [want it](super::Machine::hovers).
    Hover {
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

impl Input {
    /// A button goes down without a key held.
    pub fn press(at: Point, button: Button) -> Self {
        Self::Press {
            at,
            button,
            held: Held::default(),
            pressure: None,
        }
    }

    /// The pointer moves with a button down.
    pub fn move_to(at: Point) -> Self {
        Self::Move { at, pressure: None }
    }
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
    /// How the wand is set.
    pub wand: WandOptions,
    /// The image, and what is known of it.
    pub scene: &'a Scene,
    /// What is selected.
    pub selection: Option<&'a SelectedArea>,
    /// What the person set the tools to.
    pub options: &'a ToolOptions,
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
    /// What is to be relabelled behind the window.
    pub relabelling: Option<Relabelling>,
    /// What is to be looked for behind the window; it takes the place of an earlier search.
    pub search: Option<Search>,
    /// The tolerance that the wand is to start from next time.
    pub tolerance: Option<u8>,
    /// The brush's new diameter, in image pixels.
    pub brush: Option<u32>,
    /// The new selection; an inner none takes it away.
    pub selection: Option<Option<SelectedArea>>,
}

impl Outcome {
    /// Something was painted and the gesture goes on.
    pub(super) fn drawn(dirty: Rect) -> Self {
        Self {
            dirty,
            ..Self::default()
        }
    }

    /// A class was taken from the image.
    pub(super) fn picked(class: Option<u8>) -> Self {
        Self {
            picked: class,
            ..Self::default()
        }
    }
}
