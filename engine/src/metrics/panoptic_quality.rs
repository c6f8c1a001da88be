//! Panoptic quality (Kirillov et al., "Panoptic Segmentation", CVPR 2019), as research/deeplab's
//! evaluation counts it.

use std::collections::BTreeSet;

use super::mean;
use super::segments::{Overlaps, Segment};
use crate::error::Result;

/// Segments of each class that were found, missed and made up, summed over any number of images.
///
/// A true and a predicted segment of a class match where their IoU is above one half; at most one
/// can. Pixels of void count against no prediction.
#[derive(Debug, Clone, PartialEq)]
pub struct PanopticQuality {
    ignored: u8,
    classes: Vec<SegmentTally>,
}

/// What became of the segments of one class.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SegmentTally {
    /// Segments found.
    pub true_positives: u64,
    /// True segments that no prediction matches.
    pub false_negatives: u64,
    /// Predicted segments that match no truth.
    pub false_positives: u64,
    /// The sum of the found segments' IoU.
    pub iou: f64,
}

/// Mean qualities over some classes, each 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct MeanQuality {
    /// Panoptic quality.
    pub pq: f64,
    /// Segmentation quality.
    pub sq: f64,
    /// Recognition quality.
    pub rq: f64,
    /// How many classes there is evidence of.
    pub classes: usize,
}

impl SegmentTally {
    /// Whether the class was anywhere, in the truth or in the predictions.
    pub fn has_evidence(&self) -> bool {
        self.true_positives + self.false_negatives + self.false_positives > 0
    }

    /// How well the found segments fit: their mean IoU; 0 where none was found.
    pub fn segmentation_quality(&self) -> f64 {
        match self.true_positives {
            0 => 0.0,
            found => self.iou / found as f64,
        }
    }

    /// How many segments were found: the F1 score of detection; 0 without evidence.
    pub fn recognition_quality(&self) -> f64 {
        if !self.has_evidence() {
            return 0.0;
        }
        let wrong = (self.false_negatives + self.false_positives) as f64;
        self.true_positives as f64 / (self.true_positives as f64 + 0.5 * wrong)
    }

    /// The product of both.
    pub fn panoptic_quality(&self) -> f64 {
        self.segmentation_quality() * self.recognition_quality()
    }
}

impl PanopticQuality {
    /// Nothing counted yet, for class indices below `classes`. `ignored` is no class in any score:
    /// its instance 0 is void, and its other instances are crowds.
    pub fn new(classes: usize, ignored: u8) -> Self {
        Self {
            ignored,
            classes: vec![SegmentTally::default(); classes],
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
        let void = Segment {
            class: self.ignored,
            instance: 0,
        };
        let (mut found, mut matching) = (BTreeSet::new(), BTreeSet::new());
        for (&(truth, predicted), &both) in &overlaps.both {
            if truth.class != predicted.class {
                continue;
            }
            let on_void = overlaps.area(void, predicted);
            let either = overlaps.truth[&truth] + overlaps.predicted[&predicted] - both - on_void;
            let iou = both as f64 / either as f64;
            if iou > 0.5 {
                found.insert(truth);
                matching.insert(predicted);
                if let Some(tally) = self.classes.get_mut(usize::from(truth.class)) {
                    tally.true_positives += 1;
                    tally.iou += iou;
                }
            }
        }
        for truth in overlaps.truth.keys() {
            let missed = truth.class != self.ignored && !found.contains(truth);
            let tally = self.classes.get_mut(usize::from(truth.class));
            if let Some(tally) = tally.filter(|_| missed) {
                tally.false_negatives += 1;
            }
        }
        let on_ignored = overlaps.predicted_on(self.ignored);
        for (&predicted, &area) in &overlaps.predicted {
            let ignored = on_ignored.get(&predicted).copied().unwrap_or(0);
            let made_up = !matching.contains(&predicted) && 2 * ignored <= area;
            let tally = self.classes.get_mut(usize::from(predicted.class));
            if let Some(tally) = tally.filter(|_| made_up) {
                tally.false_positives += 1;
            }
        }
    }

    /// Adds what was counted elsewhere, for the same classes.
    pub fn merge(&mut self, other: &Self) {
        for (sum, part) in self.classes.iter_mut().zip(&other.classes) {
            sum.true_positives += part.true_positives;
            sum.false_negatives += part.false_negatives;
            sum.false_positives += part.false_positives;
            sum.iou += part.iou;
        }
    }

    /// The segments of a class; `None` without evidence, beyond the classes, and for the ignored one.
    pub fn class(&self, class: usize) -> Option<SegmentTally> {
        let tally = self.tally(class)?;
        let counts = class != usize::from(self.ignored) && tally.has_evidence();
        counts.then_some(tally)
    }

    /// As [`PanopticQuality::class`], whatever there is evidence of: also what was counted of the
    /// ignored class, which the original counts like another.
    pub fn tally(&self, class: usize) -> Option<SegmentTally> {
        self.classes.get(class).copied()
    }

    /// The mean over the classes that `wanted` accepts and that there is evidence of; `None` where
    /// there are none.
    pub fn mean(&self, wanted: impl Fn(usize) -> bool) -> Option<MeanQuality> {
        let tallies: Vec<_> = (0..self.classes.len())
            .filter(|class| wanted(*class))
            .filter_map(|class| self.class(class))
            .collect();
        let of = |quality: fn(&SegmentTally) -> f64| mean(tallies.iter().map(quality));
        Some(MeanQuality {
            pq: of(SegmentTally::panoptic_quality)?,
            sq: of(SegmentTally::segmentation_quality)?,
            rq: of(SegmentTally::recognition_quality)?,
            classes: tallies.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const IGNORED: u8 = 255;

    fn segments(pixels: &[(u8, u32)]) -> Vec<Segment> {
        let pixels = pixels.iter();
        pixels
            .map(|&(class, instance)| Segment { class, instance })
            .collect()
    }

    fn quality(truth: &[(u8, u32)], predicted: &[(u8, u32)]) -> PanopticQuality {
        let mut quality = PanopticQuality::new(3, IGNORED);
        quality.add(&segments(truth), &segments(predicted)).unwrap();
        quality
    }

    #[test]
    fn a_half_is_no_match_and_more_than_a_half_is() {
        // Two of three pixels in common: IoU 2/3. One of two: IoU 1/2.
        let truth = [(0, 1), (0, 1), (0, 1), (1, 1), (1, 1)];
        let found = quality(&truth, &[(0, 4), (0, 4), (2, 0), (1, 1), (2, 0)]);
        let expected = SegmentTally {
            true_positives: 1,
            iou: 2.0 / 3.0,
            ..SegmentTally::default()
        };
        assert_eq!(found.class(0), Some(expected));
        let missed = found.class(1).unwrap();
        let counts = |tally: SegmentTally| {
            [
                tally.true_positives,
                tally.false_negatives,
                tally.false_positives,
            ]
        };
        assert_eq!(counts(missed), [0, 1, 1]);
        assert_eq!(counts(found.class(2).unwrap()), [0, 0, 1]);
        let mean = found.mean(|_| true).unwrap();
        assert!((mean.pq - 2.0 / 9.0).abs() < 1e-12 && mean.classes == 3);
        assert_eq!(found.mean(|class| class > 7), None);
    }

    #[test]
    fn what_lies_on_void_or_a_crowd_is_not_held_against_a_prediction() {
        let void = (IGNORED, 0);
        let crowd = (IGNORED, 5);
        // The car reaches two pixels into void: they enter no union.
        let found = quality(
            &[(0, 1), (0, 1), void, void],
            &[(0, 1), (0, 1), (0, 1), (0, 1)],
        );
        assert_eq!(found.class(0).unwrap().iou, 1.0);
        // A prediction that lies mostly on a crowd is not made up, half of it is not enough.
        let mostly = quality(&[crowd, crowd, (1, 0)], &[(0, 1), (0, 1), (0, 1)]);
        assert_eq!(mostly.class(0), None);
        let half = quality(&[crowd, (1, 0)], &[(0, 1), (0, 1)]);
        assert_eq!(half.class(0).unwrap().false_positives, 1);
    }

    proptest! {
        #[test]
        fn a_prediction_that_is_the_truth_is_perfect(
            pixels in proptest::collection::vec((0_u8..3, 0_u32..3), 1..60),
        ) {
            let found = quality(&pixels, &pixels);
            let mean = found.mean(|_| true).unwrap();
            prop_assert!((mean.pq, mean.sq, mean.rq) == (1.0, 1.0, 1.0));
        }

        #[test]
        fn truth_and_prediction_may_change_places(
            pixels in proptest::collection::vec(((0_u8..3, 0_u32..3), (0_u8..3, 0_u32..3)), 1..60),
        ) {
            let (truth, predicted): (Vec<_>, Vec<_>) = pixels.into_iter().unzip();
            let there = quality(&truth, &predicted).mean(|_| true).unwrap();
            let back = quality(&predicted, &truth).mean(|_| true).unwrap();
            prop_assert!((there.pq - back.pq).abs() < 1e-12);
            prop_assert!((0.0..=1.0).contains(&there.pq));
        }
    }
}
