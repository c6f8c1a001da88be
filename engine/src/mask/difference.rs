//! What differs between tiles: looked for tile by tile, as the pixels lie in memory, and told row
//! by row.

use super::edit::TileSwap;
use super::rect::Rect;
use super::scan;

/// Every difference inside a rectangle.
pub(super) struct Difference {
    rect: Rect,
    /// The tiles in which something differs, by rows of tiles and from left to right.
    tiles: Vec<TileRuns>,
}

/// Neighbouring pixels of a row that had one value and have another; two equal values stand for
/// pixels that did not change, whatever they are.
#[derive(Clone, Copy)]
pub(super) struct Piece {
    pub length: u16,
    pub old: u8,
    pub new: u8,
}

impl Piece {
    /// Whether the pixels differ.
    pub fn differs(self) -> bool {
        self.old != self.new
    }
}

struct TileRuns {
    /// The part of the tile that was looked at.
    rect: Rect,
    pieces: Vec<Piece>,
    /// The end of each row's pieces.
    ends: Vec<u32>,
}

impl Difference {
    /// Looks at tiles before and after. Nothing outside of `rect` may differ.
    pub fn between(swap: &TileSwap, rect: Rect) -> Self {
        let tiles = swap.tiles().iter().map(|tile| {
            let part = tile.rect.intersection(rect);
            let mut runs = TileRuns {
                rect: part,
                pieces: Vec::new(),
                ends: Vec::with_capacity(part.height as usize),
            };
            for (old, new) in tile.rows(part) {
                pieces(old, new, |piece| runs.pieces.push(piece));
                runs.ends.push(runs.pieces.len() as u32);
            }
            runs
        });
        Self {
            rect,
            tiles: tiles.filter(|tile| !tile.rect.is_empty()).collect(),
        }
    }

    /// Tells the pixels of `rect` in reading order: how many are as they were, then a piece that
    /// may differ, and so on; at the end how many are as they were.
    pub fn tell(&self, mut tell: impl FnMut(u64, Option<Piece>)) {
        let rect = self.rect;
        let mut tiles = &self.tiles[..];
        for y in rect.rows() {
            let passed = tiles.iter().take_while(|tile| tile.rect.bottom() <= y);
            tiles = &tiles[passed.count()..];
            let mut told = rect.x;
            for tile in tiles.iter().take_while(|tile| tile.rect.y <= y) {
                let mut x = tile.rect.x;
                for piece in tile.row(y) {
                    let end = x + u32::from(piece.length);
                    if piece.differs() {
                        tell(u64::from(x - told), Some(*piece));
                        told = end;
                    }
                    x = end;
                }
            }
            tell(u64::from(rect.right() - told), None);
        }
    }
}

impl TileRuns {
    fn row(&self, y: u32) -> &[Piece] {
        let row = (y - self.rect.y) as usize;
        let start = row.checked_sub(1).map_or(0, |above| self.ends[above]);
        &self.pieces[start as usize..self.ends[row] as usize]
    }
}

/// Tells the pieces of a row of a tile.
pub(super) fn pieces(old: &[u8], new: &[u8], mut tell: impl FnMut(Piece)) {
    let mut tell = |length: usize, old: u8, new: u8| {
        let length = length as u16;
        tell(Piece { length, old, new });
    };
    if let Some(value) = new
        .first()
        .filter(|value| scan::run(new, **value) == new.len())
    {
        let mut rest = old;
        while let Some(before) = rest.first() {
            let run = scan::run(rest, *before);
            tell(run, *before, *value);
            rest = &rest[run..];
        }
        return;
    }
    let (mut old, mut new) = (old, new);
    while let (Some(before), Some(after)) = (old.first(), new.first()) {
        let length = if before == after {
            scan::same(old, new)
        } else {
            scan::run(old, *before).min(scan::run(new, *after))
        };
        tell(length, *before, *after);
        (old, new) = (&old[length..], &new[length..]);
    }
}
