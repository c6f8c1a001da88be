//! How much smaller than the image a map is.

use std::collections::HashMap;

use super::graph::Graph;
use super::messages::Node;

/// Image pixels for each pixel of the map that `node` gives, or `None` where the graph does not
/// say: maps that have been resized are not followed, since the sizes need not be constants.
pub(super) fn stride_of(graph: &Graph, node: &Node) -> Option<usize> {
    let mut known: HashMap<&str, Option<usize>> = HashMap::new();
    let mut open = vec![node];
    while let Some(&node) = open.last() {
        let inputs = || (0..node.inputs.len()).filter_map(|place| graph.input(node, place));
        // Once a node has been seen it counts as unknown: in a circle there is no image.
        let first_visit = !known.contains_key(node.name);
        let before: Vec<&Node> = inputs()
            .filter(|input| !known.contains_key(input.name))
            .collect();
        if first_visit {
            known.insert(node.name, None);
            if !before.is_empty() {
                open.extend(before);
                continue;
            }
        }
        open.pop();
        let strides = inputs().filter_map(|input| *known.get(input.name)?);
        let stride = of_node(node, strides.max());
        known.insert(node.name, stride);
    }
    *known.get(node.name)?
}

fn of_node(node: &Node, before: Option<usize>) -> Option<usize> {
    match node.op {
        "Placeholder" => Some(1),
        "Conv2D" | "DepthwiseConv2dNative" | "MaxPool" | "AvgPool" => {
            let [down, across] = node.sides("strides")?;
            (down == across).then_some(before?.checked_mul(down)?)
        }
        // An image may be resized before anything is made of it.
        "ResizeBilinear" | "ResizeNearestNeighbor" => before.filter(|stride| *stride == 1),
        _ => before,
    }
}
