//! What panels send to the command handlers: commands, and choices that carry data.

use std::ops::Range;
use std::path::PathBuf;

use atrous_engine::project::ImageId;
use atrous_widgets::canvas::Tone;
use egui::KeyboardShortcut;

use crate::command::Command;
use crate::keymap::Preset;
use crate::state::{Choosing, Dialog, ExportForm, OperationForm, Peek, TrainForm};
use crate::tools::{Input, ToolOptions};

/// A change of the keys of commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyChange {
    /// The keys of another program, or our own.
    Take(Preset),
    /// One more key for a command; no other command has it any more.
    Add(Command, KeyboardShortcut),
    /// One key less for a command.
    Remove(Command, KeyboardShortcut),
    /// The preset's keys for a command.
    Reset(Command),
    /// The preset's keys for every command.
    ResetAll,
}

/// One wish of the person at the window.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// A command, from a key, a menu, a button or the palette.
    Run(Command),
    /// Open this folder of images.
    Open(PathBuf),
    /// Bring an image of the film strip to the canvas, or choose it besides the one there.
    Choose(ImageId, Choosing),
    /// Show the images that this filter lets pass.
    Filter(String),
    /// Rows of the film strip came into view: their thumbnails are wanted.
    Thumbnails(Range<usize>),
    /// Input for the tool; the second field is its reach in image pixels.
    Tool(Vec<Input>, f32),
    /// What the pointer is over, and how large the image is shown.
    Hover {
        /// The pixel under the pointer, none outside the image.
        pixel: Option<[u32; 2]>,
        /// Physical screen pixels per image pixel.
        zoom: f32,
    },
    /// Show something in place of the labels, while a key is held.
    Peek(Option<Peek>),
    /// The key that shows or hides the labels went down.
    LabelsKeyPressed,
    /// That key was let go of.
    LabelsKeyReleased,
    /// How the image's own colours are shown.
    Tone(Tone),
    /// How opaque a class is beside the others, from 0 to 1.
    ClassOpacity(u8, f32),
    /// Paint this class from now on.
    Class(u8),
    /// Show or hide a class.
    ToggleHidden(u8),
    /// Show only one class, or all again.
    Solo(u8),
    /// Lock or unlock a class.
    ToggleLocked(u8),
    /// Let tools change a class, or no longer.
    ToggleOnlyOver(u8),
    /// Let tools change every class that is not locked.
    OverEverything,
    /// The mask operation as it is filled in now.
    Operation(OperationForm),
    /// How opaque labels are, from 0 to 1.
    Opacity(f32),
    /// The brush's diameter in image pixels.
    BrushSize(u32),
    /// How much a colour may differ for the wand.
    WandTolerance(u8),
    /// Whether the wand takes only what hangs together.
    WandContiguous(bool),
    /// The side of superpixels in pixels of the open image.
    SuperpixelSide(u32),
    /// What the tools are set to.
    ToolOptions(ToolOptions),
    /// The dialog as it is filled in now.
    Edit(Dialog),
    /// Leave the dialog.
    CloseDialog,
    /// These keys were pressed for the keys dialog.
    KeysPressed(KeyboardShortcut),
    /// Change the keys of commands.
    Keys(KeyChange),
    /// Run a command that was found in the palette.
    Found(Command),
    /// Give a class the key of a place, 0 to 19: 1 to 9, 0, and the same with Shift.
    ClassKey {
        /// The class.
        class: u8,
        /// The place.
        slot: usize,
    },
    /// Give a class the key of another; those between move up or down.
    ClassKeyOf {
        /// The class.
        class: u8,
        /// The class whose key it takes.
        other: u8,
    },
    /// Go so many stops on in the tour, below 0 back.
    Tour(isize),
    /// Leave the tour.
    EndTour,
    /// Go to where so many edits of this image are done.
    Jump(usize),
    /// Export as filled in.
    Export(ExportForm),
    /// Choose the folder to export to.
    ChooseExportFolder,
    /// Train as filled in.
    FineTune(TrainForm),
    /// Go on with the run that was stopped, as filled in.
    GoOnTraining(TrainForm),
    /// Download a published model, or go on with it.
    GetModel(String),
    /// Stop the download.
    StopDownload,
    /// Predict with a published model that is here.
    UseModel(String),
    /// Remove a published model from this machine.
    RemoveModel(String),
    /// Show a file or folder with the system's own application.
    Reveal(PathBuf),
}

/// The wishes of one frame, in order.
#[derive(Debug, Default)]
pub struct Actions(Vec<Action>);

impl Actions {
    /// Adds a wish.
    pub fn send(&mut self, action: Action) {
        self.0.push(action);
    }

    /// Adds a command.
    pub fn run(&mut self, command: Command) {
        self.send(Action::Run(command));
    }

    /// How many wishes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Takes all wishes out.
    pub fn take(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.0)
    }
}
