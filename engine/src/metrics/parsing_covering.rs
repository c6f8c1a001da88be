//! Parsing covering (Yang et al., "DeeperLab: Single-Shot Image Parser", 2019), as
//! research/deeplab's evaluation counts it.

use super::mean;
use super::segments::{Overlaps, Segment};
use crate::error::Result;

/// How well each true segment is covered by the best prediction of its class, weighted by its area;
/// large segments count more than in panoptic quality, and none is a hit or a miss.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsingCovering {
    ignored: u8,
    by_image: bool,
    classes: Vec<Covering>,
}

/// The true segments of one class.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Covering {
    /// The sum of area times best IoU.
    pub weighted_iou: f64,
    /// The sum of areas: pixels, or parts of their image.
    pub area: f64,
}

impl Covering {
    /// The class's covering, 0 to 1; `None` where the truth has nothing of it.
    pub fn covering(&self) -> Option<f64> {
        (self.area > 0.0).then(|| self.weighted_iou / self.area)
    }
}

impl ParsingCovering {
    /// Nothing counted yet, for class indices below `classes`, of which `ignored` is none that
    /// counts. If `by_image`, areas are parts of their image, so that large images count no more
    /// than small ones.
    pub fn new(classes: usize, ignored: u8, by_image: bool) -> Self {
        Self {
            ignored,
            by_image,
            classes: vec![Covering::default(); classes],
        }
    }

    /// Counts the segments of an image: what each pixel belongs to, in the same order in both.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) when the lengths differ.
    pub fn add(&mut self, truth: &[Segment], predicted: &[Segment]) -> Result<()> {
        self.count(&Overlaps::new(truth, predicted)?);
        Ok(())
    }

    pub(super) fn count(&mut self, overlaps: &Overlaps) {
        let pixels: u64 = overlaps.truth.values().sum();
        let unit = if self.by_image { pixels as f64 } else { 1.0 };
        let counting = |segment: &Segment| segment.class != self.ignored;
        for (&truth, &area) in overlaps.truth.iter().filter(|(truth, _)| counting(truth)) {
            let candidates = overlaps.predicted.iter();
            let best = candidates
                .filter(|(predicted, _)| predicted.class == truth.class)
                .map(|(&predicted, &whole)| {
                    let both = overlaps.area(truth, predicted);
                    let seen = whole - overlaps.predicted_on(predicted, self.ignored);
                    both as f64 / (area + seen - both) as f64
                })
                .fold(0.0, f64::max);
            if let Some(covering) = self.classes.get_mut(usize::from(truth.class)) {
                covering.weighted_iou += best * area as f64 / unit;
                covering.area += area as f64 / unit;
            }
        }
    }

    /// Adds what was counted elsewhere, for the same classes.
    pub fn merge(&mut self, other: &Self) {
        for (sum, part) in self.classes.iter_mut().zip(&other.classes) {
            sum.weighted_iou += part.weighted_iou;
            sum.area += part.area;
        }
    }

    /// The true segments of a class.
    pub fn class(&self, class: usize) -> Covering {
        self.classes.get(class).copied().unwrap_or_default()
    }

    /// The mean over the classes that `wanted` accepts and that the truth has; `None` without any.
    pub fn mean(&self, wanted: impl Fn(usize) -> bool) -> Option<f64> {
        let classes = (0..self.classes.len()).filter(|class| wanted(*class));
        mean(classes.filter_map(|class| self.class(class).covering()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(pixels: &[(u8, u32)]) -> Vec<Segment> {
        let pixels = pixels.iter();
        pixels
            .map(|&(class, instance)| Segment { class, instance })
            .collect()
    }

    #[test]
    fn the_best_of_several_covers_and_large_segments_weigh_more() {
        // Instance 1 of 3 pixels is covered with IoU 2/3 at best, instance 2 of 1 pixel not at all.
        let truth = segments(&[(0, 1), (0, 1), (0, 1), (0, 2), (1, 0), (1, 0)]);
        let predicted = segments(&[(0, 8), (0, 8), (0, 9), (1, 0), (1, 0), (1, 0)]);
        let mut covering = ParsingCovering::new(2, 255, false);
        covering.add(&truth, &predicted).unwrap();
        assert_eq!(covering.class(0).covering(), Some(0.5));
        assert_eq!(covering.class(1).covering(), Some(2.0 / 3.0));
        assert_eq!(covering.mean(|class| class == 0), Some(0.5));
        assert_eq!(covering.mean(|_| false), None);
    }

    #[test]
    fn ignored_pixels_make_no_prediction_larger() {
        let truth = segments(&[(0, 1), (255, 0), (255, 3)]);
        let predicted = segments(&[(0, 1), (0, 1), (0, 1)]);
        let mut covering = ParsingCovering::new(1, 255, false);
        covering.add(&truth, &predicted).unwrap();
        assert_eq!(covering.class(0).covering(), Some(1.0));
        assert_eq!(covering.class(0).area, 1.0);
    }

    #[test]
    fn by_image_a_large_image_counts_no_more_than_a_small_one() {
        let mut covering = ParsingCovering::new(2, 255, true);
        let right = segments(&[(0, 1); 100]);
        covering.add(&right, &right).unwrap();
        let missed = segments(&[(1, 0); 2]);
        covering.add(&right[..2], &missed).unwrap();
        assert_eq!(covering.class(0).covering(), Some(0.5));
    }
}
