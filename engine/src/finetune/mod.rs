//! Training: from corrected labels to a better model, or from nothing to a first one.
//!
//! The recipe is research/deeplab's: softmax cross entropy over upsampled logits, momentum gradient
//! descent with a falling rate, random scale, crop and flip; batch norm frozen when fine-tuning.
//! [`finetune`] runs it: batches are made on the thread pool, steps on the calling thread.

mod augment;
mod batches;
mod checkpoint;
mod data;
mod evaluate;
mod field;
pub mod loss;
mod mining;
mod optimizer;
mod options;
mod project_data;
mod random;
mod record;
mod rules;
mod run;
pub mod schedule;
mod split;
mod start;
mod trainer;

use std::path::Path;

use burn::tensor::Device;

use crate::error::Result;
use crate::jobs::Monitor;
use crate::network::Config;

pub use augment::Frame;
pub use batches::Batch;
pub use data::{Datasets, Labelled, TrainingData};
pub use evaluate::Score;
pub use options::{FinetuneOptions, Layers};
pub use project_data::ProjectData;
pub use record::{CurvePoint, Record, StoppedRun};
pub use run::RunOutcome;
pub use split::{Grouping, Split};
pub use start::Start;
pub use trainer::{StepReport, Trainer};

/// Trains a model further on labelled images, on the device where its network lies.
///
/// Where the data's classes are not the model's, the layer that makes logits is made anew
/// (`record.new_head`), and there is no score before. With a `folder`, the run is written there:
/// `run.json` (the record), `checkpoint.safetensors` (weights and momentum, to go on from) and
/// `best.safetensors` (the best weights so far, by TensorFlow name); a run that was stopped there
/// with the same settings and images goes on where it was.
///
/// When `monitor` says stop, what was learned so far comes back with `stopped` set.
///
/// # Errors
/// [`Error::Argument`](crate::Error::Argument) when settings, images and model don't fit,
/// [`Error::Cancelled`](crate::Error::Cancelled) when it was stopped before its first step, and
/// those of files and device.
pub fn finetune(
    start: &Start<'_>,
    data: &Datasets<'_>,
    options: &FinetuneOptions,
    folder: Option<&Path>,
    monitor: &mut dyn Monitor,
    on_point: &mut dyn FnMut(CurvePoint),
) -> Result<RunOutcome> {
    let mut record = Record::new(options, data, start.name);
    if start::same_classes(start.palette, data.palette) {
        let run = run::Run::new(start.network, data, record, folder, monitor, on_point)?;
        return run.finish(Some(start.network));
    }
    record.new_head = true;
    let network = start::with_new_head(start.network, data.palette.len(), options.seed)?;
    run::Run::new(&network, data, record, folder, monitor, on_point)?.finish(None)
}

/// Trains a fresh network on labelled images. `config.num_classes` is set to the data's.
///
/// As [`finetune`] otherwise; [`FinetuneOptions::from_scratch`] is the recipe for it.
///
/// # Errors
/// As [`finetune`].
pub fn train_from_scratch(
    config: &Config,
    device: &Device,
    data: &Datasets<'_>,
    options: &FinetuneOptions,
    folder: Option<&Path>,
    monitor: &mut dyn Monitor,
    on_point: &mut dyn FnMut(CurvePoint),
) -> Result<RunOutcome> {
    let config = config.with_classes(data.palette.len());
    let network = config.init_seeded(options.seed, device)?;
    let record = Record::new(options, data, "fresh weights");
    run::Run::new(&network, data, record, folder, monitor, on_point)?.finish(None)
}
