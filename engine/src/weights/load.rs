//! Loading a model from any supported file; the content says which it is.

use std::path::Path;

use atrous_palettes::Palette;
use burn::tensor::Device;

use super::graph::Import;
use super::load_named::{from_checkpoint, from_frozen_graph, from_named, input_size};
use super::load_pytorch::from_pytorch;
use super::tensor_file::TensorFile;
use super::{
    Model, ModelInfo, coreml, frozen_graph, model_file, palette_for, pytorch, tensor_file,
    tf_checkpoint, tflite,
};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::network::Config;

/// What a file may not say of itself.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// The network, for files that hold tensors alone. [`Config::from_json`] reads one.
    pub network: Option<Config>,
    /// The classes, for files that don't name them. Otherwise the number of classes decides.
    pub palette: Option<Palette>,
    /// How much the file may ask for.
    pub limits: Limits,
}

/// Loads a model onto `device`: our own file, safetensors with TensorFlow's names and layouts, a
/// TFLite file or a Core ML neural network, also quantised ones, a frozen TensorFlow graph, a
/// TensorFlow checkpoint, by any of its files, by what their names have in common, or by its
/// folder, or a checkpoint of PyTorch (also as safetensors), for which `path` may be its Hugging
/// Face folder.
///
/// # Errors
/// [`Error::Io`] when the file can't be read; [`Error::File`] when it is of another format,
/// damaged, or does not fit the network; [`Error::Limit`] when it is too large;
/// [`Error::Argument`] when `path` names no file, or the options make no sense.
pub fn load(path: &Path, options: &LoadOptions, device: &Device) -> Result<Model> {
    if let Some(prefix) = tf_checkpoint::locate(path) {
        return Ok(warn_of_unused(
            path,
            from_checkpoint(&prefix, options, device)?,
        ));
    }
    if !path.exists() && path.extension().is_none() {
        return Err(Error::argument(
            "model",
            format!("a file ({FORMATS})"),
            format!("\"{}\", which is none", path.display()),
        ));
    }
    let in_folder;
    let path = if path.is_dir() {
        in_folder = pytorch::weights_in(path)?;
        &in_folder
    } else {
        path
    };
    let metadata = std::fs::metadata(path).map_err(Error::io(path, "opening"))?;
    if !metadata.is_file() {
        let advice = "Give the path of a model file.";
        return Err(Error::file(path, FORMATS, "no regular file", advice));
    }
    if metadata.len() > options.limits.file_bytes {
        return Err(Error::Limit {
            path: path.to_owned(),
            what: "the file's size in bytes",
            found: metadata.len(),
            limit: options.limits.file_bytes,
        });
    }
    let bytes = std::fs::read(path).map_err(Error::io(path, "reading"))?;
    let beside = pytorch::Description::beside(path);
    read(path, &bytes, beside.as_ref(), options, device)
}

/// As [`load`], for bytes at hand; `path` is what errors call them.
///
/// # Errors
/// As [`load`].
pub fn from_bytes(
    path: &Path,
    bytes: &[u8],
    options: &LoadOptions,
    device: &Device,
) -> Result<Model> {
    read(path, bytes, None, options, device)
}

/// `beside` is what Hugging Face's `config.json` beside the file says.
fn read(
    path: &Path,
    bytes: &[u8],
    beside: Option<&pytorch::Description>,
    options: &LoadOptions,
    device: &Device,
) -> Result<Model> {
    let model = if tflite::is_tflite(bytes) {
        let import = tflite::read(path, bytes, &options.limits)?;
        from_import(path, import, options, device)?
    } else if coreml::is_coreml(bytes) {
        let import = coreml::read(path, bytes, &options.limits)?;
        from_import(path, import, options, device)?
    } else if tensor_file::is_safetensors(bytes) {
        let file = tensor_file::read(path, bytes, &options.limits)?;
        if file.header.is_none() && pytorch::has_pytorch_names(&file.tensors) {
            from_pytorch(path, file, beside, options, device)?
        } else {
            from_tensors(path, file, options, device)?
        }
    } else if pytorch::is_checkpoint(bytes) {
        let file = pytorch::read(path, bytes, &options.limits)?;
        from_pytorch(path, file, beside, options, device)?
    } else if frozen_graph::is_frozen_graph(bytes) {
        from_frozen_graph(path, bytes, options, device)?
    } else {
        return Err(unknown_format(path, bytes));
    };
    Ok(warn_of_unused(path, model))
}

fn warn_of_unused(path: &Path, model: Model) -> Model {
    for name in &model.accounting.unused {
        tracing::warn!("{}: tensor \"{name}\" is not used", path.display());
    }
    model
}

const FORMATS: &str = "a model: our own .safetensors, safetensors with TensorFlow's variable \
                       names, a .tflite, a Core ML .mlmodel, a PyTorch or TensorFlow checkpoint, \
                       or a frozen graph";

/// A model of a mobile format, in whose graph the network was found.
fn from_import(
    path: &Path,
    import: Import,
    options: &LoadOptions,
    device: &Device,
) -> Result<Model> {
    let config = import.config;
    if let Some(network) = &options.network
        && network.num_classes != config.num_classes
    {
        return Err(Error::argument(
            "network",
            format!("{} classes, as the file has", config.num_classes),
            format!("{} classes", network.num_classes),
        ));
    }
    let info = ModelInfo {
        input_size: input_size(&config),
        licence: import.licence,
        ..describe(path, &import.format)
    };
    let palette = palette_of(options, &config);
    let mut model = Model::assemble(path, &config, &import.tensors, palette, info, device)?;
    model.accounting.unused.extend(import.unused);
    Ok(model)
}

fn from_tensors(
    path: &Path,
    mut file: TensorFile,
    options: &LoadOptions,
    device: &Device,
) -> Result<Model> {
    if let Some(header) = file.header.take() {
        return model_file::read(path, file, &header, device);
    }
    let format = "safetensors with TensorFlow's names";
    let mut model = from_named(path, &file.tensors, format, options, device)?;
    model.accounting.unused.extend(file.others);
    Ok(model)
}

pub(super) fn palette_of(options: &LoadOptions, config: &Config) -> Palette {
    let given = options.palette.clone();
    given.unwrap_or_else(|| palette_for(config.num_classes))
}

/// What is known of a foreign file: its name, and what it was read as.
pub(super) fn describe(path: &Path, format: &str) -> ModelInfo {
    let text = |part: Option<&std::ffi::OsStr>| {
        part.map_or_else(String::new, |part| part.to_string_lossy().into_owned())
    };
    // The original calls every export the same, and the folder by the model's name.
    let same = ["model", "frozen_inference_graph", "pytorch_model"];
    let stem = text(path.file_stem());
    let folder = path.parent().and_then(Path::file_name);
    ModelInfo {
        name: match folder {
            Some(folder) if same.contains(&&*stem) => text(Some(folder)),
            _ => stem,
        },
        licence: String::new(),
        source: text(path.file_name()),
        provenance: vec![format!("imported from {format}")],
        input_size: 0,
    }
}

/// What the first bytes, or else the name, say of a format that is not read.
fn unknown_format(path: &Path, bytes: &[u8]) -> Error {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let found = match (bytes, extension) {
        ([], _) => "an empty file",
        ([0x89, b'H', b'D', b'F', ..], _) => "HDF5 (a Keras model)",
        ([0x80, 2..=5, ..], _) => "a pickle that torch.save did not write",
        (_, Some("pb")) => "no frozen TensorFlow graph (a SavedModel?)",
        (_, Some("mlpackage")) => "a Core ML package",
        (_, Some("onnx")) => "an ONNX model",
        (_, Some("meta")) => "a TensorFlow graph without its checkpoint",
        _ if bytes.ends_with(&tf_checkpoint::MAGIC) => {
            "the index of a TensorFlow checkpoint without its name, or a checkpoint of version 1"
        }
        _ => "bytes of another format",
    };
    let advice = "Convert it to safetensors under TensorFlow's variable names.";
    Error::file(
        path,
        FORMATS,
        format!("{found}, which is not read yet"),
        advice,
    )
}
