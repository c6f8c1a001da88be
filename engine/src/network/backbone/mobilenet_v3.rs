//! MobileNetV3 (Howard et al., 2019): large and small for segmentation, with the channels of the
//! last stage halved, and large as it is.

use super::mobilenet::{Block, Filter, Plan, Width, make_divisible};
use crate::network::geometry::Padding;
use crate::network::layers::Activation;
use crate::network::{Config, Library};

/// A block at depth multiplier 1: kernel, stride, channels inside and out.
type Shape = (usize, usize, usize, usize);

/// Relu in its layers, no squeeze and excitation.
const fn relu(shape: Shape) -> (Shape, Activation, bool) {
    (shape, Activation::Relu, false)
}

/// Relu, and squeeze and excitation.
const fn relu_se(shape: Shape) -> (Shape, Activation, bool) {
    (shape, Activation::Relu, true)
}

/// Hard swish, no squeeze and excitation.
const fn swish(shape: Shape) -> (Shape, Activation, bool) {
    (shape, Activation::HardSwish, false)
}

/// Hard swish, and squeeze and excitation.
const fn swish_se(shape: Shape) -> (Shape, Activation, bool) {
    (shape, Activation::HardSwish, true)
}

const LARGE: [(Shape, Activation, bool); 15] = [
    relu((3, 1, 16, 16)),
    relu((3, 2, 64, 24)),
    relu((3, 1, 72, 24)),
    relu_se((5, 2, 72, 40)),
    relu_se((5, 1, 120, 40)),
    relu_se((5, 1, 120, 40)),
    swish((3, 2, 240, 80)),
    swish((3, 1, 200, 80)),
    swish((3, 1, 184, 80)),
    swish((3, 1, 184, 80)),
    swish_se((3, 1, 480, 112)),
    swish_se((3, 1, 672, 112)),
    swish_se((5, 2, 336, 80)),
    swish_se((5, 1, 480, 80)),
    swish_se((5, 1, 480, 80)),
];

/// The last stage that [`LARGE`] has half of.
const WHOLE_STAGE: [(Shape, Activation, bool); 3] = [
    swish_se((5, 2, 672, 160)),
    swish_se((5, 1, 960, 160)),
    swish_se((5, 1, 960, 160)),
];

const SMALL: [(Shape, Activation, bool); 11] = [
    relu_se((3, 2, 16, 16)),
    relu((3, 2, 72, 24)),
    relu((3, 1, 88, 24)),
    swish_se((5, 2, 96, 40)),
    swish_se((5, 1, 240, 40)),
    swish_se((5, 1, 240, 40)),
    swish_se((5, 1, 120, 48)),
    swish_se((5, 1, 144, 48)),
    swish_se((5, 2, 144, 48)),
    swish_se((5, 1, 288, 48)),
    swish_se((5, 1, 288, 48)),
];

/// Channels of the first convolution of both.
const FIRST: usize = 16;

/// `mobilenet_v3_large_seg` at the width that `config` wants.
pub(super) fn large(config: &Config) -> Plan {
    plan(config, &LARGE, 480, &[(4, 2), (8, 5), (16, 11)])
}

/// torchvision's `mobilenet_v3_large` at the width that `config` wants.
pub(super) fn large_whole(config: &Config) -> Plan {
    let kept = LARGE.len() - WHOLE_STAGE.len();
    let shapes = [&LARGE[..kept], &WHOLE_STAGE].concat();
    plan(config, &shapes, 960, &[])
}

/// `mobilenet_v3_small_seg` at the width that `config` wants.
pub(super) fn small(config: &Config) -> Plan {
    plan(config, &SMALL, 288, &[(4, 0), (8, 2), (16, 7)])
}

fn plan(
    config: &Config,
    shapes: &[(Shape, Activation, bool)],
    last: usize,
    end_points: &'static [(usize, usize)],
) -> Plan {
    let width = Width::in_eights(config);
    let (mut inputs, mut standard_inputs) = (width.channels(FIRST), FIRST);
    let mut blocks = Vec::new();
    for &((kernel, stride, inner, outputs), activation, squeeze_excite) in shapes {
        // The original keeps the share by which a block widens, not its channels.
        let expansion = inner as f64 / standard_inputs as f64;
        blocks.push(Block {
            filter: Filter::Depthwise,
            kernel,
            stride,
            inner: make_divisible(inputs as f64 * expansion, 8, 8),
            outputs: width.channels(outputs),
            activation,
            squeeze_excite,
            residual: true,
        });
        (inputs, standard_inputs) = (width.channels(outputs), outputs);
    }
    Plan {
        scope: "MobilenetV3",
        first: width.channels(FIRST),
        blocks,
        last: Some(width.channels(last)),
        activation: Activation::HardSwish,
        padding: config.padding(Padding::Same),
        gate: match config.library {
            Library::Torchvision => Activation::HardSigmoid,
            _ => Activation::QuantSigmoid,
        },
        end_points,
    }
}
