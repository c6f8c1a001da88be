//! Reading Core ML neural networks (`.mlmodel`): float32, float16, or 1 to 8 bits with a lookup
//! table or a scale.
//!
//! [`layer`] reads a file's layers, [`lower`] turns them into those of a graph, in which
//! [`graph`](super::graph) finds the network, and [`constants`] reads the numbers, with batch norm
//! folded where the converter has left it to itself. Format: Apple's Core ML specification.

mod batch_norm;
mod clamp;
mod constants;
mod convolution;
mod input;
mod layer;
mod lower;
mod numbers;
#[cfg(test)]
mod tests;

use std::path::Path;

use super::graph::{self, Graph, Import};
use super::protobuf::{self, Malformed, Message};
use crate::error::{Error, Result};
use crate::limits::Limits;
use constants::FileConstants;
use layer::{Kind, Layer};

/// The tags under which a model of any kind stands in a file.
const MODEL_KINDS: std::ops::Range<u64> = 200..4000;
const DESCRIPTION: u64 = 2;
const NEURAL_NETWORK: u64 = 500;
const PROGRAM: u64 = 502;
const LAYERS: u64 = 1;

/// Whether `bytes` are a Core ML file: the version of its specification, a description, and a model
/// of one of the kinds.
pub(super) fn is_coreml(bytes: &[u8]) -> bool {
    let Some((version, rest)) = bytes.split_first_chunk::<2>() else {
        return false;
    };
    // ONNX files begin with a version and a run of bytes, too, but have no such large tags.
    let tags = protobuf::tags_until_damage(rest);
    let begins = matches!(version, [0x08, 1..0x80]);
    begins && tags.into_iter().any(|tag| MODEL_KINDS.contains(&tag))
}

/// Reads a DeepLab network from a Core ML file.
///
/// # Errors
/// [`Error::File`] when the file is damaged, of another kind, or holds another network;
/// [`Error::Limit`] when it has too many layers.
pub(super) fn read(path: &Path, bytes: &[u8], limits: &Limits) -> Result<Import> {
    let damaged = |what: Malformed| {
        let found = format!("damage ({what})");
        Error::file(path, "a whole Core ML file", found, "Get the file again.")
    };
    let model = Message::read(bytes).map_err(damaged)?;
    let Some(network) = model.message(NEURAL_NETWORK).map_err(damaged)? else {
        let found = match model.bytes(PROGRAM) {
            Some(_) => "an ML program (.mlpackage)",
            None => "a model of another kind",
        };
        let advice = "Convert the original weights instead.";
        return Err(Error::file(path, "a Core ML neural network", found, advice));
    };
    let count = network.count(LAYERS);
    if count > limits.tensors {
        return Err(Error::Limit {
            path: path.to_owned(),
            what: "the number of layers",
            found: count as u64,
            limit: limits.tensors as u64,
        });
    }
    let description = model.message(DESCRIPTION).map_err(damaged)?;
    let description = description.unwrap_or_default();
    let layers = network
        .messages(LAYERS)
        .map(|layer| Layer::read(layer?))
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(damaged)?;
    let import = identify(description, network, &layers, limits)
        .map_err(|found| Error::file(path, found.expected, found.found, found.advice))?;
    Ok(Import {
        licence: licence(description).map_err(damaged)?,
        ..import
    })
}

fn identify(
    description: Message,
    network: Message,
    layers: &[Layer],
    limits: &Limits,
) -> graph::Result<Import> {
    let input = input::read(description, network)?;
    let lowered = lower::lower(layers, input.name)?;
    let constants = FileConstants {
        layers,
        batch_norms: lowered.batch_norms,
        most_values: limits.tensor_values,
    };
    let graph = Graph {
        layers: lowered.layers,
        image: 0,
        image_size: input.size,
        pixels: input.pixels,
        constants: &constants,
    };
    let found = graph::identify(&graph)?;
    let kernels = layers.iter().find_map(|layer| match &layer.kind {
        Kind::Convolution(convolution) => convolution.kernel,
        _ => None,
    });
    let stored = numbers::stored(kernels.unwrap_or_default());
    Ok(Import {
        unused: constants.unused(&found.taken),
        config: found.config,
        tensors: found.tensors,
        format: format!("Core ML, {stored} weights, batch norm folded"),
        licence: String::new(),
    })
}

/// The terms that the file names, cut to what fits a page.
fn licence(description: Message) -> std::result::Result<String, Malformed> {
    const METADATA: u64 = 100;
    const LICENSE: u64 = 4;
    let metadata = description.message(METADATA)?.unwrap_or_default();
    Ok(metadata.text(LICENSE)?.chars().take(500).collect())
}
