//! The convolutions of a graph, and what is around each of them.

use std::collections::BTreeMap;

use super::graph::Graph;
use super::messages::{Constant, Node};

/// A convolution with a constant kernel.
#[derive(Debug)]
pub(super) struct Convolution<'a> {
    /// The node that gives its result.
    pub(super) result: &'a Node<'a>,
    /// The node whose result it takes, before it is padded or taken apart for a rate.
    pub(super) input: Option<&'a Node<'a>>,
    pub(super) kernel: &'a Constant<'a>,
    pub(super) depthwise: bool,
    /// Down and across.
    pub(super) stride: [usize; 2],
    /// Down and across.
    pub(super) rate: [usize; 2],
}

/// What a kernel is called under its scope.
const KERNELS: [&str; 3] = ["/weights", "/depthwise_weights", "/pointwise_weights"];

/// The convolutions of `graph` by scope; the first of those that share a kernel, as the scales of
/// an image pyramid do.
pub(super) fn convolutions<'a>(graph: &'a Graph<'a>) -> BTreeMap<&'a str, Convolution<'a>> {
    let mut found = BTreeMap::new();
    for node in graph.nodes().iter().filter(|node| node.is_convolution()) {
        if let Some((name, kernel)) = graph.constant(node, 1) {
            let scope = scope_of(name).unwrap_or_else(|| parent(node.name));
            found
                .entry(scope)
                .or_insert_with(|| around(graph, node, kernel));
        }
    }
    found
}

/// The scope of the kernel `name`, if it is called as one.
fn scope_of(name: &str) -> Option<&str> {
    KERNELS.iter().find_map(|leaf| name.strip_suffix(leaf))
}

fn parent(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(parent, _)| parent)
}

/// TensorFlow's older way to a rate is to take the map apart into a batch of smaller ones first,
/// and to put it together again behind.
fn around<'a>(
    graph: &'a Graph<'a>,
    node: &'a Node<'a>,
    kernel: &'a Constant<'a>,
) -> Convolution<'a> {
    let mut convolution = Convolution {
        result: node,
        input: graph.input(node, 0),
        kernel,
        depthwise: node.op != "Conv2D",
        stride: node.sides("strides").unwrap_or([1, 1]),
        rate: node.sides("dilations").unwrap_or([1, 1]),
    };
    let apart = convolution
        .input
        .filter(|input| input.op == "SpaceToBatchND");
    if let Some(apart) = apart {
        if let Some(block) = graph.integers(apart, 1) {
            convolution.rate = sides_of(&block).unwrap_or(convolution.rate);
        }
        convolution.input = graph.input(apart, 0);
        let together = graph
            .takers(node)
            .into_iter()
            .find(|node| node.op == "BatchToSpaceND");
        convolution.result = together.unwrap_or(node);
    }
    convolution
}

fn sides_of(block: &[i64]) -> Option<[usize; 2]> {
    let [down, across] = *block else {
        return None;
    };
    let side = |side: i64| usize::try_from(side).ok().filter(|side| *side > 0);
    Some([side(down)?, side(across)?])
}
