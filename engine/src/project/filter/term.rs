//! One condition of a filter.

use std::borrow::Cow;
use std::path::{MAIN_SEPARATOR, Path};

use super::pattern::Pattern;
use crate::project::record::{ImageRecord, Status};

/// A condition, or its contrary.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Term {
    pub negated: bool,
    pub test: Test,
}

/// What is asked of an image.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    /// Its path or name.
    Name(Pattern),
    /// One of these.
    Status(Vec<Progress>),
    /// One of these classes has pixels, and covers a part within the bounds.
    Label { classes: Vec<u8>, share: Bounds },
    /// Whether exports have it.
    Exported(bool),
    /// A figure within bounds; an image without the figure does not pass.
    Figure { figure: Figure, bounds: Bounds },
}

/// How far an image is, for a filter: what can't be read is not far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    Broken,
    At(Status),
}

/// A figure of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Figure {
    Uncertainty,
    Disagreement,
}

/// The ends of a range, each with whether it belongs to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds {
    pub from: (f64, bool),
    pub to: (f64, bool),
}

impl Bounds {
    /// Every number.
    pub const ALL: Self = Self {
        from: (f64::NEG_INFINITY, true),
        to: (f64::INFINITY, true),
    };

    fn hold(&self, value: f64) -> bool {
        let ((from, with_from), (to, with_to)) = (self.from, self.to);
        (value > from || with_from && value == from) && (value < to || with_to && value == to)
    }
}

impl Term {
    /// Whether the condition holds for an image.
    pub fn holds(&self, image: &ImageRecord) -> bool {
        self.test.holds(image) != self.negated
    }
}

impl Test {
    fn holds(&self, image: &ImageRecord) -> bool {
        match self {
            Self::Name(pattern) => pattern.fits(&text(&image.path)),
            Self::Status(wanted) => {
                let is = match image.error {
                    Some(_) => Progress::Broken,
                    None => Progress::At(image.status),
                };
                wanted.contains(&is)
            }
            Self::Label { classes, share } => image.classes.as_ref().is_some_and(|present| {
                // Numbers in a filter have the precision of f32: so has what they are held against.
                let covered = |class| f64::from(present.share(class) as f32);
                let mut wanted = classes.iter().copied();
                wanted.any(|class| present.pixels(class) > 0 && share.hold(covered(class)))
            }),
            Self::Exported(exported) => image.excluded != *exported,
            Self::Figure { figure, bounds } => {
                let value = match figure {
                    Figure::Uncertainty => image.uncertainty,
                    Figure::Disagreement => image.disagreement,
                };
                value.is_some_and(|value| bounds.hold(f64::from(value)))
            }
        }
    }
}

/// A path with `/` between its parts.
fn text(path: &Path) -> Cow<'_, str> {
    let text = path.to_string_lossy();
    if MAIN_SEPARATOR == '/' {
        text
    } else {
        text.replace(MAIN_SEPARATOR, "/").into()
    }
}
