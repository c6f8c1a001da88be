//! Auto-DeepLab (Liu et al., "Hierarchical Neural Architecture Search for Semantic Image
//! Segmentation", 2019), called hnasnet in research/deeplab: its cells go up and down in resolution
//! and always end at a stride of 8.

use super::nas::Operation::{Atrous, Separable};
use super::nas::{EndPoint, Plan};

/// Auto-DeepLab, whatever the output stride.
pub(super) fn plan() -> Plan {
    Plan {
        scope: "hnasnet",
        levels: [0, 0, 0, 1, 2, 1, 2, 2, 3, 3, 2, 1],
        combinations: [
            [(Atrous(5), 1), (Separable(3), 0)],
            [(Separable(3), 1), (Atrous(3), 0)],
            [(Separable(3), 3), (Separable(3), 1)],
            [(Separable(5), 4), (Separable(5), 2)],
            [(Separable(5), 3), (Atrous(5), 5)],
        ],
        end_points: &[
            (4, EndPoint::Cell(2)),
            (8, EndPoint::Cell(5)),
            (16, EndPoint::Cell(7)),
        ],
    }
}
