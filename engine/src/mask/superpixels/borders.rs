//! Where superpixels meet.

use super::Superpixels;

/// The borders of superpixels as a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Borders {
    /// Columns and rows.
    pub size: [u32; 2],
    /// Row by row from the top: whether the pixel differs from the one to its right or below it.
    pub shown: Vec<bool>,
}

impl Superpixels {
    /// The borders, with at most `longest` pixels on a side: larger images are sampled at a whole
    /// part of their size.
    ///
    /// # Panics
    /// When `longest` is 0.
    pub fn borders(&self, longest: u32) -> Borders {
        let [width, height] = self.size;
        let shrink = width.max(height).div_ceil(longest).max(1);
        let size = [width.div_ceil(shrink), height.div_ceil(shrink)];
        let mut shown = Vec::with_capacity(size[0] as usize * size[1] as usize);
        let mut above = self.sampled(0, shrink);
        for y in 1..=size[1] {
            let below = self.sampled(y * shrink, shrink);
            let cells = above.windows(2).zip(&below).take(size[0] as usize);
            shown.extend(cells.map(|(pair, below)| pair[0] != pair[1] || pair[0] != *below));
            above = below;
        }
        Borders { size, shown }
    }

    /// The regions of every `shrink`-th pixel of a row, and of the last one once more. Below the
    /// image the last row goes on.
    fn sampled(&self, y: u32, shrink: u32) -> Vec<u32> {
        let [width, height] = self.size;
        let mut regions = Vec::with_capacity(width as usize);
        for (columns, region) in self.pieces(y.min(height.saturating_sub(1)), 0..width) {
            regions.extend(columns.map(|_| region));
        }
        let last = regions.last().copied().unwrap_or_default();
        let sampled = regions.into_iter().step_by(shrink as usize);
        sampled.chain(std::iter::once(last)).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::jobs::Silent;
    use crate::mask::{Pixels, SlicOptions, Superpixels};

    #[test]
    fn borders_lie_between_superpixels_and_only_there() {
        let rgb: Vec<u8> = (0..40 * 30 * 3).map(|at| (at * 37 % 251) as u8).collect();
        let options = SlicOptions {
            side: 8,
            ..SlicOptions::default()
        };
        let pixels = Pixels::new([40, 30], &rgb).unwrap();
        let superpixels = Superpixels::slic(pixels, &options, &mut Silent).unwrap();
        let borders = superpixels.borders(40);
        assert_eq!(borders.size, [40, 30]);
        for y in 0..30 {
            for x in 0..40 {
                let here = superpixels.at(x, y);
                let differs = |other: Option<u32>| other.is_some() && other != here;
                let border = differs(superpixels.at(x + 1, y)) || differs(superpixels.at(x, y + 1));
                assert_eq!(borders.shown[(y * 40 + x) as usize], border, "{x}, {y}");
            }
        }
        assert_eq!(superpixels.borders(20).size, [20, 15]);
    }
}
