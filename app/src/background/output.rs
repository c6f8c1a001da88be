//! Exports and reports, on the pool.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use atrous_engine::Result;
use atrous_engine::dataset::split::Fractions;
use atrous_engine::dataset::voc::{self, ExportOptions};
use atrous_engine::dataset::{ExportReport, ProjectLabels};
use atrous_engine::finetune::{Record, Score};
use atrous_engine::jobs::{Cancel, Monitor as _, Pace};
use atrous_engine::metrics::Interval;
use atrous_engine::project::{ImageRecord, Project};
use atrous_engine::report::{CurveSample, RunSection, ScoreReport, Scorer};

use super::{Background, Message, PoolMonitor};
use crate::state::{ExportForm, Task};

/// What a report says.
pub struct Reported {
    /// The page.
    pub page: PathBuf,
    /// What was scored.
    pub report: ScoreReport,
    /// Whether only held-out images were scored.
    pub held_out_only: bool,
}

impl Background {
    /// Writes the project's labels as a dataset, and reads it back.
    pub fn export(&self, project: &Arc<Project>, form: ExportForm) -> Cancel {
        let cancel = Cancel::default();
        let (wish, project, settle) = (cancel.clone(), project.clone(), self.settle());
        self.spawn(move |post| {
            settle();
            let mut monitor = PoolMonitor::new(Task::Export, wish, post);
            let result = export(&project, &form, &mut monitor);
            post.send(Message::Exported(result.map_err(|error| error.to_string())));
        });
        cancel
    }

    /// Scores the predictions against what the person corrected, and writes the report.
    pub fn report(&self, project: &Arc<Project>, run: Option<Box<Record>>) -> Cancel {
        let cancel = Cancel::default();
        let (wish, project, settle) = (cancel.clone(), project.clone(), self.settle());
        self.spawn(move |post| {
            settle();
            let mut monitor = PoolMonitor::new(Task::Report, wish, post);
            let result = report(&project, run.as_deref(), &mut monitor).map(Box::new);
            post.send(Message::Reported(result.map_err(|error| error.to_string())));
        });
        cancel
    }
}

fn export(project: &Project, form: &ExportForm, monitor: &mut PoolMonitor) -> Result<ExportReport> {
    let train = f64::from(form.train_percent) / 100.0;
    let options = ExportOptions {
        split: Some(Fractions::new(train, 1.0 - train, 0.0)?),
        ..ExportOptions::default()
    };
    let labels = ProjectLabels::new(project, form.only)?;
    voc::export(&labels, &form.out, &options, monitor)
}

fn report(project: &Project, run: Option<&Record>, monitor: &mut PoolMonitor) -> Result<Reported> {
    let touched: Vec<ImageRecord> = project
        .images()?
        .into_iter()
        .filter(|image| image.status.is_touched() && image.error.is_none())
        .collect();
    let held_out: Vec<ImageRecord> = touched
        .iter()
        .filter(|image| image.held_out)
        .cloned()
        .collect();
    // What the model learned from says nothing about how good it is.
    let held_out_only = !held_out.is_empty();
    let images = if held_out_only { held_out } else { touched };
    let palette = project.palette();
    let mut scorer = Scorer::new(&palette);
    let mut pace = Pace::new(images.len() as u64);
    for image in &images {
        let name = image.path.display().to_string();
        monitor.checkpoint(&pace.step(name.clone()))?;
        match project.load_prediction(image.id)? {
            Some(prediction) => {
                let labels = project.load_label(image.id)?;
                scorer.add(&name, &labels.to_vec(), &prediction.to_vec())?;
            }
            None => scorer.fail(&image.path, "The model has not predicted it yet"),
        }
    }
    let report = scorer.finish(title(project));
    write(project, report, run, held_out_only)
}

/// Puts the page and its data into a folder of their own.
fn write(
    project: &Project,
    mut report: ScoreReport,
    run: Option<&Record>,
    held_out_only: bool,
) -> Result<Reported> {
    report.run = run.and_then(run_section);
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let name = since.map_or(0, |since| since.as_secs()).to_string();
    let folder = project.reports_dir().join(name);
    report.write_json(&folder.join("report.json"))?;
    report.write_csv(&folder.join("report.csv"))?;
    let page = folder.join("report.html");
    report.write_html(&page)?;
    Ok(Reported {
        page,
        report,
        held_out_only,
    })
}

/// The project's folder names the report.
fn title(project: &Project) -> String {
    let folder = project.images_dir();
    folder.file_name().map_or_else(
        || folder.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// The part about the last fine-tuning; none without scores before and after.
fn run_section(record: &Record) -> Option<RunSection> {
    let score = |score: &Option<Score>| {
        let score = score.as_ref()?;
        Some((score.miou?, score.interval.map(interval)))
    };
    Some(RunSection {
        name: record.started_from.clone(),
        training_images: record.train.len(),
        held_out_images: record.held_out.len(),
        before: score(&record.before)?,
        after: score(&record.after)?,
        gain: record.gain.map(interval),
        curve: record
            .curve
            .iter()
            .map(|point| CurveSample {
                step: point.step as usize,
                loss: point.loss,
                held_out_miou: point.held_out_miou,
            })
            .collect(),
    })
}

fn interval([low, high]: [f64; 2]) -> Interval {
    Interval { low, high }
}
