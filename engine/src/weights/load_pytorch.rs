//! Models from PyTorch's state dicts.

use std::path::Path;

use burn::tensor::Device;

use super::load::{describe, palette_of};
use super::tensor_file::TensorFile;
use super::{LoadOptions, Model, ModelInfo, pytorch};
use crate::error::Result;
use crate::network::Library;

/// A model from a state dict, whatever file it came in; `beside` is what Hugging Face's
/// `config.json` beside the file says.
pub(super) fn from_pytorch(
    path: &Path,
    file: TensorFile,
    beside: Option<&pytorch::Description>,
    options: &LoadOptions,
    device: &Device,
) -> Result<Model> {
    let import = pytorch::import(path, file, options.network.as_ref(), beside)?;
    let format = match import.config.library {
        Library::HuggingFace => "a PyTorch state dict of transformers",
        _ => "a PyTorch state dict of torchvision",
    };
    let info = ModelInfo {
        input_size: import.input_size,
        ..describe(path, format)
    };
    let options = LoadOptions {
        palette: options.palette.clone().or(import.palette),
        ..options.clone()
    };
    let palette = palette_of(&options, &import.config);
    let mut model = Model::assemble(path, &import.config, &import.tensors, palette, info, device)?;
    model.accounting.unused.extend(import.unused);
    model.accounting.set_aside.extend(import.set_aside);
    Ok(model)
}
