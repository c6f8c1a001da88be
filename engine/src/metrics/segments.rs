//! The segments of two panoptic label maps, and how far they overlap.

use std::collections::BTreeMap;

use crate::error::{Error, Result};

/// What a pixel of a panoptic label map belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Segment {
    /// Its class index, or the ignored one.
    pub class: u8,
    /// Which of the class's instances; one number for all of a class that has none. Of the ignored
    /// class 0 is void, and others are crowds: regions of instances that nobody told apart.
    pub instance: u32,
}

/// Areas in pixels of the segments of an image's truth and prediction.
#[derive(Debug, Default)]
pub(super) struct Overlaps {
    pub truth: BTreeMap<Segment, u64>,
    pub predicted: BTreeMap<Segment, u64>,
    /// By true segment, then predicted segment.
    pub both: BTreeMap<(Segment, Segment), u64>,
}

impl Overlaps {
    /// Counts the pixels of an image, in the same order in both.
    ///
    /// # Errors
    /// [`Error::Argument`] when the lengths differ.
    pub fn new(truth: &[Segment], predicted: &[Segment]) -> Result<Self> {
        if truth.len() != predicted.len() {
            return Err(Error::argument(
                "prediction",
                format!("{} pixels, as many as the truth", truth.len()),
                format!("{} pixels", predicted.len()),
            ));
        }
        let mut overlaps = Self::default();
        let mut rest = 0;
        while rest < truth.len() {
            let pair = (truth[rest], predicted[rest]);
            // Neighbours mostly lie in the same segments: one step a run of them.
            let run = truth[rest..].iter().zip(&predicted[rest..]);
            let length = run.take_while(|(t, p)| (**t, **p) == pair).count();
            *overlaps.both.entry(pair).or_default() += length as u64;
            rest += length;
        }
        for ((truth, predicted), area) in &overlaps.both {
            *overlaps.truth.entry(*truth).or_default() += area;
            *overlaps.predicted.entry(*predicted).or_default() += area;
        }
        Ok(overlaps)
    }

    /// The pixels of each predicted segment whose truth is `class`, whatever the instance; segments
    /// without such pixels are left out.
    ///
    /// Found in one pass: an image may have as many segments as there are instance ids.
    pub fn predicted_on(&self, class: u8) -> BTreeMap<Segment, u64> {
        let mut areas = BTreeMap::new();
        for ((_, predicted), area) in self.both.iter().filter(|((t, _), _)| t.class == class) {
            *areas.entry(*predicted).or_default() += area;
        }
        areas
    }

    /// The pixels that both segments have.
    pub fn area(&self, truth: Segment, predicted: Segment) -> u64 {
        self.both.get(&(truth, predicted)).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_add_up_to_areas() {
        let of = |pixels: &[(u8, u32)]| -> Vec<Segment> {
            let segments = pixels.iter();
            segments
                .map(|&(class, instance)| Segment { class, instance })
                .collect()
        };
        let truth = of(&[(1, 0), (1, 0), (1, 1), (2, 0), (1, 0)]);
        let predicted = of(&[(1, 7), (1, 7), (1, 7), (1, 7), (2, 0)]);
        let overlaps = Overlaps::new(&truth, &predicted).unwrap();
        assert_eq!(overlaps.truth[&truth[0]], 3);
        assert_eq!(overlaps.predicted[&predicted[0]], 4);
        assert_eq!(overlaps.area(truth[0], predicted[0]), 2);
        let on_class = overlaps.predicted_on(1);
        assert_eq!((on_class[&predicted[0]], on_class[&predicted[4]]), (3, 1));
        assert!(overlaps.predicted_on(9).is_empty());
        assert!(Overlaps::new(&truth, &predicted[1..]).is_err());
    }
}
