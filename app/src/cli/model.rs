//! `atrous model`: looks into model files and converts them.

use std::path::{Path, PathBuf};

use anyhow::Result;
use atrous_engine::device::ComputeDevice;
use atrous_engine::weights::Model;
use clap::{Args, Subcommand};
use serde_json::json;

use super::console::{Console, Outcome};
use super::options::{self, JsonFlag};

/// Model files: .tflite, .safetensors.
#[derive(Debug, Args)]
pub struct ModelCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Says what a model is: network, classes, origin, and what became of each tensor of the file.
    Info {
        /// The model file.
        file: PathBuf,
        #[command(flatten)]
        reading: Reading,
        #[command(flatten)]
        json: JsonFlag,
    },
    /// Writes a model as a file of our own, complete in itself.
    Convert {
        /// The model file to read.
        input: PathBuf,
        /// The model file to write (.safetensors).
        output: PathBuf,
        #[command(flatten)]
        reading: Reading,
        #[command(flatten)]
        json: JsonFlag,
    },
}

/// What a file may not say of itself.
#[derive(Debug, Args)]
struct Reading {
    /// The architecture: a variant's name, JSON, or a file of JSON with research/deeplab's flags.
    #[arg(long, value_name = "NAME|JSON|FILE")]
    network: Option<String>,
    /// The classes: pascal, cityscapes, ade20k or a TOML file.
    #[arg(long, value_name = "P")]
    palette: Option<String>,
}

impl Reading {
    fn load(&self, file: &Path) -> Result<Model> {
        let palette = self.palette.as_deref().map(options::palette).transpose()?;
        let device = ComputeDevice::cpu();
        options::load_model(file, self.network.as_deref(), palette, &device)
    }
}

impl ModelCommand {
    /// Shows or converts.
    pub fn run(self, console: &mut Console) -> Result<Outcome> {
        match self.action {
            Action::Info {
                file,
                reading,
                json,
            } => {
                console.json = json.json;
                let model = reading.load(&file)?;
                describe(console, &model)?;
            }
            Action::Convert {
                input,
                output,
                reading,
                json,
            } => {
                console.json = json.json;
                let model = reading.load(&input)?;
                model.save(&output)?;
                console.say(format!("{} is in {}", model.info.name, output.display()));
                console.result(&json!({
                    "event": "done",
                    "model": output,
                    "tensors": model.accounting.used.len(),
                }))?;
            }
        }
        Ok(Outcome::Done)
    }
}

fn describe(console: &mut Console, model: &Model) -> Result<()> {
    let (info, config, tensors) = (&model.info, model.config(), &model.accounting);
    console.say(format!(
        "{}\nsource: {}\nlicence: {}\nnetwork: {} {}, output stride {}, {} classes of {}\ninput size: {}",
        info.name,
        or_unknown(&info.source),
        or_unknown(&info.licence),
        config.model_variant,
        config.depth_multiplier,
        config.output_stride,
        model.palette.len(),
        model.palette.name,
        info.input_size,
    ));
    for step in &info.provenance {
        console.say(format!("history: {step}"));
    }
    console.say(format!(
        "tensors: {} used, {} not used",
        tensors.used.len(),
        tensors.unused.len()
    ));
    for name in &tensors.unused {
        console.say(format!("not used: {name}"));
    }
    let classes: Vec<&str> = model
        .palette
        .classes
        .iter()
        .map(|class| class.name.as_str())
        .collect();
    console.result(&json!({
        "name": info.name,
        "source": info.source,
        "licence": info.licence,
        "provenance": info.provenance,
        "input_size": info.input_size,
        "network": config,
        "palette": model.palette.name,
        "classes": classes,
        "folded": model.network.is_folded(),
        "tensors_used": tensors.used.len(),
        "tensors_unused": tensors.unused,
    }))
}

fn or_unknown(text: &str) -> &str {
    if text.is_empty() { "unknown" } else { text }
}
