//! Which units a ResNet is made of.

use super::unit::UnitSpec;
use crate::network::{Config, Library};

/// Channels inside the units of each block.
const DEPTHS: [usize; 4] = [64, 128, 256, 512];

/// How deep a ResNet is, and how it begins.
#[derive(Debug)]
pub(crate) struct Plan {
    scope: &'static str,
    beta: bool,
    /// Units of three convolutions, not of two.
    bottleneck: bool,
    /// Units of each block.
    units: [usize; 4],
}

/// 18 layers.
pub(crate) const RESNET_V1_18: Plan = Plan {
    scope: "resnet_v1_18",
    beta: false,
    bottleneck: false,
    units: [2, 2, 2, 2],
};

/// 50 layers.
pub(crate) const RESNET_V1_50: Plan = Plan {
    scope: "resnet_v1_50",
    beta: false,
    bottleneck: true,
    units: [3, 4, 6, 3],
};

/// 101 layers.
pub(crate) const RESNET_V1_101: Plan = Plan {
    scope: "resnet_v1_101",
    beta: false,
    bottleneck: true,
    units: [3, 4, 23, 3],
};

impl Plan {
    /// The same network with three 3x3 convolutions in place of the 7x7 one.
    pub(crate) const fn beta(self) -> Self {
        Self { beta: true, ..self }
    }

    /// Before the variables' names: the variant's, without `_beta`.
    pub(super) fn scope(&self) -> &'static str {
        self.scope
    }

    pub(super) fn is_beta(&self) -> bool {
        self.beta
    }

    /// Name, kernel and channels of the convolutions before the pooling.
    pub(super) fn root(&self) -> Vec<(&'static str, usize, usize)> {
        let narrow = if self.bottleneck { 64 } else { 16 };
        if self.beta {
            vec![
                ("conv1_1", 3, narrow),
                ("conv1_2", 3, narrow),
                ("conv1_3", 3, 2 * narrow),
            ]
        } else {
            vec![("conv1", 7, 64)]
        }
    }

    /// Factors that `multi_grid` has: one for each of the last block's units.
    pub(crate) const fn multi_grid(&self) -> usize {
        self.units[3]
    }

    /// The unit whose features the decoder takes: the last of the first block that has no stride.
    pub(super) fn end_point(&self) -> usize {
        self.units[0] - 2
    }

    /// The units of all blocks.
    pub(super) fn units(&self, config: &Config) -> Vec<UnitSpec> {
        let form = if self.bottleneck {
            "bottleneck_v1"
        } else {
            "lite_bottleneck_v1"
        };
        let strided_first = config.library == Library::Torchvision;
        let mut specs = Vec::new();
        for (block, (&units, depth)) in self.units.iter().zip(DEPTHS).enumerate() {
            let last_block = block == self.units.len() - 1;
            for unit in 0..units {
                let scope = format!("{}/block{}/unit_{}", self.scope, block + 1, unit + 1);
                let strided = if strided_first {
                    unit == 0 && block > 0
                } else {
                    unit + 1 == units && !last_block
                };
                let multi_grid = config.multi_grid.get(unit).filter(|_| last_block);
                specs.push(UnitSpec {
                    scope: format!("{scope}/{form}"),
                    bottleneck: self.bottleneck,
                    depth,
                    stride: if strided { 2 } else { 1 },
                    unit_rate: multi_grid.copied().unwrap_or(1),
                });
            }
        }
        specs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_depth_is_in_the_name() {
        for (plan, depth, convs) in [
            (RESNET_V1_18, 18, 2),
            (RESNET_V1_50, 50, 3),
            (RESNET_V1_101.beta(), 101, 3),
        ] {
            let units = plan.units(&Config::default());
            // The root counts as one, and so does the classifier that is not built.
            assert_eq!(2 + convs * units.len(), depth, "{}", plan.scope);
            let stride: usize = units.iter().map(|unit| unit.stride).product();
            assert_eq!(stride, 8, "{}", plan.scope);
        }
    }

    #[test]
    fn multi_grid_is_the_last_blocks() {
        let config = Config {
            multi_grid: vec![1, 2, 4],
            ..Config::default()
        };
        let units = RESNET_V1_50.units(&config);
        let rates: Vec<_> = units.iter().map(|unit| unit.unit_rate).collect();
        assert_eq!(rates[..13], [1; 13]);
        assert_eq!(rates[13..], [1, 2, 4]);
    }

    #[test]
    fn torchvision_strides_in_the_first_unit() {
        let strides = |library| {
            let config = Config {
                library,
                ..Config::default()
            };
            let units = RESNET_V1_50.units(&config);
            let strided = units.iter().enumerate().filter(|(_, unit)| unit.stride > 1);
            strided.map(|(index, _)| index).collect::<Vec<_>>()
        };
        assert_eq!(strides(Library::Tensorflow), [2, 6, 12]);
        assert_eq!(strides(Library::Torchvision), [3, 7, 13]);
    }
}
