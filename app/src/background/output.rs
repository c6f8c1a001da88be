//! Exports and reports, on the pool.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use atrous_engine::dataset::split::Fractions;
use atrous_engine::dataset::voc::{self, ExportOptions};
use atrous_engine::dataset::{ExportReport, ProjectLabels};
use atrous_engine::finetune::{Record, Score};
use atrous_engine::jobs::{Cancel, Monitor, Pace, Priority};
use atrous_engine::metrics::Interval;
use atrous_engine::predict::Predictor;
use atrous_engine::project::{ImageRecord, Project};
use atrous_engine::report::{CurveSample, RunSection, ScoreReport, Scorer};
use atrous_engine::{Result, image_file};

use super::predicting::kept;
use super::{Background, Message, PoolMonitor};
use crate::state::{ExportForm, PredictWith, Task};

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
        self.answer(Message::Exported, move |post| {
            settle();
            let mut monitor = PoolMonitor::new(Task::Export, wish, post);
            export(&project, &form, &mut monitor)
        });
        cancel
    }

    /// Predicts anew what the person corrected, scores that, and writes the report.
    ///
    /// # Errors
    /// When a report is being made.
    pub fn report(
        &self,
        project: &Arc<Project>,
        with: PredictWith,
        run: Option<Box<Record>>,
    ) -> Result<Cancel> {
        let (post, project, settle) = (self.post(), project.clone(), self.settle());
        let task = Task::Report.name();
        self.worker
            .submit(task, Priority::Background, move |context, monitor| {
                settle();
                let kept = kept(&with, context)?;
                let reported = report(&project, &kept.predictor, run.as_deref(), monitor)?;
                post.send(Message::Reported(Box::new(reported)));
                Ok(())
            })
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

fn report(
    project: &Project,
    predictor: &Predictor,
    run: Option<&Record>,
    monitor: &mut dyn Monitor,
) -> Result<Reported> {
    let mut images: Vec<ImageRecord> = project
        .images()?
        .into_iter()
        .filter(|image| image.status.is_touched() && image.error.is_none())
        .collect();
    // What the model learned from says nothing about how good it is.
    let held_out_only = images.iter().any(|image| image.held_out);
    images.retain(|image| image.held_out == held_out_only);
    let mut scorer = Scorer::new(&project.palette());
    let mut pace = Pace::new(images.len() as u64);
    for (done, image) in (0..).zip(&images) {
        let name = image.path.display().to_string();
        monitor.checkpoint(&pace.at(done, name.clone()))?;
        let path = project.image_path(image);
        let scored = image_file::decode(&path, project.limits())
            .and_then(|pixels| predictor.predict(&pixels))
            .and_then(|prediction| {
                project.store_prediction(image.id, &prediction.as_new())?;
                let labels = project.load_label(image.id)?.to_vec();
                scorer.add(&name, &labels, &prediction.labels)
            });
        if let Err(error) = scored {
            scorer.fail(&image.path, error.to_string());
        }
    }
    write(project, scorer.finish(title(project)), run, held_out_only)
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
