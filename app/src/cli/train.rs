//! `atrous train`: a model from scratch.

mod folder;

use std::path::PathBuf;

use anyhow::Result;
use atrous_engine::demo::{DayScenes, Size, class};
use atrous_engine::finetune::{
    CurvePoint, Datasets, FinetuneOptions, TrainingData, train_from_scratch,
};
use atrous_engine::network::Config;
use atrous_engine::weights::{Accounting, Model, ModelInfo};
use atrous_palettes::Palette;
use clap::Args;

use super::console::{Console, Outcome};
use super::options::{self, DeviceOption, JsonFlag};
use super::outcome;
use super::progress::ConsoleMonitor;
use super::recipe::Recipe;
use crate::embedded;
use folder::LabelledFolder;

/// With nothing but --out it makes the embedded model: MobileNetV2 0.5 with a decoder, on demo scenes
/// drawn as they are needed. Give --images and --labels to train on your own. Ctrl-C ends it early:
/// the best model so far is written.
#[derive(Debug, Args)]
pub struct Train {
    /// The model file to write (.safetensors).
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// A folder of images to train on, instead of demo scenes.
    #[arg(long, value_name = "DIR", requires = "labels")]
    images: Option<PathBuf>,
    /// Their label maps: indexed or grey PNGs of the same names.
    #[arg(long, value_name = "DIR", requires = "images")]
    labels: Option<PathBuf>,
    /// A folder of images to score on; without it, every tenth of --images is held out.
    #[arg(long, value_name = "DIR", requires_all = ["held_out_labels", "images"])]
    held_out_images: Option<PathBuf>,
    /// Their label maps.
    #[arg(long, value_name = "DIR", requires = "held_out_images")]
    held_out_labels: Option<PathBuf>,
    /// A value in label maps that means void, beside 255.
    #[arg(long, value_name = "N")]
    void: Option<u8>,
    /// The classes: pascal, cityscapes, ade20k or a TOML file.
    #[arg(long, value_name = "P", default_value = "cityscapes")]
    palette: String,
    /// The network: research/deeplab's flags as JSON, or a file of them [default: the embedded model's].
    #[arg(long, value_name = "JSON|FILE")]
    network: Option<String>,
    /// How many different demo scenes to train on.
    #[arg(long, value_name = "N", default_value_t = 5000)]
    scenes: usize,
    /// The demo scenes' size.
    #[arg(long, value_name = "WxH", default_value = "320x240")]
    size: Size,
    /// Side in pixels of the square that the model will predict in.
    #[arg(long, value_name = "N", default_value_t = 449)]
    input_size: usize,
    /// The model's name [default: the embedded model's].
    #[arg(long, value_name = "TEXT", default_value = embedded::NAME)]
    name: String,
    /// A folder for checkpoints: run the same command again to go on where it stopped.
    #[arg(long, value_name = "DIR")]
    run: Option<PathBuf>,
    #[command(flatten)]
    recipe: Recipe,
    #[command(flatten)]
    device: DeviceOption,
    #[command(flatten)]
    json: JsonFlag,
}

/// Demo scenes that a score is taken on while training.
const HELD_OUT_SCENES: usize = 24;

/// The series of demo scenes that are trained on, and the one that is scored on.
const SERIES: [u16; 2] = [0, 1];

impl Train {
    /// Trains and writes the model.
    pub fn run(self, console: &mut Console) -> Result<Outcome> {
        console.json = self.json.json;
        let palette = options::palette(&self.palette)?;
        let config = match &self.network {
            Some(text) => options::network(text)?,
            None => small_network(),
        };
        let [train, held_out] = self.data()?;
        let base = if self.images.is_none() {
            scene_recipe()
        } else {
            recipe()
        };
        let recipe = self.recipe.over(FinetuneOptions {
            input_size: Some(self.input_size),
            weight_decay: FinetuneOptions::for_network(&config).weight_decay,
            ..base
        })?;
        let device = self.device.open(console)?;
        let data = Datasets {
            train: train.as_ref(),
            held_out: held_out.as_ref(),
            palette: &palette,
        };
        console.say(format!(
            "training on {} images, scoring on {}",
            data.train.len(),
            data.held_out.len()
        ));
        let (mut monitor, mut lines) = ConsoleMonitor::with_lines(console, "training", "steps");
        let mut on_point = |point: CurvePoint| lines.note(&outcome::point(&point));
        let run = train_from_scratch(
            &config,
            &device.device,
            &data,
            &recipe,
            self.run.as_deref(),
            &mut monitor,
            &mut on_point,
        )?;
        drop(monitor);
        let record = run.record;
        let model = Model {
            network: run.network,
            info: self.info(record.best_step, record.train.len()),
            palette: palette.clone(),
            accounting: Accounting::default(),
        };
        model.save(&self.out)?;
        outcome::report(console, &record, &self.out, run.stopped)
    }

    /// What is trained on, and what is scored on.
    fn data(&self) -> Result<[Box<dyn TrainingData>; 2]> {
        let (Some(images), Some(labels)) = (&self.images, &self.labels) else {
            let counts = [self.scenes, HELD_OUT_SCENES];
            return Ok([0, 1].map(|set| -> Box<dyn TrainingData> {
                Box::new(DayScenes {
                    count: counts[set],
                    size: self.size,
                    series: SERIES[set],
                })
            }));
        };
        let folder = LabelledFolder::open(images, labels, self.void)?;
        let (train, held_out) = match (&self.held_out_images, &self.held_out_labels) {
            (Some(images), Some(labels)) => {
                (folder, LabelledFolder::open(images, labels, self.void)?)
            }
            _ => folder.hold_out(),
        };
        Ok([Box::new(train), Box::new(held_out)])
    }

    fn info(&self, step: u64, images: usize) -> ModelInfo {
        let source = match &self.images {
            Some(folder) => format!("{images} images of {}", folder.display()),
            None => format!("{images} demo scenes of {}, by day and dusk", self.size),
        };
        ModelInfo {
            name: self.name.clone(),
            licence: "MIT OR Apache-2.0".to_owned(),
            source: "atrous train".to_owned(),
            provenance: vec![format!("trained from scratch for {step} steps on {source}")],
            input_size: self.input_size,
        }
    }
}

/// The embedded model's network: small enough for any CPU, with a decoder for thin things.
///
/// It has no image pooling: the mean over an image that is padded to a square is another one than
/// the mean over a training crop.
fn small_network() -> Config {
    Config {
        depth_multiplier: 0.5,
        crop_size: None,
        add_image_level_feature: false,
        aspp_convs_filters: 128,
        decoder_output_stride: vec![4],
        decoder_filters: 64,
        ..Config::default()
    }
}

/// The embedded model's recipe: what is thin or small counts more.
fn scene_recipe() -> FinetuneOptions {
    let mut weights = vec![1.0; Palette::cityscapes().len()];
    weights[usize::from(class::POLE)] = 2.0;
    weights[usize::from(class::SIGN)] = 1.5;
    weights[usize::from(class::PERSON)] = 2.5;
    FinetuneOptions {
        label_weights: weights,
        ..recipe()
    }
}

/// The recipe for small networks that start from nothing.
fn recipe() -> FinetuneOptions {
    FinetuneOptions {
        steps: 4000,
        crop: 193,
        min_scale_factor: 0.75,
        max_scale_factor: 1.5,
        ..FinetuneOptions::from_scratch()
    }
}
