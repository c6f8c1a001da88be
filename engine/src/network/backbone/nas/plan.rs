//! Which cells a searched backbone is made of.

use crate::Result;
use crate::network::Config;
use crate::network::config::check;

/// Cells of a searched backbone.
pub(in super::super) const CELLS: usize = 12;

/// The level at which the stride is 32.
const LAST_LEVEL: usize = 3;

/// A searched backbone.
#[derive(Debug)]
pub(in super::super) struct Plan {
    /// Of its variables.
    pub scope: &'static str,
    /// How coarse each cell's features are: a stride of 4 at level 0, twice that and twice the
    /// filters at each further one.
    pub levels: [usize; CELLS],
    /// The sums that each cell is made of.
    pub combinations: [[Step; 2]; 5],
    /// What the decoder takes, by stride.
    pub end_points: &'static [(usize, EndPoint)],
}

/// An operation and the state that it reads: 0 is the cell before, 1 the one before that, and 2, 3
/// and so on are the sums before this one.
pub(in super::super) type Step = (Operation, usize);

/// What a cell does to one of its states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Operation {
    /// Two separable convolutions of that kernel.
    Separable(usize),
    /// A full convolution of that kernel at a rate of 2.
    Atrous(usize),
    /// The largest value of 3x3 pixels.
    MaxPool,
    /// Nothing, or a 1x1 convolution where there is a stride.
    Skip,
}

/// Features that the decoder takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum EndPoint {
    /// What the stem gives.
    Stem,
    /// What the cell of that index gives.
    Cell(usize),
}

/// How a cell stands to the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub index: usize,
    pub filters: usize,
    /// 2 where it is a level coarser.
    pub stride: usize,
    /// Whether the features are enlarged first, because it is a level finer.
    pub enlarges: bool,
}

impl Plan {
    /// Where each cell stands.
    pub(super) fn places(&self, config: &Config) -> Vec<Place> {
        let keeps_stride = |level| config.nas_remove_os32_stride && level == LAST_LEVEL;
        let mut before = 0;
        let places = self.levels.iter().enumerate().map(|(index, &level)| {
            let place = Place {
                index,
                filters: config.nas_stem_output_num_conv_filters << level,
                stride: if level > before && !keeps_stride(level) {
                    2
                } else {
                    1
                },
                enlarges: level < before && !keeps_stride(before),
            };
            before = level;
            place
        });
        places.collect()
    }

    /// The stride at which the last cell ends on paper.
    pub(super) fn last_stride(&self) -> usize {
        4 << self.levels[CELLS - 1]
    }
}

impl Config {
    /// Whether this is a searched backbone (NAS).
    pub(crate) fn is_searched(&self) -> bool {
        self.model_variant.starts_with("nas_")
    }

    /// Whether the output stride decides what the backbone is made of.
    pub(crate) fn has_cells_for_its_stride(&self) -> bool {
        self.model_variant == "nas_pnasnet"
    }

    /// Whether there is such a searched backbone; all is well if it is another one.
    pub(in crate::network) fn validate_searched(&self) -> Result<()> {
        if !self.is_searched() {
            return Ok(());
        }
        let filters = self.nas_stem_output_num_conv_filters;
        check(
            (1..=256).contains(&filters),
            "nas_stem_output_num_conv_filters",
            "1 to 256 filters",
            &filters,
        )?;
        let ends_at_8 = self.model_variant == "nas_hnasnet" && !self.nas_use_classification_head;
        check(
            !ends_at_8 || self.output_stride == 8,
            "output_stride",
            "8 for nas_hnasnet without nas_use_classification_head, whose last cell ends there",
            &self.output_stride,
        )?;
        let stays_at_16 = self.model_variant == "nas_pnasnet" && self.nas_remove_os32_stride;
        check(
            !stays_at_16 || self.output_stride < 32,
            "output_stride",
            "8 or 16 for nas_pnasnet with nas_remove_os32_stride",
            &self.output_stride,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::backbone::{hnasnet, pnasnet};

    fn strides(plan: &Plan, config: &Config) -> Vec<usize> {
        let mut stride = 4;
        let of_cells = plan.places(config).into_iter().map(|place| {
            stride *= place.stride;
            if place.enlarges {
                stride /= 2;
            }
            stride
        });
        of_cells.collect()
    }

    #[test]
    fn auto_deeplab_goes_down_and_comes_back() {
        let mut config = Config::default();
        let found = strides(&hnasnet::plan(), &config);
        assert_eq!(found, [4, 4, 4, 8, 16, 8, 16, 16, 32, 32, 16, 8]);
        config.nas_remove_os32_stride = true;
        let found = strides(&hnasnet::plan(), &config);
        assert_eq!(found, [4, 4, 4, 8, 16, 8, 16, 16, 16, 16, 16, 8]);
        let places = hnasnet::plan().places(&config);
        let filters: Vec<_> = places.iter().map(|place| place.filters / 20).collect();
        assert_eq!(filters, [1, 1, 1, 2, 4, 2, 4, 4, 8, 8, 4, 2]);
    }

    #[test]
    fn pnasnet_stops_at_the_output_stride() {
        for output_stride in [8, 16, 32] {
            let config = Config {
                output_stride,
                ..Config::default()
            };
            let plan = pnasnet::plan(&config);
            let found = strides(&plan, &config);
            assert_eq!(found[0], 8);
            assert_eq!(found[CELLS - 1], output_stride);
            assert_eq!(plan.last_stride(), output_stride);
        }
    }

    #[test]
    fn what_can_not_be_is_refused() {
        let refused = |config: Config| config.validate_searched().unwrap_err().to_string();
        let hnasnet = Config {
            model_variant: "nas_hnasnet".to_owned(),
            ..Config::default()
        };
        assert!(refused(hnasnet.clone()).contains("8 for nas_hnasnet"));
        let with_head = Config {
            nas_use_classification_head: true,
            ..hnasnet
        };
        assert!(with_head.validate_searched().is_ok());
        assert!(
            refused(Config {
                nas_stem_output_num_conv_filters: 0,
                ..with_head.clone()
            })
            .contains("1 to 256")
        );
        assert!(
            refused(Config {
                model_variant: "nas_pnasnet".to_owned(),
                nas_remove_os32_stride: true,
                output_stride: 32,
                ..with_head
            })
            .contains("8 or 16")
        );
    }
}
