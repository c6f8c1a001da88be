//! Reading frozen TensorFlow graphs: operations, with the variables as constants among them.
//!
//! [`variables`] takes the constants that are called as variables are, [`settings`] reads from the
//! operations how the network is run. That holds for graphs that TensorFlow 1 and 2 have written,
//! and for those where a converter has folded batch norms, as long as convolutions keep their
//! names. What the file does beside the network, resizing, padding and several scales, is left to
//! the options of prediction.

mod constant;
mod convolution;
mod graph;
mod messages;
mod settings;
mod stride;
#[cfg(test)]
mod tests;
mod variables;

use std::collections::BTreeMap;
use std::path::Path;

use constant::Fault;

use super::TensorSet;
use super::load_named::told_by;
use super::protobuf::varint;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::network::{Config, DeepLab};

/// What a graph turned out to be.
#[derive(Debug)]
pub(super) struct Import {
    pub(super) config: Config,
    /// The variables, under TensorFlow's names and in its layouts.
    pub(super) tensors: TensorSet,
    /// The small number under the root of each batch norm, by its scope.
    epsilons: BTreeMap<String, f64>,
}

/// Whether `bytes` start as a graph does: with a node, which has a name and then an operation.
pub(super) fn is_frozen_graph(bytes: &[u8]) -> bool {
    starts_with_node(bytes).unwrap_or(false)
}

fn starts_with_node(bytes: &[u8]) -> Option<bool> {
    const FIRST: u8 = 0x0a;
    const SECOND: u8 = 0x12;
    let mut left = bytes;
    let node = field(&mut left, FIRST)?;
    let name = field(&mut left, FIRST)?;
    let (name, mut left) = left.split_at_checked(name)?;
    let op = field(&mut left, SECOND)?;
    let op = left.get(..op)?;
    let is_word = !op.is_empty() && op.iter().all(u8::is_ascii_alphanumeric);
    Some(is_word && node > name.len() + op.len())
}

/// The length of the field at the start of `bytes`, which must have this tag.
fn field(bytes: &mut &[u8], tag: u8) -> Option<usize> {
    *bytes = bytes.strip_prefix(&[tag])?;
    let length = varint(bytes).ok()?;
    usize::try_from(length).ok()
}

/// Reads a DeepLab network from a frozen graph: `network` if it is known, or else the one that the
/// graph tells.
///
/// # Errors
/// [`Error::File`] when the file is damaged, or holds no DeepLab network whose variables have kept
/// their names; [`Error::Limit`] when it asks for too much.
pub(super) fn read(
    path: &Path,
    bytes: &[u8],
    network: Option<&Config>,
    limits: &Limits,
) -> Result<Import> {
    let graph = graph::Graph::read(path, bytes, limits)?;
    let convolutions = convolution::convolutions(&graph);
    let variables = variables::read(&graph, &convolutions, limits);
    let variables = variables.map_err(|(name, fault)| match fault {
        Fault::Unfilled(found) => {
            let expected = format!("values that fill the constant {name}");
            Error::file(path, expected, found, "Get the file again.")
        }
        Fault::TooLarge(count) => Error::Limit {
            path: path.to_owned(),
            what: "values in one tensor",
            found: count as u64,
            limit: limits.tensor_values as u64,
        },
    })?;
    let config = match network {
        Some(network) => network.clone(),
        None => {
            let mut config = told_by(path, &variables.tensors)?;
            settings::read(&graph, &convolutions, &mut config);
            config
        }
    };
    Ok(Import {
        config,
        tensors: variables.tensors,
        epsilons: variables.epsilons,
    })
}

impl Import {
    /// Makes the network's own numbers under the root, where the graph has others, come to the same:
    /// their difference moves into the variance. (TensorFlow 1 has raised 1e-5 to 1.001e-5.)
    ///
    /// Whether there was any difference.
    pub(super) fn fit_epsilons_to(&mut self, network: &DeepLab) -> bool {
        let mut differed = false;
        for variable in network.variables() {
            let scope = variable.name.strip_suffix("/moving_variance");
            let graphs = scope.and_then(|scope| self.epsilons.get(scope));
            let own = variable.normalised.as_ref().map(|of| of.epsilon);
            if let Some((graphs, own)) = graphs.zip(own)
                && (graphs - own).abs() > 1e-6 * own
                && let Some(variance) = self.tensors.tensors.get_mut(&variable.name)
            {
                for value in &mut variance.values {
                    *value = (f64::from(*value) + graphs - own) as f32;
                }
                differed = true;
            }
        }
        differed
    }
}
