//! The IoU of each class as a bar, the best first.

use maud::{Markup, html};

use super::figures::{bar, best_first, class_name, count, css, percent, share, swatch};
use crate::report::ScoreReport;

/// The classes with evidence as bars, then the names of those without.
pub(super) fn section(report: &ScoreReport) -> Markup {
    let palette = &report.palette;
    let scored = best_first(palette, |index| report.matrix.iou(index), |iou| *iou);
    let is_silent = |index: &usize| {
        report.matrix.iou(*index).is_none() && palette.ignored != u8::try_from(*index).ok()
    };
    let silent: Vec<_> = (0..palette.len())
        .filter(is_silent)
        .map(|index| &palette.classes[index])
        .collect();
    let total = report.matrix.scored_pixels();
    html! {
        section.card {
            h2 { "IoU by class" }
            p.soft.small { "The best first; pixels show how much each figure rests on" }
            table {
                thead { tr {
                    th { "Class" }
                    th.bar { "IoU" }
                    th.number { "%" }
                    th.number { "Labelled" }
                    th.number.optional { "Share" }
                    th.number.optional { "Predicted" }
                } }
                tbody { @for (index, class, iou) in scored {
                    @let truth = report.matrix.truth_pixels(index);
                    tr {
                        (class_name(class))
                        td.bar { (bar(iou, &css(class.color))) }
                        td.number.strong { (percent(iou)) }
                        td.number { @if truth == 0 { span.faint { "none" } } @else { (count(truth)) } }
                        td.number.optional.soft { (share(truth, total)) }
                        td.number.optional.soft { (count(report.matrix.predicted_pixels(index))) }
                    }
                } }
            }
            @if !silent.is_empty() {
                p.soft.small style="margin:18px 0 0" {
                    "No evidence: neither labelled nor predicted anywhere, and not part of the mean"
                }
                div.chips.small { @for class in silent {
                    span.soft { (swatch(class.color)) (class.name) }
                } }
            }
        }
    }
}
