//! What an export takes and what it tells.

use std::path::PathBuf;

use atrous_palettes::Palette;

use super::split::Split;
use crate::error::Result;
use crate::mask::LabelMap;

/// An image that has labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelledImage {
    /// Its path in its folder of images, with `/` between the parts. Unique.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// Whether it is held out from training.
    pub held_out: bool,
}

/// Where an export takes images and labels from.
pub trait LabelledImages: Sync {
    /// The classes of the label maps.
    fn palette(&self) -> Palette;

    /// The images to export.
    ///
    /// # Errors
    /// When they can't be listed.
    fn images(&self) -> Result<Vec<LabelledImage>>;

    /// The label map of one of them, of the size of the upright image. Asked for on many threads.
    ///
    /// # Errors
    /// When it can't be read.
    fn labels(&self, image: &LabelledImage) -> Result<LabelMap>;

    /// How many more images there would be, had a person not excluded them from exports.
    fn excluded(&self) -> usize {
        0
    }

    /// Why [`LabelledImages::images`] may be empty, as a person should be told.
    fn nothing_found(&self) -> String {
        "no labelled image".to_owned()
    }
}

/// What an export wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportReport {
    /// The folder.
    pub folder: PathBuf,
    /// Each image: its name in the source, its stem in the export, and what it is for.
    pub images: Vec<ExportedImage>,
    /// How many labelled images a person excluded from exports.
    pub excluded: usize,
}

/// An image of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedImage {
    /// Its name in the source.
    pub name: String,
    /// Its name in the export, without an ending.
    pub stem: String,
    /// What it is for.
    pub split: Split,
    /// Whether its file is the source's, byte for byte. Otherwise it was turned upright or
    /// converted.
    pub copied: bool,
}

impl ExportReport {
    /// How many images are for `split`.
    pub fn count(&self, split: Split) -> usize {
        self.images
            .iter()
            .filter(|image| image.split == split)
            .count()
    }
}
