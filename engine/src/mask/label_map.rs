//! Label maps in copy-on-write tiles.

mod paint;
mod runs;
mod tiles;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::digest::Digest;
use super::rect::Rect;
use super::scan;
use crate::error::{Error, Result};
pub(super) use tiles::{is_plain, tile_row};

/// The side of a tile, in pixels.
pub const TILE: u32 = 256;

/// The pixels of one tile, row after row. What lies beyond the map's edge is never read.
pub(super) type Tile = Arc<[u8]>;

/// One class index a pixel, 255 being void.
///
/// The pixels lie in shared tiles: a clone copies none of them, and writing copies only the tiles
/// written to while another map still holds them.
#[derive(Clone)]
pub struct LabelMap {
    width: u32,
    height: u32,
    /// Tiles of one row of tiles.
    columns: usize,
    tiles: Vec<Tile>,
}

impl LabelMap {
    /// A map of `width` x `height` pixels, all of one value.
    pub fn filled(width: u32, height: u32, value: u8) -> Self {
        let columns = width.div_ceil(TILE) as usize;
        let tiles =
            vec![tiles::plain_tile(value).clone(); columns * height.div_ceil(TILE) as usize];
        Self {
            width,
            height,
            columns,
            tiles,
        }
    }

    /// A map from its pixels, row after row.
    ///
    /// # Errors
    /// [`Error::Argument`] when there are not `width` x `height` of them.
    pub fn from_vec(width: u32, height: u32, pixels: &[u8]) -> Result<Self> {
        if pixels.len() as u64 != u64::from(width) * u64::from(height) {
            return Err(Error::argument(
                "label map",
                format!("{width} x {height} pixels"),
                format!("{} pixels", pixels.len()),
            ));
        }
        let mut map = Self::filled(width, height, 0);
        for (y, row) in pixels.chunks_exact(width.max(1) as usize).enumerate() {
            map.write_row(0, y as u32, row);
        }
        Ok(map)
    }

    /// Columns.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Columns and rows.
    pub fn size(&self) -> [u32; 2] {
        [self.width, self.height]
    }

    /// All of its pixels.
    pub fn bounds(&self) -> Rect {
        Rect::new(0, 0, self.width, self.height)
    }

    /// The value at a pixel; `None` outside the map.
    pub fn get(&self, x: u32, y: u32) -> Option<u8> {
        if x >= self.width || y >= self.height {
            return None;
        }
        let segment = Segment::at(x..x + 1, y, self.columns);
        self.tiles[segment.tile].get(segment.offset).copied()
    }

    /// Sets one pixel. Nothing happens outside the map.
    pub fn set(&mut self, x: u32, y: u32, value: u8) {
        self.fill_span(y, x..x.saturating_add(1), value);
    }

    /// Sets columns `columns` of row `y`, as far as they lie in the map.
    pub fn fill_span(&mut self, y: u32, columns: Range<u32>, value: u8) {
        for segment in self.segments(y, columns) {
            let old = &self.tiles[segment.tile][segment.pixels()];
            // A tile that already holds the value stays shared.
            if scan::run(old, value) < segment.length {
                Arc::make_mut(&mut self.tiles[segment.tile])[segment.pixels()].fill(value);
            }
        }
    }

    /// Writes `values` into row `y` from column `x` on, as far as they lie in the map.
    pub fn write_row(&mut self, x: u32, y: u32, values: &[u8]) {
        let end = x.saturating_add(u32::try_from(values.len()).unwrap_or(u32::MAX));
        for segment in self.segments(y, x..end) {
            let from = (segment.x - x) as usize;
            Arc::make_mut(&mut self.tiles[segment.tile])[segment.pixels()]
                .copy_from_slice(&values[from..from + segment.length]);
        }
    }

    /// The pixels of a rectangle, row after row. The rectangle is clipped to the map first.
    pub fn read_rect(&self, rect: Rect) -> Vec<u8> {
        let rect = rect.intersection(self.bounds());
        let mut pixels = Vec::with_capacity(rect.area() as usize);
        for y in rect.rows() {
            for piece in self.row(y, rect.columns()) {
                pixels.extend_from_slice(piece);
            }
        }
        pixels
    }

    /// Copies the pixels of row `y` from column `x` on, as far as they lie in the map; the rest of
    /// `into` stays as it is.
    pub fn read_row(&self, x: u32, y: u32, into: &mut [u8]) {
        let end = x.saturating_add(u32::try_from(into.len()).unwrap_or(u32::MAX));
        for segment in self.segments(y, x..end) {
            let from = (segment.x - x) as usize;
            into[from..from + segment.length]
                .copy_from_slice(&self.tiles[segment.tile][segment.pixels()]);
        }
    }

    /// All pixels, row after row.
    pub fn to_vec(&self) -> Vec<u8> {
        self.read_rect(self.bounds())
    }

    /// The map in another size, each pixel from the nearest one by its centre.
    pub fn scaled(&self, [width, height]: [u32; 2]) -> Self {
        if self.size() == [width, height] {
            return self.clone();
        }
        // The centre of the pixel, in the old map: whole numbers, so that nothing is rounded.
        let nearest = |at: u32, new: u32, old: u32| {
            let place = (2 * u64::from(at) + 1) * u64::from(old) / (2 * u64::from(new).max(1));
            place as u32
        };
        let columns: Vec<u32> = (0..width).map(|x| nearest(x, width, self.width)).collect();
        let mut scaled = Self::filled(width, height, 0);
        for y in 0..height {
            let row = nearest(y, height, self.height);
            let old = self.read_rect(Rect::new(0, row, self.width, 1));
            let pixel = |x: &u32| old.get(*x as usize).copied().unwrap_or_default();
            let new: Vec<u8> = columns.iter().map(pixel).collect();
            scaled.write_row(0, y, &new);
        }
        scaled
    }

    /// How many pixels have each of the 256 values.
    pub fn histogram(&self) -> [u64; 256] {
        let mut counts = [0; 256];
        for y in 0..self.height {
            for piece in self.row(y, 0..self.width) {
                for pixel in piece {
                    counts[usize::from(*pixel)] += 1;
                }
            }
        }
        counts
    }

    /// A digest of size and pixels: equal maps have equal digests, here and on other machines.
    pub fn digest(&self) -> u64 {
        let mut digest = Digest::new();
        digest.add(&self.width.to_le_bytes());
        digest.add(&self.height.to_le_bytes());
        for y in 0..self.height {
            for piece in self.row(y, 0..self.width) {
                digest.add(piece);
            }
        }
        digest.value()
    }

    /// The pixels of a row from left to right, a slice for each tile that they cross.
    pub(crate) fn row(&self, y: u32, columns: Range<u32>) -> impl Iterator<Item = &[u8]> {
        self.segments(y, columns)
            .map(|segment| &self.tiles[segment.tile][segment.pixels()])
    }

    /// Pairs of slices of the same pixels in two maps of one size, with their first column.
    /// Tiles that the maps share are left out: their pixels are equal.
    pub(crate) fn unshared_row<'a>(
        &'a self,
        other: &'a Self,
        y: u32,
        columns: Range<u32>,
    ) -> impl Iterator<Item = (u32, &'a [u8], &'a [u8])> {
        self.segments(y, columns)
            .filter(|segment| !Arc::ptr_eq(&self.tiles[segment.tile], &other.tiles[segment.tile]))
            .map(|segment| {
                let mine = &self.tiles[segment.tile][segment.pixels()];
                (
                    segment.x,
                    mine,
                    &other.tiles[segment.tile][segment.pixels()],
                )
            })
    }

    /// The pieces of a row, clipped to the map, one for each tile.
    fn segments(&self, y: u32, columns: Range<u32>) -> impl Iterator<Item = Segment> + use<> {
        let end = if y < self.height {
            columns.end.min(self.width)
        } else {
            0
        };
        let (mut x, columns) = (columns.start, self.columns);
        std::iter::from_fn(move || {
            let stop = end.min((x / TILE + 1).saturating_mul(TILE));
            let piece = (x < stop).then(|| Segment::at(x..stop, y, columns));
            x = stop.max(x);
            piece
        })
    }
}

impl PartialEq for LabelMap {
    fn eq(&self, other: &Self) -> bool {
        self.size() == other.size()
            && (0..self.height).all(|y| {
                self.unshared_row(other, y, 0..self.width)
                    .all(|(_, mine, theirs)| mine == theirs)
            })
    }
}

impl Eq for LabelMap {}

impl fmt::Debug for LabelMap {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "LabelMap({} x {})", self.width, self.height)
    }
}

/// A piece of a row that lies in one tile.
struct Segment {
    /// The tile's place in the list.
    tile: usize,
    /// The first pixel's place in the tile.
    offset: usize,
    /// Pixels.
    length: usize,
    /// The first pixel's column in the map.
    x: u32,
}

impl Segment {
    fn at(columns: Range<u32>, y: u32, tile_columns: usize) -> Self {
        Self {
            tile: (y / TILE) as usize * tile_columns + (columns.start / TILE) as usize,
            offset: ((y % TILE) * TILE + columns.start % TILE) as usize,
            length: columns.len(),
            x: columns.start,
        }
    }

    fn pixels(&self) -> Range<usize> {
        self.offset..self.offset + self.length
    }
}

#[cfg(test)]
mod tests;
