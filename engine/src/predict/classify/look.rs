//! Low-resolution logits, seen at full size one row at a time.

use std::ops::Range;

use crate::network::resize::{Sampling, Tap};
use crate::predict::Logits;

/// Logits with the places that each pixel of a larger map, or of a part of it, looks at.
pub(in crate::predict) struct Look<'a> {
    pub(super) logits: &'a Logits,
    pub(super) rows: Vec<Tap>,
    pub(super) columns: Vec<Tap>,
    /// Columns between the same two low-resolution ones, with these two.
    spans: Vec<(Range<usize>, usize, usize)>,
    /// How far each column is between its two.
    parts: Vec<f32>,
}

impl<'a> Look<'a> {
    /// The rows and columns of `part` of `logits` at `size`, which is `[height, width]`.
    pub(in crate::predict) fn new(
        logits: &'a Logits,
        size: [usize; 2],
        [rows, columns]: [Range<usize>; 2],
        sampling: Sampling,
    ) -> Self {
        let rows = sampling.taps(logits.size[0], size[0])[rows].to_vec();
        let columns = sampling.taps(logits.size[1], size[1])[columns].to_vec();
        Self::at(logits, rows, columns)
    }

    /// The pixels in rows and columns that look at these places.
    pub(in crate::predict) fn at(logits: &'a Logits, rows: Vec<Tap>, columns: Vec<Tap>) -> Self {
        let mut spans = Vec::new();
        for group in columns.chunk_by(|a, b| a.low == b.low) {
            let start = spans
                .last()
                .map_or(0, |(range, ..): &(Range<usize>, _, _)| range.end);
            spans.push((start..start + group.len(), group[0].low, group[0].high));
        }
        Self {
            logits,
            rows,
            parts: columns.iter().map(|tap| tap.part).collect(),
            columns,
            spans,
        }
    }

    /// Height and width of what is looked at.
    pub(super) fn size(&self) -> [usize; 2] {
        [self.rows.len(), self.columns.len()]
    }

    /// A row of the logits at full width, `[classes, width]`.
    fn widen(&self, row: usize, out: &mut [f32]) {
        let [height, width] = self.logits.size;
        let planes = self.logits.values.chunks_exact(height * width);
        let outs = out.chunks_exact_mut(self.parts.len().max(1));
        for (plane, out) in planes.zip(outs) {
            let narrow = &plane[row * width..][..width];
            for (range, low, high) in &self.spans {
                let (start, step) = (narrow[*low], narrow[*high] - narrow[*low]);
                let parts = &self.parts[range.clone()];
                for (out, part) in out[range.clone()].iter_mut().zip(parts) {
                    *out = start + step * part;
                }
            }
        }
    }
}

/// A look on its way down the image: keeps the two widened rows that it is between, because
/// several full-size rows lie between the same two.
pub(super) struct Descent<'a> {
    look: &'a Look<'a>,
    /// The rows of the logits that are in `above` and `below`.
    rows: [Option<usize>; 2],
    above: Vec<f32>,
    below: Vec<f32>,
}

impl<'a> Descent<'a> {
    pub(super) fn new(look: &'a Look<'a>) -> Self {
        let len = look.logits.classes * look.parts.len();
        Self {
            look,
            rows: [None; 2],
            above: vec![0.0; len],
            below: vec![0.0; len],
        }
    }

    /// The widened rows above and below the full-size row `row`, `[classes, width]` each, and how
    /// far it is between them.
    pub(super) fn at(&mut self, row: usize) -> (&[f32], &[f32], f32) {
        let Tap { low, high, part } = self.look.rows[row];
        if self.rows[1] == Some(low) {
            std::mem::swap(&mut self.above, &mut self.below);
            self.rows.swap(0, 1);
        }
        if self.rows[0] != Some(low) {
            self.look.widen(low, &mut self.above);
        }
        if self.rows[1] != Some(high) {
            self.look.widen(high, &mut self.below);
        }
        self.rows = [Some(low), Some(high)];
        (&self.above, &self.below, part)
    }
}
