//! Expected calibration error (Naeini et al., 2015; Guo et al., "On Calibration of Modern Neural
//! Networks", ICML 2017): whether a confidence of 80 % is right in 80 of 100 pixels.

use atrous_palettes::{Palette, VOID};

use crate::error::{Error, Result};

/// Equal bins of confidence, as Guo et al. have them.
pub const CALIBRATION_BINS: usize = 15;

/// Pixels by the confidence of their prediction, summed over any number of images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calibration {
    ignored: Option<u8>,
    bins: [ConfidenceBin; CALIBRATION_BINS],
}

/// Pixels of about the same confidence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConfidenceBin {
    /// How many there are.
    pub pixels: u64,
    /// How many of them have the right class.
    pub right: u64,
    /// The sum of their confidences, 255 being certain.
    sum: u64,
}

impl ConfidenceBin {
    /// The part of the pixels that is right; `None` without pixels.
    pub fn accuracy(&self) -> Option<f64> {
        (self.pixels > 0).then(|| self.right as f64 / self.pixels as f64)
    }

    /// Their mean confidence, 0 to 1; `None` without pixels.
    pub fn confidence(&self) -> Option<f64> {
        (self.pixels > 0).then(|| self.sum as f64 / 255.0 / self.pixels as f64)
    }
}

impl Calibration {
    /// Nothing counted yet. Pixels whose truth is void or the palette's ignored class are left out,
    /// and so are those predicted as void.
    pub fn new(palette: &Palette) -> Self {
        Self {
            ignored: palette.ignored,
            bins: [ConfidenceBin::default(); CALIBRATION_BINS],
        }
    }

    /// Counts the pixels of an image: class indices or [`VOID`], and the probability of the
    /// predicted class, 255 being certain; in the same order in all.
    ///
    /// # Errors
    /// [`Error::Argument`] when the lengths differ.
    pub fn add(&mut self, truth: &[u8], prediction: &[u8], confidence: &[u8]) -> Result<()> {
        for (name, found) in [
            ("prediction", prediction.len()),
            ("confidence", confidence.len()),
        ] {
            if found != truth.len() {
                return Err(Error::argument(
                    name,
                    format!("{} pixels, as many as the truth", truth.len()),
                    format!("{found} pixels"),
                ));
            }
        }
        let left_out = |value: u8| value == VOID || Some(value) == self.ignored;
        let pixels = truth.iter().zip(prediction).zip(confidence);
        for ((&truth, &prediction), &confidence) in pixels {
            if left_out(truth) || prediction == VOID {
                continue;
            }
            let bin = &mut self.bins[bin_of(confidence)];
            bin.pixels += 1;
            bin.right += u64::from(truth == prediction);
            bin.sum += u64::from(confidence);
        }
        Ok(())
    }

    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: &Self) {
        for (sum, part) in self.bins.iter_mut().zip(&other.bins) {
            sum.pixels += part.pixels;
            sum.right += part.right;
            sum.sum += part.sum;
        }
    }

    /// The bins, the least confident first; bin m holds confidences above m / 15, up to the next.
    pub fn bins(&self) -> &[ConfidenceBin; CALIBRATION_BINS] {
        &self.bins
    }

    /// The mean distance between accuracy and confidence of the bins, weighted by their pixels:
    /// 0 to 1. `None` without pixels.
    pub fn expected_error(&self) -> Option<f64> {
        let pixels: u64 = self.bins.iter().map(|bin| bin.pixels).sum();
        let distance = |bin: &ConfidenceBin| (bin.right as f64 - bin.sum as f64 / 255.0).abs();
        let sum: f64 = self.bins.iter().map(distance).sum();
        (pixels > 0).then(|| sum / pixels as f64)
    }
}

/// The bin of a confidence: ends belong to the bin below, and 0 to the first.
fn bin_of(confidence: u8) -> usize {
    (usize::from(confidence) * CALIBRATION_BINS)
        .div_ceil(255)
        .saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn calibration(pixels: &[(u8, u8, u8)]) -> Calibration {
        let palette = Palette::from_names("own", ["a", "b"]).unwrap();
        let mut calibration = Calibration::new(&palette);
        let of = |part: fn(&(u8, u8, u8)) -> u8| pixels.iter().map(part).collect::<Vec<u8>>();
        let [truth, predicted, confidence] = [of(|p| p.0), of(|p| p.1), of(|p| p.2)];
        calibration.add(&truth, &predicted, &confidence).unwrap();
        calibration
    }

    #[test]
    fn bins_end_where_the_paper_ends_them() {
        // 17 is 1/15 of 255.
        let bins = [0, 1, 17, 18, 34, 238, 239, 255].map(bin_of);
        assert_eq!(bins, [0, 0, 0, 1, 1, 13, 14, 14]);
    }

    #[test]
    fn the_error_by_hand() {
        // Certain and right in 3 of 4: off by 1/4. Confidence 0.6 and never right: off by 0.6.
        let found = calibration(&[
            (0, 0, 255),
            (1, 1, 255),
            (1, 1, 255),
            (0, 1, 255),
            (0, 1, 153),
            (255, 1, 255),
            (0, 255, 255),
        ]);
        let error = found.expected_error().unwrap();
        assert!((error - (4.0 * 0.25 + 0.6) / 5.0).abs() < 1e-12, "{error}");
        let last = found.bins()[14];
        assert_eq!((last.pixels, last.right), (4, 3));
        assert_eq!(
            (last.accuracy(), last.confidence()),
            (Some(0.75), Some(1.0))
        );
        assert_eq!(found.bins()[0].accuracy(), None);
    }

    #[test]
    fn nothing_gives_none_and_lengths_must_agree() {
        let mut none = calibration(&[(255, 0, 9)]);
        assert_eq!(none.expected_error(), None);
        assert!(none.add(&[0, 0], &[0, 0], &[1]).is_err());
    }

    proptest! {
        #[test]
        fn parts_add_up_and_the_error_is_a_part_of_one(
            pixels in proptest::collection::vec((0_u8..2, 0_u8..2, 0_u8..=255), 2..100),
        ) {
            let whole = calibration(&pixels);
            let mut sum = calibration(&pixels[..1]);
            sum.merge(&calibration(&pixels[1..]));
            prop_assert_eq!(&sum, &whole);
            prop_assert!((0.0..=1.0).contains(&whole.expected_error().unwrap()));
        }
    }
}
