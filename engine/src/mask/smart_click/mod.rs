//! The smart click: the region that a person means by a click on it.
//!
//! A seeded random walker with priors (Grady, *Random Walks for Image Segmentation*, 2006, and
//! *Multilabel Random Walker Image Segmentation Using Prior Models*, 2005), on a grid of at most
//! [`NODES`] nodes around the clicks:
//!
//! - Nodes are joined by edges that are weak where the colour changes, so that a region ends at the
//!   image's edges, also where they are broken.
//! - Each node has a prior: how alike it is to what was clicked. Alike in colour, and alike in what
//!   the network thinks of *all* classes there. The network may be wrong about the class of a bus,
//!   but it is wrong in the same way all over the bus and otherwise around it: its doubts are a
//!   feature that no colour gives. Without a network the colours alone count.
//! - Clicks inside and outside are certain.
//!
//! What comes out is the chance of each node to be inside; more than a half is, where it hangs
//! together with a click. Against the alternatives: a geodesic distance needs a threshold that
//! leaks through one gap in an edge; a minimum cut of one click shrinks to the click. The walker is
//! one sparse, well conditioned linear system with one answer, and each further click only moves it.

mod walker;

use super::coarse::Coarse;
use super::pixels::Pixels;
use super::rect::Rect;
use super::span::{Point, Span};
use crate::error::Result;
use crate::jobs::Cancel;
use crate::predict::Probabilities;

/// The most nodes that are thought over at once: their number, not the image's size, is the cost.
const NODES: usize = 1 << 17;

/// Distances in L*a*b* at which a colour is half as alike as the clicked one, about.
const COLOR_SPREAD: f32 = 14.0;

/// How alike something unknown is taken to be: what is less alike is outside.
const UNKNOWN: f32 = 0.35;

/// How much what the network thinks counts against the colour.
const NETWORK: f32 = 6.0;

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
}

impl SmartClick {
    /// The region that is meant, row by row from the top; nothing without a click inside.
    ///
    /// # Errors
    /// [`Error::Cancelled`](crate::Error::Cancelled) when somebody asked to stop.
    pub fn region(
        &self,
        pixels: Pixels<'_>,
        probabilities: Option<&Probabilities>,
        cancel: &Cancel,
    ) -> Result<Vec<Span>> {
        let coarse = Coarse::new(pixels, self.part, NODES);
        let lab = coarse.lab();
        let clicked = self.marks.iter().filter(|mark| mark.inside);
        let clicked: Vec<usize> = clicked
            .flat_map(|mark| coarse.disc(mark.at, mark.radius))
            .collect();
        if clicked.is_empty() {
            return Ok(Vec::new());
        }
        cancel.check()?;
        let alike = [true, false].map(|side| self.alike(&coarse, &lab, probabilities, side));
        let prior: Vec<f32> = alike[0]
            .iter()
            .zip(&alike[1])
            .map(|(inside, outside)| inside / (inside + outside.max(UNKNOWN)))
            .collect();
        let mut fixed = vec![None; prior.len()];
        // A place that was clicked twice is what was said last.
        for mark in &self.marks {
            for node in coarse.disc(mark.at, mark.radius) {
                fixed[node] = Some(mark.inside);
            }
        }
        let chances = walker::chances(coarse.nodes, &lab, &prior, &fixed, cancel)?;
        let reached = coarse.reached(&clicked, |node| chances[node] > 0.5);
        let kept = chances.iter().zip(reached);
        // What does not hang together with a click is surely out, and draws no pixel to itself.
        let field: Vec<f32> = kept
            .map(|(chance, reached)| if reached { *chance } else { chance.min(0.5) })
            .collect();
        Ok(coarse.spans(pixels, &field))
    }

    /// How alike each node is to what was clicked on one side, 0 to 1: to the most alike click.
    fn alike(
        &self,
        coarse: &Coarse,
        lab: &[[f32; 3]],
        probabilities: Option<&Probabilities>,
        inside: bool,
    ) -> Vec<f32> {
        let mut alike = vec![0.0_f32; lab.len()];
        for mark in self.marks.iter().filter(|mark| mark.inside == inside) {
            let seeds = coarse.disc(mark.at, mark.radius);
            let Some(color) = mean(lab, &seeds) else {
                continue;
            };
            let thoughts = probabilities.map(|probabilities| {
                let here = probabilities.at(mark.at);
                probabilities.field(coarse.part, coarse.nodes, |cell| overlap(cell, &here))
            });
            for (node, alike) in alike.iter_mut().enumerate() {
                let differs = squared(lab[node], color) / (2.0 * COLOR_SPREAD * COLOR_SPREAD);
                let of_color = (-differs).exp();
                let found = match &thoughts {
                    Some(thoughts) => {
                        // A dark window is part of a car that the network sees as a whole: no colour
                        // is enough to shut it out.
                        of_color.max(0.25) * thoughts[node].powf(NETWORK)
                    }
                    None => of_color,
                };
                *alike = alike.max(found);
            }
        }
        alike
    }
}

/// How much two opinions on all classes overlap, 0 to 1 (Bhattacharyya's coefficient).
fn overlap(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a * b).sqrt()).sum()
}

fn mean(lab: &[[f32; 3]], nodes: &[usize]) -> Option<[f32; 3]> {
    let sum = |channel: usize| nodes.iter().map(|node| lab[*node][channel]).sum::<f32>();
    let count = nodes.len() as f32;
    (!nodes.is_empty()).then(|| [0, 1, 2].map(|channel| sum(channel) / count))
}

fn squared(a: [f32; 3], b: [f32; 3]) -> f32 {
    (0..3)
        .map(|channel| (a[channel] - b[channel]).powi(2))
        .sum()
}

#[cfg(test)]
mod tests;
