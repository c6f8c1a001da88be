//! A mask operation that is looked at before it is applied.

use std::sync::Arc;

use atrous_engine::jobs::Cancel;
use atrous_engine::mask::{Edit, LabelMap, Operation, Protection};
use atrous_engine::predict::refine::DEFAULT_CERTAINTY;

/// The kinds of mask operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OperationKind {
    /// A class grows.
    #[default]
    Grow,
    /// A class shrinks.
    Shrink,
    /// Borders become smooth.
    Smooth,
    /// Holes are filled.
    FillHoles,
    /// Small components go.
    RemoveSpecks,
    /// All components but the largest go.
    KeepLargest,
    /// Two classes change places.
    Swap,
    /// A class becomes another.
    Relabel,
    /// Borders move to the edges of the image.
    Snap,
}

/// The least and the largest certainty of labels that move to edges, in per cent. At a half, labels of
/// two classes would say nothing any more.
pub const CERTAINTIES: [u8; 2] = [55, 95];

/// How sure labels that move to edges are unless the person says so, in per cent.
pub const CERTAINTY: u8 = (100.0 * DEFAULT_CERTAINTY) as u8;

impl OperationKind {
    /// Every kind, in the order of the menu.
    pub const ALL: [Self; 9] = [
        Self::Grow,
        Self::Shrink,
        Self::Smooth,
        Self::FillHoles,
        Self::RemoveSpecks,
        Self::KeepLargest,
        Self::Swap,
        Self::Relabel,
        Self::Snap,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Grow => "Grow",
            Self::Shrink => "Shrink",
            Self::Smooth => "Smooth",
            Self::FillHoles => "Fill holes",
            Self::RemoveSpecks => "Remove specks",
            Self::KeepLargest => "Keep largest",
            Self::Swap => "Swap classes",
            Self::Relabel => "Relabel",
            Self::Snap => "Snap to edges",
        }
    }

    /// What it does, in a sentence; of one class, or of all of them.
    pub fn says(self, all: bool) -> &'static str {
        match (self, all) {
            (Self::Grow, false) => "The class takes what lies within the radius",
            (Self::Grow, true) => "Void takes the nearest class within the radius",
            (Self::Shrink, false) => "The class leaves its edge to its neighbours",
            (Self::Shrink, true) => "What lies near a border becomes void",
            (Self::Smooth, _) => "Each pixel takes the class that most pixels around it have",
            (Self::FillHoles, false) => "What the class encloses becomes the class",
            (Self::FillHoles, true) => "Enclosed void takes the class around it",
            (Self::RemoveSpecks, _) => "Small pieces take the class around them",
            (Self::KeepLargest, false) => "All pieces but the largest take the class around them",
            (Self::KeepLargest, true) => "Each class keeps its largest piece",
            (Self::Swap, _) => "The two classes change places",
            (Self::Relabel, _) => "It becomes the other class",
            (Self::Snap, false) => "The border of the class moves to the edges of the image",
            (Self::Snap, true) => "Every border moves to the edges of the image",
        }
    }

    /// Whether a radius matters.
    pub fn has_radius(self) -> bool {
        matches!(self, Self::Grow | Self::Shrink | Self::Smooth)
    }

    /// Whether a number of pixels matters.
    pub fn has_pixels(self) -> bool {
        matches!(self, Self::FillHoles | Self::RemoveSpecks)
    }

    /// Whether another class matters.
    pub fn has_other(self) -> bool {
        matches!(self, Self::Swap | Self::Relabel)
    }
}

/// What a mask operation is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperationForm {
    /// What to do.
    pub kind: OperationKind,
    /// To which class; none is all of them.
    pub class: Option<u8>,
    /// Only inside the selection.
    pub in_selection: bool,
    /// In pixels.
    pub radius: u32,
    /// The largest hole, or the smallest piece that stays, in pixels.
    pub pixels: u32,
    /// The other class.
    pub other: u8,
    /// How sure the labels are that move to edges, in per cent.
    pub certainty: u8,
}

impl Default for OperationForm {
    fn default() -> Self {
        Self {
            kind: OperationKind::Grow,
            class: None,
            in_selection: false,
            radius: 3,
            pixels: 100,
            other: 0,
            certainty: CERTAINTY,
        }
    }
}

impl OperationForm {
    /// What the engine is asked for; none of what looks at the image too.
    pub fn operation(&self) -> Option<Operation> {
        let radius = self.radius;
        Some(match self.kind {
            OperationKind::Snap => return None,
            OperationKind::Grow => Operation::Grow { radius },
            OperationKind::Shrink => Operation::Shrink { radius },
            OperationKind::Smooth => Operation::Smooth { radius },
            OperationKind::FillHoles => Operation::FillHoles {
                largest: u64::from(self.pixels),
            },
            OperationKind::RemoveSpecks => Operation::RemoveSpecks {
                below: u64::from(self.pixels),
            },
            OperationKind::KeepLargest => Operation::KeepLargest,
            OperationKind::Swap => Operation::Swap { with: self.other },
            OperationKind::Relabel => Operation::Relabel { to: self.other },
        })
    }
}

/// A mask operation in the making.
#[derive(Debug)]
pub struct MaskOperation {
    /// What it is told.
    pub form: OperationForm,
    /// Tells the answer to the form as it is now from earlier ones.
    pub ticket: u64,
    /// What it had to leave alone when it was computed.
    pub protection: Protection,
    /// Stops the computation under way.
    pub cancel: Cancel,
    /// Whether it is being computed.
    pub working: bool,
    /// What it would change, and the labels as they would be: the canvas shows them.
    pub preview: Option<(Arc<Edit>, LabelMap)>,
    /// Whether it is to be applied as soon as it is computed.
    pub wanted: bool,
}
