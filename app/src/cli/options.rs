//! Options that several subcommands share.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use atrous_engine::demo::{Time, Weather};
use atrous_engine::device::{ComputeDevice, DeviceChoice};
use atrous_engine::network::Config;
use atrous_palettes::Palette;
use clap::{Args, ValueEnum};

use super::console::Console;

/// No palette and no network description is longer than this.
const TEXT_BYTES: u64 = 1 << 22;

/// Results as JSON lines.
#[derive(Debug, Args)]
pub struct JsonFlag {
    /// Print results as one JSON object a line on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Where networks run.
#[derive(Debug, Args)]
pub struct DeviceOption {
    /// Where networks run: auto (a real GPU, else the CPU), gpu or cpu.
    #[arg(long, value_name = "D", default_value = "auto")]
    pub device: DeviceChoice,
}

impl DeviceOption {
    /// Opens the device and says which it is.
    ///
    /// # Errors
    /// When a GPU was asked for and there is none.
    pub fn open(&self, console: &mut Console) -> Result<ComputeDevice> {
        let device = ComputeDevice::open(self.device)?;
        console.say(format!("device: {}", device.description));
        Ok(device)
    }
}

/// Reads `--palette`: a name, or a TOML file.
///
/// # Errors
/// When it is neither, or the file is no palette.
pub fn palette(text: &str) -> Result<Palette> {
    if let Some(palette) = Palette::by_name(text) {
        return Ok(palette);
    }
    let path = Path::new(text);
    if !path.exists() {
        bail!(
            "--palette {text}: expected pascal, cityscapes, ade20k or a TOML file, found no such file"
        );
    }
    let source = read_text(path)?;
    Palette::from_toml(&source).with_context(|| path.display().to_string())
}

/// Reads `--network`: a variant's name, a JSON object, or a file of one.
///
/// # Errors
/// When it is none of them.
pub fn network(text: &str) -> Result<Config> {
    if text.trim_start().starts_with('{') {
        return Ok(Config::from_json(text)?);
    }
    let path = Path::new(text);
    if path.is_file() {
        return Config::from_json(&read_text(path)?).with_context(|| path.display().to_string());
    }
    let flags = serde_json::json!({ "model_variant": text });
    Ok(Config::from_json(&flags.to_string())?)
}

/// Reads a small text file.
fn read_text(path: &Path) -> Result<String> {
    let size = std::fs::metadata(path)
        .with_context(|| path.display().to_string())?
        .len();
    if size > TEXT_BYTES {
        bail!(
            "{}: expected at most {TEXT_BYTES} bytes of text, found {size}",
            path.display()
        );
    }
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
}

/// `--time` of demo scenes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TimeOfDay {
    /// Most by day, some at dusk, a quarter at night.
    Mixed,
    /// By day.
    Day,
    /// At dusk.
    Dusk,
    /// At night.
    Night,
}

impl From<TimeOfDay> for Option<Time> {
    fn from(time: TimeOfDay) -> Self {
        match time {
            TimeOfDay::Mixed => None,
            TimeOfDay::Day => Some(Time::Day),
            TimeOfDay::Dusk => Some(Time::Dusk),
            TimeOfDay::Night => Some(Time::Night),
        }
    }
}

/// `--weather` of demo scenes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WeatherKind {
    /// Half clear, the rest overcast, rain and fog.
    Mixed,
    /// Sun or stars.
    Clear,
    /// A grey sky.
    Overcast,
    /// Rain and a wet road.
    Rain,
    /// Fog.
    Fog,
}

impl From<WeatherKind> for Option<Weather> {
    fn from(weather: WeatherKind) -> Self {
        match weather {
            WeatherKind::Mixed => None,
            WeatherKind::Clear => Some(Weather::Clear),
            WeatherKind::Overcast => Some(Weather::Overcast),
            WeatherKind::Rain => Some(Weather::Rain),
            WeatherKind::Fog => Some(Weather::Fog),
        }
    }
}
