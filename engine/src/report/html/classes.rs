//! The IoU of each class as a bar, the best first.

use maud::{Markup, html};

use super::figures::{bar, count, css, percent, share, swatch};
use crate::report::ScoreReport;

/// The classes with evidence as bars, then the names of those without.
pub(super) fn section(report: &ScoreReport) -> Markup {
    let classes = &report.palette.classes;
    let (mut scored, mut silent) = (Vec::new(), Vec::new());
    for (index, class) in classes.iter().enumerate() {
        match report.matrix.iou(index) {
            Some(iou) => scored.push((index, class, iou)),
            None if report.palette.ignored == u8::try_from(index).ok() => {}
            None => silent.push(class),
        }
    }
    scored.sort_by(|(.., a), (.., b)| b.total_cmp(a));
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
                        td.name { (swatch(class.color)) (class.name) }
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
