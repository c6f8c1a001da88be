//! A project's fine-tuning run, as the window and the command line both start it.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use atrous_engine::Result;
use atrous_engine::finetune::{
    CurvePoint, Datasets, FinetuneOptions, ProjectData, Record, Start, finetune,
};
use atrous_engine::jobs::Monitor;
use atrous_engine::project::Project;
use atrous_engine::weights::{Accounting, Model, ModelInfo};

/// What a run left behind.
#[derive(Debug)]
pub struct Tuned {
    /// The model file.
    pub path: PathBuf,
    /// The best model on the held-out images.
    pub model: Model,
    /// What happened.
    pub record: Record,
    /// Whether it was stopped before its last step.
    pub stopped: bool,
}

/// Trains a copy of `model` on the project's corrected images, and writes it to `out` or else into
/// the project's models. A run of the same `name` that was stopped goes on where it stopped.
///
/// # Errors
/// When too little is labelled, when the settings make no sense, when a file can't be written, and
/// [`atrous_engine::Error::Cancelled`] when it was stopped before there was anything to keep.
pub fn tune(
    project: &Project,
    model: &Model,
    name: &str,
    options: &FinetuneOptions,
    out: Option<&Path>,
    monitor: &mut dyn Monitor,
    on_point: &mut dyn FnMut(CurvePoint),
) -> Result<Tuned> {
    let data = ProjectData::new(project)?;
    let palette = project.palette();
    let datasets = Datasets {
        train: data.train(),
        held_out: data.held_out(),
        palette: &palette,
    };
    let start = Start {
        network: &model.network,
        palette: &model.palette,
        name: &model.info.name,
    };
    let models = project.models_dir();
    let folder = models.join(name);
    let summary = serde_json::to_value(options).unwrap_or_default();
    let run = project.add_run(name, &summary)?;
    let outcome = finetune(&start, &datasets, options, Some(&folder), monitor, on_point)?;
    let record = outcome.record;
    let tuned = Model {
        network: outcome.network,
        info: info(&model.info, name, &record),
        palette,
        accounting: Accounting::default(),
    };
    let path = out.map_or_else(
        || models.join(format!("{name}.safetensors")),
        Path::to_owned,
    );
    tuned.save(&path)?;
    let summary = serde_json::to_value(&record).unwrap_or_default();
    project.finish_run(run, Some(&path), &summary)?;
    Ok(Tuned {
        path,
        model: tuned,
        record,
        stopped: outcome.stopped,
    })
}

/// Where the trained model comes from.
fn info(start: &ModelInfo, run: &str, record: &Record) -> ModelInfo {
    let mut info = start.clone();
    let (images, step) = (record.train.len(), record.best_step);
    info.provenance.push(format!(
        "fine-tuned in {run} for {step} steps on {images} images"
    ));
    // A model that was fine-tuned before keeps its first name.
    let origin = start.name.split(", fine-tuned").next().unwrap_or_default();
    info.name = format!("{origin}, fine-tuned");
    info
}

/// A name that no other run of the project has: the seconds since 1970.
pub fn run_name() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    format!("run-{}", since.map_or(0, |since| since.as_secs()))
}
