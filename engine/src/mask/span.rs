//! What shapes are made of.

use super::rect::Rect;

/// A point of the image plane in pixels: x to the right, y down; (0, 0) is the top left corner of
/// the first pixel, whose centre is (0.5, 0.5).
pub type Point = [f32; 2];

/// Neighbouring pixels of one row: columns `start..end` of row `y`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The row.
    pub y: u32,
    /// The first column.
    pub start: u32,
    /// The column after the last.
    pub end: u32,
}

impl Span {
    /// The span as a rectangle one pixel high.
    pub fn rect(&self) -> Rect {
        Rect::from_ranges(self.start..self.end, self.y..self.y.saturating_add(1))
    }
}

/// The pixels from `low` to `high` (fractional indices, both included), clipped to `start..end`.
pub(crate) fn clipped(low: f64, high: f64, start: u32, end: u32) -> std::ops::Range<u32> {
    // Float to integer casts saturate, so nothing here can wrap.
    let first = low.max(f64::from(start)).ceil() as u32;
    let last = (high.min(f64::from(end) - 1.0).floor() + 1.0).max(0.0) as u32;
    first.max(start)..last.min(end).max(first.max(start))
}

/// Appends the runs of `inside` values of a row that starts at column `x`.
pub(crate) fn collect_row<T>(
    spans: &mut Vec<Span>,
    [x, y]: [u32; 2],
    row: &[T],
    inside: impl Fn(&T) -> bool,
) {
    let mut at = 0;
    while let Some(start) = row[at..].iter().position(&inside).map(|skip| at + skip) {
        let length = row[start..].iter().position(|value| !inside(value));
        at = length.map_or(row.len(), |length| start + length);
        spans.push(Span {
            y,
            start: x + start as u32,
            end: x + at as u32,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{Span, clipped, collect_row};

    #[test]
    fn clipping_keeps_whole_indices_between_the_ends() {
        assert_eq!(clipped(1.2, 3.0, 0, 10), 2..4);
        assert_eq!(clipped(-5.0, 2.9, 0, 10), 0..3);
        assert_eq!(clipped(7.5, 1e30, 0, 10), 8..10);
        assert!(clipped(3.2, 3.8, 0, 10).is_empty());
        assert!(clipped(-9.0, -1.0, 0, 10).is_empty());
        assert!(clipped(11.0, 20.0, 0, 10).is_empty());
        assert!(clipped(0.0, 5.0, 0, 0).is_empty());
    }

    #[test]
    fn runs_of_a_row_are_found_with_their_ends() {
        let mut spans = Vec::new();
        collect_row(&mut spans, [10, 4], &[1, 0, 1, 1, 0, 0, 1], |value| {
            *value == 1
        });
        let found: Vec<_> = spans.iter().map(|span| (span.start, span.end)).collect();
        assert_eq!(found, [(10, 11), (12, 14), (16, 17)]);
        assert!(spans.iter().all(|span: &Span| span.y == 4));
        collect_row(&mut spans, [0, 0], &[0; 5], |value| *value == 1);
        assert_eq!(spans.len(), 3);
    }
}
