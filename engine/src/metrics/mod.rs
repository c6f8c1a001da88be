//! Scores of label maps against the truth: the confusion matrix, IoU, and how sure they are; scores
//! of segments, of boundaries and of confidences.

mod bootstrap;
mod boundary;
mod calibration;
mod confusion;
mod panoptic_quality;
mod parsing_covering;
mod segments;

pub use bootstrap::{Interval, RESAMPLES, Tally, bootstrap_gain, bootstrap_miou};
pub use boundary::{BOUNDARY_RATIO, BoundaryIou};
pub use calibration::{CALIBRATION_BINS, Calibration, ConfidenceBin};
pub use confusion::ConfusionMatrix;
pub use panoptic_quality::{MeanQuality, PanopticQuality, SegmentTally};
pub use parsing_covering::{Covering, ParsingCovering};
pub use segments::Segment;

use confusion::mean;
