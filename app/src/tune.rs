//! A project's fine-tuning run, as the window and the command line both start it.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use atrous_engine::Result;
use atrous_engine::finetune::{
    CurvePoint, Datasets, FinetuneOptions, ProjectData, Record, Start, StoppedRun, finetune,
};
use atrous_engine::jobs::Monitor;
use atrous_engine::project::Project;
use atrous_engine::weights::{Accounting, Model, ModelInfo};
use atrous_palettes::Palette;

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

/// What a run is asked to do.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// The run's name. A run of that name that was stopped goes on where it stopped.
    pub name: &'a str,
    /// Where the model that it starts from is read from: see [`origin`].
    pub origin: &'a str,
    /// The recipe.
    pub options: &'a FinetuneOptions,
    /// The model file to write; none is one among the project's models.
    pub out: Option<&'a Path>,
}

/// A run that was stopped, and can go on.
#[derive(Debug, Clone, PartialEq)]
pub struct Stopped {
    /// Its name.
    pub name: String,
    /// Where the model that it started from is read from: see [`origin`].
    pub origin: String,
    /// How far it is, and its recipe.
    pub run: StoppedRun,
}

impl Stopped {
    /// The last run of the project that was stopped and can go on with the images as they are.
    ///
    /// # Errors
    /// When the project can't be read.
    pub fn find(project: &Project) -> Result<Option<Self>> {
        let runs = project.runs()?;
        if runs.is_empty() {
            return Ok(None);
        }
        let data = ProjectData::new(project)?;
        let palette = project.palette();
        let datasets = datasets(&data, &palette);
        Ok(runs.into_iter().rev().find_map(|run| {
            let folder = project.models_dir().join(&run.name);
            Some(Self {
                origin: run.summary.get(ORIGIN)?.as_str()?.to_owned(),
                run: StoppedRun::find(&folder, &datasets, project.limits())?,
                name: run.name,
            })
        }))
    }
}

/// The key of the origin in what the project keeps of a run.
const ORIGIN: &str = "origin";

/// Where a model is read from, as the project keeps it: `embedded`, `file PATH`, or
/// `published NAME`.
pub fn origin(model: Option<&Path>) -> String {
    match model {
        None => "embedded".to_owned(),
        Some(path) => match std::path::absolute(path) {
            Ok(file) if file.exists() => format!("file {}", file.display()),
            _ => format!("published {}", path.display()),
        },
    }
}

fn datasets<'a>(data: &'a ProjectData<'_>, palette: &'a Palette) -> Datasets<'a> {
    Datasets {
        train: data.train(),
        held_out: data.held_out(),
        palette,
    }
}

/// Trains a copy of `model` on the project's corrected images, and writes it.
///
/// # Errors
/// When too little is labelled, when the settings make no sense, when a file can't be written, and
/// [`atrous_engine::Error::Cancelled`] when it was stopped before there was anything to keep.
pub fn tune(
    project: &Project,
    model: &Model,
    plan: &Plan<'_>,
    monitor: &mut dyn Monitor,
    on_point: &mut dyn FnMut(CurvePoint),
) -> Result<Tuned> {
    let data = ProjectData::new(project)?;
    let palette = project.palette();
    let datasets = datasets(&data, &palette);
    let Plan { name, options, .. } = *plan;
    let start = Start {
        network: &model.network,
        palette: &model.palette,
        name: &model.info.name,
    };
    let models = project.models_dir();
    let folder = models.join(name);
    let run = match project.go_on_with_run(name)? {
        Some(run) => run,
        None => project.add_run(name, &summary(options, plan.origin))?,
    };
    let outcome = finetune(&start, &datasets, options, Some(&folder), monitor, on_point)?;
    let record = outcome.record;
    let tuned = Model {
        network: outcome.network,
        info: info(&model.info, name, &record),
        palette,
        accounting: Accounting::default(),
    };
    let path = plan.out.map_or_else(
        || models.join(format!("{name}.safetensors")),
        Path::to_owned,
    );
    tuned.save(&path)?;
    project.finish_run(run, Some(&path), &summary(&record, plan.origin))?;
    Ok(Tuned {
        path,
        model: tuned,
        record,
        stopped: outcome.stopped,
    })
}

/// What the project keeps of a run.
fn summary(of: &impl serde::Serialize, origin: &str) -> serde_json::Value {
    let mut summary = serde_json::to_value(of).unwrap_or_default();
    if let Some(fields) = summary.as_object_mut() {
        fields.insert(ORIGIN.to_owned(), origin.into());
    }
    summary
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
