//! Which modules an Xception is made of.

use super::module::{ModuleSpec, Skip};
use crate::network::Config;

/// How deep an Xception is.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Its name, and the scope of its variables.
    pub name: &'static str,
    /// Channels and stride of the entry flow's modules.
    entry: &'static [(usize, usize)],
    /// Modules of the middle flow.
    middle: usize,
    /// The entry module whose features the decoder takes, at stride 4.
    pub end_point: usize,
}

const SHORT_ENTRY: [(usize, usize); 3] = [(128, 2), (256, 2), (728, 2)];
const LONG_ENTRY: [(usize, usize); 5] = [(128, 2), (256, 1), (256, 2), (728, 1), (728, 2)];

/// Xception 41.
pub(crate) const XCEPTION_41: Plan = Plan {
    name: "xception_41",
    entry: &SHORT_ENTRY,
    middle: 8,
    end_point: 1,
};

/// Xception 65.
pub(crate) const XCEPTION_65: Plan = Plan {
    name: "xception_65",
    entry: &SHORT_ENTRY,
    middle: 16,
    end_point: 1,
};

/// Xception 71.
pub(crate) const XCEPTION_71: Plan = Plan {
    name: "xception_71",
    entry: &LONG_ENTRY,
    middle: 16,
    end_point: 2,
};

/// Factors that `multi_grid` has: one for each of the last module's separable convolutions.
pub(crate) const MULTI_GRID: usize = 3;

impl Plan {
    /// The modules, from the root convolutions on.
    pub(super) fn modules(&self, config: &Config) -> Vec<ModuleSpec> {
        let spec = |scope: String, depths, stride, skip| ModuleSpec {
            scope: format!("{}/{scope}/xception_module", self.name),
            depths,
            stride,
            skip,
            relu_inside: false,
            bounded: config.use_bounded_activation,
            unit_rates: [1; MULTI_GRID],
        };
        let entry = self.entry.iter().zip(1..).map(|(&(depth, stride), block)| {
            let scope = format!("entry_flow/block{block}/unit_1");
            spec(scope, [depth; 3], stride, Skip::Conv)
        });
        let middle = (1..=self.middle).map(|unit| {
            let scope = format!("middle_flow/block1/unit_{unit}");
            spec(scope, [728; 3], 1, Skip::Sum)
        });
        let exit = |block, depths, stride, skip| {
            let scope = format!("exit_flow/block{block}/unit_1");
            spec(scope, depths, stride, skip)
        };
        let last = ModuleSpec {
            relu_inside: true,
            unit_rates: <[usize; MULTI_GRID]>::try_from(config.multi_grid.as_slice())
                .unwrap_or([1; MULTI_GRID]),
            ..exit(2, [1536, 1536, 2048], 1, Skip::None)
        };
        let exit = [exit(1, [728, 1024, 1024], 2, Skip::Conv), last];
        entry.chain(middle).chain(exit).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_depth_is_in_the_name() {
        for (plan, depth) in [(XCEPTION_41, 41), (XCEPTION_65, 65), (XCEPTION_71, 71)] {
            let modules = plan.modules(&Config::default());
            // A separable convolution counts as one; the root has two.
            assert_eq!(2 + 3 * modules.len(), depth, "{}", plan.name);
        }
    }

    #[test]
    fn multi_grid_is_the_last_modules() {
        let config = Config {
            multi_grid: vec![1, 2, 4],
            ..Config::default()
        };
        let rates = XCEPTION_65.modules(&config);
        let rates: Vec<_> = rates.iter().map(|module| module.unit_rates).collect();
        let (last, others) = rates.split_last().unwrap();
        assert_eq!(*last, [1, 2, 4]);
        assert!(others.iter().all(|rates| *rates == [1, 1, 1]));
    }
}
