//! Scores beside the classes' IoU, for those who ask for them.

use std::path::Path;

use atrous_palettes::{Palette, VOID};

use crate::dataset::instance_ids;
use crate::error::Result;
use crate::metrics::{BoundaryIou, Calibration, PanopticQuality, ParsingCovering, Segment};

/// What to score beside the classes' IoU.
#[derive(Debug, Clone, Copy, Default)]
pub struct Measures<'a> {
    /// Whether both folders hold instance ids, whose segments are to be scored.
    pub panoptic: bool,
    /// The part of the image's diagonal that boundaries are wide, for boundary IoU.
    pub boundary: Option<f64>,
    /// The folder of the predictions' confidence maps, for their calibration.
    pub confidence: Option<&'a Path>,
}

/// What was measured; what was not asked for is `None`.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    /// Segments.
    pub panoptic: Option<PanopticScore>,
    /// Boundaries.
    pub boundary: Option<BoundaryIou>,
    /// Confidences.
    pub calibration: Option<Calibration>,
}

/// How well segments were found and covered.
#[derive(Debug, Clone)]
pub struct PanopticScore {
    /// Which segments were found.
    pub quality: PanopticQuality,
    /// How far they were covered; areas are parts of their image.
    pub covering: ParsingCovering,
    /// Whether the instances of each class are told apart.
    pub things: Vec<bool>,
}

impl Measured {
    /// Nothing measured yet of what is asked for.
    pub(super) fn new(palette: &Palette, measures: &Measures<'_>) -> Self {
        Self {
            panoptic: measures.panoptic.then(|| PanopticScore::new(palette)),
            boundary: measures
                .boundary
                .map(|ratio| BoundaryIou::new(palette, ratio)),
            calibration: measures.confidence.map(|_| Calibration::new(palette)),
        }
    }

    /// The scores of a class: of its boundaries, then of its segments (PQ, SQ, RQ, covering), as far
    /// as they were measured.
    pub(super) fn of_class(&self, class: usize) -> Vec<Option<f64>> {
        let mut scores: Vec<_> = self.boundary.iter().map(|b| b.iou(class)).collect();
        if let Some(panoptic) = &self.panoptic {
            let tally = panoptic.quality.class(class);
            scores.extend([
                tally.map(|tally| tally.panoptic_quality()),
                tally.map(|tally| tally.segmentation_quality()),
                tally.map(|tally| tally.recognition_quality()),
                panoptic.covering.class(class).covering(),
            ]);
        }
        scores
    }

    /// The means of what [`Measured::of_class`] gives.
    pub(super) fn means(&self) -> Vec<Option<f64>> {
        let mut scores: Vec<_> = self.boundary.iter().map(BoundaryIou::mean).collect();
        if let Some(panoptic) = &self.panoptic {
            let mean = panoptic.quality.mean(|_| true);
            scores.extend([
                mean.map(|mean| mean.pq),
                mean.map(|mean| mean.sq),
                mean.map(|mean| mean.rq),
                panoptic.covering.mean(|_| true),
            ]);
        }
        scores
    }

    /// Adds what was measured elsewhere.
    pub(super) fn merge(&mut self, other: &Self) {
        if let (Some(sum), Some(part)) = (&mut self.panoptic, &other.panoptic) {
            sum.merge(part);
        }
        if let (Some(sum), Some(part)) = (&mut self.boundary, &other.boundary) {
            sum.merge(part);
        }
        if let (Some(sum), Some(part)) = (&mut self.calibration, &other.calibration) {
            sum.merge(part);
        }
    }
}

impl PanopticScore {
    fn new(palette: &Palette) -> Self {
        let classes = palette.len();
        Self {
            quality: PanopticQuality::new(classes, VOID),
            covering: ParsingCovering::new(classes, VOID, true),
            things: instance_ids::things(palette),
        }
    }

    /// Counts the segments of an image.
    pub(super) fn add(&mut self, truth: &[Segment], predicted: &[Segment]) -> Result<()> {
        self.quality.add(truth, predicted)?;
        self.covering.add(truth, predicted)?;
        for segment in truth.iter().filter(|segment| segment.instance > 0) {
            if let Some(thing) = self.things.get_mut(usize::from(segment.class)) {
                *thing = true;
            }
        }
        Ok(())
    }

    fn merge(&mut self, other: &Self) {
        self.quality.merge(&other.quality);
        self.covering.merge(&other.covering);
        for (thing, other) in self.things.iter_mut().zip(&other.things) {
            *thing |= other;
        }
    }

    /// Whether the instances of a class are told apart.
    pub fn is_thing(&self, class: usize) -> bool {
        self.things.get(class) == Some(&true)
    }
}
