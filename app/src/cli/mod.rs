//! The command line: one file a subcommand.
//!
//! Results go to standard output as JSON lines where `--json` is given, text for people to standard
//! error. Exit codes: 0 done, 1 done but some files failed (they are listed), 2 could not start or
//! wrong usage, 130 stopped by Ctrl-C.

pub mod console;
mod demo;
mod evaluate;
mod export;
mod exported;
mod finetune;
mod import;
pub mod interrupt;
mod model;
mod options;
mod outcome;
mod predict;
mod prelabel;
mod progress;
mod recipe;
mod train;

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;
use atrous_engine::device::DeviceChoice;
use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

pub use console::{Console, Outcome};

/// Labels images for semantic segmentation with DeepLab on your own machine.
///
/// Without a subcommand the window opens, on FOLDER where one is given.
#[derive(Debug, Parser)]
#[command(name = "atrous", version, args_conflicts_with_subcommands = true)]
struct Cli {
    /// The folder of images to open.
    folder: Option<PathBuf>,
    /// Where networks run: auto, gpu or cpu.
    #[arg(long, default_value = "auto")]
    device: DeviceChoice,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Labels every image of a folder; goes on where it stopped.
    Prelabel(Box<prelabel::Prelabel>),
    /// Runs a model on one image.
    Predict(Box<predict::Predict>),
    /// Makes the model better with a project's corrected images.
    Finetune(Box<finetune::Finetune>),
    /// Trains a new model from scratch, on your images or on demo scenes.
    Train(Box<train::Train>),
    /// Scores predictions against the truth.
    Evaluate(Box<evaluate::Evaluate>),
    /// Writes a project's labels as a data set.
    Export(Box<export::Export>),
    /// Takes the labels of a data set into a project.
    Import(Box<import::Import>),
    /// Looks into model files and converts them.
    Model(model::ModelCommand),
    /// Draws street scenes with exact labels, to try everything out.
    Demo(demo::Demo),
}

/// Runs the command line on `args` (the program's name first). The window is opened by `window`, so
/// that everything else works and is tested without one.
pub fn run(
    args: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    console: &mut Console,
    window: impl FnOnce(Option<PathBuf>, DeviceChoice) -> Result<()>,
) -> Outcome {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, console),
    };
    let result = match cli.command {
        None => window(cli.folder, cli.device).map(|()| Outcome::Done),
        Some(command) => execute(command, console),
    };
    result.unwrap_or_else(|error| give_up(&error, console))
}

fn execute(command: Command, console: &mut Console) -> Result<Outcome> {
    if console.catches_interrupts {
        interrupt::install(console.cancel.clone())?;
    }
    match command {
        Command::Prelabel(command) => command.run(console),
        Command::Predict(command) => command.run(console),
        Command::Finetune(command) => command.run(console),
        Command::Train(command) => command.run(console),
        Command::Evaluate(command) => command.run(console),
        Command::Export(command) => command.run(console),
        Command::Import(command) => command.run(console),
        Command::Model(command) => command.run(console),
        Command::Demo(command) => command.run(console),
    }
}

/// Help and version go to standard output, wrong usage to standard error.
fn usage(error: &clap::Error, console: &mut Console) -> Outcome {
    let wanted = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    let text = error.render();
    let (stream, outcome) = if wanted {
        (&mut console.out, Outcome::Done)
    } else {
        (&mut console.err, Outcome::CouldNot)
    };
    // Nobody is left to tell when the stream is closed.
    let _ = write!(stream, "{text}");
    outcome
}

fn give_up(error: &anyhow::Error, console: &mut Console) -> Outcome {
    let stopped = error
        .downcast_ref::<atrous_engine::Error>()
        .is_some_and(atrous_engine::Error::is_cancelled);
    if stopped {
        console.say("stopped; what is on disk is whole");
        return Outcome::Stopped;
    }
    console.say(format!("error: {error:#}"));
    Outcome::CouldNot
}
