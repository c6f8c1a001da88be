//! `atrous import`: the labels of a data set, into a project.

use std::path::PathBuf;

use anyhow::Result;
use atrous_engine::Limits;
use atrous_engine::dataset::import::{ImportFormat, ImportOptions, ImportPlan, plan};
use atrous_engine::project::{OpenOptions, PROJECT_FOLDER, Project};
use atrous_palettes::VOID;
use clap::Args;
use serde_json::json;

use super::console::{Console, Outcome};
use super::options::{self, JsonFlag};
use super::progress::ConsoleMonitor;

/// Imported labels count as corrected: they are trained on, and no prediction replaces them. Images
/// that the data set has for validation or test are held out.
#[derive(Debug, Args)]
pub struct Import {
    /// The data set's folder.
    dir: PathBuf,
    /// The layout: voc, cityscapes, ade20k, camvid, or masks (two folders side by side).
    #[arg(long, value_name = "FORMAT")]
    format: ImportFormat,
    /// The project's folder [default: .atrous in the folder of images].
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
    /// The classes: pascal, cityscapes, ade20k or a TOML file [default: the format's own].
    #[arg(long, value_name = "P")]
    palette: Option<String>,
    /// A value that means void, beside 255.
    #[arg(long, value_name = "N")]
    void: Option<u8>,
    #[command(flatten)]
    json: JsonFlag,
}

impl Import {
    /// Checks the data set, then takes it in.
    pub fn run(self, console: &mut Console) -> Result<Outcome> {
        console.json = self.json.json;
        let options = ImportOptions {
            format: self.format,
            palette: self.palette.as_deref().map(options::palette).transpose()?,
            void: self.void,
            limits: Limits::default(),
        };
        let mut monitor = ConsoleMonitor::new(console, "checking", "images");
        let mut plan = plan(&self.dir, &options, &mut monitor)?;
        drop(monitor);
        say_mapping(console, &plan);
        let folder = match (self.project, plan.is_mixed()) {
            (Some(folder), _) => folder,
            (None, false) => plan.images_dir().join(PROJECT_FOLDER),
            (None, true) => anyhow::bail!(
                "{}: label files lie among the images; give a folder for the project with --project \
                 DIR, the images are copied there",
                self.dir.display()
            ),
        };
        let mut monitor = ConsoleMonitor::new(console, "importing", "images");
        if plan.is_mixed() {
            plan.copy_images(&folder.join("images"), &mut monitor)?;
        }
        let open = OpenOptions {
            project_dir: Some(folder.clone()),
            palette: Some(plan.palette.clone()),
            ..OpenOptions::default()
        };
        let project = Project::open(plan.images_dir(), open)?;
        let report = plan.import(&project, &mut monitor)?;
        drop(monitor);
        console.say(format!(
            "{} images with labels, {} of them held out, in {}",
            report.imported,
            report.held_out,
            folder.display()
        ));
        let failed: Vec<_> = report
            .failed
            .into_iter()
            .map(|failure| (failure.path, failure.reason))
            .collect();
        let outcome = console.failures(&failed)?;
        console.result(&json!({
            "event": "done",
            "imported": report.imported,
            "held_out": report.held_out,
            "failed": failed.len(),
            "images": project.images_dir(),
            "project": project.project_dir(),
        }))?;
        Ok(outcome)
    }
}

/// Says which value became which class, so that a wrong palette is noticed.
fn say_mapping(console: &mut Console, plan: &ImportPlan) {
    for value in &plan.values {
        let class = plan.palette.class(value.becomes);
        let name = match (value.becomes, class) {
            (VOID, _) | (_, None) => "void",
            (_, Some(class)) => class.name.as_str(),
        };
        console.say(format!(
            "value {:3} is {name} ({} pixels)",
            value.value, value.pixels
        ));
    }
}
