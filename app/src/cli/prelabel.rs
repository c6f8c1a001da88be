//! `atrous prelabel`: a label map for every image of a folder.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use atrous_engine::image_file::is_image_name;
use atrous_engine::predict::{Predictor, predict_folder};
use atrous_engine::project::{OpenOptions, Project};
use atrous_palettes::Palette;
use clap::Args;
use serde_json::json;

use super::console::{Console, Outcome};
use super::options::{self, JsonFlag, LookOptions, ModelOptions};
use super::progress::ConsoleMonitor;

/// Images that have a prediction already are left out, so that a stopped run goes on where it
/// stopped; labels that you corrected are never touched.
#[derive(Debug, Args)]
pub struct Prelabel {
    /// The folder of images; it is only read.
    folder: PathBuf,
    #[command(flatten)]
    model: ModelOptions,
    /// Where labels and predictions go [default: FOLDER/.atrous].
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
    /// The classes: pascal, cityscapes, ade20k or a TOML file [default: the model's].
    #[arg(long, value_name = "P")]
    palette: Option<String>,
    #[command(flatten)]
    look: LookOptions,
    /// Predict again what has a prediction.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    json: JsonFlag,
}

impl Prelabel {
    /// Labels the folder.
    pub fn run(self, console: &mut Console) -> Result<Outcome> {
        console.json = self.json.json;
        options::check_folder(&self.folder)?;
        let palette = self.palette.as_deref().map(options::palette).transpose()?;
        let look = self.look.to_engine()?;
        self.model.check(console)?;
        let device = self.model.device.open(console)?;
        let model = self.model.load(console, &device, palette)?;
        let project = Project::open(
            &self.folder,
            OpenOptions {
                project_dir: self.project,
                palette: Some(model.palette.clone()),
                ..OpenOptions::default()
            },
        )?;
        check_classes(&model.palette, &project.palette())?;
        let mut monitor = ConsoleMonitor::new(console, "reading the folder", "images");
        project.scan(&mut monitor)?;
        drop(monitor);
        let predictor = Predictor::new(&model, look, &device)?;
        if project.images()?.is_empty() {
            say_left_alone(console, &self.folder)?;
            bail!(
                "{}: expected images, found none (JPEG, PNG, WebP, TIFF, BMP and GIF count, by \
                 their names' ends)",
                self.folder.display()
            );
        }
        let mut monitor = ConsoleMonitor::new(console, "predicting", "images");
        let report = predict_folder(&project, &predictor, self.force, &mut monitor)?;
        drop(monitor);
        console.say(format!(
            "{} predicted, {} had a prediction already, {} failed",
            report.done,
            report.skipped,
            report.failed.len()
        ));
        let outcome = console.failures(&report.failed)?;
        say_left_alone(console, &self.folder)?;
        console.result(&json!({
            "event": "done",
            "done": report.done,
            "skipped": report.skipped,
            "failed": report.failed.len(),
            "device": device.description,
            "predictions": project.project_dir().join("predictions"),
        }))?;
        Ok(outcome)
    }
}

/// A project's label maps and the model's must mean the same.
fn check_classes(model: &Palette, project: &Palette) -> Result<()> {
    let names = |palette: &Palette| -> Vec<String> {
        let names = palette.classes.iter().map(|class| class.name.clone());
        names.collect()
    };
    if names(model) != names(project) {
        bail!(
            "the project has the classes of {} ({}), the model those of {} ({}). Fine-tune a model on \
             the project's classes, or put this one's predictions elsewhere with --project DIR",
            project.name,
            project.len(),
            model.name,
            model.len()
        );
    }
    Ok(())
}

/// Names the files that were not taken for images, so that none is missed in silence.
fn say_left_alone(console: &mut Console, folder: &Path) -> Result<()> {
    let mut others = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        // What can't be listed was reported by the scan.
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let (path, kind) = (entry.path(), entry.file_type());
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            match kind {
                Ok(kind) if kind.is_dir() && !hidden => folders.push(path),
                Ok(kind) if kind.is_file() && !hidden && !is_image_name(&path) => others.push(path),
                _ => {}
            }
        }
    }
    others.sort();
    for path in others {
        console.say(format!(
            "left alone, no image by its name: {}",
            path.display()
        ));
        console.result(&json!({ "event": "left_alone", "file": path.to_string_lossy() }))?;
    }
    Ok(())
}
