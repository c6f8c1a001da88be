//! What the tools see besides the labels: the image, and what was found out about it.

use std::sync::Arc;

use atrous_engine::mask::{Pixels, Superpixels};
use atrous_engine::predict::Probabilities;
use atrous_widgets::canvas::Pyramid;
use image::RgbImage;

/// The open image as the tools see it. A clone shares everything.
#[derive(Debug, Clone)]
pub struct Scene {
    image: Arc<Pyramid>,
    /// What the network thinks of every class, where it was asked since the image was opened.
    pub probabilities: Option<Arc<Probabilities>>,
    /// The image in superpixels, once they are computed.
    pub superpixels: Option<Arc<Superpixels>>,
}

impl Scene {
    /// An image of which nothing is known yet.
    pub fn new(image: Arc<Pyramid>) -> Self {
        Self {
            image,
            probabilities: None,
            superpixels: None,
        }
    }

    /// The same image, read anew: what is known of it goes on being known.
    pub fn read_anew(&self, image: Arc<Pyramid>) -> Self {
        Self {
            image,
            ..self.clone()
        }
    }

    /// A copy of the image, for what works on one of its own.
    pub fn to_image(&self) -> RgbImage {
        let [width, height] = self.image.size();
        // The pyramid has checked that its bytes fit its size.
        RgbImage::from_raw(width, height, self.image.rgb().to_vec()).unwrap_or_default()
    }

    /// The image's pixels, at its full size.
    pub fn pixels(&self) -> Pixels<'_> {
        // The pyramid has checked that its bytes fit its size.
        Pixels::new(self.image.size(), self.image.rgb()).unwrap_or_default()
    }
}
