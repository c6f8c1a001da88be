//! Finding a DeepLab network in a graph of layers, whatever file the graph came from.
//!
//! Mobile formats hold operations and constants, but neither a network's name nor TensorFlow's
//! names for its weights. A reader puts its operations into a [`Graph`] of [`Layer`]s, and
//! [`identify`] finds by their structure alone which network they are and what its weights are
//! called.

mod backbone;
mod head;
mod image;
mod layer;
mod mismatch;
mod mobilenet_edgetpu;
mod mobilenet_v2;
mod naming;
mod network;

pub(super) use layer::{Activation, Affine, Constants, Conv, Graph, Layer, What, Window};
pub(super) use mismatch::{Mismatch, Result, mismatch};
pub(super) use network::identify;

use super::TensorSet;
use crate::network::Config;

/// What a mobile file turned out to be.
#[derive(Debug)]
pub(super) struct Import {
    /// The network.
    pub(super) config: Config,
    /// Its folded weights, under TensorFlow's names and in its layouts.
    pub(super) tensors: TensorSet,
    /// Constants of the file that no layer of the network takes.
    pub(super) unused: Vec<String>,
    /// What the file is and how it keeps its weights, for people.
    pub(super) format: String,
    /// The terms that the file names; empty if it names none.
    pub(super) licence: String,
}
