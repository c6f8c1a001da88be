//! Label maps tile by tile: shared, swapped, painted over.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::{LabelMap, TILE, Tile};
use crate::mask::rect::Rect;

/// Tiles of one value: every map that has one shares it.
static PLAIN: [OnceLock<Tile>; 256] = [const { OnceLock::new() }; 256];

/// The tile that has the value everywhere.
pub(in crate::mask) fn plain_tile(value: u8) -> &'static Tile {
    PLAIN[usize::from(value)].get_or_init(|| vec![value; (TILE * TILE) as usize].into())
}

/// Whether it is the one that all maps share.
pub(in crate::mask) fn is_plain(tile: &Tile) -> bool {
    let plain = tile
        .first()
        .and_then(|value| PLAIN[usize::from(*value)].get());
    plain.is_some_and(|plain| Arc::ptr_eq(tile, plain))
}

/// A row's pixels in a tile, as far as they lie in the map: `rect` is the tile's part of the map,
/// or less of it.
pub(in crate::mask) fn tile_row(tile: &[u8], rect: Rect, y: u32) -> &[u8] {
    &tile[row_place(rect, y)]
}

fn row_place(rect: Rect, y: u32) -> Range<usize> {
    let start = ((y % TILE) * TILE + rect.x % TILE) as usize;
    start..start + rect.width as usize
}

impl LabelMap {
    /// Takes over the tiles of `other` that hold the same pixels, so that both maps keep them
    /// once: a prediction and the labels that follow it take little more than one of them. Maps of
    /// different sizes share nothing.
    pub fn share_tiles(&mut self, other: &Self) {
        if self.size() != other.size() {
            return;
        }
        for (mine, theirs) in self.tiles.iter_mut().zip(&other.tiles) {
            if !Arc::ptr_eq(mine, theirs) && mine == theirs {
                *mine = theirs.clone();
            }
        }
    }

    /// Whether the maps share every tile, so that they are equal for sure. It looks at no pixel.
    pub fn shares_all_with(&self, other: &Self) -> bool {
        let mut tiles = self.tiles.iter().zip(&other.tiles);
        self.size() == other.size() && tiles.all(|(mine, theirs)| Arc::ptr_eq(mine, theirs))
    }

    /// The tiles that two maps of one size do not share, as far as they touch `within`: the tile's
    /// place in the list, its part of the map, and the tile in both maps.
    pub(in crate::mask) fn unshared_tiles<'a>(
        &'a self,
        other: &'a Self,
        within: Rect,
    ) -> impl Iterator<Item = (usize, Rect, &'a Tile, &'a Tile)> {
        let tiles = self.tiles.iter().zip(&other.tiles).enumerate();
        let unshared = tiles.filter(|(_, (mine, theirs))| !Arc::ptr_eq(mine, theirs));
        unshared.filter_map(move |(place, (mine, theirs))| {
            let rect = self.tile_rect(place);
            let touches = !rect.intersection(within).is_empty();
            touches.then_some((place, rect, mine, theirs))
        })
    }

    /// The pixels of the map that a tile holds.
    fn tile_rect(&self, place: usize) -> Rect {
        let columns = self.columns.max(1);
        let [x, y] = [place % columns, place / columns].map(|at| at as u32 * TILE);
        Rect::new(x, y, TILE, TILE).intersection(self.bounds())
    }

    /// Makes the change from one tile to another at a place in the list. Where the map holds other
    /// pixels than the change began from, only those that it changes are written.
    pub(in crate::mask) fn swap_tile(&mut self, place: usize, from: &Tile, to: &Tile) {
        let rect = self.tile_rect(place);
        let Some(mine) = self.tiles.get_mut(place) else {
            return;
        };
        let same = |y| tile_row(mine, rect, y) == tile_row(from, rect, y);
        if Arc::ptr_eq(mine, from) || rect.rows().all(same) {
            *mine = to.clone();
            return;
        }
        let mine = Arc::make_mut(mine);
        for row in rect.rows().map(|y| row_place(rect, y)) {
            let change = from[row.clone()].iter().zip(&to[row.clone()]);
            for (pixel, (from, to)) in mine[row].iter_mut().zip(change) {
                if from != to {
                    *pixel = *to;
                }
            }
        }
    }
}
