//! Training data from a folder of images and a folder of label maps.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use atrous_engine::finetune::{Labelled, TrainingData};
use atrous_engine::mask::png_file;
use atrous_engine::{Limits, image_file};
use atrous_palettes::VOID;

/// Pairs of an image and the label map of the same name.
pub struct LabelledFolder {
    pairs: Vec<(PathBuf, PathBuf)>,
    void: Option<u8>,
    limits: Limits,
}

impl LabelledFolder {
    /// Pairs the images in `images` with the PNGs of the same names in `labels`; `void` is a value
    /// that means void beside 255.
    ///
    /// # Errors
    /// When a folder can't be read, or holds no pair.
    pub fn open(images: &Path, labels: &Path, void: Option<u8>) -> Result<Self> {
        let mut pairs = Vec::new();
        let entries = std::fs::read_dir(images).with_context(|| images.display().to_string())?;
        for entry in entries {
            let image = entry.with_context(|| images.display().to_string())?.path();
            let label = labels
                .join(image.file_stem().unwrap_or_default())
                .with_extension("png");
            if image_file::is_image_name(&image) && label.is_file() {
                pairs.push((image, label));
            }
        }
        if pairs.is_empty() {
            let (images, labels) = (images.display(), labels.display());
            bail!(
                "{images}: expected images with label maps of the same names in {labels}, found none"
            );
        }
        pairs.sort();
        Ok(Self {
            pairs,
            void,
            limits: Limits::default(),
        })
    }

    /// Every tenth pair, and the others.
    pub fn hold_out(self) -> (Self, Self) {
        let (void, limits) = (self.void, self.limits.clone());
        let numbered = self.pairs.into_iter().enumerate();
        let (held, kept): (Vec<_>, Vec<_>) = numbered.partition(|(index, _)| index % 10 == 9);
        let [kept, held] = [kept, held].map(|pairs| Self {
            pairs: pairs.into_iter().map(|(_, pair)| pair).collect(),
            void,
            limits: limits.clone(),
        });
        (kept, held)
    }
}

impl TrainingData for LabelledFolder {
    fn len(&self) -> usize {
        self.pairs.len()
    }

    fn name(&self, index: usize) -> String {
        self.pairs[index].0.display().to_string()
    }

    fn load(&self, index: usize) -> atrous_engine::Result<Labelled> {
        let (image, label) = &self.pairs[index];
        let mut labels = png_file::read(label, &self.limits)?.to_vec();
        if let Some(void) = self.void {
            for value in labels.iter_mut().filter(|value| **value == void) {
                *value = VOID;
            }
        }
        Ok(Labelled {
            image: image_file::decode(image, &self.limits)?,
            labels,
        })
    }
}
