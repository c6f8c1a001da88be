//! The headline: one figure, how sure it is, and what it was measured on.

use maud::{Markup, html};

use super::figures::{count, images, percent, share};
use crate::metrics::Interval;
use crate::report::ScoreReport;

/// Score, interval, and the facts beside them.
pub(super) fn section(report: &ScoreReport) -> Markup {
    let matrix = &report.matrix;
    let scored = matrix.scored_pixels();
    let void = matrix.void_pixels();
    let with_evidence = evidence(report);
    html! {
        section.card.summary {
            div {
                @match matrix.miou() {
                    Some(miou) => {
                        div.score { (percent(miou)) small { "% mIoU" } }
                        (interval(report, miou))
                    }
                    None => {
                        div.score { "no score" }
                        p.soft { "There is no labelled pixel to score." }
                    }
                }
            }
            dl.facts {
                div {
                    dt { "Pixel accuracy" }
                    dd { @match matrix.pixel_accuracy() {
                        Some(accuracy) => { (percent(accuracy)) " %" }
                        None => "no evidence",
                    } }
                }
                div {
                    dt { "Images scored" }
                    dd {
                        (report.images.len())
                        @if !report.failed.is_empty() { span { (report.failed.len()) " could not be" } }
                    }
                }
                div {
                    dt { "Classes with evidence" }
                    dd { (with_evidence) span { "of " (scoring_classes(report)) } }
                }
                div {
                    dt { "Pixels scored" }
                    dd { (count(scored)) span { (share(void, scored + void)) " more is void" } }
                }
            }
        }
    }
}

fn evidence(report: &ScoreReport) -> usize {
    let classes = 0..report.palette.len();
    classes
        .filter(|class| report.matrix.iou(*class).is_some())
        .count()
}

fn scoring_classes(report: &ScoreReport) -> usize {
    report.palette.len() - usize::from(report.palette.ignored.is_some())
}

/// The interval in words and on a scale from 0 to 100.
fn interval(report: &ScoreReport, miou: f64) -> Markup {
    let n = report.images.len();
    let Some(Interval { low, high }) = report.interval else {
        return html! {
            p.soft { "From " (n) " " (images(n)) ": too few to say how sure this is." }
        };
    };
    let at = |score: f64| format!("{:.2}%", 100.0 * score);
    html! {
        p.soft { (percent(low)) " to " (percent(high)) " with 95 % confidence, from " (n) " images" }
        svg height="34" role="img" aria-label="The interval on a scale from 0 to 100" style="margin-top:14px" {
            rect.track y="4" width="100%" height="8" rx="4" {}
            rect.range x=(at(low)) y="4" width=(at(high - low)) height="8" {}
            rect.mark x=(at(miou)) y="0" width="3" height="16" rx="1.5" transform="translate(-1.5)" {}
            text x="0" y="30" { "0" }
            text x="50%" y="30" text-anchor="middle" { "50" }
            text x="100%" y="30" text-anchor="end" { "100" }
        }
    }
}
