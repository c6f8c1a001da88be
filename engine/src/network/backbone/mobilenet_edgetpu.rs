//! MobileNet-EdgeTPU (slim's `mobilenet_v3.V3_EDGETPU`): MobileNetV3's relative for the Edge TPU,
//! whose first blocks widen with full 3x3 convolutions.

use super::mobilenet::{Block, Filter, Plan, Width, make_divisible};
use crate::network::Config;
use crate::network::geometry::Padding;
use crate::network::layers::Activation;

/// A run of blocks: the first has its own stride, expansion and residual, the others 1, 4 and one.
struct Group {
    filter: Filter,
    kernel: usize,
    stride: usize,
    expansion: usize,
    residual: bool,
    outputs: usize,
    count: usize,
}

const fn group(
    filter: Filter,
    kernel: usize,
    [stride, expansion]: [usize; 2],
    [outputs, count]: [usize; 2],
) -> Group {
    Group {
        filter,
        kernel,
        stride,
        expansion,
        residual: true,
        outputs,
        count,
    }
}

const GROUPS: [Group; 7] = [
    group(Filter::Fused, 3, [1, 1], [16, 1]),
    group(Filter::Fused, 3, [2, 8], [32, 4]),
    group(Filter::Fused, 3, [2, 8], [48, 4]),
    group(Filter::Depthwise, 3, [2, 8], [96, 4]),
    Group {
        residual: false,
        ..group(Filter::Depthwise, 3, [1, 8], [96, 4])
    },
    group(Filter::Depthwise, 5, [2, 8], [160, 4]),
    group(Filter::Depthwise, 3, [1, 8], [192, 1]),
];

/// How often wider than its input a block is inside, but for the first of its group.
const EXPANSION: usize = 4;

/// MobileNet-EdgeTPU at the width that `config` wants. The original names no features of it for a
/// decoder.
pub(crate) fn plan(config: &Config) -> Plan {
    let width = Width::in_eights(config);
    let first = width.channels(32);
    let mut blocks = Vec::new();
    let mut inputs = first;
    for group in &GROUPS {
        let outputs = width.channels(group.outputs);
        for repeat in 0..group.count {
            let leads = repeat == 0;
            let expansion = if leads { group.expansion } else { EXPANSION };
            blocks.push(Block {
                filter: group.filter,
                kernel: group.kernel,
                stride: if leads { group.stride } else { 1 },
                inner: make_divisible((expansion * inputs) as f64, 8, 8),
                outputs,
                activation: Activation::Relu,
                squeeze_excite: false,
                residual: group.residual || !leads,
            });
            inputs = outputs;
        }
    }
    Plan {
        scope: "MobilenetEdgeTPU",
        first,
        blocks,
        last: Some(if config.finegrain_classification_mode {
            width.at_least_full().channels(1280)
        } else {
            width.channels(1280)
        }),
        activation: Activation::Relu,
        padding: Padding::Same,
        gate: Activation::QuantSigmoid,
        end_points: &[],
    }
}
