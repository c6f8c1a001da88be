//! From an image to what the network is fed.

use std::time::{Duration, Instant};

use image::RgbImage;
use rayon::prelude::*;

use super::fit::content_within;
use super::resize::{bilinear_align_corners, bilinear_window};

/// An image as the network is fed it. Sizes are `[height, width]`.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// `[3, height, width]`, RGB, 0 to 255; the mean pixel where there is no image.
    pub(super) values: Vec<f32>,
    /// The size with the padding.
    pub(super) size: [usize; 2],
    /// The size without it: the upper left part that shows the image.
    pub(super) content: [usize; 2],
    /// The size the image had.
    pub(super) image: [usize; 2],
    pub(super) time: Duration,
}

impl Prepared {
    /// Fits an image into a square: resized so that its longest side is `side`, the other side in
    /// proportion and rounded, then padded at the bottom and right with `mean_pixel`.
    pub fn fitted(image: &RgbImage, side: usize, mean_pixel: [f32; 3]) -> Self {
        let content = content_within(size_of(image), [side; 2]);
        Self::new(image, content, [side; 2], mean_pixel)
    }

    /// A square of `side` pixels from an image that is resized to `content`, beginning at row and
    /// column `origin`; padded with `mean_pixel` where that is beyond the image.
    pub(super) fn window(
        image: &RgbImage,
        content: [usize; 2],
        origin: [usize; 2],
        side: usize,
        mean_pixel: [f32; 3],
    ) -> Self {
        let start = Instant::now();
        let end = |axis: usize| (origin[axis] + side).min(content[axis]);
        let part = [origin[0]..end(0), origin[1]..end(1)];
        let shown = [part[0].len(), part[1].len()];
        let pixels = bilinear_window(image.as_raw(), 3, size_of(image), content, part);
        Self {
            values: planes(&pixels, shown, [side; 2], mean_pixel),
            size: [side; 2],
            content: shown,
            image: size_of(image),
            time: start.elapsed(),
        }
    }

    /// Pads an image to `size`, as an exported graph of the original does. No side of the image
    /// may be longer than `size`.
    pub fn padded(image: &RgbImage, size: [usize; 2], mean_pixel: [f32; 3]) -> Self {
        Self::new(image, size_of(image), size, mean_pixel)
    }

    /// An image at its own size.
    pub fn exact(image: &RgbImage) -> Self {
        let size = size_of(image);
        Self::new(image, size, size, [0.0; 3])
    }

    /// Resizes an image to `content`, and pads it to `size` with `mean_pixel`.
    pub(super) fn new(
        image: &RgbImage,
        content: [usize; 2],
        size: [usize; 2],
        mean_pixel: [f32; 3],
    ) -> Self {
        let start = Instant::now();
        let pixels = bilinear_align_corners(image.as_raw(), 3, size_of(image), content);
        Self {
            values: planes(&pixels, content, size, mean_pixel),
            size,
            content,
            image: size_of(image),
            time: start.elapsed(),
        }
    }

    /// What the network is fed: `[3, height, width]`, RGB, 0 to 255.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Height and width of what the network is fed.
    pub fn size(&self) -> [usize; 2] {
        self.size
    }

    /// Height and width of the part of it that shows the image; the rest is padding.
    pub fn content(&self) -> [usize; 2] {
        self.content
    }
}

/// Pixels `[height, width, 3]` of the size `content` as planes `[3, height, width]` of `size`, with
/// `mean_pixel` to the right and below.
fn planes(pixels: &[f32], content: [usize; 2], size: [usize; 2], mean_pixel: [f32; 3]) -> Vec<f32> {
    let [height, width] = size;
    let mut values = vec![0.0; 3 * height * width];
    let planes = values.par_chunks_mut((height * width).max(1));
    planes.enumerate().for_each(|(channel, plane)| {
        plane.fill(mean_pixel[channel]);
        let rows = pixels.chunks_exact((3 * content[1]).max(1));
        for (out, row) in plane.chunks_exact_mut(width.max(1)).zip(rows) {
            for (out, pixel) in out.iter_mut().zip(row.chunks_exact(3)) {
                *out = pixel[channel];
            }
        }
    });
    values
}

fn size_of(image: &RgbImage) -> [usize; 2] {
    [image.height() as usize, image.width() as usize]
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn the_longest_side_fits_and_the_rest_is_the_mean() {
        let image = RgbImage::from_pixel(500, 375, Rgb([10, 20, 30]));
        let prepared = Prepared::fitted(&image, 513, [127.5; 3]);
        assert_eq!((prepared.size, prepared.content), ([513, 513], [385, 513]));
        let at =
            |channel: usize, y: usize, x: usize| prepared.values[(channel * 513 + y) * 513 + x];
        assert_eq!(
            [at(0, 384, 512), at(1, 384, 512), at(2, 0, 0)],
            [10., 20., 30.]
        );
        assert_eq!([at(0, 385, 0), at(2, 512, 512)], [127.5, 127.5]);
    }

    #[test]
    fn a_thin_image_keeps_a_row() {
        let image = RgbImage::new(3000, 4);
        assert_eq!(Prepared::fitted(&image, 257, [0.0; 3]).content, [1, 257]);
        let image = RgbImage::new(1, 1);
        assert_eq!(Prepared::fitted(&image, 257, [0.0; 3]).content, [257, 257]);
    }
}
