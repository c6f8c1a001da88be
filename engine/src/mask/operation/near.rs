//! Grow and shrink: pixels take the value of the nearest pixel of a kind, within a radius.
//!
//! The distance is Euclid's between pixel centres, exactly: first along the columns, then along
//! each row the lower envelope of parabolas (Felzenszwalb and Huttenlocher, Distance Transforms of
//! Sampled Functions, 2012).

use atrous_palettes::VOID;

use super::{LARGEST_RADIUS, Patch, Scope, bands, bounds_of, is_labelled, widened};
use crate::error::Result;
use crate::jobs::Watch;
use crate::mask::{LabelMap, Rect, Span};

/// No source in this column.
const FAR: u16 = u16::MAX;

/// See [`Operation::Grow`](super::Operation::Grow).
pub(super) fn grow(
    map: &LabelMap,
    scope: &Scope,
    radius: u32,
    watch: &dyn Watch,
) -> Result<Vec<Patch>> {
    let radius = radius.min(LARGEST_RADIUS);
    let Some(class) = scope.class else {
        let rule = Rule {
            source: |area: &Area, at| is_labelled(area.pixels[at]),
            target: |value| value == VOID,
            becomes: |nearest| nearest,
            reach: radius,
        };
        return rule.apply(map, scope.bounds(map), watch);
    };
    let all = bounds_of(map, class, map.bounds());
    let rect = widened(all, radius, map.bounds()).intersection(scope.bounds(map));
    let rule = Rule {
        source: |area: &Area, at| area.pixels[at] == class,
        target: |value| value != class,
        becomes: |_| class,
        reach: radius,
    };
    rule.apply(map, rect, watch)
}

/// See [`Operation::Shrink`](super::Operation::Shrink).
pub(super) fn shrink(
    map: &LabelMap,
    scope: &Scope,
    radius: u32,
    watch: &dyn Watch,
) -> Result<Vec<Patch>> {
    let radius = radius.min(LARGEST_RADIUS);
    let Some(class) = scope.class else {
        if radius == 0 {
            return Ok(Vec::new());
        }
        // The pixels on both sides of a border are within 1 of it.
        let rule = Rule {
            source: Area::is_border,
            target: is_labelled,
            becomes: |_| VOID,
            reach: radius - 1,
        };
        return rule.apply(map, scope.bounds(map), watch);
    };
    let rule = Rule {
        source: |area: &Area, at| area.pixels[at] != class,
        target: |value| value == class,
        becomes: |nearest| nearest,
        reach: radius,
    };
    rule.apply(map, bounds_of(map, class, scope.bounds(map)), watch)
}

/// Which pixels change, and what for.
struct Rule<S, T, B> {
    /// Whether a pixel's value spreads.
    source: S,
    /// Whether a pixel of this value can change.
    target: T,
    /// What a pixel becomes that has a source of this value nearest.
    becomes: B,
    /// How far a source may be, in pixels.
    reach: u32,
}

impl<S, T, B> Rule<S, T, B>
where
    S: Fn(&Area, usize) -> bool + Sync,
    T: Fn(u8) -> bool + Sync,
    B: Fn(u8) -> u8 + Sync,
{
    fn apply(&self, map: &LabelMap, rect: Rect, watch: &dyn Watch) -> Result<Vec<Patch>> {
        bands(rect, watch, |band| self.band(map, band))
    }

    fn band(&self, map: &LabelMap, band: Rect) -> Vec<Patch> {
        // One more than the reach: a border is seen from both sides.
        let area = Area::cut(map, widened(band, self.reach + 1, map.bounds()));
        let below = self.distances_below(&area);
        let mut above = vec![FAR; area.width];
        let mut steps = vec![0_i32; area.width];
        let mut envelope = Envelope::default();
        let mut patches = Vec::new();
        for row in 0..area.height() {
            let line = row * area.width;
            for (x, rows) in above.iter_mut().enumerate() {
                let source = (self.source)(&area, line + x);
                *rows = if source { 0 } else { rows.saturating_add(1) };
            }
            let y = area.rect.y + row as u32;
            if !band.rows().contains(&y) {
                continue;
            }
            for (x, step) in steps.iter_mut().enumerate() {
                let (up, down) = (above[x], below[line + x]);
                let nearest = up.min(down);
                *step = match () {
                    () if u32::from(nearest) > self.reach => i32::MAX,
                    () if up <= down => -i32::from(up),
                    () => i32::from(down),
                };
            }
            if steps.iter().any(|step| *step != i32::MAX) {
                envelope.build(&steps);
                self.row(&area, row, band, &steps, &envelope, &mut patches);
            }
        }
        patches
    }

    /// For each pixel of the area, how many rows below the next source is.
    fn distances_below(&self, area: &Area) -> Vec<u16> {
        let mut below = vec![FAR; area.pixels.len()];
        for row in (0..area.height()).rev() {
            let line = row * area.width;
            for x in 0..area.width {
                let next = below.get(line + area.width + x).copied().unwrap_or(FAR);
                let source = (self.source)(area, line + x);
                below[line + x] = if source { 0 } else { next.saturating_add(1) };
            }
        }
        below
    }

    /// The patches of one row.
    fn row(
        &self,
        area: &Area,
        row: usize,
        band: Rect,
        steps: &[i32],
        envelope: &Envelope,
        patches: &mut Vec<Patch>,
    ) {
        let y = area.rect.y + row as u32;
        let limit = i64::from(self.reach) * i64::from(self.reach);
        let mut nearest = 0;
        for x in band.columns() {
            let column = (x - area.rect.x) as usize;
            while envelope.begins(nearest + 1) <= column as i64 {
                nearest += 1;
            }
            let old = area.pixels[row * area.width + column];
            if !(self.target)(old) {
                continue;
            }
            let source = envelope.columns[nearest];
            let across = source as i64 - column as i64;
            let along = i64::from(steps[source]);
            if across * across + along * along > limit {
                continue;
            }
            let from = (row as i64 + along) as usize * area.width + source;
            let value = (self.becomes)(area.pixels[from]);
            add(patches, y, x, value);
        }
    }
}

/// Appends a pixel, to the last patch where it goes on.
pub(super) fn add(patches: &mut Vec<Patch>, y: u32, x: u32, value: u8) {
    match patches.last_mut() {
        Some(last) if last.value == value && last.span.y == y && last.span.end == x => {
            last.span.end += 1;
        }
        _ => patches.push(Patch {
            span: Span {
                y,
                start: x,
                end: x + 1,
            },
            value,
        }),
    }
}

/// A rectangle of the map, row after row.
struct Area {
    rect: Rect,
    width: usize,
    pixels: Vec<u8>,
}

impl Area {
    fn cut(map: &LabelMap, rect: Rect) -> Self {
        Self {
            rect,
            width: rect.width as usize,
            pixels: map.read_rect(rect),
        }
    }

    fn height(&self) -> usize {
        self.rect.height as usize
    }

    /// Whether a pixel has a neighbour, over a side, of another value.
    fn is_border(&self, at: usize) -> bool {
        let (x, value) = (at % self.width, self.pixels[at]);
        let differs = |other: usize| self.pixels.get(other).is_some_and(|other| *other != value);
        (x > 0 && differs(at - 1))
            || (x + 1 < self.width && differs(at + 1))
            || (at >= self.width && differs(at - self.width))
            || differs(at + self.width)
    }
}

/// Which column's source is nearest along a row: the lower envelope of one parabola a column.
#[derive(Default)]
struct Envelope {
    /// The columns whose parabolas are lowest somewhere, from left to right.
    columns: Vec<usize>,
    /// The column from which on each of them is lowest.
    starts: Vec<i64>,
}

impl Envelope {
    /// `steps` are rows to the nearest source of each column, `i32::MAX` where there is none.
    fn build(&mut self, steps: &[i32]) {
        self.columns.clear();
        self.starts.clear();
        let height = |column: usize| {
            let (step, column) = (i64::from(steps[column]), column as i64);
            step * step + column * column
        };
        for column in (0..steps.len()).filter(|column| steps[*column] != i32::MAX) {
            let mut start = i64::MIN;
            while let Some(last) = self.columns.last().copied() {
                // From the first whole column on where the new one is lower.
                let rise = height(column) - height(last);
                start = rise.div_euclid(2 * (column - last) as i64) + 1;
                if self.starts.last().is_some_and(|other| start <= *other) {
                    self.columns.pop();
                    self.starts.pop();
                    start = i64::MIN;
                } else {
                    break;
                }
            }
            self.columns.push(column);
            self.starts.push(start);
        }
    }

    /// From which column on the parabola of this place is lowest.
    fn begins(&self, place: usize) -> i64 {
        self.starts.get(place).copied().unwrap_or(i64::MAX)
    }
}
