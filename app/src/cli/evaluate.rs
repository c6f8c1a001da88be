//! `atrous evaluate`: predictions against the truth.

use std::path::{Path, PathBuf};

use anyhow::Result;
use atrous_engine::Limits;
use atrous_engine::dataset::list;
use atrous_engine::metrics::{BOUNDARY_RATIO, MeanQuality};
use atrous_engine::report::{self, Evaluation, Measured, Measures, ScoreReport};
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
    /// Score segments too: panoptic quality and parsing covering. Both folders hold instance ids as
    /// Cityscapes has them, id * 1000 + instance, or the id alone for a class as a whole; ids are
    /// Cityscapes' label ids in files named *_instanceIds.png or *_labelIds.png, else class indices.
    /// A label map without instances is one segment a class.
    #[arg(long)]
    panoptic: bool,
    /// Score boundaries too: IoU of the pixels near them, within R of the image's diagonal
    /// (0.005 is usual for Cityscapes).
    #[arg(
        long,
        value_name = "R",
        num_args = 0..=1,
        default_missing_value = DEFAULT_RATIO,
        value_parser = ratio
    )]
    boundary: Option<f64>,
    /// Check the predictions' confidence maps (*.confidence.png in this folder) against how often
    /// they are right: the expected calibration error.
    #[arg(long, value_name = "DIR")]
    confidence: Option<PathBuf>,
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

/// [`BOUNDARY_RATIO`], as it is typed.
const DEFAULT_RATIO: &str = "0.02";

/// A part of the diagonal.
fn ratio(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(ratio) if ratio > 0.0 && ratio <= 1.0 => Ok(ratio),
        _ => Err(format!(
            "expected a number above 0, at most 1, such as {BOUNDARY_RATIO}"
        )),
    }
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
            measures: Measures {
                panoptic: self.panoptic,
                boundary: self.boundary,
                confidence: self.confidence.as_deref(),
            },
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
    say_measured(console, &report.measured);
}

/// Says what was measured beside IoU.
fn say_measured(console: &mut Console, measured: &Measured) {
    if let Some(panoptic) = &measured.panoptic {
        let quality = &panoptic.quality;
        let is_thing = |class| panoptic.is_thing(class);
        for (name, mean) in [
            ("all", quality.mean(|_| true)),
            ("things", quality.mean(is_thing)),
            ("stuff", quality.mean(|class| !is_thing(class))),
        ] {
            if let Some(MeanQuality {
                pq,
                sq,
                rq,
                classes,
            }) = mean
            {
                let [pq, sq, rq] = [pq, sq, rq].map(|score| percent(Some(score)));
                console.say(format!(
                    "PQ {pq}, SQ {sq}, RQ {rq} ({name}, {classes} classes)"
                ));
            }
        }
        let covering = percent(panoptic.covering.mean(|_| true));
        console.say(format!("parsing covering {covering}"));
    }
    if let Some(boundary) = &measured.boundary {
        let (mean, ratio) = (percent(boundary.mean()), boundary.ratio());
        console.say(format!(
            "boundary IoU {mean} (within {ratio} of the diagonal)"
        ));
    }
    if let Some(calibration) = &measured.calibration {
        let error = percent(calibration.expected_error());
        console.say(format!("expected calibration error {error}"));
    }
}

/// A score from 0 to 1 in percent.
fn percent(score: Option<f64>) -> String {
    score.map_or("no evidence".to_owned(), |score| {
        format!("{:.2}", 100.0 * score)
    })
}
