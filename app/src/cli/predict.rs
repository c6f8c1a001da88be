//! `atrous predict`: one image.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use atrous_engine::atomic_file::write_bytes;
use atrous_engine::mask::{LabelMap, png_file};
use atrous_engine::predict::{Prediction, Predictor, Prepared};
use atrous_engine::{Limits, image_file};
use atrous_palettes::Palette;
use clap::Args;
use image::RgbImage;
use serde_json::{Value, json};

use super::console::{Console, Outcome};
use super::options::{self, JsonFlag, LookOptions, ModelOptions};

/// Without an output it only says which classes are in the image.
#[derive(Debug, Args)]
pub struct Predict {
    #[command(flatten)]
    model: ModelOptions,
    /// The image.
    #[arg(long, value_name = "FILE")]
    image: PathBuf,
    /// Write the label map as an indexed PNG of the image's size.
    #[arg(long, value_name = "OUT.png")]
    mask: Option<PathBuf>,
    /// Write the probability of each pixel's class as a grey PNG, 255 being certain.
    #[arg(long, value_name = "OUT.png")]
    confidence: Option<PathBuf>,
    /// Write the merged logits before upsampling: float32 [1, height, width, classes].
    #[arg(long, value_name = "OUT.npy", conflicts_with = "tile")]
    logits: Option<PathBuf>,
    /// Write the probability of every class at every pixel: float32 [1, height, width, classes].
    #[arg(long, value_name = "OUT.npy", conflicts_with_all = ["tile", "crf"])]
    probabilities: Option<PathBuf>,
    /// Write the label map of all that the network was fed, the padding too, as an indexed PNG.
    #[arg(long, value_name = "OUT.png", conflicts_with_all = ["tile", "crf"])]
    raw: Option<PathBuf>,
    /// Feed the image at its own size, without resizing and padding.
    #[arg(
        long,
        conflicts_with_all = [
            "input_size", "scales", "flip", "tile", "crop_size", "min_resize_value"
        ]
    )]
    exact: bool,
    /// The classes: pascal, cityscapes, ade20k or a TOML file [default: the model's].
    #[arg(long, value_name = "P")]
    palette: Option<String>,
    #[command(flatten)]
    look: LookOptions,
    /// Predict N times more and say how long it took, in the middle and by parts.
    #[arg(long, value_name = "N")]
    repeat: Option<usize>,
    #[command(flatten)]
    json: JsonFlag,
}

/// Runs before the timed ones, so that caches are warm.
const WARM_UP: usize = 2;

impl Predict {
    /// Predicts and writes what was asked for.
    pub fn run(self, console: &mut Console) -> Result<Outcome> {
        console.json = self.json.json;
        let palette = self.palette.as_deref().map(options::palette).transpose()?;
        let look = self.look.to_engine()?;
        self.model.check(console)?;
        let image = image_file::decode(&self.image, &Limits::default())?;
        let device = self.model.device.open(console)?;
        let model = self.model.load(console, &device, palette)?;
        let predictor = Predictor::new(&model, look, &device)?;
        let prediction = self.predict(&predictor, &image)?;
        self.write(&predictor, &image, &prediction, &model.palette)?;
        let shares = shares(&prediction, &model.palette);
        for (name, share) in &shares {
            console.say(format!("{:6.2} %  {name}", 100.0 * share));
        }
        let classes: Vec<Value> = shares
            .iter()
            .map(|(name, share)| json!({ "name": name, "share": share }))
            .collect();
        console.result(&json!({
            "event": "done",
            "image": self.image,
            "width": prediction.width,
            "height": prediction.height,
            "uncertainty": prediction.uncertainty,
            "classes": classes,
            "device": device.description,
        }))?;
        if let Some(times) = self.repeat {
            self.time(console, &predictor, &image, times)?;
        }
        Ok(Outcome::Done)
    }

    fn predict(&self, predictor: &Predictor, image: &RgbImage) -> Result<Prediction> {
        if !self.exact {
            return Ok(predictor.predict(image)?);
        }
        let prepared = self.prepare(predictor, image)?;
        let passes = predictor.run(&prepared)?;
        Ok(predictor.finish(&prepared, &passes)?)
    }

    fn prepare(&self, predictor: &Predictor, image: &RgbImage) -> Result<Prepared> {
        if self.exact {
            return Ok(Prepared::exact(image));
        }
        Ok(predictor.prepare(image)?)
    }

    fn write(
        &self,
        predictor: &Predictor,
        image: &RgbImage,
        prediction: &Prediction,
        palette: &Palette,
    ) -> Result<()> {
        let [width, height] = [prediction.width, prediction.height];
        let colors = palette.colors();
        if let Some(path) = &self.mask {
            let labels = LabelMap::from_vec(width, height, &prediction.labels)?;
            write_bytes(path, &png_file::encode(&labels, &colors)?)?;
        }
        if let Some(path) = &self.confidence {
            let confidence = LabelMap::from_vec(width, height, &prediction.confidence)?;
            write_bytes(path, &png_file::encode_grey(&confidence)?)?;
        }
        if let Some(path) = &self.logits {
            predictor.logits(image, self.exact)?.write_npy(path)?;
        }
        if self.probabilities.is_none() && self.raw.is_none() {
            return Ok(());
        }
        let prepared = self.prepare(predictor, image)?;
        let passes = predictor.run(&prepared)?;
        if let Some(path) = &self.probabilities {
            predictor
                .pixel_probabilities(&prepared, &passes)
                .write_npy(path)?;
        }
        if let Some(path) = &self.raw {
            let [height, width] = prepared.size().map(|side| side as u32);
            let labels = predictor.raw_labels(&prepared, &passes);
            let labels = LabelMap::from_vec(width, height, &labels)?;
            write_bytes(path, &png_file::encode(&labels, &colors)?)?;
        }
        Ok(())
    }

    /// Says the median time of `times` predictions, and of their parts.
    fn time(
        &self,
        console: &mut Console,
        predictor: &Predictor,
        image: &RgbImage,
        times: usize,
    ) -> Result<()> {
        let mut parts: [Vec<Duration>; 4] = Default::default();
        for run in 0..times + WARM_UP {
            console.cancel.check()?;
            let start = Instant::now();
            let timings = self.predict(predictor, image)?.timings;
            let total = start.elapsed();
            if run >= WARM_UP {
                let all = [
                    total,
                    timings.preprocess,
                    timings.network,
                    timings.postprocess,
                ];
                for (part, time) in parts.iter_mut().zip(all) {
                    part.push(time);
                }
            }
        }
        let [total, preprocess, network, postprocess] = parts.map(median_ms);
        console.say(format!(
            "{total:.1} ms an image: {preprocess:.1} before, {network:.1} in and {postprocess:.1} after \
             the network"
        ));
        console.result(&json!({
            "repeat": times,
            "total_ms": total,
            "preprocess_ms": preprocess,
            "network_ms": network,
            "postprocess_ms": postprocess,
        }))
    }
}

/// The middle one of some times, in milliseconds; 0 of none.
fn median_ms(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    middle.as_secs_f64() * 1000.0
}

/// The classes that are in the image, the largest first, and their part of it.
fn shares(prediction: &Prediction, palette: &Palette) -> Vec<(String, f64)> {
    let mut pixels = [0_usize; 256];
    for &label in &prediction.labels {
        pixels[usize::from(label)] += 1;
    }
    let total = prediction.labels.len().max(1) as f64;
    let named = palette.classes.iter().zip(pixels);
    let mut shares: Vec<_> = named
        .filter(|(_, pixels)| *pixels > 0)
        .map(|(class, pixels)| (class.name.clone(), pixels as f64 / total))
        .collect();
    shares.sort_by(|a, b| b.1.total_cmp(&a.1));
    shares
}
