//! `atrous finetune`: a better model from a project's corrected images.

use std::path::PathBuf;

use anyhow::Result;
use atrous_engine::finetune::{CurvePoint, FinetuneOptions, Layers, ProjectData};
use atrous_engine::project::{OpenOptions, Project};
use clap::Args;

use super::console::{Console, Outcome};
use super::options::{JsonFlag, ModelOptions};
use super::outcome;
use super::progress::ConsoleMonitor;
use super::recipe::Recipe;
use crate::tune::{Plan, origin, run_name, tune};

/// Corrected and reviewed images are trained on; some of them are held out, always the same ones,
/// and the score is taken on those. The best model is written; Ctrl-C ends the run early.
#[derive(Debug, Args)]
pub struct Finetune {
    /// The project: a folder of images that was labelled, or the project's own folder.
    project: PathBuf,
    #[command(flatten)]
    model: ModelOptions,
    /// Which layers learn: head, decoder or all.
    #[arg(long, value_name = "L", default_value = "all")]
    layers: Layers,
    /// The model file to write [default: models/RUN.safetensors in the project].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The run's name; a stopped run of that name goes on where it stopped [default: a new one].
    #[arg(long, value_name = "NAME")]
    run: Option<String>,
    #[command(flatten)]
    recipe: Recipe,
    #[command(flatten)]
    json: JsonFlag,
}

impl Finetune {
    /// Trains and writes the model.
    pub fn run(self, console: &mut Console) -> Result<Outcome> {
        console.json = self.json.json;
        let project = Project::open_existing(&self.project, OpenOptions::default())?;
        ProjectData::check(&project)?;
        self.model.check(console)?;
        let device = self.model.device.open(console)?;
        let model = self.model.load(console, &device, None)?;
        let options = self.recipe.over(FinetuneOptions {
            layers: self.layers,
            input_size: Some(model.info.input_size),
            ..FinetuneOptions::for_network(model.network.config())
        })?;
        let name = self.run.unwrap_or_else(run_name);
        let (mut monitor, mut lines) = ConsoleMonitor::with_lines(console, "training", "steps");
        let plan = Plan {
            name: &name,
            origin: &origin(self.model.model.as_deref()),
            options: &options,
            out: self.out.as_deref(),
        };
        let tuned = tune(
            &project,
            &model,
            &plan,
            &mut monitor,
            &mut |point: CurvePoint| lines.note(&outcome::point(&point)),
        )?;
        drop(monitor);
        let record = &tuned.record;
        if record.new_head {
            console.say("the classes differ from the model's: it got a new last layer");
        }
        outcome::report(console, record, &tuned.path, tuned.stopped)
    }
}
