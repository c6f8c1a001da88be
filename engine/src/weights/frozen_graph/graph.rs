//! A graph: nodes by name, what goes into them and what comes after.

use std::collections::HashMap;
use std::path::Path;

use super::messages::{Constant, Node, packed_nodes};
use crate::error::{Error, Result};
use crate::limits::{Limits, check_limit};
use crate::weights::protobuf::Malformed;

/// How many nodes there may be for each tensor: an operation, its inputs' names, a few numbers.
const NODES_A_TENSOR: usize = 16;

/// How many nodes are followed before a chain of them counts as endless.
const LONGEST_CHAIN: usize = 64;

/// A graph whose nodes can be looked up.
#[derive(Debug)]
pub(super) struct Graph<'a> {
    nodes: Vec<Node<'a>>,
    by_name: HashMap<&'a str, usize>,
    /// Which nodes take each one's output.
    takers: Vec<Vec<usize>>,
}

impl<'a> Graph<'a> {
    /// Reads a graph file.
    ///
    /// # Errors
    /// [`Error::File`] when it is no graph; [`Error::Limit`] when it has too many nodes.
    pub(super) fn read(path: &Path, bytes: &'a [u8], limits: &Limits) -> Result<Self> {
        let damaged = |malformed: Malformed| {
            let found = format!("damage ({malformed})");
            Error::file(
                path,
                "a whole TensorFlow graph",
                found,
                "Get the file again.",
            )
        };
        let limit = limits.tensors.saturating_mul(NODES_A_TENSOR) as u64;
        let count = packed_nodes(bytes).count() as u64;
        check_limit(path, "the number of nodes", count, limit)?;
        let nodes = packed_nodes(bytes).map(|node| Node::decode(node?));
        Ok(Self::of(nodes.collect::<Result<_, _>>().map_err(damaged)?))
    }

    fn of(nodes: Vec<Node<'a>>) -> Self {
        let names = nodes.iter().enumerate();
        let by_name: HashMap<_, _> = names.map(|(index, node)| (node.name, index)).collect();
        let mut takers = vec![Vec::new(); nodes.len()];
        for (index, node) in nodes.iter().enumerate() {
            for input in node.inputs.iter().filter(|input| !input.starts_with('^')) {
                if let Some(&from) = by_name.get(source(input)) {
                    takers[from].push(index);
                }
            }
        }
        Self {
            nodes,
            by_name,
            takers,
        }
    }

    /// Every node, in the file's order.
    pub(super) fn nodes(&self) -> &[Node<'a>] {
        &self.nodes
    }

    /// The node of that name.
    pub(super) fn node(&self, name: &str) -> Option<&Node<'a>> {
        Some(&self.nodes[*self.by_name.get(name)?])
    }

    /// What gives the input `place` of `node`, behind nodes that change nothing.
    pub(super) fn input(&self, node: &Node, place: usize) -> Option<&Node<'a>> {
        let mut found = self.node(source(node.inputs.get(place)?))?;
        for _ in 0..LONGEST_CHAIN {
            if !changes_nothing(found) {
                return Some(found);
            }
            found = self.node(source(found.inputs.first()?))?;
        }
        None
    }

    /// The constant that gives the input `place` of `node`, with its name.
    pub(super) fn constant(&self, node: &Node, place: usize) -> Option<(&'a str, &Constant<'a>)> {
        let from = self.input(node, place)?;
        Some((from.name, from.value()?))
    }

    /// A few whole numbers that are the input `place` of `node`.
    pub(super) fn integers(&self, node: &Node, place: usize) -> Option<Vec<i64>> {
        self.constant(node, place)?.1.integers(LONGEST_CHAIN)
    }

    /// The nodes that take what `node` gives, behind nodes that change nothing.
    pub(super) fn takers(&self, node: &Node) -> Vec<&Node<'a>> {
        let mut found = Vec::new();
        let mut next = vec![node.name];
        for _ in 0..LONGEST_CHAIN {
            let Some(from) = next.pop() else { break };
            let index = self.by_name.get(from);
            for &taker in index.map_or(&[][..], |&index| &self.takers[index]) {
                let taker = &self.nodes[taker];
                if changes_nothing(taker) {
                    next.push(taker.name);
                } else {
                    found.push(taker);
                }
            }
        }
        found
    }
}

/// The name of the node that an input comes from.
fn source(input: &str) -> &str {
    let name = input.strip_prefix('^').unwrap_or(input);
    name.split_once(':').map_or(name, |(name, _)| name)
}

/// Whether a node hands on its first input as it is.
fn changes_nothing(node: &Node) -> bool {
    matches!(node.op, "Identity" | "CheckNumerics" | "StopGradient")
}

impl<'a> Node<'a> {
    /// The value of a constant.
    pub(super) fn value(&self) -> Option<&Constant<'a>> {
        let value = self.attributes.get("value")?;
        value.tensor.as_ref().filter(|_| self.op == "Const")
    }

    /// A list of numbers among the attributes, one for each dimension [n, height, width, channels]:
    /// those for height and width.
    pub(super) fn sides(&self, attribute: &str) -> Option<[usize; 2]> {
        let list = &self.attributes.get(attribute)?.list;
        let order = self.attributes.get("data_format");
        let channels_first = order.is_some_and(|order| order.text == b"NCHW");
        let [first, second] = if channels_first { [2, 3] } else { [1, 2] };
        let side = |place: usize| {
            let side = usize::try_from(*list.get(place)?).ok();
            side.filter(|side| *side > 0)
        };
        Some([side(first)?, side(second)?])
    }

    /// Whether this is a convolution.
    pub(super) fn is_convolution(&self) -> bool {
        matches!(self.op, "Conv2D" | "DepthwiseConv2dNative")
    }

    /// Whether this is a batch norm in one node.
    pub(super) fn is_batch_norm(&self) -> bool {
        self.op.starts_with("FusedBatchNorm")
    }
}
