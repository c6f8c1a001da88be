//! The report as one page that needs nothing else: styles and drawings are inside it.

mod boundary;
mod calibration;
mod classes;
mod confusion;
mod figures;
mod images;
mod panoptic;
mod run;
mod summary;

use std::path::Path;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::ScoreReport;
use crate::atomic_file::write_bytes;
use crate::error::Result;

impl ScoreReport {
    /// The report as an HTML page, light or dark as the reader's system is.
    pub fn to_html(&self) -> String {
        page(self).into_string()
    }

    /// Writes [`ScoreReport::to_html`] to `path`, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the file can't be written.
    pub fn write_html(&self, path: &Path) -> Result<()> {
        write_bytes(path, self.to_html().as_bytes())
    }
}

fn page(report: &ScoreReport) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Score report: " (report.title) }
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body {
                main {
                    header {
                        h1 { (report.title) }
                        p.soft { "Segmentation score in the classes of " (report.palette.name) }
                    }
                    (summary::section(report))
                    @if let Some(run) = &report.run { (run::section(run)) }
                    (classes::section(report))
                    (panoptic::section(report))
                    (boundary::section(report))
                    (calibration::section(report))
                    (confusion::section(report))
                    (images::section(report))
                    (notes(report))
                }
            }
        }
    }
}

/// How the figures are made, for those who want to compare them with others'.
fn notes(report: &ScoreReport) -> Markup {
    html! {
        footer {
            p {
                "IoU (intersection over union) of a class: pixels labelled and predicted as it, "
                "divided by pixels labelled or predicted as it, over all images together. mIoU is "
                "its mean over the classes that occur in the labels or the predictions, as in "
                "TensorFlow's mean_iou. Pixel accuracy is the part of the scored pixels that is right. "
                "Pixels labelled as void"
                @if let Some(class) = report.palette.ignored.and_then(|index| report.palette.class(index)) {
                    " or as " (class.name)
                }
                " are not scored; pixels predicted as void count as wrong."
            }
            p {
                "The interval holds 95 % of the mIoU values when the images are drawn anew, with "
                "replacement, " (crate::metrics::RESAMPLES) " times: it says how much the choice of "
                "images matters, not how well they stand for others."
            }
        }
    }
}
