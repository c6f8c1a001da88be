//! `atrous demo`: street scenes with exact labels.

use std::path::PathBuf;

use anyhow::Result;
use atrous_engine::demo::{DemoOptions, Size, write_demo};
use clap::Args;
use serde_json::json;

use super::console::{Console, Outcome};
use super::options::{JsonFlag, TimeOfDay, WeatherKind};
use super::progress::ConsoleMonitor;

/// Images go into DIR, which opens as a project; their exact labels into DIR-truth beside it, as
/// indexed PNGs of the same names (Cityscapes train ids).
#[derive(Debug, Args)]
pub struct Demo {
    /// The folder to write into.
    dir: PathBuf,
    /// How many scenes.
    #[arg(long, value_name = "N", default_value_t = DemoOptions::default().images)]
    images: u32,
    /// The first scene's seed; the same seed gives the same bytes.
    #[arg(long, value_name = "S", default_value_t = DemoOptions::default().seed)]
    seed: u64,
    /// Width and height in pixels.
    #[arg(long, value_name = "WxH", default_value_t = DemoOptions::default().size)]
    size: Size,
    /// Time of day.
    #[arg(long, value_enum, default_value_t = TimeOfDay::Mixed)]
    time: TimeOfDay,
    /// Weather.
    #[arg(long, value_enum, default_value_t = WeatherKind::Mixed)]
    weather: WeatherKind,
    #[command(flatten)]
    json: JsonFlag,
}

impl Demo {
    /// Writes the scenes.
    pub fn run(self, console: &mut Console) -> Result<Outcome> {
        console.json = self.json.json;
        let options = DemoOptions {
            images: self.images,
            seed: self.seed,
            size: self.size,
            time: self.time.into(),
            weather: self.weather.into(),
        };
        let mut monitor = ConsoleMonitor::new(console, "drawing", "scenes");
        let report = write_demo(&self.dir, &options, &mut monitor)?;
        drop(monitor);
        let (images, truth) = (report.images.display(), report.truth.display());
        console.say(format!(
            "{} scenes in {images}\ntheir exact labels in {truth}\nnext: atrous prelabel {images}",
            report.count
        ));
        console.result(&json!({
            "event": "done",
            "images": report.count,
            "folder": report.images,
            "truth": report.truth,
        }))?;
        Ok(Outcome::Done)
    }
}
