//! The tour: once around the loop, on the demo.

use super::State;
use crate::command::Command;

/// A stop of the tour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TourStep {
    /// Opening images.
    Open,
    /// Having them labelled.
    Predict,
    /// Correcting by hand.
    Paint,
    /// Taking back.
    Undo,
    /// Teaching the model.
    FineTune,
    /// Leaving with a dataset.
    Export,
}

impl TourStep {
    /// Every stop, in order.
    pub const ALL: [Self; 6] = [
        Self::Open,
        Self::Predict,
        Self::Paint,
        Self::Undo,
        Self::FineTune,
        Self::Export,
    ];

    /// Its place, from 0.
    pub fn place(self) -> usize {
        self as usize
    }

    /// The stop so many places on.
    pub fn neighbour(self, step: isize) -> Option<Self> {
        let place = self.place().checked_add_signed(step)?;
        Self::ALL.get(place).copied()
    }

    /// The command whose button it points at.
    pub fn command(self) -> Command {
        match self {
            Self::Open => Command::OpenDemo,
            Self::Predict => Command::PredictImage,
            Self::Paint => Command::Brush,
            Self::Undo => Command::Undo,
            Self::FineTune => Command::FineTune,
            Self::Export => Command::Export,
        }
    }

    /// What it is about, in a few words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Open => "Open images",
            Self::Predict => "Let the model label them",
            Self::Paint => "Correct what is wrong",
            Self::Undo => "Nothing is lost",
            Self::FineTune => "Teach the model",
            Self::Export => "Take the labels with you",
        }
    }

    /// What to know, and what to try now.
    pub fn text(self) -> &'static str {
        match self {
            Self::Open => {
                "A folder of images is a project; your images are only read. For a first look open \
                 the demo: street scenes drawn on this machine."
            }
            Self::Predict => {
                "The model gives every pixel a class and says how sure it is. Label this image \
                 now; the button beside labels the whole folder."
            }
            Self::Paint => {
                "Take the brush, choose a class on the right or with a digit, and drag over what \
                 is wrong. The right button erases."
            }
            Self::Undo => {
                "Every stroke is on disk before the next one. Undo goes back as far as you like, \
                 also after a restart; the History tab shows each step."
            }
            Self::FineTune => {
                "From two corrected or reviewed images on the model can learn from them, behind \
                 the window. The images you have not touched are then labelled again, better."
            }
            Self::Export => {
                "At the end write a dataset that trainers read as it is. Every command is in the \
                 palette, every key under Help."
            }
        }
    }

    /// Whether the person has done what it shows.
    fn is_done(self, state: &State) -> bool {
        let document = state.document.as_ref();
        match self {
            Self::Open => document.is_some(),
            Self::Predict => document.is_some_and(|document| document.prediction.is_some()),
            Self::Paint => document.is_some_and(|document| document.history.can_undo()),
            Self::Undo => document.is_some_and(|document| document.history.can_redo()),
            Self::FineTune | Self::Export => false,
        }
    }
}

/// The tour under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tour {
    /// Where it stands.
    pub step: TourStep,
    /// Whether what the stop shows was done before: then only the person goes on.
    was_done: bool,
}

impl Tour {
    /// The tour at a stop.
    pub fn at(step: TourStep, state: &State) -> Self {
        Self {
            step,
            was_done: step.is_done(state),
        }
    }

    /// The next stop, once the person has done what this one shows.
    pub fn followed(&self, state: &State) -> Option<TourStep> {
        let done = !self.was_done && self.step.is_done(state);
        self.step.neighbour(1).filter(|_| done)
    }
}
