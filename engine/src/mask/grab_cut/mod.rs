//! GrabCut: what stands out in a rectangle (Rother, Kolmogorov and Blake, *GrabCut: Interactive
//! Foreground Extraction using Iterated Graph Cuts*, 2004).
//!
//! Two mixtures of Gaussians say how likely a colour is inside and outside; a minimum cut weighs
//! them against borders that do not lie on an edge of the image; both are repeated until nothing
//! changes. A large rectangle is thought over on a coarse grid, and its border then refined on the
//! pixels.

mod min_cut;
mod mixture;

use min_cut::{DIRECTIONS, MinCut};
use mixture::Mixture;

use super::coarse::Coarse;
use super::pixels::Pixels;
use super::rect::Rect;
use super::smart_click::Mark;
use super::span::Span;
use crate::error::Result;
use crate::jobs::Cancel;

/// The most nodes that are cut at once.
const NODES: usize = 60_000;

/// Rounds of learning colours and cutting, unless nothing changes before.
const ROUNDS: usize = 6;

/// What a border between two neighbours of one colour costs: the paper's gamma.
const BORDER: f32 = 50.0;

/// Costs are cut as whole numbers, so many to one.
const UNITS: f32 = 100.0;

/// More than all borders of a node together: what is certain is never cut.
const CERTAIN: f32 = 10.0 * BORDER;

/// So much of the rectangle's sides is looked at around it, to learn what is outside.
const AROUND: f32 = 0.25;

/// A rectangle around something, and what was said about it.
#[derive(Debug, Clone, PartialEq)]
pub struct GrabCut {
    /// What lies beyond it is outside.
    pub rect: Rect,
    /// Places that are inside or outside for certain, the last word on each counting.
    pub marks: Vec<Mark>,
}

impl GrabCut {
    /// What stands out in the rectangle, row by row from the top.
    ///
    /// # Errors
    /// [`Error::Cancelled`](crate::Error::Cancelled) when somebody asked to stop.
    pub fn region(&self, pixels: Pixels<'_>, cancel: &Cancel) -> Result<Vec<Span>> {
        let rect = self.rect.intersection(pixels.bounds());
        if rect.is_empty() {
            return Ok(Vec::new());
        }
        let coarse = Coarse::new(pixels, widened(rect), NODES);
        let known = self.known(&coarse, rect);
        let inside = cut(&coarse, &known, cancel)?;
        let field: Vec<f32> = inside
            .iter()
            .map(|inside| f32::from(u8::from(*inside)))
            .collect();
        let spans = coarse.spans(pixels, &field);
        // Refining draws no pixel from beyond the rectangle, unless a mark says so.
        let marked = self.marks.iter().any(|mark| mark.inside);
        Ok(if marked { spans } else { clipped(&spans, rect) })
    }

    /// What is certain of each node.
    fn known(&self, coarse: &Coarse, rect: Rect) -> Vec<Option<bool>> {
        let [rows, columns] = coarse.nodes;
        let mut known = vec![Some(false); rows * columns];
        let corner = |x: u32, y: u32| coarse.place([x as f32, y as f32]);
        let [top, left] = corner(rect.x, rect.y);
        let [bottom, right] = corner(rect.right(), rect.bottom());
        for row in 0..rows {
            for column in 0..columns {
                let [y, x] = [row as f32 + 0.5, column as f32 + 0.5];
                if (top..bottom).contains(&y) && (left..right).contains(&x) {
                    known[row * columns + column] = None;
                }
            }
        }
        for mark in &self.marks {
            for node in coarse.disc(mark.at, mark.radius) {
                known[node] = Some(mark.inside);
            }
        }
        known
    }
}

/// The rectangle with some of what is around it; the image's edge clips it later.
fn widened(rect: Rect) -> Rect {
    let margin = |side: u32| (side as f32 * AROUND) as u32 + 4;
    let [across, down] = [margin(rect.width), margin(rect.height)];
    Rect::from_ranges(
        rect.x.saturating_sub(across)..rect.right().saturating_add(across),
        rect.y.saturating_sub(down)..rect.bottom().saturating_add(down),
    )
}

fn clipped(spans: &[Span], rect: Rect) -> Vec<Span> {
    let clip = |span: &Span| Span {
        y: span.y,
        start: span.start.max(rect.x),
        end: span.end.min(rect.right()),
    };
    let spans = spans.iter().filter(|span| rect.rows().contains(&span.y));
    spans
        .map(clip)
        .filter(|span| span.start < span.end)
        .collect()
}

/// The nodes inside, by turns of learning and cutting.
fn cut(coarse: &Coarse, known: &[Option<bool>], cancel: &Cancel) -> Result<Vec<bool>> {
    let mut inside: Vec<bool> = known.iter().map(|known| known.unwrap_or(true)).collect();
    let borders = Borders::new(coarse);
    for _ in 0..ROUNDS {
        cancel.check()?;
        let of_side = |side: bool| -> Vec<[f32; 3]> {
            let nodes = coarse.colors.iter().zip(&inside);
            nodes
                .filter(|(_, inside)| **inside == side)
                .map(|(color, _)| *color)
                .collect()
        };
        let (Some(within), Some(without)) =
            (Mixture::fit(&of_side(true)), Mixture::fit(&of_side(false)))
        else {
            // The rectangle is the whole image, or everything in it was marked as outside.
            return Ok(inside);
        };
        let costs = coarse
            .colors
            .iter()
            .zip(known)
            .map(|(color, known)| match known {
                Some(true) => CERTAIN,
                Some(false) => -CERTAIN,
                None => without.cost(*color) - within.cost(*color),
            });
        let costs: Vec<i32> = costs.map(whole).collect();
        let next = MinCut::new(coarse.nodes, &costs, |node, way| borders.cost(node, way)).solve();
        if next == inside {
            break;
        }
        inside = next;
    }
    Ok(inside)
}

fn whole(cost: f32) -> i32 {
    (cost.clamp(-CERTAIN, CERTAIN) * UNITS) as i32
}

/// What it costs to cut between neighbours.
struct Borders<'a> {
    coarse: &'a Coarse,
    /// One over twice the mean squared difference of neighbours: the paper's beta.
    sharpness: f32,
}

impl<'a> Borders<'a> {
    fn new(coarse: &'a Coarse) -> Self {
        let columns = coarse.nodes[1].max(1);
        let mut sum = 0.0_f64;
        let mut edges = 0_u32;
        for (node, color) in coarse.colors.iter().enumerate() {
            let right = (node % columns + 1 < columns).then_some(node + 1);
            let below = Some(node + columns).filter(|below| *below < coarse.colors.len());
            for next in right.into_iter().chain(below) {
                sum += f64::from(squared(*color, coarse.colors[next]));
                edges += 1;
            }
        }
        let mean = (sum / f64::from(edges.max(1))).max(1.0) as f32;
        Self {
            coarse,
            sharpness: 0.5 / mean,
        }
    }

    fn cost(&self, node: usize, way: usize) -> i32 {
        let [down, across] = DIRECTIONS[way];
        let next = node as isize + down * self.coarse.nodes[1] as isize + across;
        let differs = squared(self.coarse.colors[node], self.coarse.colors[next as usize]);
        let length = if down != 0 && across != 0 {
            std::f32::consts::SQRT_2
        } else {
            1.0
        };
        (BORDER * UNITS * (-self.sharpness * differs).exp() / length) as i32
    }
}

fn squared(a: [f32; 3], b: [f32; 3]) -> f32 {
    (0..3)
        .map(|channel| (a[channel] - b[channel]).powi(2))
        .sum()
}

#[cfg(test)]
mod tests;
