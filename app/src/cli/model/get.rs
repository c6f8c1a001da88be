//! `atrous model get`.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::{Console, JsonFlag, Outcome};
use crate::cli::progress::ConsoleMonitor;

/// Downloads a published model.
#[derive(Debug, Args)]
pub(super) struct Get {
    /// Its name, as `atrous model list` shows it.
    name: String,
    /// Take this archive, which was downloaded by other means, instead of the network.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    #[command(flatten)]
    json: JsonFlag,
}

impl Get {
    pub(super) fn run(self, console: &mut Console) -> Result<Outcome> {
        console.json = self.json.json;
        let zoo = console.zoo()?;
        let entry = zoo.find(&self.name)?;
        if self.from.is_none() {
            let terms = zoo.catalogue.data_set(entry);
            let terms = terms.map_or(String::new(), |set| {
                format!(
                    ". Its images, {}: {} ({})",
                    set.title, set.terms, set.address
                )
            });
            console.say(format!("{}: {}{terms}", entry.name, zoo.catalogue.licence));
        }
        let mut monitor = ConsoleMonitor::bytes(console, "getting");
        let got = match &self.from {
            Some(file) => zoo.import(entry, file, &mut monitor)?,
            None => zoo.get(entry, &mut monitor)?,
        };
        drop(monitor);
        let folder = got.folder.display();
        console.say(if got.was_here {
            format!("{} was here already, and is whole: {folder}", entry.name)
        } else {
            format!(
                "{} is in {folder}\nuse it with --model {}",
                entry.name, entry.name
            )
        });
        console.result(&json!({
            "event": "done",
            "name": entry.name,
            "folder": got.folder,
            "was_here": got.was_here,
            "source": got.receipt.source,
            "archive_bytes": got.receipt.archive_bytes,
            "archive_sha256": got.receipt.archive_sha256,
            "files": got.receipt.files,
        }))?;
        Ok(Outcome::Done)
    }
}
