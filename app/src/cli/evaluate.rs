//! `atrous evaluate`: predictions against the truth.

use std::path::{Path, PathBuf};

use anyhow::Result;
use atrous_engine::Limits;
use atrous_engine::dataset::list;
use atrous_engine::report::{self, Evaluation, ScoreReport};
use clap::Args;

use super::console::{Console, Outcome};
use super::options;
use super::progress::ConsoleMonitor;

/// Files are matched by name without their ending. Indexed and grey PNGs hold class indices, 255 is
/// void and not scored.
#[derive(Debug, Args)]
pub struct Evaluate {
    /// The folder of predicted label maps.
    #[arg(long, value_name = "DIR")]
    predictions: PathBuf,
    /// The folder of true label maps.
    #[arg(long, value_name = "DIR")]
    truth: PathBuf,
    /// The classes: pascal, cityscapes, ade20k or a TOML file.
    #[arg(long, value_name = "P")]
    palette: String,
    /// A text file of names without ending, one a line: score only these.
    #[arg(long, value_name = "STEMS.txt")]
    list: Option<PathBuf>,
    /// Write the report as JSON; to standard output where no file is given.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    json: Option<PathBuf>,
    /// Write the report as one HTML page.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write the classes' scores as CSV.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

impl Evaluate {
    /// Scores and writes the reports.
    pub fn run(self, console: &mut Console) -> Result<Outcome> {
        let limits = Limits::default();
        let palette = options::palette(&self.palette)?;
        let stems = self
            .list
            .as_deref()
            .map(|path| list::read(path, &limits))
            .transpose()?;
        let evaluation = Evaluation {
            predictions: &self.predictions,
            truth: &self.truth,
            palette: &palette,
            list: stems.as_deref(),
            limits: &limits,
        };
        let mut monitor = ConsoleMonitor::new(console, "scoring", "images");
        let report = report::evaluate(&evaluation, &mut monitor)?;
        drop(monitor);
        say_scores(console, &report);
        if let Some(path) = &self.html {
            report.write_html(path)?;
            console.say(format!("page: {}", path.display()));
        }
        if let Some(path) = &self.csv {
            report.write_csv(path)?;
        }
        match self.json.as_deref() {
            None => {}
            Some(path) if path == Path::new("-") => console.line(&report.to_json())?,
            Some(path) => report.write_json(path)?,
        }
        let failed: Vec<_> = report
            .failed
            .iter()
            .map(|failure| (failure.path.clone(), failure.reason.clone()))
            .collect();
        console.failures(&failed)
    }
}

fn say_scores(console: &mut Console, report: &ScoreReport) {
    let matrix = &report.matrix;
    for (index, class) in report.palette.classes.iter().enumerate() {
        if let Some(iou) = matrix.iou(index) {
            console.say(format!("{:6.2}  {}", 100.0 * iou, class.name));
        }
    }
    let percent = |value: Option<f64>| {
        value.map_or("no evidence".to_owned(), |value| {
            format!("{:.2}", 100.0 * value)
        })
    };
    let interval = report.interval.map_or(String::new(), |interval| {
        format!(
            " ({:.2} to {:.2})",
            100.0 * interval.low,
            100.0 * interval.high
        )
    });
    console.say(format!(
        "mIoU {}{interval}, pixel accuracy {}, {} images",
        percent(matrix.miou()),
        percent(matrix.pixel_accuracy()),
        report.images.len()
    ));
}
