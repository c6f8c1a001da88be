//! The record of a run: what was trained on what, and how it went.

use std::path::{Path, PathBuf};

use atrous_palettes::Palette;
use serde::{Deserialize, Serialize};

use super::data::{Datasets, TrainingData};
use super::evaluate::Score;
use super::options::FinetuneOptions;
use crate::atomic_file::write_atomic;
use crate::error::{Error, Result};
use crate::limits::Limits;

/// One point of a run's curves.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Steps done when it was taken.
    pub step: u64,
    /// Mean cross entropy of the batches since the last point.
    pub loss: f64,
    /// The learning rate of the step.
    pub learning_rate: f64,
    /// mIoU on the held-out images, where they were scored after this step.
    pub held_out_miou: Option<f64>,
}

/// All that is worth knowing of a run afterwards; `run.json` in its folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The recipe.
    pub options: FinetuneOptions,
    /// What it started from: a model's name, or fresh weights.
    pub started_from: String,
    /// Whether the layer that makes logits was made anew, because the classes differ.
    pub new_head: bool,
    /// The classes.
    pub classes: Vec<String>,
    /// Names of the images that were trained on.
    pub train: Vec<String>,
    /// Names of the images that were held out.
    pub held_out: Vec<String>,
    /// Steps done.
    pub step: u64,
    /// The step whose weights are the result.
    pub best_step: u64,
    /// Seconds of training, those before a stop included.
    pub seconds: f64,
    /// The curves.
    pub curve: Vec<CurvePoint>,
    /// The score of the model that the run started from; none where its classes differ.
    pub before: Option<Score>,
    /// The score of the result, on the same images.
    pub after: Option<Score>,
    /// 95 % bootstrap interval of what mIoU gained.
    pub gain: Option<[f64; 2]>,
}

impl Record {
    /// The record of a run that begins.
    pub(super) fn new(options: &FinetuneOptions, data: &Datasets<'_>, started_from: &str) -> Self {
        let names =
            |data: &dyn TrainingData| (0..data.len()).map(|index| data.name(index)).collect();
        Self {
            options: options.clone(),
            started_from: started_from.to_owned(),
            new_head: false,
            classes: class_names(data.palette),
            train: names(data.train),
            held_out: names(data.held_out),
            step: 0,
            best_step: 0,
            seconds: 0.0,
            curve: Vec::new(),
            before: None,
            after: None,
            gain: None,
        }
    }

    /// Whether a run with that record is the same run as this one, stopped and taken up again;
    /// perhaps to be longer, or scored at other steps.
    fn check_same_run(&self, path: &Path, earlier: &Self) -> Result<()> {
        let differs = |what: &str| {
            Err(Error::file(
                path,
                "the run that is to be taken up again",
                format!("a run with other {what}"),
                "Train in another folder, or delete this one to train from the start.",
            ))
        };
        let same_length = FinetuneOptions {
            steps: self.options.steps,
            evaluate_every: self.options.evaluate_every,
            ..earlier.options.clone()
        };
        if self.options != same_length {
            return differs(&format!(
                "settings ({})",
                differences(&self.options, &same_length)
            ));
        }
        if self.classes != earlier.classes {
            return differs("classes");
        }
        if (&self.train, &self.held_out) != (&earlier.train, &earlier.held_out) {
            return differs("images");
        }
        Ok(())
    }
}

/// A run that was stopped before its last step.
#[derive(Debug, Clone, PartialEq)]
pub struct StoppedRun {
    /// Steps done.
    pub step: u64,
    /// The recipe.
    pub options: FinetuneOptions,
}

impl StoppedRun {
    /// The run in a folder, if it was stopped there and [`finetune`](super::finetune) can go on
    /// with it: its images and classes are those of `data`.
    pub fn find(folder: &Path, data: &Datasets<'_>, limits: &Limits) -> Option<Self> {
        let folder = RunFolder::new(folder);
        let size = std::fs::metadata(folder.record()).ok()?.len();
        if !folder.holds_a_run() || size > limits.file_bytes {
            return None;
        }
        let bytes = std::fs::read(folder.record()).ok()?;
        let earlier: Record = serde_json::from_slice(&bytes).ok()?;
        let now = Record::new(&earlier.options, data, &earlier.started_from);
        now.check_same_run(&folder.path, &earlier).ok()?;
        (earlier.step < earlier.options.steps).then_some(Self {
            step: earlier.step,
            options: earlier.options,
        })
    }
}

/// "crop 193 there, 257 now, seed 0 there, 1 now"
fn differences(now: &FinetuneOptions, earlier: &FinetuneOptions) -> String {
    let fields = |options| serde_json::to_value(options).unwrap_or_default();
    let (now, earlier) = (fields(now), fields(earlier));
    let now = now.as_object().into_iter().flatten();
    let changed = now.filter(|(name, value)| earlier[name.as_str()] != **value);
    let texts = changed.map(|(name, value)| format!("{name} {} there, {value} now", earlier[name]));
    texts.collect::<Vec<_>>().join(", ")
}

/// The names of a palette's classes.
pub(super) fn class_names(palette: &Palette) -> Vec<String> {
    palette
        .classes
        .iter()
        .map(|class| class.name.clone())
        .collect()
}

/// The folder of a run.
#[derive(Debug, Clone)]
pub(super) struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    /// Where the weights and the momentum of the last step are.
    pub(super) fn checkpoint(&self) -> PathBuf {
        self.path.join("checkpoint.safetensors")
    }

    /// Where the best model so far is: a whole model file.
    pub(super) fn best(&self) -> PathBuf {
        self.path.join("best.safetensors")
    }

    /// Where the record is.
    fn record(&self) -> PathBuf {
        self.path.join("run.json")
    }

    /// Whether there is a run to take up again.
    pub(super) fn holds_a_run(&self) -> bool {
        self.checkpoint().exists()
    }

    /// Writes the record.
    pub(super) fn save(&self, record: &Record) -> Result<()> {
        write_atomic(&self.record(), |writer| {
            serde_json::to_writer_pretty(writer, record).map_err(std::io::Error::other)
        })
    }

    /// The record of the run that is to be taken up again as `now`.
    pub(super) fn load(&self, now: &Record) -> Result<Record> {
        let path = self.record();
        let bytes = std::fs::read(&path).map_err(Error::io(&path, "reading"))?;
        let earlier = serde_json::from_slice(&bytes).map_err(|error| {
            let advice = "Delete the run's folder to train from the start.";
            Error::file(&path, "the record of a run", error.to_string(), advice)
        })?;
        now.check_same_run(&path, &earlier)?;
        Ok(earlier)
    }
}
