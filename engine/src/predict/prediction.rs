//! What the model said of an image.

use std::time::Duration;

use super::classify::Classified;
use super::resize::nearest_align_corners;
use crate::project::NewPrediction;

/// What the model said of an image, at the image's size.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The class index of each pixel, row by row.
    pub labels: Vec<u8>,
    /// The probability of that class for each pixel, 255 being certain.
    pub confidence: Vec<u8>,
    /// The image's width.
    pub width: u32,
    /// The image's height.
    pub height: u32,
    /// How unsure the model is of the whole image: 1 minus the mean probability of the classes it
    /// settled on, padding left out, so 0 is certain.
    pub uncertainty: f32,
    /// Where the time went.
    pub timings: Timings,
}

impl Prediction {
    /// What was classified at the size `content`, taken back to the size of `image`.
    pub(super) fn of(
        classified: &Classified,
        content: [usize; 2],
        image: [usize; 2],
        timings: Timings,
    ) -> Self {
        let [height, width] = image.map(|side| side as u32);
        Self {
            labels: nearest_align_corners(&classified.labels, content, image),
            confidence: nearest_align_corners(&classified.confidence, content, image),
            width,
            height,
            uncertainty: (1.0 - classified.mean_confidence) as f32,
            timings,
        }
    }

    /// The prediction as a project keeps it.
    pub fn as_new(&self) -> NewPrediction<'_> {
        NewPrediction {
            width: self.width,
            height: self.height,
            labels: &self.labels,
            confidence: &self.confidence,
            uncertainty: self.uncertainty,
        }
    }
}

/// Where the time of a prediction went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timings {
    /// Resizing and padding.
    pub preprocess: Duration,
    /// The network, with the way to the device and back.
    pub network: Duration,
    /// Upsampling, softmax, argmax, and the way back to the image's size.
    pub postprocess: Duration,
}
