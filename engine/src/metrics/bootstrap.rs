//! How far a score may be off, given that other images might have been scored.

use rayon::prelude::*;

use super::confusion::{ClassTally, mean};

/// How often the images are drawn anew.
pub const RESAMPLES: u32 = 1000;

/// The range that holds 95 % of the scores of redrawn sets of images.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Interval {
    /// The 2.5th percentile.
    pub low: f64,
    /// The 97.5th percentile.
    pub high: f64,
}

/// The pixels of one image by class: all that a score of redrawn images needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Class index and its pixels, for the classes that the image has evidence of.
    classes: Vec<(u16, ClassTally)>,
}

impl Tally {
    /// From the pixels of each class, in index order.
    pub(super) fn new(classes: impl Iterator<Item = ClassTally>) -> Self {
        let seen = (0..)
            .zip(classes)
            .filter(|(_, tally)| tally.iou().is_some());
        Self {
            classes: seen.collect(),
        }
    }

    /// Mean IoU of this image alone, over the classes it has evidence of.
    pub fn miou(&self) -> Option<f64> {
        mean(self.classes.iter().filter_map(|(_, tally)| tally.iou()))
    }
}

/// A 95 % percentile bootstrap interval of mIoU: the images are drawn with replacement
/// [`RESAMPLES`] times. The same `seed` gives the same interval.
///
/// `None` for fewer than two images, or where they hold no evidence: one image says nothing about
/// the next.
pub fn bootstrap_miou(images: &[Tally], seed: u64) -> Option<Interval> {
    percentiles(images.len(), seed, |drawn| miou_of(images, drawn))
}

/// As [`bootstrap_miou`], of what mIoU gained from `before` to `after` on the same images.
///
/// Both are scored on the same draws, so images that are hard for both don't widen the interval.
/// `None` also when the numbers of images differ.
pub fn bootstrap_gain(before: &[Tally], after: &[Tally], seed: u64) -> Option<Interval> {
    if before.len() != after.len() {
        return None;
    }
    percentiles(before.len(), seed, |drawn| {
        Some(miou_of(after, drawn)? - miou_of(before, drawn)?)
    })
}

/// mIoU of the drawn images taken together.
fn miou_of(images: &[Tally], drawn: &[usize]) -> Option<f64> {
    let mut sums: Vec<ClassTally> = Vec::new();
    for (class, tally) in drawn.iter().flat_map(|image| &images[*image].classes) {
        let class = usize::from(*class);
        if sums.len() <= class {
            sums.resize(class + 1, ClassTally::default());
        }
        sums[class].both += tally.both;
        sums[class].truth += tally.truth;
        sums[class].predicted += tally.predicted;
    }
    mean(sums.into_iter().filter_map(ClassTally::iou))
}

/// Scores redrawn sets of `images` images and takes the percentiles.
fn percentiles(
    images: usize,
    seed: u64,
    score: impl Fn(&[usize]) -> Option<f64> + Sync,
) -> Option<Interval> {
    if images < 2 {
        return None;
    }
    let mut scores: Vec<f64> = (0..RESAMPLES)
        .into_par_iter()
        .filter_map(|resample| {
            let mut random = SplitMix::new(seed, resample);
            let drawn: Vec<usize> = (0..images).map(|_| random.below(images)).collect();
            score(&drawn)
        })
        .collect();
    scores.sort_by(f64::total_cmp);
    let last = scores.len().checked_sub(1)?;
    let at = |part: f64| scores[(part * last as f64).round() as usize];
    Some(Interval {
        low: at(0.025),
        high: at(0.975),
    })
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same on every machine and thread count.
struct SplitMix(u64);

impl SplitMix {
    fn new(seed: u64, stream: u32) -> Self {
        let mut random = Self(seed ^ u64::from(stream).wrapping_mul(0xd134_2543_de82_ef95));
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `end - 1`; the bias of the multiplication is below 2^-32 here.
    fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::ConfusionMatrix;

    /// An image of two classes, half of it each, with `wrong` of 100 pixels of class 0 missed.
    fn image(wrong: usize) -> Tally {
        let mut truth = [0; 200];
        truth[100..].fill(1);
        let mut prediction = truth;
        prediction[..wrong].fill(1);
        let mut matrix = ConfusionMatrix::new(3);
        matrix.add(&truth, &prediction).unwrap();
        matrix.tally()
    }

    #[test]
    fn equal_images_leave_no_doubt() {
        let images = vec![image(20); 8];
        let expected = images[0].miou().unwrap();
        let interval = bootstrap_miou(&images, 1).unwrap();
        assert!((interval.low - expected).abs() < 1e-12);
        assert!((interval.high - expected).abs() < 1e-12);
    }

    #[test]
    fn more_images_narrow_the_interval() {
        let images: Vec<Tally> = (0..400).map(|index| image(index % 80)).collect();
        let few = bootstrap_miou(&images[..80], 3).unwrap();
        let many = bootstrap_miou(&images, 3).unwrap();
        let everything: Vec<usize> = (0..400).collect();
        let score = miou_of(&images, &everything).unwrap();
        assert!(few.low < score && score < few.high);
        assert!(many.low < score && score < many.high);
        let ratio = (few.high - few.low) / (many.high - many.low);
        // The width goes with the root of the number of images: sqrt(5) is 2.24.
        assert!((1.9..2.6).contains(&ratio), "{ratio}");
    }

    #[test]
    fn the_seed_decides() {
        let images: Vec<Tally> = (0..30).map(|index| image(index * 3)).collect();
        assert_eq!(bootstrap_miou(&images, 5), bootstrap_miou(&images, 5));
        assert_ne!(bootstrap_miou(&images, 5), bootstrap_miou(&images, 6));
    }

    #[test]
    fn a_gain_on_every_image_is_sure_though_the_images_differ() {
        let before: Vec<Tally> = (0..20).map(|index| image(20 + index * 4)).collect();
        let after: Vec<Tally> = (0..20).map(|index| image(10 + index * 4)).collect();
        let gain = bootstrap_gain(&before, &after, 9).unwrap();
        assert!(gain.low > 0.02 && gain.high < 0.12, "{gain:?}");
        assert_eq!(bootstrap_gain(&before, &after[1..], 9), None);
    }

    #[test]
    fn too_little_gives_none() {
        assert_eq!(bootstrap_miou(&[], 0), None);
        assert_eq!(bootstrap_miou(&[image(3)], 0), None);
        assert_eq!(
            bootstrap_miou(&[Tally::default(), Tally::default()], 0),
            None
        );
    }
}
