//! MobileNetV2 (Sandler et al., 2018) without its classifier: inverted residuals to 320 channels.

use super::mobilenet::{Block, Filter, Plan, make_divisible};
use crate::network::geometry::Padding;
use crate::network::layers::Activation;
use crate::network::{Config, Library};

/// Stride, channels and number of the groups of blocks, at depth multiplier 1. The stride is the
/// first block's of the group.
const GROUPS: [(usize, usize, usize); 7] = [
    (1, 16, 1),
    (2, 24, 2),
    (2, 32, 3),
    (2, 64, 4),
    (1, 96, 3),
    (2, 160, 3),
    (1, 320, 1),
];

/// How often wider than its input a block is inside; the first block is not wider.
const EXPANSION: usize = 6;

/// Which block's depthwise features the decoder takes, by stride.
pub(super) const END_POINTS: &[(usize, usize)] = &[(4, 2), (8, 5), (16, 12)];

/// MobileNetV2 at the width that `config` wants.
pub(crate) fn plan(config: &Config) -> Plan {
    let first = width(32, config);
    let mut blocks = Vec::new();
    let mut inputs = first;
    for (stride, outputs, count) in GROUPS {
        for repeat in 0..count {
            let outputs = width(outputs, config);
            blocks.push(Block {
                filter: Filter::Depthwise,
                kernel: 3,
                stride: if repeat == 0 { stride } else { 1 },
                inner: if blocks.is_empty() {
                    inputs
                } else {
                    make_divisible((EXPANSION * inputs) as f64, 8, 8)
                },
                outputs,
                activation: Activation::Relu6,
                squeeze_excite: false,
                residual: true,
            });
            inputs = outputs;
        }
    }
    Plan {
        scope: "MobilenetV2",
        first,
        blocks,
        last: None,
        activation: Activation::Relu6,
        padding: config.padding(Padding::Same),
        gate: Activation::QuantSigmoid,
        end_points: END_POINTS,
    }
}

/// Channels of a layer that has `channels` at depth multiplier 1.
fn width(channels: usize, config: &Config) -> usize {
    let wanted = channels as f64 * config.depth_multiplier;
    if config.library == Library::HuggingFace {
        return make_divisible(wanted.round_ties_even(), 8, 8);
    }
    let standard = if config.depth_multiplier == 1.0 { 8 } else { 1 };
    make_divisible(wanted, config.divisible_by.unwrap_or(standard), standard)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Channels of the first convolution and of each group.
    fn channels(depth_multiplier: f64, divisible_by: Option<usize>) -> Vec<usize> {
        channels_of(&Config {
            depth_multiplier,
            divisible_by,
            ..Config::default()
        })
    }

    fn channels_of(config: &Config) -> Vec<usize> {
        let plan = plan(config);
        let mut channels = vec![plan.first];
        channels.extend([0, 2, 5, 9, 12, 15, 16].map(|block| plan.blocks[block].outputs));
        channels
    }

    #[test]
    fn widths_follow_the_divisor() {
        assert_eq!(channels(1.0, None), [32, 16, 24, 32, 64, 96, 160, 320]);
        assert_eq!(channels(0.5, None), [16, 8, 12, 16, 32, 48, 80, 160]);
        assert_eq!(channels(1.4, None), [45, 22, 34, 45, 90, 134, 224, 448]);
        assert_eq!(channels(0.75, Some(8)), [24, 16, 24, 24, 48, 72, 120, 240]);
    }

    #[test]
    fn transformers_rounds_before_it_looks_for_a_multiple() {
        let channels = |depth_multiplier| {
            channels_of(&Config {
                library: Library::HuggingFace,
                depth_multiplier,
                ..Config::default()
            })
        };
        assert_eq!(channels(0.35), [16, 8, 8, 16, 24, 32, 56, 112]);
        assert_eq!(channels(1.0), [32, 16, 24, 32, 64, 96, 160, 320]);
    }
}
