//! A rectangle of pixels.

use std::ops::Range;

/// A rectangle of whole pixels; empty where a side is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rect {
    /// The leftmost column.
    pub x: u32,
    /// The topmost row.
    pub y: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Rect {
    /// No pixel at all.
    pub const EMPTY: Self = Self {
        x: 0,
        y: 0,
        width: 0,
        height: 0,
    };

    /// The rectangle with this corner and size, in pixels.
    pub fn new(x: u32, y: u32, width: u32, height: u32) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// The rectangle of these columns and rows.
    pub fn from_ranges(columns: Range<u32>, rows: Range<u32>) -> Self {
        Self {
            x: columns.start,
            y: rows.start,
            width: columns.end.saturating_sub(columns.start),
            height: rows.end.saturating_sub(rows.start),
        }
    }

    /// Whether there is no pixel in it.
    pub fn is_empty(&self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// The first column to the right of it.
    pub fn right(&self) -> u32 {
        self.x.saturating_add(self.width)
    }

    /// The first row below it.
    pub fn bottom(&self) -> u32 {
        self.y.saturating_add(self.height)
    }

    /// Its columns.
    pub fn columns(&self) -> Range<u32> {
        self.x..self.right()
    }

    /// Its rows.
    pub fn rows(&self) -> Range<u32> {
        self.y..self.bottom()
    }

    /// Its pixels.
    pub fn area(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Whether the pixel lies in it.
    pub fn contains(&self, x: u32, y: u32) -> bool {
        self.columns().contains(&x) && self.rows().contains(&y)
    }

    /// Whether every pixel of `other` lies in it.
    pub fn contains_rect(&self, other: Self) -> bool {
        other.is_empty() || self.intersection(other) == other
    }

    /// The pixels in both.
    pub fn intersection(&self, other: Self) -> Self {
        let both = Self::from_ranges(
            self.x.max(other.x)..self.right().min(other.right()),
            self.y.max(other.y)..self.bottom().min(other.bottom()),
        );
        if both.is_empty() { Self::EMPTY } else { both }
    }

    /// The smallest rectangle that holds both.
    pub fn union(&self, other: Self) -> Self {
        match (self.is_empty(), other.is_empty()) {
            (_, true) => *self,
            (true, false) => other,
            (false, false) => Self::from_ranges(
                self.x.min(other.x)..self.right().max(other.right()),
                self.y.min(other.y)..self.bottom().max(other.bottom()),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_rectangles_add_nothing() {
        let rect = Rect::new(3, 4, 5, 6);
        assert_eq!(rect.union(Rect::EMPTY), rect);
        assert_eq!(Rect::EMPTY.union(rect), rect);
        assert_eq!(rect.intersection(Rect::new(8, 4, 2, 2)), Rect::EMPTY);
        assert!(rect.contains_rect(Rect::EMPTY));
    }

    #[test]
    fn union_and_intersection_are_what_they_say() {
        let (a, b) = (Rect::new(0, 0, 4, 4), Rect::new(2, 3, 10, 2));
        assert_eq!(a.intersection(b), Rect::new(2, 3, 2, 1));
        assert_eq!(a.union(b), Rect::new(0, 0, 12, 5));
        assert!(a.contains(3, 3) && !a.contains(4, 3));
        assert!(a.union(b).contains_rect(b) && !a.contains_rect(b));
    }
}
