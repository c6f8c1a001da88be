//! Which tiles cover what, at which level of the pyramid. Pure arithmetic.
//!
//! Tile (level, x, y) covers 512 by 512 texels of its level and is stored with one more texel on
//! every side, copied from its neighbours: so filtering and outlines do not stop at tile edges.

use super::maps::ByteMap;
use super::view::View;

/// A tile's side in texels, without the border.
pub(super) const TILE: u32 = 512;

/// Texels around a tile that repeat its neighbours.
pub(super) const BORDER: u32 = 1;

/// One tile of the pyramid.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct TileKey {
    /// 0 is the image itself, each next level half of it.
    pub level: u32,
    pub x: u32,
    pub y: u32,
}

/// A rectangle of whole pixels.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PixelRect {
    /// Left edge.
    pub x: u32,
    /// Top edge.
    pub y: u32,
    /// Width.
    pub w: u32,
    /// Height.
    pub h: u32,
}

impl PixelRect {
    fn area(self) -> u64 {
        u64::from(self.w) * u64::from(self.h)
    }

    fn union(self, other: Self) -> Self {
        let [x, y] = [self.x.min(other.x), self.y.min(other.y)];
        let right = (self.x + self.w).max(other.x + other.w);
        let bottom = (self.y + self.h).max(other.y + other.h);
        Self {
            x,
            y,
            w: right - x,
            h: bottom - y,
        }
    }

    /// The part of it that lies in an image of this size; `None` if there is none.
    pub(super) fn cut(self, size: [u32; 2]) -> Option<Self> {
        let cut = |from: u32, count: u32, side: u32| side.saturating_sub(from).min(count);
        let [w, h] = [cut(self.x, self.w, size[0]), cut(self.y, self.h, size[1])];
        (w > 0 && h > 0).then_some(Self { w, h, ..self })
    }
}

/// What changed since the last frame: few rectangles that cover little more than that.
#[derive(Debug, Default)]
pub(super) struct Dirty(Vec<PixelRect>);

impl Dirty {
    /// More rectangles than this become one.
    const MOST: usize = 64;

    /// Adds a rectangle. It joins the last one where that covers nothing twice and nothing else:
    /// a stroke comes as many rectangles that overlap.
    pub(super) fn add(&mut self, rect: PixelRect) {
        match self.0.last_mut() {
            Some(last) if last.union(rect).area() <= last.area() + rect.area() => {
                *last = last.union(rect);
            }
            _ => self.0.push(rect),
        }
        if self.0.len() > Self::MOST {
            self.0 = self
                .0
                .drain(..)
                .reduce(PixelRect::union)
                .into_iter()
                .collect();
        }
    }

    /// Takes all rectangles out.
    pub(super) fn take(&mut self) -> Vec<PixelRect> {
        std::mem::take(&mut self.0)
    }
}

/// Texels of one tile's texture, border included: where they are in the texture, and in the level.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct TexelRect {
    /// Offset in the tile's texture.
    pub offset: [u32; 2],
    /// The same texel in the level; may be -1 or one beyond the last, where the border repeats.
    pub start: [i64; 2],
    pub size: [u32; 2],
}

/// The level whose texels are nearest above the size of a physical pixel.
pub(super) fn level_for(zoom: f32, coarsest: u32) -> u32 {
    let halvings = (1.0 / zoom).log2().floor().max(0.0);
    (halvings as u32).min(coarsest)
}

/// The tiles of a level that the view shows, nearest to its middle first.
pub(super) fn visible(view: &View, level: u32) -> Vec<TileKey> {
    let [x0, y0, x1, y1] = view.visible();
    if x0 >= x1 || y0 >= y1 {
        return Vec::new();
    }
    let side = f64::from(TILE << level);
    let first = |edge: f64| (edge / side).floor() as u32;
    let last = |edge: f64| ((edge / side).ceil() as u32).saturating_sub(1);
    let mut keys = Vec::new();
    for y in first(y0)..=last(y1).max(first(y0)) {
        for x in first(x0)..=last(x1).max(first(x0)) {
            keys.push(TileKey { level, x, y });
        }
    }
    let middle = [(x0 + x1) / 2.0, (y0 + y1) / 2.0];
    let distance = |key: &TileKey| {
        let dx = (f64::from(key.x) + 0.5) * side - middle[0];
        let dy = (f64::from(key.y) + 0.5) * side - middle[1];
        dx.abs().max(dy.abs())
    };
    keys.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
    keys
}

impl TileKey {
    /// How many texels of a level of this size the tile covers.
    pub(super) fn extent(&self, level_size: [u32; 2]) -> [u32; 2] {
        let cut = |index: u32, size: u32| (size - index * TILE).min(TILE);
        [cut(self.x, level_size[0]), cut(self.y, level_size[1])]
    }

    /// The whole texture, border included.
    pub(super) fn texels(&self, level_size: [u32; 2]) -> TexelRect {
        let border = i64::from(BORDER);
        TexelRect {
            offset: [0, 0],
            start: [self.x, self.y].map(|i| i64::from(i * TILE) - border),
            size: self.extent(level_size).map(|side| side + 2 * BORDER),
        }
    }

    /// The texels that show any pixel of `dirty`, border included; `None` if there are none.
    pub(super) fn texels_of(&self, level_size: [u32; 2], dirty: PixelRect) -> Option<TexelRect> {
        let whole = self.texels(level_size);
        let (x, w) = self.overlap(
            dirty.x,
            dirty.w,
            level_size[0],
            whole.start[0],
            whole.size[0],
        )?;
        let (y, h) = self.overlap(
            dirty.y,
            dirty.h,
            level_size[1],
            whole.start[1],
            whole.size[1],
        )?;
        Some(TexelRect {
            offset: [(x - whole.start[0]) as u32, (y - whole.start[1]) as u32],
            start: [x, y],
            size: [w, h],
        })
    }

    /// One axis of [`Self::texels_of`]: first texel and count.
    fn overlap(
        &self,
        from: u32,
        count: u32,
        level_side: u32,
        start: i64,
        size: u32,
    ) -> Option<(i64, u32)> {
        if count == 0 {
            return None;
        }
        let last_texel = i64::from(level_side) - 1;
        let mut first = i64::from(from >> self.level);
        let mut last = i64::from((from + count - 1) >> self.level).min(last_texel);
        // Beyond the image's border its outermost texels repeat.
        if first == 0 {
            first = -i64::from(BORDER);
        }
        if last == last_texel {
            last += i64::from(BORDER);
        }
        let first = first.max(start);
        let last = last.min(start + i64::from(size) - 1);
        (first <= last).then(|| (first, (last - first + 1) as u32))
    }
}

/// Copies texels of a level out of a map. A texel of a halved level takes the pixel in the middle
/// of those it stands for: class indices have no mean.
pub(super) fn sample(map: &dyn ByteMap, level: u32, texels: TexelRect) -> Vec<u8> {
    let size = map.size();
    let source = |texel: i64, side: u32| {
        let last_pixel = i64::from(side) - 1;
        let middle = (1i64 << level) / 2;
        let texel = texel.clamp(0, last_pixel >> level);
        ((texel << level) + middle).min(last_pixel) as u32
    };
    let [x0, y0] = texels.start;
    let columns = x0..x0 + i64::from(texels.size[0]);
    let left = source(x0, size[0]);
    let right = source(columns.end - 1, size[0]);
    let columns: Vec<usize> = columns
        .map(|x| (source(x, size[0]) - left) as usize)
        .collect();
    let mut row = vec![0; (right - left) as usize + 1];
    let mut bytes = Vec::with_capacity(columns.len() * texels.size[1] as usize);
    for y in y0..y0 + i64::from(texels.size[1]) {
        map.read_row(left, source(y, size[1]), &mut row);
        bytes.extend(columns.iter().map(|&x| row[x]));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::maps::FlatMap;

    #[test]
    fn a_level_never_has_less_than_a_texel_a_pixel() {
        for (zoom, level) in [
            (8.0, 0),
            (1.0, 0),
            (0.51, 0),
            (0.5, 1),
            (0.3, 1),
            (0.25, 2),
            (0.01, 4),
        ] {
            assert_eq!(level_for(zoom, 4), level, "{zoom}");
        }
    }

    #[test]
    fn the_last_tile_is_cut() {
        let key = TileKey {
            level: 0,
            x: 1,
            y: 0,
        };
        assert_eq!(key.extent([700, 300]), [188, 300]);
        assert_eq!(
            key.texels([700, 300]),
            TexelRect {
                offset: [0, 0],
                start: [511, -1],
                size: [190, 302]
            }
        );
    }

    #[test]
    fn a_dirty_rectangle_at_a_seam_reaches_both_tiles() {
        let dirty = PixelRect {
            x: 511,
            y: 10,
            w: 1,
            h: 2,
        };
        let size = [1024, 1024];
        let left = TileKey {
            level: 0,
            x: 0,
            y: 0,
        }
        .texels_of(size, dirty);
        let right = TileKey {
            level: 0,
            x: 1,
            y: 0,
        }
        .texels_of(size, dirty);
        let below = TileKey {
            level: 0,
            x: 0,
            y: 1,
        }
        .texels_of(size, dirty);
        assert_eq!(
            left,
            Some(TexelRect {
                offset: [512, 11],
                start: [511, 10],
                size: [1, 2]
            })
        );
        // The right tile repeats that column in its border.
        assert_eq!(
            right,
            Some(TexelRect {
                offset: [0, 11],
                start: [511, 10],
                size: [1, 2]
            })
        );
        assert_eq!(below, None);
    }

    #[test]
    fn a_dirty_rectangle_at_the_image_border_takes_the_repeated_border_with_it() {
        let dirty = PixelRect {
            x: 0,
            y: 99,
            w: 100,
            h: 1,
        };
        let key = TileKey {
            level: 0,
            x: 0,
            y: 0,
        };
        assert_eq!(
            key.texels_of([100, 100], dirty),
            Some(TexelRect {
                offset: [0, 100],
                start: [-1, 99],
                size: [102, 2]
            })
        );
    }

    /// Whatever is dirty, re-sampling the dirty texels alone gives the same texture as
    /// sampling the whole tile again.
    #[test]
    fn an_update_equals_sampling_everything_again() {
        let size = [1100u32, 530];
        let mut map: Vec<u8> = (0..size[0] * size[1])
            .map(|i| (i * 31 % 251) as u8)
            .collect();
        for level in 0..3 {
            let level_size = size.map(|side: u32| side.div_ceil(1 << level));
            for (x, y, w, h) in [
                (0, 0, 1, 1),
                (505, 500, 30, 30),
                (1099, 529, 1, 1),
                (3, 7, 900, 11),
            ] {
                let dirty = PixelRect { x, y, w, h };
                let keys = [0, 1].map(|x| TileKey { level, x, y: 0 });
                for key in keys.into_iter().filter(|k| k.x * TILE < level_size[0]) {
                    let whole = key.texels(level_size);
                    let mut texture = sample(&FlatMap::new(size, &map).unwrap(), level, whole);
                    for py in y..y + h {
                        for px in x..x + w {
                            map[(py * size[0] + px) as usize] ^= 0x55;
                        }
                    }
                    if let Some(part) = key.texels_of(level_size, dirty) {
                        let bytes = sample(&FlatMap::new(size, &map).unwrap(), level, part);
                        for row in 0..part.size[1] {
                            let to =
                                ((part.offset[1] + row) * whole.size[0] + part.offset[0]) as usize;
                            let from = (row * part.size[0]) as usize;
                            let n = part.size[0] as usize;
                            texture[to..to + n].copy_from_slice(&bytes[from..from + n]);
                        }
                    }
                    assert_eq!(
                        texture,
                        sample(&FlatMap::new(size, &map).unwrap(), level, whole),
                        "{key:?} {dirty:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn overlapping_changes_are_joined_and_distant_ones_are_not() {
        let rect = |x, y, w, h| PixelRect { x, y, w, h };
        let mut dirty = Dirty::default();
        dirty.add(rect(10, 10, 20, 20));
        dirty.add(rect(20, 10, 20, 20));
        dirty.add(rect(500, 500, 4, 4));
        assert_eq!(dirty.take(), [rect(10, 10, 30, 20), rect(500, 500, 4, 4)]);
        for i in 0..200 {
            dirty.add(rect(i * 10, i * 10, 1, 1));
        }
        let all = dirty.take();
        assert!(all.len() <= Dirty::MOST, "{}", all.len());
        assert_eq!(all[0].x, 0);
        assert_eq!(all.last().map(|last| last.x + last.w), Some(1991));
    }

    #[test]
    fn a_rectangle_is_cut_to_the_image() {
        let rect = |x, y, w, h| PixelRect { x, y, w, h };
        assert_eq!(rect(3, 0, 2, 1).cut([4, 3]), Some(rect(3, 0, 1, 1)));
        assert_eq!(rect(u32::MAX, 0, 1, 1).cut([4, 3]), None);
        assert_eq!(rect(0, 0, 0, 1).cut([4, 3]), None);
    }
}
