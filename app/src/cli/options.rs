//! Options that several subcommands share.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use atrous_engine::demo::{Time, Weather};
use atrous_engine::device::{ComputeDevice, DeviceChoice};
use atrous_engine::network::Config;
use atrous_engine::predict::{CrfOptions, PredictOptions, Tiling};
use atrous_engine::weights::{self, LoadOptions, Model};
use atrous_engine::{Error, Limits};
use atrous_palettes::Palette;
use clap::builder::BoolishValueParser;
use clap::{ArgAction, Args, ValueEnum};

use super::console::Console;
use super::exported::ExportedOptions;
use crate::embedded;

/// No palette and no network description is longer than this.
const TEXT_BYTES: u64 = 1 << 22;

/// Results as JSON lines.
#[derive(Debug, Args)]
pub struct JsonFlag {
    /// Print results as one JSON object a line on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Which model, and where it runs.
#[derive(Debug, Args)]
pub struct ModelOptions {
    /// A published model's name (see atrous model list), or a model file. Without it, the embedded
    /// model, which knows demo streets.
    #[arg(long, value_name = "NAME|FILE")]
    pub model: Option<PathBuf>,
    /// The architecture, where the model file cannot say it: a variant's name (mobilenet_v2), or a
    /// JSON object (or a file of one) with research/deeplab's flag names.
    #[arg(long, value_name = "NAME|JSON|FILE", requires = "model")]
    pub network: Option<String>,
    #[command(flatten)]
    pub device: DeviceOption,
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

impl ModelOptions {
    /// Looks at what can be told before anything is opened: whether the network is one, and whether
    /// there is a published model of this name.
    ///
    /// # Errors
    /// When there is no such network or model.
    pub fn check(&self, console: &Console) -> Result<()> {
        if let Some(text) = &self.network {
            network(text)?;
        }
        if let Some(name) = self.model.as_deref().and_then(published_name) {
            console.zoo()?.find(name)?;
        }
        Ok(())
    }

    /// Loads the model and says which it is; `palette` names its classes where the file does not.
    ///
    /// # Errors
    /// When the file is none that we read, or doesn't fit the network.
    pub fn load(
        &self,
        console: &mut Console,
        device: &ComputeDevice,
        palette: Option<Palette>,
    ) -> Result<Model> {
        let Some(path) = &self.model else {
            console.say(format!("model: {}. {}", embedded::NAME, embedded::ADVICE));
            return Ok(embedded::load(device)?);
        };
        let model = load_model(console, path, self.network.as_deref(), palette, device)?;
        console.say(format!("model: {} ({})", model.info.name, path.display()));
        Ok(model)
    }
}

/// Loads a model file, or a published model by its name; `network` and `palette` say what a file may
/// not.
///
/// # Errors
/// When it is neither, has not been downloaded, is none that we read, or doesn't fit the network.
pub fn load_model(
    console: &Console,
    path: &Path,
    network: Option<&str>,
    palette: Option<Palette>,
    device: &ComputeDevice,
) -> Result<Model> {
    if let Some(name) = published_name(path) {
        let zoo = console.zoo()?;
        let entry = zoo.find(name)?;
        if let Some(network) = network {
            bail!(
                "--network {network}: {} is published with its own network",
                entry.name
            );
        }
        return Ok(zoo.load(entry, palette, Limits::default(), &device.device)?);
    }
    let options = LoadOptions {
        network: network.map(self::network).transpose()?,
        palette,
        ..LoadOptions::default()
    };
    Ok(weights::load(path, &options, &device.device)?)
}

/// The name of a published model: a plain word that no file or folder has.
fn published_name(path: &Path) -> Option<&str> {
    let name = path.to_str()?;
    let plain = !name.contains(['/', '\\', '.']);
    (plain && !path.exists()).then_some(name)
}

/// How a model looks at an image.
#[derive(Debug, Args)]
pub struct LookOptions {
    /// Resize so that the longest side is N, and pad to N x N; without it the model's own size, for
    /// Cityscapes' models 1025 x 2049.
    #[arg(long, value_name = "N")]
    pub input_size: Option<usize>,
    /// Image pixels a feature pixel: 8 or 16.
    #[arg(long, alias = "output_stride", value_name = "N")]
    pub output_stride: Option<usize>,
    /// Look at several scales and average.
    #[arg(
        long,
        alias = "inference_scales",
        value_name = "S,S,...",
        value_delimiter = ',',
        default_value = "1"
    )]
    pub scales: Vec<f64>,
    /// Look at the mirror image too and average.
    #[arg(
        long,
        alias = "add_flipped_images",
        value_name = "YES",
        value_parser = BoolishValueParser::new(),
        num_args = 0..=1,
        require_equals = true,
        default_value = "false",
        default_missing_value = "true",
        hide_default_value = true,
        action = ArgAction::Set
    )]
    pub flip: bool,
    /// Cut images that are larger into overlapping tiles of N x N, and blend what is seen in them.
    /// The images keep their size, unless --input-size says what to resize their longest side to.
    #[arg(long, value_name = "N")]
    pub tile: Option<usize>,
    /// Pixels that neighbouring tiles share at least [default: a quarter of the tile].
    #[arg(long, value_name = "N", requires = "tile")]
    pub tile_overlap: Option<usize>,
    /// Images, or tiles, that go through the network together [default: 1 on the CPU, up to 8 on a
    /// GPU].
    #[arg(long, value_name = "N")]
    pub batch: Option<usize>,
    /// Refine the probabilities along the image's edges by a dense CRF, as DeepLab v1 and v2 did.
    #[arg(long)]
    pub crf: bool,
    /// What the dense CRF is told: bilateral_weight, bilateral_deviation, color_deviation,
    /// smoothness_weight, smoothness_deviation, iterations [default: DeepLab v2's 4, 49, 5, 3, 3, 10].
    #[arg(
        long,
        value_name = "NAME=N,...",
        value_delimiter = ',',
        requires = "crf"
    )]
    pub crf_options: Vec<String>,
    #[command(flatten)]
    pub exported: ExportedOptions,
}

impl LookOptions {
    /// As the engine wants them.
    ///
    /// # Errors
    /// When they are no options for the engine.
    pub fn to_engine(&self) -> Result<PredictOptions> {
        let crf = self.crf.then(|| crf_options(&self.crf_options));
        Ok(PredictOptions {
            input_size: self.input_size,
            output_stride: self.output_stride,
            exported: self.exported.to_engine()?,
            scales: self.scales.clone(),
            flip: self.flip,
            tiling: self.tile.map(|side| Tiling {
                side,
                overlap: self.tile_overlap,
            }),
            batch: self.batch,
            crf: crf.transpose()?,
        })
    }
}

/// Reads `--crf-options`: names and numbers.
fn crf_options(settings: &[String]) -> Result<CrfOptions> {
    let mut fields = serde_json::Map::new();
    for setting in settings {
        let number = |text: &str| text.parse::<serde_json::Number>().ok();
        let pair = setting.split_once('=');
        let Some((name, value)) = pair.and_then(|(name, text)| Some((name, number(text)?))) else {
            bail!("--crf-options {setting}: expected a name and a number, such as iterations=5");
        };
        fields.insert(name.to_owned(), value.into());
    }
    let options = serde_json::from_value(fields.into());
    options.with_context(|| format!("--crf-options {}", settings.join(",")))
}

/// Looks whether there is such a folder of images, before a device is opened for it.
///
/// # Errors
/// When it is none.
pub fn check_folder(folder: &Path) -> Result<()> {
    let entries = std::fs::read_dir(folder);
    entries.map_err(Error::io(folder, "reading the folder"))?;
    Ok(())
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
        return Ok(Config::from_json_in(text, Path::new(""))?);
    }
    let path = Path::new(text);
    if path.is_file() {
        let folder = path.parent().unwrap_or(Path::new(""));
        return Config::from_json_in(&read_text(path)?, folder)
            .with_context(|| path.display().to_string());
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
