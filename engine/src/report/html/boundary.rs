//! Boundary IoU of each class beside its IoU.

use maud::{Markup, html};

use super::figures::{bar, best_first, class_name, css, percent, percent_or_none};
use crate::report::ScoreReport;

/// The classes with evidence, the best boundaries first; nothing where it was not measured.
pub(super) fn section(report: &ScoreReport) -> Markup {
    let Some(boundary) = &report.measured.boundary else {
        return html! {};
    };
    let scored = best_first(&report.palette, |index| boundary.iou(index), |iou| *iou);
    html! {
        section.card {
            h2 { "Boundaries" }
            p.soft.small {
                "IoU of the pixels within " (format!("{:.1}", 100.0 * boundary.ratio()))
                " % of the image's diagonal of a class's boundary: "
                (percent_or_none(boundary.mean())) " on average"
            }
            table {
                thead { tr {
                    th { "Class" }
                    th.bar { "Boundary IoU" }
                    th.number { "%" }
                    th.number { "IoU" }
                } }
                tbody { @for (index, class, iou) in scored {
                    tr {
                        (class_name(class))
                        td.bar { (bar(iou, &css(class.color))) }
                        td.number.strong { (percent(iou)) }
                        td.number.soft { (percent_or_none(report.matrix.iou(index))) }
                    }
                } }
            }
        }
    }
}
