//! Dialogs: which one is open, and what is filled in.

use std::path::PathBuf;

use atrous_engine::dataset::Only;
use atrous_engine::finetune::{Layers, StoppedRun};

use egui::KeyboardShortcut;

use super::ModelsForm;
use crate::command::Command;

/// The dialog over the window.
#[derive(Debug, Clone, PartialEq)]
pub enum Dialog {
    /// Where and what to export.
    Export(ExportForm),
    /// How to train.
    FineTune(TrainForm),
    /// What came of an export or a report.
    Result(ResultCard),
    /// The published models.
    Models(ModelsForm),
    /// Every key.
    Shortcuts,
    /// Other keys.
    Keys(KeysForm),
}

/// The keys dialog as it is filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeysForm {
    /// Letters of the commands, or keys, to show.
    pub text: String,
    /// The command that the next keys pressed are for.
    pub waiting: Option<Command>,
    /// Keys that do something else: they wait for an answer.
    pub conflict: Option<KeyConflict>,
    /// Why the keys pressed last can't be taken.
    pub refused: Option<String>,
}

/// Keys that are wanted for a command and do something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyConflict {
    /// The keys.
    pub shortcut: KeyboardShortcut,
    /// The command they are wanted for.
    pub command: Command,
    /// What they do now.
    pub owner: KeyOwner,
}

/// What keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyOwner {
    /// A command.
    Command(Command),
    /// They take the class of this place, 0 to 19.
    Class(usize),
    /// They give the current class the key of this place.
    GiveKey(usize),
}

/// What an export needs to know.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportForm {
    /// The folder to write.
    pub out: PathBuf,
    /// Which labels.
    pub only: Only,
    /// The part of the images for training, in percent; the rest is for validation.
    pub train_percent: u32,
}

/// What fine-tuning needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrainForm {
    /// Which layers learn.
    pub layers: Layers,
    /// How many steps.
    pub steps: u32,
    /// Images a step.
    pub batch: u32,
    /// Side of the crops in pixels.
    pub crop: u32,
}

impl Default for TrainForm {
    fn default() -> Self {
        Self {
            layers: Layers::All,
            steps: 300,
            batch: 4,
            crop: 257,
        }
    }
}

impl TrainForm {
    /// The form that a stopped run was started with, to go on to the same last step.
    pub fn of_run(run: &StoppedRun) -> Self {
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            layers: run.options.layers,
            steps: number(run.options.steps),
            batch: number(run.options.batch as u64),
            crop: number(run.options.crop as u64),
        }
    }

    /// Whether a stopped run can go on as filled in: only its length may differ.
    pub fn goes_on_with(&self, run: &StoppedRun) -> bool {
        let same = Self {
            steps: self.steps,
            ..Self::of_run(run)
        };
        *self == same && u64::from(self.steps) > run.step
    }
}

/// What came of an export or a report, to be read and closed.
#[derive(Debug, Clone, PartialEq)]
pub struct ResultCard {
    /// What happened, in a few words.
    pub title: String,
    /// Facts: a name and a value each.
    pub facts: Vec<(String, String)>,
    /// Files that could not be used, with the reason.
    pub failed: Vec<(PathBuf, String)>,
    /// What was written, to be opened.
    pub target: PathBuf,
}
