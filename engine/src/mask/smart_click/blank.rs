//! The chances of nodes where nothing is labelled yet: a seeded random walker with priors (Grady,
//! *Random Walks for Image Segmentation*, 2006, and *Multilabel Random Walker Image Segmentation Using
//! Prior Models*, 2005).
//!
//! - Nodes are joined by edges that are weak where the colour changes, so that a region ends at the
//!   image's edges, also where they are broken.
//! - Each node has a prior: how alike it is to what was clicked, in colour and in what the network
//!   thinks of all classes there. Without a network the colours alone count.
//! - Clicks inside and outside are certain.
//!
//! One click says nothing of how large a whole object is: a geodesic distance would need a threshold
//! that leaks through one gap in an edge. The walker is one sparse, well conditioned linear system
//! with one answer, and each further click only moves it.

use super::{Mark, squared, walker};
use crate::error::Result;
use crate::jobs::Cancel;
use crate::mask::coarse::Coarse;
use crate::predict::Probabilities;

/// Distances in L*a*b* at which a colour is half as alike as the clicked one, about.
const COLOR_SPREAD: f32 = 14.0;

/// How alike something unknown is taken to be: what is less alike is outside.
const UNKNOWN: f32 = 0.35;

/// How much what the network thinks counts against the colour.
const NETWORK: f32 = 6.0;

/// Marks of one side that are looked at, at most: those of a stroke are much alike.
const LOOKS: usize = 12;

/// The chance of each node to be inside; `fixed` are those that are certain.
pub(super) fn chances(
    coarse: &Coarse,
    marks: &[Mark],
    probabilities: Option<&Probabilities>,
    fixed: &[Option<bool>],
    cancel: &Cancel,
) -> Result<Vec<f32>> {
    let lab = coarse.lab();
    let alike = [true, false].map(|side| alike(coarse, &lab, probabilities, marks, side));
    let prior: Vec<f32> = alike[0]
        .iter()
        .zip(&alike[1])
        .map(|(inside, outside)| inside / (inside + outside.max(UNKNOWN)))
        .collect();
    walker::chances(coarse.nodes, &lab, &prior, fixed, cancel)
}

/// How alike each node is to what was clicked on one side, 0 to 1: to the most alike click.
fn alike(
    coarse: &Coarse,
    lab: &[[f32; 3]],
    probabilities: Option<&Probabilities>,
    marks: &[Mark],
    inside: bool,
) -> Vec<f32> {
    let mut alike = vec![0.0_f32; lab.len()];
    let side: Vec<&Mark> = marks.iter().filter(|mark| mark.inside == inside).collect();
    for mark in side.iter().step_by(side.len().div_ceil(LOOKS).max(1)) {
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
                // A dark window is part of a car that the network sees as a whole: no colour is
                // enough to shut it out.
                Some(thoughts) => of_color.max(0.25) * thoughts[node].powf(NETWORK),
                None => of_color,
            };
            *alike = alike.max(found);
        }
    }
    alike
}

/// How much two opinions on all classes overlap, 0 to 1 (Bhattacharyya's coefficient).
pub(super) fn overlap(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a * b).sqrt()).sum()
}

/// The mean colour of some nodes, if there are any.
pub(super) fn mean(lab: &[[f32; 3]], nodes: &[usize]) -> Option<[f32; 3]> {
    let sum = |channel: usize| nodes.iter().map(|node| lab[*node][channel]).sum::<f32>();
    let count = nodes.len() as f32;
    (!nodes.is_empty()).then(|| [0, 1, 2].map(|channel| sum(channel) / count))
}
