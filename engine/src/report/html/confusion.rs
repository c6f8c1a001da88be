//! What was taken for what: the confusion matrix as a heat table, and its worst entries in words.

use std::cmp::Reverse;

use maud::{Markup, html};

use super::figures::{count, share, swatch};
use crate::report::ScoreReport;

/// A larger matrix can't be read any more; the classes with the most pixels are shown.
const MOST_CLASSES: usize = 32;

/// Confusions in the list below the matrix.
const MOST_CONFUSIONS: usize = 8;

/// The matrix and the list; nothing where nothing was scored.
pub(super) fn section(report: &ScoreReport) -> Markup {
    let (shown, left_out) = classes_shown(report);
    if shown.is_empty() {
        return html! {};
    }
    html! {
        section.card {
            h2 { "What was taken for what" }
            p.soft.small {
                "Rows are labels, columns predictions; each row adds up to 100 %, and cells below "
                "half a percent are empty"
                @if left_out > 0 {
                    ". The " (shown.len()) " classes with the most pixels; " (left_out)
                    " smaller ones are left out"
                }
            }
            div.scroll { (matrix(report, &shown)) }
            div.legend.small.soft {
                span { span.ramp.hit {} "right" }
                span { span.ramp.miss {} "wrong" }
            }
        }
        (list(report))
    }
}

/// The classes with evidence, at most [`MOST_CLASSES`] in index order, and how many more there are.
fn classes_shown(report: &ScoreReport) -> (Vec<usize>, usize) {
    let pixels =
        |class: &usize| report.matrix.truth_pixels(*class) + report.matrix.predicted_pixels(*class);
    let mut classes: Vec<usize> = (0..report.palette.len())
        .filter(|class| pixels(class) > 0)
        .collect();
    classes.sort_by_key(|class| Reverse(pixels(class)));
    let left_out = classes.len().saturating_sub(MOST_CLASSES);
    classes.truncate(MOST_CLASSES);
    classes.sort_unstable();
    (classes, left_out)
}

fn matrix(report: &ScoreReport, shown: &[usize]) -> Markup {
    let classes = &report.palette.classes;
    html! {
        table.matrix {
            thead { tr {
                th {}
                @for class in shown {
                    th { div { (classes[*class].name) } }
                }
            } }
            tbody { @for truth in shown {
                @let pixels = report.matrix.truth_pixels(*truth);
                tr {
                    th { (classes[*truth].name) " " (swatch(classes[*truth].color)) }
                    @for prediction in shown {
                        (cell(report, *truth, *prediction, pixels))
                    }
                }
            } }
        }
    }
}

/// One cell: its colour is the part of the row's pixels, its text the same in percent.
fn cell(report: &ScoreReport, truth: usize, prediction: usize, row_pixels: u64) -> Markup {
    let pixels = report.matrix.count(truth, prediction);
    let part = if row_pixels == 0 {
        0.0
    } else {
        pixels as f64 / row_pixels as f64
    };
    let classes = &report.palette.classes;
    let title = format!(
        "{} as {}: {} pixels",
        classes[truth].name,
        classes[prediction].name,
        count(pixels)
    );
    let hit = truth == prediction;
    html! {
        td.hit[hit].full[part > 0.55] style={ "--part:" (format!("{part:.3}")) } title=(title) {
            @if part >= 0.005 { (format!("{:.0}", 100.0 * part)) }
        }
    }
}

/// The largest confusions in words.
fn list(report: &ScoreReport) -> Markup {
    let confusions = report.confusions(MOST_CONFUSIONS);
    if confusions.is_empty() {
        return html! {};
    }
    let classes = &report.palette.classes;
    html! {
        section.card {
            h2 { "The most frequent mistakes" }
            p.soft.small { "By pixels; the share is that of the labelled class" }
            table {
                thead { tr {
                    th { "Labelled" }
                    th { "Predicted" }
                    th.number { "Pixels" }
                    th.number { "Share" }
                } }
                tbody { @for (truth, prediction, pixels) in confusions {
                    tr {
                        td.name { (swatch(classes[truth].color)) (classes[truth].name) }
                        td.name { (swatch(classes[prediction].color)) (classes[prediction].name) }
                        td.number { (count(pixels)) }
                        td.number.soft { (share(pixels, report.matrix.truth_pixels(truth))) }
                    }
                } }
            }
        }
    }
}
