//! A cell: five sums of what operations make of two inputs and of the sums before.

use burn::module::Module;
use burn::tensor::{Tensor, activation};

use super::operation::CellOperation;
use super::plan::{Place, Plan};
use super::{build, resized, spec};
use crate::network::TrainingMode;
use crate::network::builder::Builder;
use crate::network::geometry::scale_dimension;
use crate::network::layers::{Activation, Conv};

/// One cell of a searched backbone.
#[derive(Module, Debug)]
pub(super) struct Cell {
    /// Where the cell before the last has other channels than this one's filters.
    prev_1x1: Option<Conv>,
    conv_1x1: Conv,
    combinations: Vec<[CellOperation; 2]>,
    channels: usize,
    enlarges: bool,
}

impl Cell {
    /// The cell at `place`; `channels` are those of the cell before the last and of the last.
    pub(super) fn build(
        plan: &Plan,
        place: Place,
        channels: [usize; 2],
        builder: &mut Builder,
    ) -> Self {
        let filters = place.filters;
        let scope = format!("{}/cell_{}", plan.scope, place.index);
        let mut narrow = |channels, names| {
            let spec = spec(1, channels, filters, Activation::Linear);
            build(&spec, &scope, names, builder)
        };
        let prev_1x1 =
            (channels[0] != filters).then(|| narrow(channels[0], ["prev_1x1", "prev_bn"]));
        let conv_1x1 = narrow(channels[1], ["1x1", "beginning_bn"]);
        let mut combinations = Vec::new();
        for (index, steps) in plan.combinations.iter().enumerate() {
            let mut side = 0;
            combinations.push(steps.map(|step| {
                let name = ["left", "right"][side];
                side += 1;
                let scope = format!("{scope}/comb_iter_{index}/{name}");
                CellOperation::build(step, place, &scope, builder)
            }));
        }
        Self {
            prev_1x1,
            conv_1x1,
            channels: combinations.len() * filters,
            combinations,
            enlarges: place.enlarges,
        }
    }

    /// Channels that come out.
    pub(super) fn channels(&self) -> usize {
        self.channels
    }

    /// What the cell makes of the `features` of the last cell and of `previous`, those of the one
    /// before it.
    pub(super) fn forward(
        &self,
        features: Tensor<4>,
        previous: Tensor<4>,
        mode: &TrainingMode,
    ) -> Tensor<4> {
        let [_, _, height, width] = features.dims();
        let size = if self.enlarges {
            [height, width].map(|side| scale_dimension(side, 2.0))
        } else {
            [height, width]
        };
        let features = resized(features, size);
        let previous = resized(previous, size);
        let previous = match &self.prev_1x1 {
            Some(conv) => conv.forward_plain(activation::relu(previous), mode),
            None => previous,
        };
        let features = self
            .conv_1x1
            .forward_plain(activation::relu(features), mode);
        let mut states = vec![features, previous];
        for combination in &self.combinations {
            let [left, right] = combination
                .each_ref()
                .map(|operation| operation.forward(&states, mode));
            states.push(left + right);
        }
        Tensor::cat(states.split_off(2), 1)
    }
}
