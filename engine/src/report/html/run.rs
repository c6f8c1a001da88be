//! What fine-tuning did: before, after, and the curves between.

use maud::{Markup, html};

use super::figures::{images, percent};
use crate::metrics::Interval;
use crate::report::{CurveSample, RunSection};

/// Size of a plot's drawing, which scales with the page.
const PLOT: [f64; 2] = [480.0, 170.0];

/// More points than this can't be told apart; the curve is thinned.
const MOST_POINTS: usize = 400;

/// The gain, the two scores and two plots.
pub(super) fn section(run: &RunSection) -> Markup {
    let gain = run.after.0 - run.before.0;
    let loss = thinned(run.curve.iter().map(|at| (at.step, at.loss)).collect());
    let score = |at: &CurveSample| Some((at.step, 100.0 * at.held_out_miou?));
    let scores = thinned(run.curve.iter().filter_map(score).collect());
    html! {
        section.card {
            h2 { "Fine-tuning " (run.name) }
            p.soft.small {
                "Trained on " (run.training_images) " " (images(run.training_images))
                "; scored before and after on the same " (run.held_out_images)
                " that it never saw"
            }
            p.gain.up[gain >= 0.0].down[gain < 0.0] { (format!("{:+.1}", 100.0 * gain)) " points" }
            p.soft {
                (percent(run.before.0)) (range(run.before.1)) " \u{2192} "
                (percent(run.after.0)) (range(run.after.1)) " mIoU"
                @if let Some(Interval { low, high }) = run.gain {
                    ". The gain is " (format!("{:+.1} to {:+.1}", 100.0 * low, 100.0 * high))
                    " points with 95 % confidence"
                    @if low <= 0.0 { ", so it may be chance" }
                }
            }
            div.plots {
                @if loss.len() > 1 { div { h3 { "Loss by step" } (plot(&loss)) } }
                @if scores.len() > 1 { div { h3 { "Held-out mIoU by step, %" } (plot(&scores)) } }
            }
        }
    }
}

fn range(interval: Option<Interval>) -> String {
    interval.map_or_else(String::new, |Interval { low, high }| {
        format!(" ({} to {})", percent(low), percent(high))
    })
}

/// At most [`MOST_POINTS`] points, each the mean of its neighbourhood; finite ones only.
fn thinned(mut points: Vec<(usize, f64)>) -> Vec<(f64, f64)> {
    points.retain(|(_, value)| value.is_finite());
    let group = points.len().div_ceil(MOST_POINTS).max(1);
    let mean = |group: &[(usize, f64)]| {
        let count = group.len() as f64;
        let steps: f64 = group.iter().map(|(step, _)| *step as f64).sum();
        let values: f64 = group.iter().map(|(_, value)| value).sum();
        (steps / count, values / count)
    };
    points.chunks(group).map(mean).collect()
}

/// A curve with its lowest and highest value on the left and its last step below.
fn plot(points: &[(f64, f64)]) -> Markup {
    let [width, height] = PLOT;
    let values = || points.iter().map(|(_, value)| *value);
    let low = values().fold(f64::INFINITY, f64::min);
    let high = values().fold(f64::NEG_INFINITY, f64::max);
    let first = points.first().map_or(0.0, |(step, _)| *step);
    let last = points.last().map_or(1.0, |(step, _)| *step);
    let spread = |value: f64, from: f64, to: f64| {
        if to > from {
            (value - from) / (to - from)
        } else {
            0.5
        }
    };
    let x = |step: f64| 44.0 + (width - 48.0) * spread(step, first, last);
    let y = |value: f64| 8.0 + (height - 34.0) * (1.0 - spread(value, low, high));
    let path: Vec<String> = points
        .iter()
        .map(|(step, value)| format!("{:.1},{:.1}", x(*step), y(*value)))
        .collect();
    html! {
        svg viewBox={ "0 0 " (width) " " (height) } role="img"
            aria-label=(format!("From {:.3} to {:.3}", points[0].1, points[points.len() - 1].1)) {
            @for value in [low, high] {
                line.grid x1="44" x2=(width - 4.0) y1=(y(value)) y2=(y(value)) {}
                text x="38" y=(y(value) + 4.0) text-anchor="end" { (short(value)) }
            }
            polyline.curve points=(path.join(" ")) {}
            @if points.len() <= 40 { @for (step, value) in points {
                circle.dot cx=(format!("{:.1}", x(*step))) cy=(format!("{:.1}", y(*value))) r="3" {}
            } }
            text x="44" y=(height - 4.0) { (format!("{first:.0}")) }
            text x=(width - 4.0) y=(height - 4.0) text-anchor="end" { (format!("{last:.0}")) }
        }
    }
}

/// Three significant places at most.
fn short(value: f64) -> String {
    if value.abs() >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.3}")
    }
}
