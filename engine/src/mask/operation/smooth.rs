//! Smooth: the class that most pixels around have.

use super::{LARGEST_RADIUS, Patch, Scope, bands, bounds_of, widened};
use crate::error::Result;
use crate::jobs::Watch;
use crate::mask::{LabelMap, Rect};

/// See [`Operation::Smooth`](super::Operation::Smooth).
pub(super) fn smooth(
    map: &LabelMap,
    scope: &Scope,
    radius: u32,
    watch: &dyn Watch,
) -> Result<Vec<Patch>> {
    let radius = radius.min(LARGEST_RADIUS);
    let rect = match scope.class {
        Some(class) => {
            let all = bounds_of(map, class, map.bounds());
            widened(all, radius, map.bounds()).intersection(scope.bounds(map))
        }
        None => scope.bounds(map),
    };
    bands(rect, watch, |band| {
        let window = Window::new(map, band, radius as usize);
        let mut patches = Vec::new();
        for y in band.rows() {
            window.row(y, |x, old, new| {
                let wanted = scope.class.is_none_or(|class| class == old || class == new);
                if wanted {
                    super::near::add(&mut patches, y, x, new);
                }
            });
        }
        patches
    })
}

/// A band of the map with what lies within the radius of it.
struct Window {
    band: Rect,
    rect: Rect,
    width: usize,
    radius: usize,
    pixels: Vec<u8>,
    /// For each pixel of the band: whether anything within the radius differs from its neighbour.
    /// Elsewhere nothing can change.
    mixed: Vec<bool>,
}

impl Window {
    fn new(map: &LabelMap, band: Rect, radius: usize) -> Self {
        let rect = widened(band, radius as u32, map.bounds());
        let mut window = Self {
            band,
            rect,
            width: rect.width as usize,
            radius,
            pixels: map.read_rect(rect),
            mixed: Vec::new(),
        };
        window.mixed = window.find_mixed();
        window
    }

    fn height(&self) -> usize {
        self.rect.height as usize
    }

    /// The rows of the area that a row of it reaches.
    fn reach(&self, row: usize) -> std::ops::Range<usize> {
        row.saturating_sub(self.radius)..(row + self.radius + 1).min(self.height())
    }

    fn find_mixed(&self) -> Vec<bool> {
        let width = self.width;
        let differs = |row: usize, x: usize| {
            let at = row * width + x;
            let next = x + 1 < width && self.pixels[at] != self.pixels[at + 1];
            next || self
                .pixels
                .get(at + width)
                .is_some_and(|below| *below != self.pixels[at])
        };
        let mut mixed = vec![false; self.band.area() as usize];
        let first = (self.band.y - self.rect.y) as usize;
        let left = (self.band.x - self.rect.x) as usize;
        // How many pixels of each column, within the radius, differ from a neighbour.
        let mut counts = vec![0_u32; width];
        let mut reached = 0..0;
        for (row, line) in (first..).zip(mixed.chunks_exact_mut(self.band.width as usize)) {
            let reach = self.reach(row);
            for leaving in reached.start..reach.start.min(reached.end) {
                (0..width).for_each(|x| counts[x] -= u32::from(differs(leaving, x)));
            }
            for coming in reached.end.max(reach.start)..reach.end {
                (0..width).for_each(|x| counts[x] += u32::from(differs(coming, x)));
            }
            reached = reach;
            let mut until = 0;
            for (x, _) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                let from = x.saturating_sub(self.radius).max(left).max(until);
                until = (x + self.radius + 1).min(left + line.len());
                if from < until {
                    line[from - left..until - left].fill(true);
                }
            }
        }
        mixed
    }

    /// Tells the pixels of a row of the band that change: column, old and new value.
    fn row(&self, y: u32, mut change: impl FnMut(u32, u8, u8)) {
        let row = (y - self.rect.y) as usize;
        let rows = self.reach(row);
        let line = ((y - self.band.y) * self.band.width) as usize;
        let mixed = &self.mixed[line..line + self.band.width as usize];
        let left = (self.band.x - self.rect.x) as usize;
        let mut counts = Counts::default();
        let mut covered = 0..0;
        for (x, _) in (left..).zip(mixed).filter(|(_, mixed)| **mixed) {
            let columns = x.saturating_sub(self.radius)..(x + self.radius + 1).min(self.width);
            if columns.start >= covered.end {
                counts = Counts::default();
                covered = columns.start..columns.start;
            }
            for column in covered.start..columns.start {
                self.column(rows.clone(), column, |value| counts.remove(value));
            }
            for column in covered.end..columns.end {
                self.column(rows.clone(), column, |value| counts.add(value));
            }
            covered = columns;
            let old = self.pixels[row * self.width + x];
            let new = counts.most(old);
            if new != old {
                change(self.rect.x + x as u32, old, new);
            }
        }
    }

    fn column(&self, rows: std::ops::Range<usize>, column: usize, mut each: impl FnMut(u8)) {
        for row in rows {
            each(self.pixels[row * self.width + column]);
        }
    }
}

/// How many pixels of a window have each value.
struct Counts {
    of: [u32; 256],
    all: u32,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            of: [0; 256],
            all: 0,
        }
    }
}

impl Counts {
    fn add(&mut self, value: u8) {
        self.of[usize::from(value)] += 1;
        self.all += 1;
    }

    fn remove(&mut self, value: u8) {
        self.of[usize::from(value)] -= 1;
        self.all -= 1;
    }

    /// The most frequent value; `old` where none has more, otherwise the lowest of those.
    fn most(&self, old: u8) -> u8 {
        let mine = self.of[usize::from(old)];
        if 2 * mine >= self.all {
            return old;
        }
        let most = self.of.iter().copied().fold(0, u32::max);
        if most == mine {
            return old;
        }
        let found = self.of.iter().position(|count| *count == most);
        found.map_or(old, |value| value as u8)
    }
}
