//! Loading a model from any supported file; the content says which it is.

use std::path::{Path, PathBuf};

use atrous_palettes::Palette;
use burn::tensor::Device;

use super::graph::Import;
use super::load_named::{from_checkpoint, from_frozen_graph, from_named, input_size};
use super::load_pytorch::from_pytorch;
use super::tensor_file::TensorFile;
use super::{
    Format, Model, ModelInfo, coreml, formats_in_words, model_file, palette_for, pytorch,
    tensor_file, tf_checkpoint, tflite,
};
use crate::error::{Error, Result};
use crate::limits::{Limits, read_file};
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
    let (path, bytes) = read_model(path, &options.limits)?;
    let beside = pytorch::Description::beside(&path);
    read(&path, &bytes, beside.as_ref(), options, device)
}

/// The format of the model at `path`, which may be whatever [`load`] takes.
///
/// # Errors
/// As [`load`] where no file of a format that is read is there.
pub fn format_of(path: &Path, limits: &Limits) -> Result<Format> {
    if tf_checkpoint::locate(path).is_some() {
        return Ok(Format::Checkpoint);
    }
    let (path, bytes) = read_model(path, limits)?;
    Format::of(&bytes).ok_or_else(|| unknown_format(&path, &bytes))
}

/// The model file at `path`, or in the folder there, and its bytes.
fn read_model(path: &Path, limits: &Limits) -> Result<(PathBuf, Vec<u8>)> {
    if !path.exists() && path.extension().is_none() {
        return Err(Error::argument(
            "model",
            format!("a file ({})", formats_in_words()),
            format!("\"{}\", which is none", path.display()),
        ));
    }
    let path = if path.is_dir() {
        pytorch::weights_in(path)?
    } else {
        path.to_owned()
    };
    let metadata = std::fs::metadata(&path).map_err(Error::io(&path, "opening"))?;
    if !metadata.is_file() {
        let advice = "Give the path of a model file.";
        let expected = formats_in_words();
        return Err(Error::file(&path, expected, "no regular file", advice));
    }
    let bytes = read_file(&path, limits)?;
    Ok((path, bytes))
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
    let limits = &options.limits;
    let model = match Format::of(bytes) {
        Some(Format::Tflite) => {
            let import = tflite::read(path, bytes, limits)?;
            from_import(path, import, options, device)?
        }
        Some(Format::CoreMl) => {
            let import = coreml::read(path, bytes, limits)?;
            from_import(path, import, options, device)?
        }
        Some(Format::Atrous | Format::Safetensors) => {
            let file = tensor_file::read(path, bytes, limits)?;
            if file.header.is_none() && pytorch::has_pytorch_names(&file.tensors) {
                from_pytorch(path, file, beside, options, device)?
            } else {
                from_tensors(path, file, options, device)?
            }
        }
        Some(Format::PyTorch) => {
            let file = pytorch::read(path, bytes, limits)?;
            from_pytorch(path, file, beside, options, device)?
        }
        Some(Format::FrozenGraph) => from_frozen_graph(path, bytes, options, device)?,
        Some(Format::Checkpoint) | None => return Err(unknown_format(path, bytes)),
    };
    Ok(warn_of_unused(path, model))
}

fn warn_of_unused(path: &Path, model: Model) -> Model {
    for name in &model.accounting.unused {
        tracing::warn!("{}: tensor \"{name}\" is not used", path.display());
    }
    model
}

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
        formats_in_words(),
        format!("{found}, which is not read yet"),
        advice,
    )
}
