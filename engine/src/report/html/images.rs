//! The images that score worst, and the files that could not be scored.

use maud::{Markup, html};

use super::figures::{bar, percent, percent_or_none};
use crate::report::ScoreReport;

/// Images in the list.
const WORST: usize = 12;

/// Both lists, each only where it has something to say.
pub(super) fn section(report: &ScoreReport) -> Markup {
    let worst = report.worst_images(WORST);
    html! {
        @if report.images.len() > 1 && !worst.is_empty() {
            section.card {
                h2 { "The images to look at first" }
                p.soft.small {
                    "The lowest mIoU of single images, each over the classes in its own label or prediction"
                }
                table {
                    thead { tr {
                        th { "Image" }
                        th.bar { "mIoU" }
                        th.number { "%" }
                        th.number { "Pixel accuracy" }
                    } }
                    tbody { @for image in worst {
                        @let miou = image.miou.unwrap_or_default();
                        tr {
                            td.path { (image.name) }
                            td.bar { (bar(miou, "var(--accent)")) }
                            td.number.strong { (percent(miou)) }
                            td.number.soft { (percent_or_none(image.pixel_accuracy)) }
                        }
                    } }
                }
            }
        }
        @if !report.failed.is_empty() {
            section.card {
                h2 { "Not scored" }
                p.soft.small { (report.failed.len()) " files could not be compared and are in no figure" }
                table { tbody { @for failure in &report.failed {
                    tr {
                        td.path.strong { (failure.path.display()) }
                        td.soft { (failure.reason) }
                    }
                } } }
            }
        }
    }
}
