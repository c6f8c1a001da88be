//! What differs between two label maps: looked for tile by tile, as the pixels lie in memory, and
//! told row by row.

use super::label_map::LabelMap;
use super::rect::Rect;
use super::scan;

/// Every difference between two maps of one size, inside a rectangle.
pub(super) struct Difference {
    /// The smallest rectangle that holds every pixel that differs.
    pub rect: Rect,
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
    /// Looks at the tiles that the maps do not share.
    pub fn between(before: &LabelMap, after: &LabelMap, within: Rect) -> Self {
        let mut found = Self {
            rect: Rect::EMPTY,
            tiles: Vec::new(),
        };
        for (rect, old, new) in before.unshared_tiles(after, within) {
            let mut runs = TileRuns {
                rect,
                pieces: Vec::new(),
                ends: Vec::with_capacity(rect.height as usize),
            };
            let mut differs = Rect::EMPTY;
            for (y, (old, new)) in (rect.y..).zip(old.zip(new)) {
                let first = runs.pieces.len();
                add_row(&mut runs.pieces, old, new);
                runs.ends.push(runs.pieces.len() as u32);
                let columns = changed_columns(rect.x, &runs.pieces[first..]);
                if !columns.is_empty() {
                    differs = differs.union(Rect::from_ranges(columns, y..y + 1));
                }
            }
            if !differs.is_empty() {
                found.rect = found.rect.union(differs);
                found.tiles.push(runs);
            }
        }
        found
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
                    // Outside of the rectangle nothing differs.
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

/// Appends the pieces of a row of a tile.
fn add_row(pieces: &mut Vec<Piece>, old: &[u8], new: &[u8]) {
    let mut add = |length: usize, old: u8, new: u8| {
        let length = length as u16;
        pieces.push(Piece { length, old, new });
    };
    if let Some(value) = new
        .first()
        .filter(|value| scan::run(new, **value) == new.len())
    {
        let mut rest = old;
        while let Some(before) = rest.first() {
            let run = scan::run(rest, *before);
            add(run, *before, *value);
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
        add(length, *before, *after);
        (old, new) = (&old[length..], &new[length..]);
    }
}

/// From the first pixel that differs to the last, in a row that begins at column `x`.
fn changed_columns(x: u32, pieces: &[Piece]) -> std::ops::Range<u32> {
    let length =
        |pieces: &[Piece]| -> u32 { pieces.iter().map(|piece| u32::from(piece.length)).sum() };
    let Some(first) = pieces.iter().position(|piece| piece.differs()) else {
        return x..x;
    };
    let last = pieces
        .iter()
        .rposition(|piece| piece.differs())
        .unwrap_or(first);
    x + length(&pieces[..first])..x + length(&pieces[..=last])
}
