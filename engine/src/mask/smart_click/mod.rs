//! The smart click: the region that a person means by a click, or by a stroke, on it.
//!
//! A stroke says what is inside for sure; how far the region goes on from there is a question of
//! chances. Each node of a grid of at most [`NODES`] nodes is asked for what speaks for it
//! ([`Evidence`]): how far it is, along ways that avoid edges of colour (a geodesic distance: Bai and
//! Sapiro, *A Geodesic Framework for Fast Interactive Image and Video Segmentation and Matting*,
//! 2007) and straight, against the stroke's width; how alike in colour; how alike in what the network
//! thinks of *all* classes there (it may be wrong about the class of a bus, but it is wrong in the
//! same way all over the bus); how near the network is to the wanted class already; what the label
//! map says, which is mostly right, of the place and of the colours that classes have in this image.
//! A logistic regression, whose [weights](weights) were learned from real corrections, makes one
//! chance of all that. Where [nothing is labelled](blank) yet, a random walker does.
//!
//! What is more likely than not to be inside is, where it hangs together with a click.

mod blank;
mod evidence;
mod walker;
mod ways;
mod weights;

use atrous_palettes::VOID;
use rayon::prelude::*;

use super::coarse::Coarse;
use super::label_map::LabelMap;
use super::pixels::Pixels;
use super::rect::Rect;
use super::span::{Point, Span};
use crate::error::Result;
use crate::jobs::Cancel;
use crate::predict::Probabilities;
use evidence::Evidence;

/// The most nodes that are thought over at once: their number, not the image's size, is the cost.
const NODES: usize = 1 << 17;

/// A click, or a place that a stroke went over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    /// Where.
    pub at: Point,
    /// How far around it is certain, in pixels.
    pub radius: f32,
    /// Whether it says inside or outside.
    pub inside: bool,
}

/// What is clicked, and where to look.
#[derive(Debug, Clone, PartialEq)]
pub struct SmartClick {
    /// The clicks, in order.
    pub marks: Vec<Mark>,
    /// The part of the image to look at.
    pub part: Rect,
    /// The class that the region is to have.
    pub class: u8,
}

impl SmartClick {
    /// The region that is meant, row by row from the top; nothing without a click inside.
    /// `labels` are those before the click, of the image's size.
    ///
    /// # Errors
    /// [`Error::Cancelled`](crate::Error::Cancelled) when somebody asked to stop.
    pub fn region(
        &self,
        pixels: Pixels<'_>,
        labels: &LabelMap,
        probabilities: Option<&Probabilities>,
        cancel: &Cancel,
    ) -> Result<Vec<Span>> {
        let coarse = Coarse::new(pixels, self.part, NODES);
        let mut fixed = vec![None; coarse.nodes[0] * coarse.nodes[1]];
        // A place that was clicked twice is what was said last.
        for mark in &self.marks {
            for node in coarse.disc(mark.at, mark.radius) {
                fixed[node] = Some(mark.inside);
            }
        }
        let clicked: Vec<usize> = (0..fixed.len())
            .filter(|node| fixed[*node] == Some(true))
            .collect();
        if clicked.is_empty() {
            return Ok(Vec::new());
        }
        let labels = sampled(&coarse, labels);
        cancel.check()?;
        let mut chances = if is_blank(&labels, &clicked) {
            blank::chances(&coarse, &self.marks, probabilities, &fixed, cancel)?
        } else {
            self.chances(&coarse, labels.clone(), probabilities, cancel)?
        };
        for (chance, fixed) in chances.iter_mut().zip(&fixed) {
            if let Some(inside) = fixed {
                *chance = f32::from(u8::from(*inside));
            }
        }
        cancel.check()?;
        // What has the class already is no border: the region may go on behind it.
        let joins = |node: usize| {
            let has_class = labels[node] == self.class && fixed[node] != Some(false);
            chances[node] > 0.5 || has_class
        };
        let reached = coarse.reached(&clicked, joins);
        // What does not hang together with a click is surely out, and draws no pixel to itself.
        let field: Vec<f32> = chances
            .iter()
            .zip(reached)
            .map(|(chance, reached)| if reached { *chance } else { chance.min(0.5) })
            .collect();
        Ok(coarse.spans(pixels, &field))
    }

    /// The chance of each node to be inside, by all that speaks for it.
    fn chances(
        &self,
        coarse: &Coarse,
        labels: Vec<u8>,
        probabilities: Option<&Probabilities>,
        cancel: &Cancel,
    ) -> Result<Vec<f32>> {
        let evidence = Evidence::new(coarse, labels, self.class, probabilities);
        cancel.check()?;
        let mut chances = evidence.chances(&self.side(true));
        let on_grid = |mark: &Mark| !coarse.disc(mark.at, mark.radius).is_empty();
        if self.marks.iter().any(|mark| !mark.inside && on_grid(mark)) {
            cancel.check()?;
            // Of two strong claims the stronger one decides.
            let outside = evidence.chances(&self.side(false));
            for (inside, outside) in chances.iter_mut().zip(outside) {
                *inside /= *inside + outside.max(1.0 - *inside);
            }
        }
        Ok(chances)
    }

    fn side(&self, inside: bool) -> Vec<Mark> {
        let marks = self.marks.iter().copied();
        marks.filter(|mark| mark.inside == inside).collect()
    }
}

/// The label in the middle of each node.
fn sampled(coarse: &Coarse, labels: &LabelMap) -> Vec<u8> {
    let [rows, columns] = coarse.nodes;
    let middle = |index: usize, start: u32, length: u32, count: usize| {
        start + ((index as f32 + 0.5) * length as f32 / count as f32) as u32
    };
    let part = coarse.part;
    let nodes = (0..rows * columns).into_par_iter();
    let label = nodes.map(|node| {
        let x = middle(node % columns, part.x, part.width, columns);
        let y = middle(node / columns, part.y, part.height, rows);
        labels.get(x, y).unwrap_or(VOID)
    });
    label.collect()
}

/// Whether labels say nothing of what was clicked: there are none under most of it, or all the same
/// everywhere.
fn is_blank(labels: &[u8], clicked: &[usize]) -> bool {
    let void = clicked.iter().filter(|node| labels[**node] == VOID).count();
    let first = labels.first();
    2 * void > clicked.len() || labels.iter().all(|label| Some(label) == first)
}

fn squared(a: [f32; 3], b: [f32; 3]) -> f32 {
    (0..3)
        .map(|channel| (a[channel] - b[channel]).powi(2))
        .sum()
}

#[cfg(test)]
mod tests;
