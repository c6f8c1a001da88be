//! Reading TFLite files: floating point, half precision, or quantised to 8 bits.
//!
//! [`subgraph`] reads a file's operations, [`lower`] turns them into layers, in which
//! [`graph`](super::graph) finds the network. Batch norm has been folded into kernels and biases
//! by the converter. Quantised weights become the real numbers they stand for
//! ([`quantisation`]); the rounding of what flows between layers is left out, so that the network
//! computes what its weights say.

mod constants;
mod flatbuffer;
mod lower;
mod quantisation;
mod subgraph;

use std::path::Path;

use super::graph::{self, Affine, Graph, Import, Result as Found, mismatch};
use crate::error::{Error, Result};
use crate::limits::Limits;
use constants::FileConstants;
use subgraph::{Element, Subgraph};

/// Whether `bytes` are a TFLite file, by the flatbuffer's file identifier.
pub(super) fn is_tflite(bytes: &[u8]) -> bool {
    bytes.get(4..8) == Some(b"TFL3")
}

/// Reads a DeepLab network from a TFLite file.
///
/// # Errors
/// [`Error::File`] when the file is damaged or holds another network; [`Error::Limit`] when it has
/// too many tensors or operations.
pub(super) fn read(path: &Path, bytes: &[u8], limits: &Limits) -> Result<Import> {
    let damaged = |what: flatbuffer::Damage| {
        let found = format!("damage ({what})");
        Error::file(path, "a whole TFLite file", found, "Get the file again.")
    };
    let count = subgraph::longest_list(bytes).map_err(damaged)?;
    if count > limits.tensors {
        return Err(Error::Limit {
            path: path.to_owned(),
            what: "the number of tensors or operations",
            found: count as u64,
            limit: limits.tensors as u64,
        });
    }
    let subgraph = Subgraph::read(bytes).map_err(damaged)?;
    identify(&subgraph)
        .map_err(|mismatch| Error::file(path, mismatch.expected, mismatch.found, mismatch.advice))
}

fn identify(subgraph: &Subgraph) -> Found<Import> {
    let &[image] = subgraph.inputs.as_slice() else {
        return Err(mismatch(
            "one input",
            format!("{} inputs", subgraph.inputs.len()),
        ));
    };
    let (image_size, pixels) = input(subgraph, image)?;
    let lowered = lower::lower(subgraph)?;
    let constants = FileConstants::new(subgraph, lowered.aliases);
    let graph = Graph {
        layers: lowered.layers,
        image: usize::try_from(image).unwrap_or_default(),
        image_size,
        pixels,
        constants: &constants,
    };
    let found = graph::identify(&graph)?;
    Ok(Import {
        unused: constants.unused(&found.taken, &lowered.used),
        config: found.config,
        tensors: found.tensors,
        format: format!(
            "TFLite, {} weights, batch norm folded",
            weights_of(subgraph)
        ),
        licence: String::new(),
    })
}

/// Height and width of the images that the graph takes, and what their pixels are in it.
fn input(subgraph: &Subgraph, image: i32) -> Found<([usize; 2], Option<Affine>)> {
    let tensor = subgraph
        .tensor(image)
        .ok_or_else(|| mismatch("an input", "none"))?;
    let side = |side: i32| usize::try_from(side).ok().filter(|side| *side > 0);
    let size = match *tensor.shape.as_slice() {
        [1, height, width, 3] => side(height).zip(side(width)),
        _ => None,
    };
    let (height, width) = size.ok_or_else(|| {
        mismatch(
            "images [1, height, width, 3]",
            format!("{:?}", tensor.shape),
        )
    })?;
    // Pixels are put into signed numbers by taking 128 away.
    let black = match tensor.element {
        Element::Float32 => return Ok(([height, width], None)),
        Element::Uint8 => 0,
        Element::Int8 => -128,
        other => {
            return Err(mismatch(
                "images of floating point numbers or of 8-bit ones",
                format!("{other:?}"),
            ));
        }
    };
    let (scale, zero_point) = tensor
        .quantisation
        .whole()
        .ok_or_else(|| mismatch("a scale for the image's 8-bit numbers", "none"))?;
    let pixels = Affine {
        scale,
        shift: scale * i64::saturating_sub(black, zero_point) as f32,
    };
    Ok(([height, width], Some(pixels)))
}

/// How the largest constant is stored: kernels are most of a file.
fn weights_of(subgraph: &Subgraph) -> &'static str {
    let largest = subgraph
        .tensors
        .iter()
        .max_by_key(|tensor| tensor.data.len());
    match largest.map(|tensor| tensor.element) {
        Some(Element::Uint8 | Element::Int8) => "8-bit",
        Some(Element::Float16) => "half precision",
        _ => "float32",
    }
}
