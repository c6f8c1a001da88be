//! A prediction refined before its classes are settled.

use std::ops::Range;

use image::RgbImage;
use rayon::prelude::*;

use super::{Alone, Colors, CrfOptions, logarithm, refine};
use crate::error::Result;
use crate::jobs::Monitor;
use crate::network::resize::Sampling;
use crate::predict::classify::{Classified, Look, Rows};
use crate::predict::resize::bilinear_window;
use crate::predict::{Logits, Prepared};

/// Classes whose largest probabilities in a window sum to no more than this take no part in it.
///
/// Pixels only ever speak for a class in proportion to how probable it is to them, so that a class
/// that is improbable everywhere stays so; this is less than a step of the confidence's 8 bits.
const NEGLIGIBLE: f32 = 1.0 / 512.0;

/// Rows that one task upsamples at a time.
const BAND: usize = 16;

/// What the network made of an image: each pixel's probabilities are the mean over the looks of the
/// softmax of the upsampled logits, whenever the class would be settled otherwise.
pub(in crate::predict) struct Predicted<'a> {
    /// The looks at the image, of the same classes.
    pub(in crate::predict) looks: &'a [Logits],
    /// The size that they are upsampled to.
    pub(in crate::predict) size: [usize; 2],
    /// How.
    pub(in crate::predict) sampling: Sampling,
}

impl Predicted<'_> {
    /// Refines the prediction of the pixels of `image` and settles each one's class.
    ///
    /// # Errors
    /// As [`dense_crf`](super::dense_crf).
    pub(in crate::predict) fn refined(
        &self,
        image: &dyn Colors,
        options: &CrfOptions,
        monitor: &mut dyn Monitor,
    ) -> Result<Classified> {
        let [height, width] = image.extent();
        let mut classified = Classified {
            labels: vec![0; height * width],
            confidence: vec![0; height * width],
            mean_confidence: 0.0,
        };
        refine(image, self, options, monitor, &mut |part| {
            let [rows, columns] = &part.core;
            let mut pixels = part.values.chunks_exact(part.classes.len().max(1));
            for y in rows.clone() {
                for (x, pixel) in columns.clone().zip(&mut pixels) {
                    let best = pixel
                        .iter()
                        .zip(&part.classes)
                        .max_by(|a, b| a.0.total_cmp(b.0));
                    let (probability, class) = best.unwrap_or((&0.0, &0));
                    classified.labels[y * width + x] = *class;
                    classified.confidence[y * width + x] = (probability * 255.0 + 0.5) as u8;
                    classified.mean_confidence += f64::from(*probability);
                }
            }
        })?;
        classified.mean_confidence /= (height * width).max(1) as f64;
        Ok(classified)
    }

    /// Does something with the probabilities of each row of a window, `[classes, columns]`, band by
    /// band.
    fn bands<T: Send>(
        &self,
        [rows, columns]: &[Range<usize>; 2],
        start: impl Fn() -> T + Sync,
        row: impl Fn(&mut T, &[f32]) + Sync,
    ) -> Vec<T> {
        let part = [rows.clone(), columns.clone()];
        let look = |logits| Look::new(logits, self.size, part.clone(), self.sampling);
        let looks: Vec<_> = self.looks.iter().map(look).collect();
        (0..rows.len().div_ceil(BAND))
            .into_par_iter()
            .map(|band| {
                let mut made = start();
                let mut of_looks = Rows::new(&looks, columns.len());
                for y in band * BAND..rows.len().min((band + 1) * BAND) {
                    row(&mut made, of_looks.probabilities(y));
                }
                made
            })
            .collect()
    }
}

impl Alone for Predicted<'_> {
    fn classes(&self, window: &[Range<usize>; 2]) -> Vec<u8> {
        let count = self.looks.first().map_or(0, |look| look.classes);
        let width = window[1].len().max(1);
        let none = || vec![0.0_f32; count];
        let largest = self.bands(window, none, |largest, row| {
            for (largest, row) in largest.iter_mut().zip(row.chunks_exact(width)) {
                *largest = row.iter().fold(*largest, |a, b| a.max(*b));
            }
        });
        let of_class = |class: usize| largest.iter().fold(0.0_f32, |a, band| a.max(band[class]));
        let mut classes: Vec<(f32, u8)> = (0..count)
            .map(|class| (of_class(class), class as u8))
            .collect();
        classes.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut sum = 0.0;
        let mut occurring: Vec<u8> = classes
            .into_iter()
            .skip_while(|(largest, _)| {
                sum += largest;
                sum <= NEGLIGIBLE
            })
            .map(|(_, class)| class)
            .collect();
        occurring.sort_unstable();
        occurring
    }

    fn logarithms(&self, window: &[Range<usize>; 2], classes: &[u8]) -> Vec<f32> {
        let width = window[1].len();
        let bands = self.bands(window, Vec::new, |logarithms, row| {
            for x in 0..width {
                let of_class = |class: &u8| logarithm(row[usize::from(*class) * width + x]);
                logarithms.extend(classes.iter().map(of_class));
            }
        });
        bands.concat()
    }
}

/// The image as the network was fed it, without the padding.
impl Colors for Prepared {
    fn extent(&self) -> [usize; 2] {
        self.content
    }

    fn part(&self, [rows, columns]: &[Range<usize>; 2]) -> Vec<[u8; 3]> {
        let plane = self.size[0] * self.size[1];
        let pixel = |place: usize| [0, 1, 2].map(|c| (self.values[c * plane + place] + 0.5) as u8);
        let row = |y: usize| columns.clone().map(move |x| pixel(y * self.size[1] + x));
        rows.clone().flat_map(row).collect()
    }
}

/// An image, seen at another size.
pub(in crate::predict) struct Resized<'a> {
    /// The image.
    pub(in crate::predict) image: &'a RgbImage,
    /// The height and width that it is seen at.
    pub(in crate::predict) size: [usize; 2],
}

impl Colors for Resized<'_> {
    fn extent(&self) -> [usize; 2] {
        self.size
    }

    fn part(&self, part: &[Range<usize>; 2]) -> Vec<[u8; 3]> {
        let from = [self.image.height() as usize, self.image.width() as usize];
        let pixels = bilinear_window(self.image.as_raw(), 3, from, self.size, part.clone());
        let pixels = pixels.as_chunks().0.iter();
        pixels
            .map(|pixel: &[f32; 3]| pixel.map(|color| (color + 0.5) as u8))
            .collect()
    }
}
