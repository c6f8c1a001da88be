//! Models from tensors under TensorFlow's names, whose network must be told.

use std::path::Path;

use burn::tensor::Device;

use super::load::{describe, palette_of};
use super::{
    LoadOptions, Model, ModelInfo, TensorSet, assign, frozen_graph, infer_config, tf_checkpoint,
};
use crate::error::{Error, Result};
use crate::network::Config;

/// The side of the crop that the published networks were mostly trained with.
const USUAL_SIDE: usize = 513;

/// A model from the checkpoint whose files' paths start with `prefix`.
///
/// # Errors
/// As [`load`](super::load).
pub(super) fn from_checkpoint(
    prefix: &Path,
    options: &LoadOptions,
    device: &Device,
) -> Result<Model> {
    let checkpoint = tf_checkpoint::read(prefix, &options.limits)?;
    let format = "a TensorFlow checkpoint";
    let mut model = from_named(prefix, &checkpoint.tensors, format, options, device)?;
    model.accounting.set_aside.extend(checkpoint.set_aside);
    model.accounting.unused.extend(checkpoint.others);
    Ok(model)
}

/// A model from the frozen graph `bytes`, of the network that the options name, or else of the one
/// that the graph tells.
///
/// # Errors
/// As [`load`](super::load).
pub(super) fn from_frozen_graph(
    path: &Path,
    bytes: &[u8],
    options: &LoadOptions,
    device: &Device,
) -> Result<Model> {
    let mut import = frozen_graph::read(path, bytes, options.network.as_ref(), &options.limits)?;
    let config = import.config.clone();
    let info = ModelInfo {
        input_size: input_size(&config),
        ..describe(path, "a frozen TensorFlow graph")
    };
    let palette = palette_of(options, &config);
    let mut model = Model::assemble(path, &config, &import.tensors, palette, info, device)?;
    if import.fit_epsilons_to(&model.network) {
        model.network = assign(model.network, &import.tensors)?.0;
    }
    Ok(model)
}

/// A model from `tensors`, read from `path` as `format`; of the network that the options name, or
/// else of the one that the tensors' names and shapes tell.
///
/// # Errors
/// [`Error::File`] when the tensors don't fit the network, or tell none.
pub(super) fn from_named(
    path: &Path,
    tensors: &TensorSet,
    format: &str,
    options: &LoadOptions,
    device: &Device,
) -> Result<Model> {
    let (config, told) = match &options.network {
        Some(config) => (config.clone(), None),
        None => {
            let config = told_by(path, tensors)?;
            let assumed = assumptions(&config);
            tracing::warn!("{}: {assumed}; --network says otherwise", path.display());
            (config, Some(assumed))
        }
    };
    let mut info = ModelInfo {
        input_size: input_size(&config),
        ..describe(path, format)
    };
    info.provenance.extend(told);
    let palette = palette_of(options, &config);
    Model::assemble(path, &config, tensors, palette, info, device)
}

/// The longer side of the crop, or the usual one.
pub(super) fn input_size(config: &Config) -> usize {
    config
        .crop_size
        .map_or(USUAL_SIDE, |[height, width]| height.max(width))
}

/// The network that the names and shapes of `tensors` tell, as an error of the file at `path`.
pub(super) fn told_by(path: &Path, tensors: &TensorSet) -> Result<Config> {
    infer_config(tensors).map_err(|error| match error {
        Error::Argument {
            expected, found, ..
        } => {
            let advice =
                "Name the network with --network: a variant's name or a JSON object of flags.";
            Error::file(path, expected, found, advice)
        }
        other => other,
    })
}

/// What names and shapes did not say of the network.
fn assumptions(config: &Config) -> String {
    let rates = match config.atrous_rates.as_slice() {
        [] => String::new(),
        rates => format!(" and atrous rates {rates:?}"),
    };
    format!(
        "network told by its tensors' names: {}, with output stride {}{rates} assumed",
        config.model_variant, config.output_stride
    )
}
