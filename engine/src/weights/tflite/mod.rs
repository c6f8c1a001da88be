//! Reading TFLite files of floating point numbers.
//!
//! A file holds a graph of operations, not a network's name: [`graph`] reads it, [`network`] finds
//! in it which DeepLab it is and what its tensors are called in TensorFlow. Batch norm has been
//! folded into kernels and biases by the converter.

mod backbone;
mod flatbuffer;
mod graph;
mod head;
mod layers;
mod network;

use std::path::Path;

use super::TensorSet;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::network::Config;

/// What a TFLite file turned out to be.
#[derive(Debug)]
pub(super) struct Import {
    /// The network.
    pub(super) config: Config,
    /// Its folded weights, under TensorFlow's names and in its layouts.
    pub(super) tensors: TensorSet,
    /// The longer side of the image the graph was made for.
    pub(super) input_size: usize,
    /// Constants of the file that no layer of the network takes.
    pub(super) unused: Vec<String>,
}

/// Whether `bytes` are a TFLite file, by the flatbuffer's file identifier.
pub(super) fn is_tflite(bytes: &[u8]) -> bool {
    bytes.get(4..8) == Some(b"TFL3")
}

/// Reads a DeepLab network from a TFLite file.
///
/// # Errors
/// [`Error::File`] when the file is damaged, quantised, or holds another network;
/// [`Error::Limit`] when it has too many tensors.
pub(super) fn read(path: &Path, bytes: &[u8], limits: &Limits) -> Result<Import> {
    let damaged = |what: flatbuffer::Damage| {
        let found = format!("damage ({what})");
        Error::file(path, "a whole TFLite file", found, "Get the file again.")
    };
    let count = graph::count_tensors(bytes).map_err(damaged)?;
    if count > limits.tensors {
        return Err(Error::Limit {
            path: path.to_owned(),
            what: "the number of tensors",
            found: count as u64,
            limit: limits.tensors as u64,
        });
    }
    let graph = graph::Graph::read(bytes).map_err(damaged)?;
    network::identify(&graph)
        .map_err(|mismatch| Error::file(path, mismatch.expected, mismatch.found, mismatch.advice))
}
