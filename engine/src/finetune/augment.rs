//! From an image to a training crop: resize, random scale, pad, random crop, flip. No colour changes.
//!
//! The order and the arithmetic are research/deeplab's `input_preprocess.py`.

use atrous_palettes::VOID;

use super::data::Labelled;
use super::options::FinetuneOptions;
use super::random::Random;
use crate::predict::resize::{
    ResizeRange, bilinear_align_corners, nearest_align_corners, size_in_range,
};

/// An image in floats with its label map, both row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// [height, width, 3], 0 to 255.
    pub pixels: Vec<f32>,
    /// [height, width].
    pub labels: Vec<u8>,
}

impl From<&Labelled> for Frame {
    fn from(labelled: &Labelled) -> Self {
        Self {
            width: labelled.image.width() as usize,
            height: labelled.image.height() as usize,
            pixels: labelled
                .image
                .as_raw()
                .iter()
                .map(|value| f32::from(*value))
                .collect(),
            labels: labelled.labels.clone(),
        }
    }
}

impl Frame {
    /// Resized: the image bilinear, the label map by nearest, both with `align_corners`.
    #[must_use]
    pub fn resized(self, width: usize, height: usize) -> Self {
        if (width, height) == (self.width, self.height) {
            return self;
        }
        let from = [self.height, self.width];
        Self {
            width,
            height,
            pixels: bilinear_align_corners(&self.pixels, 3, from, [height, width]),
            labels: nearest_align_corners(&self.labels, from, [height, width]),
        }
    }

    /// Resized so that the small side is `least`, but no side above `most`; with `factor`, sides
    /// become a multiple of it plus 1 (`resize_to_range`).
    #[must_use]
    pub fn resized_to_range(
        self,
        least: usize,
        most: Option<usize>,
        factor: Option<usize>,
    ) -> Self {
        let range = ResizeRange {
            min: least,
            max: most,
            factor,
        };
        let [height, width] = size_in_range([self.height, self.width], range);
        self.resized(width, height)
    }

    /// Scaled; sides are rounded down, in single precision as in the original.
    #[must_use]
    pub fn scaled(self, scale: f32) -> Self {
        let side = |side: usize| ((side as f32 * scale) as usize).max(1);
        let (width, height) = (side(self.width), side(self.height));
        self.resized(width, height)
    }

    /// The window of `size` whose first pixel is `start`, both [row, column]; what lies right of
    /// and below the frame is `mean_pixel` and void.
    #[must_use]
    pub fn window(&self, start: [usize; 2], size: [usize; 2], mean_pixel: [f32; 3]) -> Self {
        let [height, width] = size;
        let mut pixels = mean_pixel.repeat(height * width);
        let mut labels = vec![VOID; height * width];
        let columns = width.min(self.width.saturating_sub(start[1]));
        for row in 0..height.min(self.height.saturating_sub(start[0])) {
            let from = (start[0] + row) * self.width + start[1];
            let to = row * width;
            labels[to..to + columns].copy_from_slice(&self.labels[from..from + columns]);
            pixels[3 * to..3 * (to + columns)]
                .copy_from_slice(&self.pixels[3 * from..3 * (from + columns)]);
        }
        Self {
            width,
            height,
            pixels,
            labels,
        }
    }

    /// The colour planes one after the other: [3, height, width].
    pub fn planes(&self) -> Vec<f32> {
        (0..3)
            .flat_map(|channel| self.pixels.iter().skip(channel).step_by(3).copied())
            .collect()
    }

    /// Mirrored left to right.
    pub fn flip(&mut self) {
        for row in self.labels.chunks_exact_mut(self.width) {
            row.reverse();
        }
        for row in self.pixels.chunks_exact_mut(3 * self.width) {
            row.reverse();
            row.chunks_exact_mut(3).for_each(<[f32]>::reverse);
        }
    }
}

/// A training crop of `options.crop` x `options.crop` pixels.
pub(crate) fn augment(
    labelled: &Labelled,
    options: &FinetuneOptions,
    mean_pixel: [f32; 3],
    random: &mut Random,
) -> Frame {
    let mut frame = Frame::from(labelled);
    if let Some(least) = options.min_resize_value {
        frame = frame.resized_to_range(least, options.max_resize_value, options.resize_factor);
    }
    let frame = frame.scaled(random_scale(options, random));
    let left = random.below(frame.width.saturating_sub(options.crop) + 1);
    let top = random.below(frame.height.saturating_sub(options.crop) + 1);
    let mut crop = frame.window([top, left], [options.crop; 2], mean_pixel);
    if options.flip && random.coin() {
        crop.flip();
    }
    crop
}

/// One of the scales from the smallest to the largest.
fn random_scale(options: &FinetuneOptions, random: &mut Random) -> f32 {
    let range = options.max_scale_factor - options.min_scale_factor;
    let step = options.scale_factor_step_size;
    if step > 0.0 {
        let choices = (range / step).round() as usize + 1;
        return options.min_scale_factor + random.below(choices) as f32 * step;
    }
    options.min_scale_factor + range * (random.below(1 << 24) as f32 / (1 << 24) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::RgbImage;

    fn labelled(width: u32, height: u32) -> Labelled {
        let image = RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 7]));
        let labels = (0..width * height)
            .map(|pixel| (pixel % width) as u8)
            .collect();
        Labelled { image, labels }
    }

    #[test]
    fn a_window_keeps_the_frame_and_pads_right_and_below() {
        let frame = Frame::from(&labelled(3, 2));
        let window = frame.window([0, 1], [4, 4], [127.5; 3]);
        assert_eq!(window.labels[..4], [1, 2, VOID, VOID]);
        assert_eq!(window.labels[8..], [VOID; 8]);
        assert_eq!(
            window.pixels[..9],
            [1.0, 0.0, 7.0, 2.0, 0.0, 7.0, 127.5, 127.5, 127.5]
        );
    }

    #[test]
    fn a_flip_mirrors_image_and_labels_alike() {
        let mut frame = Frame::from(&labelled(3, 1));
        frame.flip();
        assert_eq!(frame.labels, [2, 1, 0]);
        assert_eq!(frame.pixels, [2.0, 0.0, 7.0, 1.0, 0.0, 7.0, 0.0, 0.0, 7.0]);
    }

    #[test]
    fn crops_have_their_size_and_image_and_labels_stay_together() {
        let options = FinetuneOptions {
            crop: 33,
            min_scale_factor: 1.0,
            max_scale_factor: 1.0,
            ..FinetuneOptions::default()
        };
        let mut random = Random::of(&[3]);
        for _ in 0..20 {
            let crop = augment(&labelled(50, 40), &options, [127.5; 3], &mut random);
            assert_eq!(
                (crop.width, crop.height, crop.labels.len()),
                (33, 33, 33 * 33)
            );
            for (pixel, label) in crop.pixels.chunks_exact(3).zip(&crop.labels) {
                assert_eq!(pixel[0], f32::from(*label));
            }
        }
    }

    #[test]
    fn every_scale_is_drawn_and_none_outside() {
        let options = FinetuneOptions::default();
        let mut random = Random::of(&[5]);
        let scales: std::collections::BTreeSet<u32> = (0..300)
            .map(|_| (random_scale(&options, &mut random) * 100.0) as u32)
            .collect();
        assert_eq!(
            scales.into_iter().collect::<Vec<_>>(),
            [50, 75, 100, 125, 150, 175, 200]
        );
    }
}
