//! Any set of pixels.

use super::rect::Rect;
use super::span::Span;

/// A set of pixels as spans from top to bottom and left to right, none of which touch: a selection,
/// say, or what a polygon covers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Region {
    spans: Vec<Span>,
    /// Where the spans of each row of `bounds` begin, and the end of the last.
    rows: Vec<usize>,
    bounds: Rect,
}

impl Region {
    /// The union of the spans, which may overlap and come in any order.
    pub fn new(mut spans: Vec<Span>) -> Self {
        spans.retain(|span| span.start < span.end);
        spans.sort_unstable_by_key(|span| (span.y, span.start));
        let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
        for span in spans {
            match joined.last_mut() {
                Some(last) if last.y == span.y && span.start <= last.end => {
                    last.end = last.end.max(span.end);
                }
                _ => joined.push(span),
            }
        }
        let bounds = joined
            .iter()
            .fold(Rect::EMPTY, |bounds, span| bounds.union(span.rect()));
        let mut rows = Vec::with_capacity(bounds.height as usize + 1);
        for (place, span) in joined.iter().enumerate() {
            rows.resize(rows.len().max((span.y - bounds.y) as usize + 1), place);
        }
        rows.push(joined.len());
        Self {
            spans: joined,
            rows,
            bounds,
        }
    }

    /// The spans, sorted; no two of them touch.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The smallest rectangle that holds it.
    pub fn bounds(&self) -> Rect {
        self.bounds
    }

    /// How many pixels are in it.
    pub fn area(&self) -> u64 {
        let length = |span: &Span| u64::from(span.end - span.start);
        self.spans.iter().map(length).sum()
    }

    /// Whether no pixel is in it.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The spans of one row.
    pub fn row(&self, y: u32) -> &[Span] {
        if !self.bounds.rows().contains(&y) {
            return &[];
        }
        let row = (y - self.bounds.y) as usize;
        &self.spans[self.rows[row]..self.rows[row + 1]]
    }

    /// Whether the pixel is in it.
    pub fn contains(&self, x: u32, y: u32) -> bool {
        let row = self.row(y);
        let after = row.partition_point(|span| span.end <= x);
        row.get(after).is_some_and(|span| span.start <= x)
    }

    /// The parts of a span that are in it.
    pub fn clip(&self, span: Span) -> impl Iterator<Item = Span> + '_ {
        let row = self.row(span.y);
        let first = row.partition_point(|other| other.end <= span.start);
        row[first..]
            .iter()
            .take_while(move |other| other.start < span.end)
            .map(move |other| Span {
                y: span.y,
                start: other.start.max(span.start),
                end: other.end.min(span.end),
            })
    }
}

impl From<Rect> for Region {
    fn from(rect: Rect) -> Self {
        let row = |y| Span {
            y,
            start: rect.x,
            end: rect.right(),
        };
        Self::new(rect.rows().map(row).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_the_set_of_its_pixels(
            spans in prop::collection::vec((3..20_u32, 0..30_u32, 0..12_u32), 0..30),
            cut in (0..22_u32, 0..30_u32, 0..30_u32),
        ) {
            let spans: Vec<Span> = spans
                .iter()
                .map(|(y, start, length)| Span { y: *y, start: *start, end: start + length })
                .collect();
            let set: HashSet<(u32, u32)> = spans
                .iter()
                .flat_map(|span| (span.start..span.end).map(|x| (x, span.y)))
                .collect();
            let region = Region::new(spans);
            prop_assert_eq!(region.area(), set.len() as u64);
            prop_assert_eq!(region.is_empty(), set.is_empty());
            for y in 0..24 {
                for x in 0..50 {
                    prop_assert_eq!(region.contains(x, y), set.contains(&(x, y)));
                    prop_assert!(!set.contains(&(x, y)) || region.bounds().contains(x, y));
                }
            }
            let (y, start, length) = cut;
            let end = start + length;
            let clipped: Vec<u32> = region
                .clip(Span { y, start, end })
                .flat_map(|span| span.start..span.end)
                .collect();
            let expected: Vec<u32> = (start..end).filter(|x| set.contains(&(*x, y))).collect();
            prop_assert_eq!(clipped, expected);
        }
    }

    #[test]
    fn a_rectangle_is_a_region() {
        let rect = Rect::new(3, 4, 5, 6);
        let region = Region::from(rect);
        assert_eq!((region.bounds(), region.area()), (rect, 30));
        assert!(Region::from(Rect::EMPTY).is_empty());
    }
}
