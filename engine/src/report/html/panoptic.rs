//! Segments: panoptic quality and parsing covering.

use maud::{Markup, html};

use super::figures::{bar, best_first, class_name, count, css, percent, percent_or_none};
use crate::metrics::MeanQuality;
use crate::report::{PanopticScore, ScoreReport};

/// The means, then each class with evidence, the best first; nothing where it was not measured.
pub(super) fn section(report: &ScoreReport) -> Markup {
    let Some(panoptic) = &report.measured.panoptic else {
        return html! {};
    };
    let scored = best_first(
        &report.palette,
        |index| panoptic.quality.class(index),
        |tally| tally.panoptic_quality(),
    );
    html! {
        section.card {
            h2 { "Segments" }
            p.soft.small {
                "Panoptic quality is segmentation quality (how well found segments fit) times "
                "recognition quality (how many are found); parsing covering weighs large segments more"
            }
            (means(panoptic))
            table {
                thead { tr {
                    th { "Class" }
                    th.bar { "Panoptic quality" }
                    th.number { "PQ %" }
                    th.number { "SQ" }
                    th.number { "RQ" }
                    th.number { "Found" }
                    th.number.optional { "Missed" }
                    th.number.optional { "Made up" }
                    th.number.optional { "Covering" }
                } }
                tbody { @for (index, class, tally) in scored {
                    tr {
                        (class_name(class))
                        td.bar { (bar(tally.panoptic_quality(), &css(class.color))) }
                        td.number.strong { (percent(tally.panoptic_quality())) }
                        td.number { (percent(tally.segmentation_quality())) }
                        td.number { (percent(tally.recognition_quality())) }
                        td.number { (count(tally.true_positives)) }
                        td.number.optional.soft { (count(tally.false_negatives)) }
                        td.number.optional.soft { (count(tally.false_positives)) }
                        td.number.optional.soft {
                            (percent_or_none(panoptic.covering.class(index).covering()))
                        }
                    }
                } }
            }
        }
    }
}

/// The means over all classes, over those whose instances are told apart, and over the others.
fn means(panoptic: &PanopticScore) -> Markup {
    let is_thing = |class| panoptic.is_thing(class);
    let mean = |name: &'static str, quality: Option<MeanQuality>| {
        html! {
            div {
                dt { (name) }
                dd { @match quality {
                    Some(MeanQuality { pq, sq, rq, classes }) => {
                        (percent(pq)) " %"
                        span { "SQ " (percent(sq)) ", RQ " (percent(rq)) ", " (classes) " classes" }
                    }
                    None => "no evidence",
                } }
            }
        }
    };
    html! {
        dl.facts style="margin-bottom:20px" {
            (mean("Panoptic quality", panoptic.quality.mean(|_| true)))
            (mean("Things", panoptic.quality.mean(is_thing)))
            (mean("Stuff", panoptic.quality.mean(|class| !is_thing(class))))
            div {
                dt { "Parsing covering" }
                dd { (percent_or_none(panoptic.covering.mean(|_| true))) }
            }
        }
    }
}
