//! Logits that are upsampled row by row, and never held at full size.

use rayon::prelude::*;

use crate::network::resize::{Sampling, Tap};

/// Rows of a label map that one task works on.
const STRIP: usize = 64;

/// Logits, and how they are interpolated to the size of the label maps.
pub(super) struct Field<'a> {
    /// [n, h, w, classes].
    logits: &'a [f32],
    /// Height and width of the logits.
    low: [usize; 2],
    classes: usize,
    /// Height and width of the label maps.
    high: [usize; 2],
    /// For each row of a label map, the rows of logits it lies between.
    rows: Vec<Tap>,
    columns: Vec<Tap>,
}

impl<'a> Field<'a> {
    /// `logits` [n, h, w, classes], to be upsampled to `high`: [height, width].
    pub(super) fn new(
        logits: &'a [f32],
        low: [usize; 3],
        high: [usize; 2],
        sampling: Sampling,
    ) -> Self {
        Self {
            logits,
            low: [low[0], low[1]],
            classes: low[2],
            high,
            rows: sampling.taps(low[0], high[0]),
            columns: sampling.taps(low[1], high[1]),
        }
    }

    /// The unweighted cross entropy of each pixel, 0 where the label is no class.
    pub(super) fn losses(&self, labels: &[u8]) -> Vec<f32> {
        let mut losses = vec![0.0; labels.len()];
        losses
            .par_chunks_mut(self.high[1])
            .enumerate()
            .for_each(|(index, losses)| {
                let line = self.line(index / self.high[0], self.rows[index % self.high[0]]);
                let labels = &labels[index * self.high[1]..][..self.high[1]];
                let mut values = vec![0.0; self.classes];
                for ((loss, label), tap) in losses.iter_mut().zip(labels).zip(&self.columns) {
                    if usize::from(*label) < self.classes {
                        *loss = softmax(self.at(&line, *tap, &mut values), usize::from(*label));
                    }
                }
            });
        losses
    }

    /// The sum of `parts * cross entropy`, and its gradient with respect to the logits.
    pub(super) fn gradient(&self, labels: &[u8], parts: &[f32]) -> (f64, Vec<f32>) {
        let one = self.low[0] * self.low[1] * self.classes;
        let mut gradient = vec![0.0; self.logits.len()];
        let strips_a_map = self.high[0].div_ceil(STRIP);
        // Fixed strips, added up in a fixed order: the result doesn't depend on the threads.
        let strips: Vec<_> = (0..gradient.len() / one.max(1) * strips_a_map)
            .into_par_iter()
            .map(|strip| {
                let first = strip % strips_a_map * STRIP;
                let rows = first..(first + STRIP).min(self.high[0]);
                self.strip(labels, parts, strip / strips_a_map, rows)
            })
            .collect();
        let mut total = 0.0;
        for (start, values, loss) in strips {
            total += loss;
            let target = &mut gradient[start..start + values.len()];
            target
                .iter_mut()
                .zip(&values)
                .for_each(|(sum, value)| *sum += value);
        }
        (total, gradient)
    }

    /// The part of [`Self::gradient`] of some rows of one map: where its values begin, they, the loss.
    fn strip(
        &self,
        labels: &[u8],
        parts: &[f32],
        map: usize,
        rows: std::ops::Range<usize>,
    ) -> (usize, Vec<f32>, f64) {
        let stride = self.low[1] * self.classes;
        let first = self.rows[rows.start].low;
        let last = self.rows[rows.end - 1].high;
        let mut gradient = vec![0.0; (last + 1 - first) * stride];
        let mut line_gradient = vec![0.0; stride];
        let mut values = vec![0.0; self.classes];
        let mut total = 0.0;
        for row in rows {
            let start = (map * self.high[0] + row) * self.high[1];
            let range = start..start + self.high[1];
            let tap = self.rows[row];
            let line = self.line(map, tap);
            line_gradient.fill(0.0);
            let pixels = labels[range.clone()].iter().zip(&parts[range]);
            for ((label, part), column) in pixels.zip(&self.columns) {
                if *part == 0.0 {
                    continue;
                }
                let label = usize::from(*label);
                let loss = softmax(self.at(&line, *column, &mut values), label);
                total += f64::from(*part) * f64::from(loss);
                values[label] -= 1.0;
                values.iter_mut().for_each(|value| *value *= part);
                add(
                    &mut line_gradient[column.low * self.classes..],
                    &values,
                    1.0 - column.part,
                );
                add(
                    &mut line_gradient[column.high * self.classes..],
                    &values,
                    column.part,
                );
            }
            add(
                &mut gradient[(tap.low - first) * stride..],
                &line_gradient,
                1.0 - tap.part,
            );
            add(
                &mut gradient[(tap.high - first) * stride..],
                &line_gradient,
                tap.part,
            );
        }
        ((map * self.low[0] + first) * stride, gradient, total)
    }

    /// The logits of one row of a map, interpolated between two rows: [w, classes].
    fn line(&self, map: usize, tap: Tap) -> Vec<f32> {
        let stride = self.low[1] * self.classes;
        let row = |row: usize| &self.logits[(map * self.low[0] + row) * stride..][..stride];
        row(tap.low)
            .iter()
            .zip(row(tap.high))
            .map(|(low, high)| low + (high - low) * tap.part)
            .collect()
    }

    /// The logits of one pixel of a line, into `values`.
    fn at<'v>(&self, line: &[f32], tap: Tap, values: &'v mut [f32]) -> &'v mut [f32] {
        let low = &line[tap.low * self.classes..][..self.classes];
        let high = &line[tap.high * self.classes..][..self.classes];
        for ((value, low), high) in values.iter_mut().zip(low).zip(high) {
            *value = low + (high - low) * tap.part;
        }
        values
    }
}

/// Turns logits into probabilities; returns the cross entropy of `label`.
fn softmax(values: &mut [f32], label: usize) -> f32 {
    let largest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let own = values[label] - largest;
    let mut sum = 0.0;
    for value in values.iter_mut() {
        *value = (*value - largest).exp();
        sum += *value;
    }
    values.iter_mut().for_each(|value| *value /= sum);
    sum.ln() - own
}

/// Adds `part * values` to the start of `target`.
fn add(target: &mut [f32], values: &[f32], part: f32) {
    for (sum, value) in target.iter_mut().zip(values) {
        *sum += part * value;
    }
}
