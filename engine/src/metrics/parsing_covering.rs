//! Parsing covering (Yang et al., "DeeperLab: Single-Shot Image Parser", 2019), as
//! research/deeplab's evaluation counts it.

use std::collections::BTreeMap;

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
        let on_ignored = overlaps.predicted_on(self.ignored);
        let mut best: BTreeMap<Segment, f64> = BTreeMap::new();
        for (&(truth, predicted), &both) in &overlaps.both {
            if truth.class != predicted.class || truth.class == self.ignored {
                continue;
            }
            let ignored = on_ignored.get(&predicted).copied().unwrap_or(0);
            let seen = overlaps.predicted[&predicted] - ignored;
            let iou = both as f64 / (overlaps.truth[&truth] + seen - both) as f64;
            let best = best.entry(truth).or_default();
            *best = best.max(iou);
        }
        let counting = |segment: &Segment| segment.class != self.ignored;
        for (&truth, &area) in overlaps.truth.iter().filter(|(truth, _)| counting(truth)) {
            let best = best.get(&truth).copied().unwrap_or(0.0);
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

    /// As many segments as 16-bit instance ids can tell apart: what grew with their square or cube
    /// would not end.
    #[test]
    fn an_image_of_nothing_but_small_segments_is_scored_all_the_same() {
        let truth: Vec<Segment> = (0..60_000)
            .map(|id| Segment {
                class: (id / 1000) as u8,
                instance: id % 1000,
            })
            .collect();
        // Every other segment is found; the others are taken for the one before.
        let predicted: Vec<Segment> = (0..truth.len()).map(|at| truth[at / 2 * 2]).collect();
        let mut covering = ParsingCovering::new(60, 255, false);
        covering.add(&truth, &predicted).unwrap();
        assert_eq!(covering.mean(|_| true), Some(0.5));
        let mut quality = super::super::PanopticQuality::new(60, 255);
        quality.add(&truth, &truth).unwrap();
        assert_eq!(quality.mean(|_| true).unwrap().pq, 1.0);
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
