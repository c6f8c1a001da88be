//! `atrous export`: a project's labels as a data set.

use std::path::PathBuf;

use anyhow::Result;
use atrous_engine::dataset::split::{Fractions, Split};
use atrous_engine::dataset::voc::{self, ExportOptions};
use atrous_engine::dataset::{Only, ProjectLabels};
use atrous_engine::project::{OpenOptions, Project};
use clap::{Args, ValueEnum};
use serde_json::json;

use super::console::{Console, Outcome};
use super::options::JsonFlag;
use super::progress::ConsoleMonitor;

/// What was written is read back and compared before success is claimed.
#[derive(Debug, Args)]
pub struct Export {
    /// The project: a folder of images that was labelled, or the project's own folder.
    project: PathBuf,
    /// The layout.
    #[arg(long, value_enum)]
    format: Format,
    /// The folder to write into: new, empty, or an earlier export, which is replaced.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Parts of the images for train, val and test [default: held-out images for val].
    #[arg(long, value_name = "T,V,T")]
    split: Option<Fractions>,
    /// Which images: labelled (predictions too), corrected or reviewed. Those that were excluded
    /// from export in the window are left out.
    #[arg(long, value_name = "STATUS", default_value = "labelled")]
    only: Only,
    #[command(flatten)]
    json: JsonFlag,
}

/// The layouts that can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// PASCAL VOC: JPEGImages, SegmentationClass, SegmentationClassRaw, ImageSets.
    Voc,
}

impl Export {
    /// Writes the data set.
    pub fn run(self, console: &mut Console) -> Result<Outcome> {
        console.json = self.json.json;
        let project = Project::open_existing(&self.project, OpenOptions::default())?;
        let labels = ProjectLabels::new(&project, self.only)?;
        let options = ExportOptions {
            split: self.split,
            ..ExportOptions::default()
        };
        let mut monitor = ConsoleMonitor::new(console, "exporting", "images");
        let report = match self.format {
            Format::Voc => voc::export(&labels, &self.out, &options, &mut monitor)?,
        };
        drop(monitor);
        let [train, val, test] =
            [Split::Train, Split::Val, Split::Test].map(|split| report.count(split));
        console.say(format!(
            "{} images in {}, read back and equal: {train} train, {val} val, {test} test",
            report.images.len(),
            report.folder.display()
        ));
        if report.excluded > 0 {
            console.say(format!(
                "{} labelled images left out: they are excluded from export",
                report.excluded
            ));
        }
        console.result(&json!({
            "event": "done",
            "images": report.images.len(),
            "excluded": report.excluded,
            "train": train,
            "val": val,
            "test": test,
            "folder": report.folder,
        }))?;
        Ok(Outcome::Done)
    }
}
