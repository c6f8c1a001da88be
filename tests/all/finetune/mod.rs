//! Whole runs on small scenes.

mod augment;
mod runs;
mod start;

use std::path::Path;

use atrous_engine::demo::{self, Settings, Size, Time};
use atrous_engine::error::{Error, Result};
use atrous_engine::finetune::{
    Datasets, FinetuneOptions, Labelled, RunOutcome, Start, finetune, train_from_scratch,
};
use atrous_engine::jobs::{Monitor, Progress, Silent};
use atrous_engine::network::{Config, DeepLab};
use atrous_engine::weights::TensorSet;
use atrous_palettes::Palette;
use burn::tensor::Device;

/// Small scenes, by day.
fn scenes(seeds: std::ops::Range<u64>) -> Vec<Labelled> {
    seeds
        .map(|seed| {
            let size = Size::new(128, 96).unwrap();
            let scene = demo::scene(seed, size, Settings::at(Time::Day, seed));
            Labelled {
                image: scene.image,
                labels: scene.labels,
            }
        })
        .collect()
}

/// A network that a test can afford.
fn config() -> Config {
    Config {
        depth_multiplier: 0.25,
        crop_size: None,
        aspp_convs_filters: 16,
        ..Config::default()
    }
}

fn options(steps: u64) -> FinetuneOptions {
    FinetuneOptions {
        steps,
        batch: 2,
        crop: 65,
        evaluate_every: 5,
        ..FinetuneOptions::from_scratch()
    }
}

struct Case {
    train: Vec<Labelled>,
    held_out: Vec<Labelled>,
    palette: Palette,
}

impl Case {
    fn new() -> Self {
        Self {
            train: scenes(0..4),
            held_out: scenes(100..103),
            palette: Palette::cityscapes(),
        }
    }

    fn fresh(
        &self,
        options: &FinetuneOptions,
        folder: Option<&Path>,
        monitor: &mut dyn Monitor,
    ) -> Result<RunOutcome> {
        let data = self.data();
        train_from_scratch(
            &config(),
            &Device::flex(),
            &data,
            options,
            folder,
            monitor,
            &mut |_| {},
        )
    }

    fn data(&self) -> Datasets<'_> {
        Datasets {
            train: &self.train,
            held_out: &self.held_out,
            palette: &self.palette,
        }
    }

    fn start<'a>(&'a self, network: &'a DeepLab) -> Start<'a> {
        Start {
            network,
            palette: &self.palette,
            name: "test",
        }
    }

    fn further(&self, network: &DeepLab, options: &FinetuneOptions) -> Result<RunOutcome> {
        let start = self.start(network);
        finetune(
            &start,
            &self.data(),
            options,
            None,
            &mut Silent,
            &mut |_| {},
        )
    }
}

/// Says stop once so many steps are done.
struct StopAt(u64);

impl Monitor for StopAt {
    fn checkpoint(&mut self, progress: &Progress) -> Result<()> {
        if progress.done >= self.0 {
            Err(Error::Cancelled)
        } else {
            Ok(())
        }
    }
}

fn largest_difference(one: &TensorSet, other: &TensorSet) -> f32 {
    assert_eq!(one.len(), other.len());
    let pairs = one.tensors.iter().zip(&other.tensors);
    pairs
        .flat_map(|((name, a), (other, b))| {
            assert_eq!(name, other);
            a.values.iter().zip(&b.values)
        })
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}
