//! `atrous model`: the published models, and what is in a model file.

mod convert;
mod get;
mod info;
mod list;
mod published;

use std::path::Path;

use anyhow::Result;
use atrous_engine::device::ComputeDevice;
use atrous_engine::weights::Model;
use clap::{Args, Subcommand};

use super::console::{Console, Outcome};
use super::options::{self, JsonFlag};

/// Models: published ones, and files.
#[derive(Debug, Args)]
pub struct ModelCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists the published models, and which of them are on this machine.
    List(list::List),
    /// Downloads a published model, or goes on with its download.
    Get(get::Get),
    /// Says what a model is: network, classes, origin, and what became of each tensor of the file.
    Info(info::Info),
    /// Writes a model as a file of our own, complete in itself.
    Convert(convert::Convert),
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
    fn load(&self, console: &Console, file: &Path) -> Result<Model> {
        let palette = self.palette.as_deref().map(options::palette).transpose()?;
        let device = ComputeDevice::cpu();
        options::load_model(console, file, self.network.as_deref(), palette, &device)
    }
}

impl ModelCommand {
    /// Lists, downloads, shows or converts.
    pub fn run(self, console: &mut Console) -> Result<Outcome> {
        match self.action {
            Action::List(list) => list.run(console),
            Action::Get(get) => get.run(console),
            Action::Info(info) => info.run(console),
            Action::Convert(convert) => convert.run(console),
        }
    }
}
