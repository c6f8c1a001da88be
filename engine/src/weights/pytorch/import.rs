//! Which network a state dict is of, and its weights under research/deeplab's names.

use std::path::Path;

use atrous_palettes::Palette;

use super::hugging_face::{self, Description};
use super::naming::{Turned, turn};
use super::torchvision;
use crate::error::{Error, Result};
use crate::network::{Config, Library};
use crate::weights::TensorSet;
use crate::weights::tensor_file::TensorFile;

/// What a state dict turned out to be.
#[derive(Debug)]
pub(in crate::weights) struct Import {
    /// The network.
    pub(in crate::weights) config: Config,
    /// Its weights, under TensorFlow's names and in its layouts.
    pub(in crate::weights) tensors: TensorSet,
    /// Side of the square that images are brought to.
    pub(in crate::weights) input_size: usize,
    /// The classes, where the file beside it names them.
    pub(in crate::weights) palette: Option<Palette>,
    /// Tensors without effect on the segmentation: an auxiliary head, counters.
    pub(in crate::weights) set_aside: Vec<String>,
    /// Tensors that the network has no place for.
    pub(in crate::weights) unused: Vec<String>,
}

/// What the networks' own libraries bring images to: torchvision's transforms, and the size that
/// google/deeplabv3_mobilenet_v2_1.0_513 has in its name.
const INPUT_SIZES: [(Library, usize); 2] =
    [(Library::Torchvision, 520), (Library::HuggingFace, 513)];

/// Whether the names in `tensors` are PyTorch's.
pub(in crate::weights) fn has_pytorch_names(tensors: &TensorSet) -> bool {
    let is_one = |name: &str| name.ends_with(".weight") && !name.contains('/');
    tensors.names().any(is_one)
}

/// Finds out which network the state dict at `path` is of. `network` is what the person says it
/// is, `description` what a file beside it says.
///
/// # Errors
/// [`Error::File`] when it is of no network that is built; [`Error::Argument`] when `network` is
/// of another library than the names are.
pub(in crate::weights) fn import(
    path: &Path,
    file: TensorFile,
    network: Option<&Config>,
    description: Option<&Description>,
) -> Result<Import> {
    let found = identify(path, &file.tensors, description)?;
    let config = match network {
        None => found,
        Some(network) if network.library == found.library => network.clone(),
        Some(network) => {
            let expected = format!("a network of the library {:?}", found.library);
            let other = format!("one of {:?}", network.library);
            return Err(Error::argument("network", expected, other));
        }
    };
    let size = INPUT_SIZES
        .iter()
        .find(|(library, _)| *library == config.library);
    let described = description.filter(|_| config.library == Library::HuggingFace);
    let mut import = Import {
        input_size: described
            .and_then(Description::input_size)
            .or(size.map(|(_, size)| *size))
            .unwrap_or_default(),
        palette: described.and_then(|description| description.palette("classes of the file")),
        config,
        tensors: TensorSet::default(),
        set_aside: Vec::new(),
        unused: Vec::new(),
    };
    let scope = torchvision::scope(&import.config).to_owned();
    for (name, tensor) in file.tensors.tensors {
        match turn(import.config.library, &scope, &name, tensor) {
            Turned::Variable(name, tensor) => {
                import.tensors.tensors.insert(name, tensor);
            }
            Turned::Aside => import.set_aside.push(name),
            Turned::Unknown => import.unused.push(name),
        }
    }
    for name in file.others {
        if name.ends_with(".num_batches_tracked") {
            import.set_aside.push(name);
        } else {
            import.unused.push(name);
        }
    }
    let projection = import.tensors.tensors.get_mut("concat_projection/weights");
    if let (Library::Torchvision, Some(projection)) = (import.config.library, projection) {
        torchvision::pooled_first(projection);
    }
    Ok(import)
}

/// The network that the names, and what stands beside the file, tell of.
fn identify(path: &Path, tensors: &TensorSet, description: Option<&Description>) -> Result<Config> {
    let length = |name| Some(*tensors.get(name)?.shape.first()?);
    if let Some(classes) = length("segmentation_head.classifier.convolution.bias") {
        if let Some(description) = description {
            return description.config(path, classes);
        }
        let last = length("mobilenet_v2.layer.15.reduce_1x1.convolution.weight");
        if let Some(last) = last.filter(|last| (8..=4096).contains(last)) {
            let multiplier = last as f64 / hugging_face::LAST_CHANNELS;
            return Ok(hugging_face::config(multiplier, classes));
        }
    }
    if let Some(classes) = length("classifier.4.bias")
        && let Some(config) = torchvision::config(tensors, classes)
    {
        return Ok(config);
    }
    let names = tensors.names().take(3).collect::<Vec<_>>().join(", ");
    Err(Error::file(
        path,
        "weights of torchvision's deeplabv3_resnet50, deeplabv3_resnet101 or \
         deeplabv3_mobilenet_v3_large, or of MobileNetV2ForSemanticSegmentation",
        format!("those of another network (its tensors: {names}, ...)"),
        "Convert it to safetensors under TensorFlow's variable names.",
    ))
}
