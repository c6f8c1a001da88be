//! A network with its weights and its classes.

use std::path::Path;

use atrous_palettes::Palette;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::{Accounting, TensorSet, assign};
use crate::error::{Error, Result};
use crate::network::{Config, DeepLab};
use crate::predict::{LARGEST_INPUT, own_frame};

/// Where a model comes from and how it wants its images.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelInfo {
    /// What people call it.
    pub name: String,
    /// Under which terms its weights may be used; empty while unknown.
    #[serde(default)]
    pub licence: String,
    /// Where it comes from: a file, an address, a paper; empty while unknown.
    #[serde(default)]
    pub source: String,
    /// What happened to it since, the oldest first: imported, fine-tuned on what.
    #[serde(default)]
    pub provenance: Vec<String>,
    /// Side in pixels of the square it predicts in, unless told otherwise.
    pub input_size: usize,
}

/// A network with its weights and its classes.
#[derive(Debug)]
pub struct Model {
    /// The network, with its weights on some device.
    pub network: DeepLab,
    /// What its classes are called. As many as the logits have channels.
    pub palette: Palette,
    /// Where it comes from and how it wants its images.
    pub info: ModelInfo,
    /// What became of each tensor of the file it was read from.
    pub accounting: Accounting,
}

impl Model {
    /// Builds the network of `config` on `device` with `tensors` as weights.
    ///
    /// # Errors
    /// [`Error::File`], naming `path`, when a variable of the network has no tensor, a shape
    /// differs, or the size of its images is none that can be predicted; [`Error::Argument`] when
    /// the palette's number of classes is not the network's, or the network makes no sense.
    pub(super) fn assemble(
        path: &Path,
        config: &Config,
        tensors: &TensorSet,
        palette: Palette,
        info: ModelInfo,
        device: &Device,
    ) -> Result<Self> {
        if palette.len() != config.num_classes {
            return Err(Error::argument(
                format!("palette \"{}\"", palette.name),
                format!("{} classes, as the network has", config.num_classes),
                format!("{} classes", palette.len()),
            ));
        }
        if !(1..=LARGEST_INPUT).contains(&info.input_size) {
            return Err(Error::file(
                path,
                format!("a model for images of 1 to {LARGEST_INPUT} pixels a side"),
                format!("one for images of {} pixels", info.input_size),
                "Name a smaller crop_size with --network, or get the file again.",
            ));
        }
        let advice = "The file belongs to another network: name the right one with --network.";
        let (network, accounting) =
            assign(config.init_blank(device)?, tensors).map_err(|error| {
                Error::file(path, "the network's tensors", error.to_string(), advice)
            })?;
        if let Some(first) = accounting.missing.first() {
            let missing = accounting.missing.len();
            let expected = format!("{} tensors", accounting.used.len() + missing);
            let found = format!("{missing} of them missing, \"{first}\" first");
            return Err(Error::file(path, expected, found, advice));
        }
        Ok(Self {
            network,
            palette,
            info,
            accounting,
        })
    }

    /// The network's flags.
    pub fn config(&self) -> &Config {
        self.network.config()
    }

    /// Height and width that images are fitted into unless told otherwise.
    pub fn frame(&self) -> [usize; 2] {
        own_frame(self.config(), self.info.input_size)
    }
}

/// The palette that networks with this many classes usually have, else numbered classes.
pub fn palette_for(classes: usize) -> Palette {
    match classes {
        21 => Palette::pascal_voc(),
        19 => Palette::cityscapes(),
        151 => Palette::ade20k(),
        _ => numbered(classes),
    }
}

/// Classes named by their index, in the colours of PASCAL VOC's rule.
fn numbered(classes: usize) -> Palette {
    let count = classes.clamp(1, atrous_palettes::MAX_CLASSES);
    let names = (0..count).map(|index| format!("class {index}"));
    // Unique names within the allowed number are what a palette asks for.
    Palette::from_names("numbered", names).unwrap_or_else(|_| Palette::pascal_voc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numbers_of_classes_have_names() {
        assert_eq!(palette_for(21).name, "pascal");
        assert_eq!(palette_for(19).name, "cityscapes");
        assert_eq!(palette_for(151).name, "ade20k");
        assert_eq!(palette_for(12).len(), 12);
        assert_eq!(palette_for(255).len(), 255);
    }
}
