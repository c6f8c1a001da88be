//! What a run is trained on and scored with.

use atrous_palettes::{Palette, VOID};
use image::RgbImage;

use crate::error::{Error, Result};

/// An image with its label map.
#[derive(Debug, Clone)]
pub struct Labelled {
    /// The image.
    pub image: RgbImage,
    /// One class index a pixel, row-major, of the image's size; 255 is void.
    pub labels: Vec<u8>,
}

/// Labelled images that can be loaded from any thread.
pub trait TrainingData: Sync {
    /// How many images there are.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The name of image `index`, for messages and the run's record.
    fn name(&self, index: usize) -> String;

    /// Loads image `index` with its label map.
    ///
    /// # Errors
    /// Whatever went wrong with its files.
    fn load(&self, index: usize) -> Result<Labelled>;
}

/// Labelled images that are in memory already.
impl TrainingData for Vec<Labelled> {
    fn len(&self) -> usize {
        self.as_slice().len()
    }

    fn name(&self, index: usize) -> String {
        format!("image {index}")
    }

    fn load(&self, index: usize) -> Result<Labelled> {
        Ok(self[index].clone())
    }
}

/// The images of a run, and what their labels mean.
#[derive(Clone, Copy)]
pub struct Datasets<'a> {
    /// Trained on.
    pub train: &'a dyn TrainingData,
    /// Never trained on: the scores before, during and after are on these.
    pub held_out: &'a dyn TrainingData,
    /// The classes of the label maps.
    pub palette: &'a Palette,
}

impl Datasets<'_> {
    /// Refuses a run without images.
    pub(super) fn check(&self) -> Result<()> {
        if self.train.is_empty() {
            return Err(Error::argument(
                "train",
                "at least one labelled image",
                "none",
            ));
        }
        Ok(())
    }
}

/// Loads image `index`, checks its label map, and turns the palette's ignored class into void.
pub(super) fn load_checked(
    data: &dyn TrainingData,
    index: usize,
    palette: &Palette,
) -> Result<Labelled> {
    let mut labelled = data.load(index)?;
    let (width, height) = labelled.image.dimensions();
    let name = data.name(index);
    if labelled.labels.len() != width as usize * height as usize {
        return Err(Error::argument(
            name,
            format!("a label map of {width} x {height}"),
            format!("{} pixels", labelled.labels.len()),
        ));
    }
    let classes = palette.len();
    let stranger = |label: &&u8| usize::from(**label) >= classes && **label != VOID;
    if let Some(label) = labelled.labels.iter().find(stranger) {
        return Err(Error::argument(
            name,
            format!("class indices below {classes}, or 255 for void"),
            label.to_string(),
        ));
    }
    if let Some(ignored) = palette.ignored {
        labelled
            .labels
            .iter_mut()
            .filter(|label| **label == ignored)
            .for_each(|label| *label = VOID);
    }
    Ok(labelled)
}
