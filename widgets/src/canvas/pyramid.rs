//! An image at halving sizes, so that a zoomed-out image is smooth.

use super::tiles::TILE;

/// An image and its halved copies, down to one tile.
///
/// Building it costs a pass over the image: do that where the image is decoded, off the window's
/// thread. It is `Send` and `Sync`, so an `Arc` of it can be handed over.
#[derive(Debug)]
pub struct Pyramid {
    levels: Vec<Level>,
}

#[derive(Debug)]
struct Level {
    size: [u32; 2],
    /// Three bytes a pixel, row-major.
    rgb: Vec<u8>,
}

/// The size of a buffer does not fit the image.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WrongSize {
    /// Width and height of the image, in pixels.
    pub size: [u32; 2],
    /// Bytes that it takes.
    pub expected: usize,
    /// Bytes that were given.
    pub found: usize,
}

impl std::fmt::Display for WrongSize {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [w, h] = self.size;
        let Self {
            expected, found, ..
        } = self;
        write!(f, "{w}x{h} pixels take {expected} bytes, found {found}")
    }
}

impl std::error::Error for WrongSize {}

impl WrongSize {
    /// Checks a buffer of `channels` bytes a pixel.
    pub(super) fn check(size: [u32; 2], channels: usize, found: usize) -> Result<(), Self> {
        let expected = size[0] as usize * size[1] as usize * channels;
        if expected == found {
            Ok(())
        } else {
            Err(Self {
                size,
                expected,
                found,
            })
        }
    }
}

impl Pyramid {
    /// Halves `rgb` (three bytes a pixel, row-major) until it fits one tile.
    ///
    /// # Errors
    /// [`WrongSize`] when `rgb` has not three bytes for every pixel.
    pub fn new(size: [u32; 2], rgb: Vec<u8>) -> Result<Self, WrongSize> {
        WrongSize::check(size, 3, rgb.len())?;
        let mut levels = Vec::new();
        let mut level = Level { size, rgb };
        while level.size[0].max(level.size[1]) > TILE {
            let half = level.halved();
            levels.push(level);
            level = half;
        }
        levels.push(level);
        Ok(Self { levels })
    }

    /// Width and height in pixels.
    #[must_use]
    pub fn size(&self) -> [u32; 2] {
        self.levels[0].size
    }

    /// The image at its full size: three bytes a pixel, row-major.
    #[must_use]
    pub fn rgb(&self) -> &[u8] {
        &self.levels[0].rgb
    }

    /// The level that fits one tile.
    pub(super) fn coarsest(&self) -> u32 {
        self.levels.len() as u32 - 1
    }

    /// Width and height of a level.
    pub(super) fn level_size(&self, level: u32) -> [u32; 2] {
        self.levels[level as usize].size
    }

    /// The texels `x0..x0 + width`, `y0..y0 + height` of a level as RGBA; coordinates beyond its
    /// border repeat the border.
    pub(super) fn rgba(&self, level: u32, x0: i64, y0: i64, [width, height]: [u32; 2]) -> Vec<u8> {
        let Level { size, rgb } = &self.levels[level as usize];
        let columns: Vec<usize> = (x0..x0 + i64::from(width))
            .map(|x| x.clamp(0, i64::from(size[0]) - 1) as usize * 3)
            .collect();
        let stride = size[0] as usize * 3;
        let mut rgba = vec![255; width as usize * height as usize * 4];
        let rows = rgba.chunks_exact_mut(width as usize * 4);
        for (y, out) in (y0..y0 + i64::from(height)).zip(rows) {
            let row = &rgb[y.clamp(0, i64::from(size[1]) - 1) as usize * stride..][..stride];
            for (pixel, &column) in out.chunks_exact_mut(4).zip(&columns) {
                pixel[..3].copy_from_slice(&row[column..column + 3]);
            }
        }
        rgba
    }

    /// Red, green and blue of a pixel of the image; `None` beside it.
    #[must_use]
    pub fn pixel(&self, [x, y]: [u32; 2]) -> Option<[u8; 3]> {
        let Level { size, rgb } = &self.levels[0];
        let inside = x < size[0] && y < size[1];
        let start = (y as usize * size[0] as usize + x as usize) * 3;
        inside.then(|| [rgb[start], rgb[start + 1], rgb[start + 2]])
    }

    /// Bytes in memory: four thirds of three a pixel.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.levels.iter().map(|level| level.rgb.len()).sum()
    }
}

impl Level {
    /// Half the size, rounded up: each pixel is the mean of two by two, in gamma space as every
    /// image viewer does it; an odd border repeats.
    fn halved(&self) -> Self {
        let [w, h] = self.size.map(|side| side as usize);
        let [half_w, half_h] = [w.div_ceil(2), h.div_ceil(2)];
        let mut rgb = vec![0; half_w * half_h * 3];
        for (y, out) in rgb.chunks_exact_mut(half_w * 3).enumerate() {
            let top = &self.rgb[2 * y * w * 3..][..w * 3];
            let bottom = &self.rgb[(2 * y + 1).min(h - 1) * w * 3..][..w * 3];
            // Two pixels of either row at a time; what is left of an odd row is one pixel wide.
            let pairs = top.chunks(6).zip(bottom.chunks(6));
            for (pixel, (top, bottom)) in out.chunks_exact_mut(3).zip(pairs) {
                let right = top.len() - 3;
                for (c, mean) in pixel.iter_mut().enumerate() {
                    let sum = u16::from(top[c])
                        + u16::from(top[right + c])
                        + u16::from(bottom[c])
                        + u16::from(bottom[right + c]);
                    *mean = ((sum + 2) / 4) as u8;
                }
            }
        }
        Self {
            size: [half_w as u32, half_h as u32],
            rgb,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_halve_down_to_one_tile() {
        let pyramid = Pyramid::new([2049, 700], vec![7; 2049 * 700 * 3]).unwrap();
        let sizes: Vec<_> = (0..=pyramid.coarsest())
            .map(|level| pyramid.level_size(level))
            .collect();
        assert_eq!(sizes, [[2049, 700], [1025, 350], [513, 175], [257, 88]]);
        assert!(pyramid.levels[3].rgb.iter().all(|&v| v == 7));
    }

    #[test]
    fn a_pixel_is_the_mean_of_four() {
        let level = Level {
            size: [3, 1],
            rgb: vec![0, 10, 255, 2, 30, 255, 9, 9, 9],
        };
        let half = level.halved();
        assert_eq!(half.size, [2, 1]);
        assert_eq!(half.rgb, [1, 20, 255, 9, 9, 9]);
    }

    #[test]
    fn beyond_the_border_the_border_repeats() {
        let pyramid = Pyramid::new([2, 1], vec![1, 2, 3, 4, 5, 6]).unwrap();
        assert_eq!(
            pyramid.rgba(0, -1, 0, [4, 2])[..16],
            [1, 2, 3, 255, 1, 2, 3, 255, 4, 5, 6, 255, 4, 5, 6, 255]
        );
    }

    #[test]
    fn a_wrong_size_says_so() {
        let error = Pyramid::new([2, 2], vec![0; 11]).unwrap_err();
        assert_eq!(error.to_string(), "2x2 pixels take 12 bytes, found 11");
    }
}
