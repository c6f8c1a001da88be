//! Whether confidences can be believed: the reliability diagram.

use maud::{Markup, html};

use super::figures::{percent, percent_or_none};
use crate::metrics::{CALIBRATION_BINS, Calibration};
use crate::report::ScoreReport;

/// The side of the diagram's square.
const SIDE: f64 = 260.0;

/// Room for the axes' words.
const LEFT: f64 = 34.0;

/// The error and the diagram; nothing where it was not measured.
pub(super) fn section(report: &ScoreReport) -> Markup {
    let Some(calibration) = &report.measured.calibration else {
        return html! {};
    };
    html! {
        section.card {
            h2 { "Confidence" }
            p.soft.small {
                "Of the pixels with about the same confidence, how many are right; on the diagonal, "
                "confidence is what it says"
            }
            div.plots {
                div {
                    p.gain { (percent_or_none(calibration.expected_error())) }
                    p.soft { "expected calibration error, %: how far both are apart on average" }
                }
                (diagram(calibration))
            }
        }
    }
}

/// A bar from 0 to the accuracy of each bin of confidence, and the diagonal.
fn diagram(calibration: &Calibration) -> Markup {
    let width = SIDE / CALIBRATION_BINS as f64;
    let (right, low) = (LEFT + SIDE, SIDE + 4.0);
    html! {
        svg viewBox={ "0 0 " (right + 8.0) " " (SIDE + 40.0) } role="img" style="max-width:340px"
            aria-label="Accuracy by confidence" {
            rect.track x=(LEFT) y="4" width=(SIDE) height=(SIDE) {}
            @for (index, bin) in calibration.bins().iter().enumerate() {
                @if let Some(accuracy) = bin.accuracy() {
                    @let height = SIDE * accuracy;
                    rect.mark
                        x=(format!("{:.1}", LEFT + width * index as f64 + 1.0))
                        y=(format!("{:.1}", low - height))
                        width=(format!("{:.1}", width - 2.0))
                        height=(format!("{height:.1}")) {
                        title {
                            (percent_or_none(bin.confidence())) " % confident, "
                            (percent(accuracy)) " % right, " (bin.pixels) " pixels"
                        }
                    }
                }
            }
            line.diagonal x1=(LEFT) y1=(low) x2=(right) y2="4" {}
            @for (value, name) in [(0.0, "0"), (0.5, "50"), (1.0, "100")] {
                text x=(LEFT + SIDE * value) y=(SIDE + 20.0) text-anchor="middle" { (name) }
                text x=(LEFT - 6.0) y=(low - SIDE * value + 4.0) text-anchor="end" { (name) }
            }
            text x=(LEFT + SIDE / 2.0) y=(SIDE + 38.0) text-anchor="middle" { "confidence, %" }
        }
    }
}
