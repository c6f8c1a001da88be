//! A change as whole tiles, before and after: nothing is copied to make one, and to make or undo
//! it tiles change places.

use std::sync::Arc;

use super::super::label_map::{LabelMap, TILE, Tile, is_plain, tile_row};
use super::super::rect::Rect;
use super::super::tally::Tally;

/// Tiles in which two maps of one size differ.
#[derive(Debug)]
pub(in crate::mask) struct TileSwap {
    size: [u32; 2],
    tiles: Box<[SwappedTile]>,
}

/// A tile before and after.
#[derive(Debug)]
pub(in crate::mask) struct SwappedTile {
    /// Its place in the map's list.
    place: usize,
    /// Its pixels of the map.
    pub rect: Rect,
    old: Tile,
    new: Tile,
}

impl TileSwap {
    /// The tiles that the maps do not share, as far as they touch `within`, outside of which
    /// nothing may differ.
    pub fn unshared(before: &LabelMap, after: &LabelMap, within: Rect) -> Self {
        let tiles = before.unshared_tiles(after, within);
        let tiles = tiles.map(|(place, rect, old, new)| SwappedTile {
            place,
            rect,
            old: old.clone(),
            new: new.clone(),
        });
        Self {
            size: before.size(),
            tiles: tiles.collect(),
        }
    }

    /// The tiles in which something differs inside `within`, what it is, and the smallest rectangle
    /// that holds it. What else differs is left out.
    pub fn between(before: &LabelMap, after: &LabelMap, within: Rect) -> (Self, Tally, Rect) {
        let mut swap = Self::unshared(before, after, within);
        let (mut tally, mut rect) = (Tally::default(), Rect::EMPTY);
        let differing = swap.tiles.into_iter().filter_map(|tile| {
            let tile = tile.clipped(within);
            let found = tile.count(&mut tally);
            rect = rect.union(found);
            (!found.is_empty()).then_some(tile)
        });
        swap.tiles = differing.collect();
        (swap, tally, rect)
    }

    /// Columns and rows of the maps.
    pub fn size(&self) -> [u32; 2] {
        self.size
    }

    /// The tiles, by rows of tiles and from left to right.
    pub fn tiles(&self) -> &[SwappedTile] {
        &self.tiles
    }

    /// About how many bytes of memory it takes. Tiles of one value cost nothing: all maps share
    /// them.
    pub fn bytes(&self) -> usize {
        let tiles = self.tiles.iter().flat_map(|tile| [&tile.old, &tile.new]);
        let pixels = tiles.filter(|tile| !is_plain(tile)).count() * (TILE * TILE) as usize;
        pixels + self.tiles.len() * size_of::<SwappedTile>()
    }

    /// Makes the change on a map of this size, or takes it back.
    pub fn write(&self, map: &mut LabelMap, back: bool) {
        for tile in &self.tiles {
            let (from, to) = match back {
                false => (&tile.old, &tile.new),
                true => (&tile.new, &tile.old),
            };
            map.swap_tile(tile.place, from, to);
        }
    }
}

impl SwappedTile {
    /// The rows of a part of it, before and after.
    pub fn rows(&self, part: Rect) -> impl Iterator<Item = (&[u8], &[u8])> {
        let row = move |y| (tile_row(&self.old, part, y), tile_row(&self.new, part, y));
        part.rows().map(row)
    }

    /// The tile without what differs outside `within`.
    fn clipped(mut self, within: Rect) -> Self {
        let part = self.rect.intersection(within);
        if part == self.rect || !self.differs_outside(part) {
            return self;
        }
        let mut clipped = self.old.clone();
        let pixels = Arc::make_mut(&mut clipped);
        for (y, (_, new)) in part.rows().zip(self.rows(part)) {
            let start = ((y % TILE) * TILE + part.x % TILE) as usize;
            pixels[start..start + new.len()].copy_from_slice(new);
        }
        self.new = clipped;
        self
    }

    fn differs_outside(&self, part: Rect) -> bool {
        let left = (part.x - self.rect.x) as usize;
        let right = left + part.width as usize;
        let mut rows = self.rect.rows().zip(self.rows(self.rect));
        rows.any(|(y, (old, new))| match part.rows().contains(&y) {
            true => old[..left] != new[..left] || old[right..] != new[right..],
            false => old != new,
        })
    }

    /// Counts what differs. Returns the smallest rectangle that holds it.
    fn count(&self, tally: &mut Tally) -> Rect {
        let mut differs = Rect::EMPTY;
        for (y, (old, new)) in self.rect.rows().zip(self.rows(self.rect)) {
            let found = tally.between(old, new);
            if !found.is_empty() {
                let columns = self.rect.x + found.start as u32..self.rect.x + found.end as u32;
                differs = differs.union(Rect::from_ranges(columns, y..y + 1));
            }
        }
        differs
    }
}
