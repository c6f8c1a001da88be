//! From low-resolution logits to the class and the probability of each pixel.
//!
//! Logits are upsampled one row at a time, so that the full-size logits never exist: at 513 x 513
//! with 21 classes they would be 22 MB.

mod look;
mod probabilities;

use rayon::prelude::*;

use super::Logits;
use super::exp::exp_of_negative;
use crate::network::cpu::{Vectorised, vectorised};
use crate::network::resize::Tap;
use look::Descent;
pub(super) use look::Look;
pub(super) use probabilities::probabilities;

/// The class of each pixel, with its probability.
#[derive(Debug, PartialEq)]
pub(super) struct Classified {
    pub(super) labels: Vec<u8>,
    /// Probabilities, 255 being certain.
    pub(super) confidence: Vec<u8>,
    /// The mean probability.
    pub(super) mean_confidence: f64,
}

/// When the class is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settle {
    /// The argmax of the upsampled logits; with several looks, of the mean of their softmaxes.
    AfterUpsampling,
    /// The argmax of the logits as they are, upsampled by nearest
    /// (`prediction_with_upsampled_logits=0`); the first look alone counts.
    BeforeUpsampling,
}

/// Rows that one task takes on at a time.
const BAND: usize = 16;

/// Classifies each pixel of the `looks` at an image, which are of the same pixels and classes.
pub(super) fn classify(looks: &[Look<'_>], settle: Settle) -> Classified {
    let [height, width] = looks.first().map_or([0; 2], Look::size);
    if let (Settle::BeforeUpsampling, Some(first)) = (settle, looks.first()) {
        return before_upsampling(first);
    }
    let mut labels = vec![0; height * width];
    let mut confidence = vec![0; height * width];
    let band = (BAND * width).max(1);
    let sum: f64 = labels
        .par_chunks_mut(band)
        .zip(confidence.par_chunks_mut(band))
        .enumerate()
        .map(|(index, (labels, confidence))| {
            let mut rows = Rows::new(looks, width);
            let outs = labels
                .chunks_exact_mut(width)
                .zip(confidence.chunks_exact_mut(width));
            outs.enumerate()
                .map(|(row, (labels, confidence))| {
                    rows.classify(index * BAND + row, labels, confidence)
                })
                .sum::<f64>()
        })
        .sum();
    Classified {
        labels,
        confidence,
        mean_confidence: sum / (height * width).max(1) as f64,
    }
}

/// What is needed to classify rows one after the other.
pub(super) struct Rows<'a> {
    looks: Vec<Descent<'a>>,
    width: usize,
    /// `[classes, width]`: one look's upsampled logits, then their exponentials.
    scores: Vec<f32>,
    /// `[classes, width]`: the mean of the looks' probabilities.
    mean: Vec<f32>,
    best: Vec<f32>,
    class: Vec<u32>,
    sum: Vec<f32>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(looks: &'a [Look<'a>], width: usize) -> Self {
        let classes = looks.first().map_or(0, |look| look.logits.classes);
        Self {
            looks: looks.iter().map(Descent::new).collect(),
            width,
            scores: vec![0.0; classes * width],
            mean: Vec::new(),
            best: vec![0.0; width],
            class: vec![0; width],
            sum: vec![0.0; width],
        }
    }

    /// Fills one row; gives the sum of its probabilities.
    fn classify(&mut self, row: usize, labels: &mut [u8], confidence: &mut [u8]) -> f64 {
        if self.looks.len() == 1 {
            self.softmax_sums(0, row, false);
            self.best.copy_from_slice(&self.sum);
            self.best.iter_mut().for_each(|sum| *sum = 1.0 / *sum);
        } else {
            self.probabilities(row);
            argmax(&self.mean, self.width, &mut self.best, &mut self.class);
        }
        for (label, class) in labels.iter_mut().zip(&self.class) {
            *label = *class as u8;
        }
        for (confidence, best) in confidence.iter_mut().zip(&self.best) {
            *confidence = (best * 255.0 + 0.5) as u8;
        }
        self.best.iter().map(|best| f64::from(*best)).sum()
    }

    /// The probabilities of a row of pixels, the mean over the looks: `[classes, width]`.
    pub(super) fn probabilities(&mut self, row: usize) -> &[f32] {
        self.mean.clear();
        self.mean.resize(self.scores.len(), 0.0);
        let looks = self.looks.len() as f32;
        for look in 0..self.looks.len() {
            self.softmax_sums(look, row, true);
            self.sum
                .iter_mut()
                .for_each(|sum| *sum = 1.0 / (*sum * looks));
            let rows = self.mean.chunks_exact_mut(self.width.max(1));
            for (mean, scores) in rows.zip(self.scores.chunks_exact(self.width.max(1))) {
                for ((mean, score), factor) in mean.iter_mut().zip(scores).zip(&self.sum) {
                    *mean += score * factor;
                }
            }
        }
        &self.mean
    }

    /// Upsamples a row of one look; leaves its classes in `class` and, in `sum`, the sums of
    /// exponentials relative to the largest logit; keeps these exponentials if wanted.
    fn softmax_sums(&mut self, look: usize, row: usize, keep: bool) {
        let (above, below, part) = self.looks[look].at(row);
        vectorised(Softmax {
            above,
            below,
            part,
            keep,
            scores: &mut self.scores,
            best: &mut self.best,
            class: &mut self.class,
            sum: &mut self.sum,
        });
    }
}

/// The middle of [`Rows::softmax_sums`].
struct Softmax<'a> {
    above: &'a [f32],
    below: &'a [f32],
    part: f32,
    keep: bool,
    scores: &'a mut [f32],
    best: &'a mut [f32],
    class: &'a mut [u32],
    sum: &'a mut [f32],
}

impl Vectorised for Softmax<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let width = self.sum.len();
        between(self.above, self.below, self.part, self.scores);
        argmax(self.scores, width, self.best, self.class);
        self.sum.fill(0.0);
        for scores in self.scores.chunks_exact_mut(width.max(1)) {
            for ((score, best), sum) in scores.iter_mut().zip(&*self.best).zip(&mut *self.sum) {
                let exp = exp_of_negative(*score - best);
                *sum += exp;
                if self.keep {
                    *score = exp;
                }
            }
        }
    }
}

/// The values that are `part` of the way from `above` to `below`.
#[inline(always)]
fn between(above: &[f32], below: &[f32], part: f32, out: &mut [f32]) {
    for ((out, above), below) in out.iter_mut().zip(above).zip(below) {
        *out = above + (below - above) * part;
    }
}

/// The largest of `scores`, `[classes, width]`, in each column, and the first class that has it.
#[inline(always)]
fn argmax(scores: &[f32], width: usize, best: &mut [f32], class: &mut [u32]) {
    best.fill(f32::NEG_INFINITY);
    class.fill(0);
    for (index, scores) in scores.chunks_exact(width.max(1)).enumerate() {
        for ((score, best), class) in scores.iter().zip(&mut *best).zip(&mut *class) {
            let wins = score > best;
            *best = if wins { *score } else { *best };
            *class = if wins { index as u32 } else { *class };
        }
    }
}

/// As [`Settle::BeforeUpsampling`] says; the probability is the upsampled one of that class.
fn before_upsampling(look: &Look<'_>) -> Classified {
    let logits = look.logits;
    let [height, width] = logits.size;
    let plane = height * width;
    let mut best = vec![0.0; plane];
    let mut class = vec![0; plane];
    argmax(&logits.values, plane, &mut best, &mut class);
    let probabilities = softmax(logits, &best);
    let content = look.size();
    let nearest = |tap: &Tap| if tap.part < 0.5 { tap.low } else { tap.high };
    let columns: Vec<usize> = look.columns.iter().map(nearest).collect();
    let look = Look::at(&probabilities, look.rows.clone(), look.columns.clone());
    let mut classified = Classified {
        labels: Vec::with_capacity(content[0] * content[1]),
        confidence: Vec::with_capacity(content[0] * content[1]),
        mean_confidence: 0.0,
    };
    let mut upsampled = vec![0.0; logits.classes * content[1]];
    let mut descent = Descent::new(&look);
    for row in 0..content[0] {
        let (above, below, part) = descent.at(row);
        between(above, below, part, &mut upsampled);
        let nearest_row = nearest(&look.rows[row]);
        for (x, column) in columns.iter().enumerate() {
            let class = class[nearest_row * width + column];
            let probability = upsampled[class as usize * content[1] + x];
            classified.labels.push(class as u8);
            classified
                .confidence
                .push((probability * 255.0 + 0.5) as u8);
            classified.mean_confidence += f64::from(probability);
        }
    }
    classified.mean_confidence /= (content[0] * content[1]).max(1) as f64;
    classified
}

/// The probabilities that `logits` stand for, at their own size; `best` are the largest logits.
fn softmax(logits: &Logits, best: &[f32]) -> Logits {
    let plane = best.len().max(1);
    let mut sum = vec![0.0; plane];
    let mut probabilities = logits.clone();
    for scores in probabilities.values.chunks_exact_mut(plane) {
        for ((score, best), sum) in scores.iter_mut().zip(best).zip(&mut sum) {
            *score = exp_of_negative(*score - best);
            *sum += *score;
        }
    }
    for scores in probabilities.values.chunks_exact_mut(plane) {
        let shares = scores.iter_mut().zip(&sum);
        shares.for_each(|(score, sum)| *score /= sum);
    }
    probabilities
}

#[cfg(test)]
mod tests;
