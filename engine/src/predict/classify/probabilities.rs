//! The probability of every class, for those who want more than the largest.

use rayon::prelude::*;

use super::look::Descent;
use super::{BAND, Look, Rows, Settle, argmax, between, softmax};
use crate::predict::Logits;

/// The probabilities at each pixel of the `looks` at an image, which are of the same pixels and
/// classes: `[height, classes, width]`, the mean of the looks' softmaxes.
///
/// Where the class is settled before upsampling, the probabilities are upsampled, not the logits.
pub(in crate::predict) fn probabilities(looks: &[Look<'_>], settle: Settle) -> Vec<f32> {
    let Some(first) = looks.first() else {
        return Vec::new();
    };
    let [height, width] = first.size();
    let line = (first.logits.classes * width).max(1);
    let mut rows = vec![0.0; height * line];
    if settle == Settle::BeforeUpsampling {
        let coarse = softmax(first.logits, &largest(first.logits));
        let look = Look::at(&coarse, first.rows.clone(), first.columns.clone());
        let mut descent = Descent::new(&look);
        for (row, out) in rows.chunks_exact_mut(line).enumerate() {
            let (above, below, part) = descent.at(row);
            between(above, below, part, out);
        }
        return rows;
    }
    let bands = rows.par_chunks_mut(BAND * line).enumerate();
    bands.for_each(|(band, out)| {
        let mut rows = Rows::new(looks, width);
        for (row, out) in out.chunks_exact_mut(line).enumerate() {
            out.copy_from_slice(rows.probabilities(band * BAND + row));
        }
    });
    rows
}

/// The largest logit of each pixel.
fn largest(logits: &Logits) -> Vec<f32> {
    let plane = logits.size[0] * logits.size[1];
    let (mut best, mut class) = (vec![0.0; plane], vec![0; plane]);
    argmax(&logits.values, plane, &mut best, &mut class);
    best
}
