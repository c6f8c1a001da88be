//! Going from layer to layer, and giving TensorFlow's names to what was found.

use std::collections::HashSet;

use super::layer::{Conv, Graph, Layer, What};
use super::mismatch::Result;
use crate::weights::TensorSet;

/// The layers of a graph, and those whose constants have been given a name.
pub(super) struct Naming<'g> {
    graph: &'g Graph<'g>,
    taken: HashSet<usize>,
    tensors: TensorSet,
}

impl<'g> Naming<'g> {
    pub(super) fn of(graph: &'g Graph<'g>) -> Self {
        Self {
            graph,
            taken: HashSet::new(),
            tensors: TensorSet::default(),
        }
    }

    /// Layers that take `tensor`.
    pub(super) fn takers(&self, tensor: usize) -> impl Iterator<Item = &'g Layer> + use<'g> {
        let layers = self.graph.layers.iter();
        layers.filter(move |layer| layer.inputs.contains(&tensor))
    }

    /// The first convolution that takes `tensor` and is `wanted`, with what it gives.
    pub(super) fn conv_after(
        &self,
        tensor: usize,
        wanted: impl Fn(&Conv) -> bool,
    ) -> Option<(Conv, usize)> {
        self.takers(tensor).find_map(|layer| match layer.what {
            What::Conv(conv) if wanted(&conv) => Some((conv, layer.output)),
            _ => None,
        })
    }

    /// The layer that gives `tensor`.
    pub(super) fn giver(&self, tensor: usize) -> Option<&'g Layer> {
        let mut layers = self.graph.layers.iter();
        layers.find(|layer| layer.output == tensor)
    }

    /// The convolution that gives `tensor`, with the tensor it takes.
    pub(super) fn conv_giving(&self, tensor: usize) -> Option<(Conv, usize)> {
        let layer = self.giver(tensor)?;
        match layer.what {
            What::Conv(conv) => Some((conv, *layer.inputs.first()?)),
            _ => None,
        }
    }

    /// Gives a convolution's constants the names they have in TensorFlow, under `scope`.
    pub(super) fn name(&mut self, conv: &Conv, scope: &str) -> Result<()> {
        let kernel = self.graph.constants.kernel(conv)?;
        let biases = self.graph.constants.biases(conv)?;
        let [height, width] = conv.size;
        let (leaf, shape) = if conv.depthwise {
            ("depthwise_weights", vec![height, width, conv.outputs, 1])
        } else {
            ("weights", vec![height, width, conv.inputs, conv.outputs])
        };
        self.tensors
            .insert(format!("{scope}/{leaf}"), shape, kernel);
        let name = format!("{scope}/biases");
        self.tensors.insert(name, vec![biases.len()], biases);
        self.taken.insert(conv.source);
        Ok(())
    }

    /// The named constants, and the numbers of the operations that they were taken from.
    pub(super) fn finish(self) -> (TensorSet, HashSet<usize>) {
        (self.tensors, self.taken)
    }
}
