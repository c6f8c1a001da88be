//! Prediction against the original's figures, on real images, and over folders.

mod lines;
mod logits;
mod photos;
mod scores;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use atrous_engine::device::ComputeDevice;
use atrous_engine::error::Result;
use atrous_engine::predict::{PredictOptions, Prediction, Predictor, Sink};
use atrous_engine::weights::{LoadOptions, load};
use atrous_tests::shared;

/// A predictor with the published float model.
fn published(options: PredictOptions) -> Option<Predictor> {
    let path = shared("models/deeplabv3_257_mv_gpu.tflite")?;
    let cpu = ComputeDevice::cpu();
    let model = load(&path, &LoadOptions::default(), &cpu.device).unwrap();
    Some(Predictor::new(&model, options, &cpu).unwrap())
}

fn at_size(input_size: usize) -> PredictOptions {
    PredictOptions {
        input_size: Some(input_size),
        ..PredictOptions::default()
    }
}

/// Collects what is predicted.
#[derive(Default)]
struct Collected {
    predictions: Mutex<BTreeMap<usize, Prediction>>,
}

impl Sink for Collected {
    fn store(&self, index: usize, prediction: Prediction) -> Result<()> {
        self.predictions.lock().unwrap().insert(index, prediction);
        Ok(())
    }
}

/// The files of a folder that pass `wanted`, in order.
fn files(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| wanted(path))
        .collect();
    files.sort();
    files
}
