//! Painting spans: a row of tiles at a time, tile by tile.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use super::tiles::{plain_tile, tile_row};
use super::{LabelMap, TILE, Tile};
use crate::mask::coverage;
use crate::mask::rect::Rect;
use crate::mask::scan;
use crate::mask::span::Span;
use crate::mask::tally::Tally;

/// Shapes of so many pixels are painted by several threads.
const MANY_PIXELS: u64 = 4 << 20;

/// A row of tiles, and the spans that are painted on it.
struct Band<'a> {
    /// The row's number.
    row: u32,
    tiles: &'a mut [Tile],
    spans: &'a [Span],
    /// The columns of tiles that the spans cover whole.
    covered: &'a [[u32; 2]],
}

/// Neighbouring pixels of a row of a tile: the row in the tile, and the columns in it.
type Piece = (u16, u16, u16);

/// Paints bands one after the other.
struct Painter<'a> {
    size: [u32; 2],
    value: u8,
    /// What each value becomes; where there is none all become `value`.
    table: Option<&'a [u8; 256]>,
    /// What is painted on each tile of a band.
    pieces: Vec<Vec<Piece>>,
    tally: Tally,
    dirty: Rect,
}

impl LabelMap {
    /// Sets spans to one value or, where there is a table, each value `v` in them to `table[v]`,
    /// which is `value` for `value` itself.
    /// Tiles that become `value` as a whole are not written to but replaced, all by the same one,
    /// so that large shapes cost little more than their edges. Returns the smallest rectangle that
    /// holds every pixel that changed.
    pub(in crate::mask) fn paint(
        &mut self,
        spans: &[Span],
        value: u8,
        table: Option<&[u8; 256]>,
        tally: &mut Tally,
    ) -> Rect {
        let size = self.size();
        let covered = coverage::whole_tiles(spans, size);
        let inside = spans.iter().filter(|span| span.y < size[1]);
        let pixels: u64 = inside
            .map(|span| u64::from(span.end.saturating_sub(span.start)))
            .sum();
        let threads = match pixels >= MANY_PIXELS {
            true => std::thread::available_parallelism().map_or(1, usize::from),
            false => 1,
        };
        let painter = |_| Painter::new(size, value, table);
        let mut painters: Vec<Painter<'_>> = (0..threads).map(painter).collect();
        let bands = self.bands(spans, &covered);
        match bands {
            Some(bands) if threads > 1 => paint_together(&mut painters, bands),
            Some(bands) => bands.into_iter().for_each(|band| painters[0].paint(band)),
            None => {
                // Spans in disorder: each group for itself.
                for group in spans.chunk_by(|a, b| a.y / TILE == b.y / TILE) {
                    let bands = self.bands(group, &[]).unwrap_or_default();
                    bands.into_iter().for_each(|band| painters[0].paint(band));
                }
            }
        }
        painters.iter().fold(Rect::EMPTY, |dirty, painter| {
            tally.add(&painter.tally);
            dirty.union(painter.dirty)
        })
    }

    /// The rows of tiles with what is painted on each; none where the spans are not in the order
    /// of these rows.
    fn bands<'a>(
        &'a mut self,
        spans: &'a [Span],
        covered: &'a [[u32; 2]],
    ) -> Option<Vec<Band<'a>>> {
        if !spans.is_sorted_by_key(|span| span.y / TILE) {
            return None;
        }
        let mut covered = covered.chunk_by(|a, b| a[1] == b[1]).peekable();
        let mut rows = (0..).zip(self.tiles.chunks_mut(self.columns.max(1)));
        let groups = spans.chunk_by(|a, b| a.y / TILE == b.y / TILE);
        let bands = groups.filter_map(|spans| {
            let row = spans[0].y / TILE;
            let (_, tiles) = rows.find(|(other, _)| *other == row)?;
            let covered = covered.next_if(|covered| covered[0][1] == row);
            Some(Band {
                row,
                tiles,
                spans,
                covered: covered.unwrap_or_default(),
            })
        });
        Some(bands.collect())
    }
}

/// Has the bands painted by this thread and some of its own: the pool may be busy, and the hand
/// waits. Where the system has no thread left, this one does it all.
fn paint_together(painters: &mut [Painter<'_>], bands: Vec<Band<'_>>) {
    let Some((own, others)) = painters.split_first_mut() else {
        return;
    };
    let queue = Mutex::new(bands);
    let next = || queue.lock().ok()?.pop();
    let work = |painter: &mut Painter<'_>| {
        while let Some(band) = next() {
            painter.paint(band);
        }
    };
    std::thread::scope(|scope| {
        for painter in others {
            let helper = std::thread::Builder::new().name("painter".to_owned());
            if let Err(error) = helper.spawn_scoped(scope, move || work(painter)) {
                tracing::debug!("painting with fewer threads: {error}");
            }
        }
        work(own);
    });
}

impl<'a> Painter<'a> {
    fn new(size: [u32; 2], value: u8, table: Option<&'a [u8; 256]>) -> Self {
        Self {
            size,
            value,
            table,
            pieces: vec![Vec::new(); size[0].div_ceil(TILE) as usize],
            tally: Tally::default(),
            dirty: Rect::EMPTY,
        }
    }

    fn paint(&mut self, band: Band<'_>) {
        let plain = plain_tile(self.value);
        let done = |tile: &Tile| Arc::ptr_eq(tile, plain);
        for [column, _] in band.covered {
            self.cover(&mut band.tiles[*column as usize], [*column, band.row]);
        }
        for span in band.spans {
            let y = (span.y % TILE) as u16;
            let end = span.end.min(self.size[0]);
            if span.y >= self.size[1] || end <= span.start {
                continue;
            }
            for column in span.start / TILE..end.div_ceil(TILE) {
                if done(&band.tiles[column as usize]) {
                    continue;
                }
                let left = column * TILE;
                let start = span.start.max(left) - left;
                let piece = (y, start as u16, (end - left).min(TILE) as u16);
                self.pieces[column as usize].push(piece);
            }
        }
        for (column, tile) in (0..).zip(band.tiles) {
            let pieces = std::mem::take(&mut self.pieces[column as usize]);
            let corner = [column * TILE, band.row * TILE];
            for (y, start, end) in &pieces {
                self.fill(tile, corner, *y, *start..*end);
            }
            self.pieces[column as usize] = pieces;
            self.pieces[column as usize].clear();
        }
    }

    /// Puts a tile of one value where the whole tile gets that value, unless some of it stays.
    fn cover(&mut self, tile: &mut Tile, [column, row]: [u32; 2]) {
        let plain = plain_tile(self.value);
        if Arc::ptr_eq(tile, plain) {
            return;
        }
        let bounds = Rect::new(0, 0, self.size[0], self.size[1]);
        let rect = Rect::new(column * TILE, row * TILE, TILE, TILE).intersection(bounds);
        if !rect
            .rows()
            .all(|y| self.becomes_plain(tile_row(tile, rect, y)))
        {
            return;
        }
        let mut dirty = Rect::EMPTY;
        for y in rect.rows() {
            let columns = self.count(tile_row(tile, rect, y));
            if !columns.is_empty() {
                let [start, end] = [columns.start, columns.end].map(|at| rect.x + at as u32);
                dirty = dirty.union(Rect::from_ranges(start..end, y..y + 1));
            }
        }
        if !dirty.is_empty() {
            *tile = plain.clone();
            self.dirty = self.dirty.union(dirty);
        }
    }

    /// A tile of which nothing changes stays shared.
    fn fill(&mut self, tile: &mut Tile, [x, y]: [u32; 2], row: u16, columns: Range<u16>) {
        let from = usize::from(row) * TILE as usize + usize::from(columns.start);
        let place = from..from + columns.len();
        let changed = match self.table {
            None => {
                let changed = self.count(&tile[place]);
                if !changed.is_empty() {
                    let place = from + changed.start..from + changed.end;
                    Arc::make_mut(tile)[place].fill(self.value);
                }
                changed
            }
            Some(table) => self.remap(tile, place, table),
        };
        if changed.is_empty() {
            return;
        }
        let left = x + u32::from(columns.start);
        let y = y + u32::from(row);
        let columns = left + changed.start as u32..left + changed.end as u32;
        self.dirty = self.dirty.union(Rect::from_ranges(columns, y..y + 1));
    }

    /// Replaces values run by run. Returns the places from the first that changes to the last.
    fn remap(&mut self, tile: &mut Tile, place: Range<usize>, table: &[u8; 256]) -> Range<usize> {
        let mut changed = 0..0;
        let mut at = place.start;
        while at < place.end {
            let value = tile[at];
            let end = at + scan::run(&tile[at..place.end], value);
            let new = table[usize::from(value)];
            if new != value {
                self.tally.turn(value, new, (end - at) as u64);
                Arc::make_mut(tile)[at..end].fill(new);
                if changed.is_empty() {
                    changed.start = at - place.start;
                }
                changed.end = end - place.start;
            }
            at = end;
        }
        changed
    }

    /// Whether every pixel of a row becomes the value.
    fn becomes_plain(&self, row: &[u8]) -> bool {
        let Some(table) = self.table else { return true };
        let mut rest = row;
        while let Some(value) = rest.first() {
            if table[usize::from(*value)] != self.value {
                return false;
            }
            rest = &rest[scan::run(rest, *value)..];
        }
        true
    }

    /// Counts what becomes the value in a row of pixels. Returns the places from the first that
    /// changes to the last.
    fn count(&mut self, old: &[u8]) -> Range<usize> {
        let start = scan::run(old, self.value);
        if start == old.len() {
            return 0..0;
        }
        let end = old.len() - scan::run_back(old, self.value);
        self.tally.paint(&old[start..end], self.value);
        start..end
    }
}
