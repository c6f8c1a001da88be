//! `atrous model convert`.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::{Console, JsonFlag, Outcome, Reading};

/// Writes a model as a file of our own.
#[derive(Debug, Args)]
pub(super) struct Convert {
    /// The model file to read, or a published model's name.
    #[arg(value_name = "NAME|FILE")]
    input: PathBuf,
    /// The model file to write (.safetensors).
    output: PathBuf,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    json: JsonFlag,
}

impl Convert {
    pub(super) fn run(self, console: &mut Console) -> Result<Outcome> {
        console.json = self.json.json;
        let model = self.reading.load(console, &self.input)?;
        model.save(&self.output)?;
        console.say(format!(
            "{} is in {}",
            model.info.name,
            self.output.display()
        ));
        console.result(&json!({
            "event": "done",
            "model": self.output,
            "tensors": model.accounting.used.len(),
        }))?;
        Ok(Outcome::Done)
    }
}
