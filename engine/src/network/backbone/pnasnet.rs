//! PNASNet (Liu et al., "Progressive Neural Architecture Search", 2018) as research/deeplab
//! arranges it: its last cells stop at the output stride, so that each output stride has variables
//! of its own.

use super::nas::Operation::{MaxPool, Separable, Skip};
use super::nas::{CELLS, EndPoint, Plan};
use crate::network::Config;

/// PNASNet for the output stride of `config`.
pub(super) fn plan(config: &Config) -> Plan {
    Plan {
        scope: "pnasnet",
        levels: levels(config.output_stride),
        combinations: [
            [(Separable(5), 1), (MaxPool, 1)],
            [(Separable(7), 0), (MaxPool, 0)],
            [(Separable(5), 0), (Separable(3), 0)],
            [(Separable(3), 4), (MaxPool, 0)],
            [(Separable(3), 1), (Skip, 0)],
        ],
        end_points: &[
            (4, EndPoint::Stem),
            (8, EndPoint::Cell(3)),
            (16, EndPoint::Cell(7)),
        ],
    }
}

fn levels(output_stride: usize) -> [usize; CELLS] {
    match output_stride {
        8 => [1; CELLS],
        16 => [1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2],
        _ => [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3],
    }
}
