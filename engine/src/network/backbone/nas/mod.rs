//! What the searched backbones (NAS) are: a stem, twelve cells of the same make, and perhaps the
//! convolutions of their classifier.

mod cell;
mod classification_head;
mod operation;
mod plan;
mod stem;

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::{Tensor, activation};

use super::Features;
use crate::network::builder::Builder;
use crate::network::geometry::Padding;
use crate::network::initializer::Initializer;
use crate::network::layers::{Activation, Conv, ConvSpec, Ending, Norm, Scopes};
use crate::network::resize::bilinear_align_corners;
use crate::network::variable::Kind;
use crate::network::{Config, TrainingMode};
use cell::Cell;
use classification_head::ClassificationHead;
pub(super) use plan::{CELLS, EndPoint, Operation, Plan};
use stem::Stem;

/// A searched backbone.
#[derive(Module, Debug)]
pub(crate) struct Nas {
    stem: Stem,
    cells: Vec<Cell>,
    classification_head: Option<ClassificationHead>,
    #[module(skip)]
    end_points: &'static [(usize, EndPoint)],
}

impl Nas {
    pub(super) fn build(plan: &Plan, config: &Config, builder: &mut Builder) -> Self {
        let stem = Stem::build(plan.scope, builder);
        let mut channels = stem.channels();
        let mut cells = Vec::new();
        for place in plan.places(config) {
            let cell = Cell::build(plan, place, channels, builder);
            channels = [channels[1], cell.channels()];
            cells.push(cell);
        }
        let classification_head = config
            .nas_use_classification_head
            .then(|| ClassificationHead::build(plan, channels[1], builder));
        Self {
            stem,
            cells,
            classification_head,
            end_points: plan.end_points,
        }
    }

    /// Channels of the last features.
    pub(crate) fn channels(&self) -> usize {
        match &self.classification_head {
            Some(_) => ClassificationHead::CHANNELS,
            None => self.cells[CELLS - 1].channels(),
        }
    }

    /// Channels of the features that the decoder takes at `stride`; 0 where it can't.
    pub(crate) fn end_point_channels(&self, stride: usize) -> usize {
        let found = self.end_points.iter().find(|(s, _)| *s == stride);
        match found {
            Some((_, EndPoint::Stem)) => self.stem.channels()[1],
            Some((_, EndPoint::Cell(index))) => self.cells[*index].channels(),
            None => 0,
        }
    }

    /// The features of `images`, `[n, 3, h, w]` with values from 0 to 255.
    pub(crate) fn forward(
        &self,
        images: Tensor<4>,
        config: &Config,
        mode: &TrainingMode,
    ) -> Features {
        let mut end_points = BTreeMap::new();
        let mut keep = |end_point: EndPoint, features: &Tensor<4>| {
            let strides = self.end_points.iter().filter(|(_, e)| *e == end_point);
            for (stride, _) in strides.filter(|(s, _)| config.decoder_output_stride.contains(s)) {
                end_points.insert(*stride, features.clone());
            }
        };
        let [mut previous, mut features] = self.stem.forward(images, mode);
        keep(EndPoint::Stem, &features);
        for (index, cell) in self.cells.iter().enumerate() {
            let seen = cell.forward(features.clone(), previous, mode);
            previous = std::mem::replace(&mut features, seen);
            keep(EndPoint::Cell(index), &features);
        }
        let features = activation::relu(features);
        let last = match &self.classification_head {
            Some(head) => head.forward(features, config.output_stride, mode),
            None => features,
        };
        Features { last, end_points }
    }
}

/// A convolution of the backbone.
fn spec(kernel: usize, inputs: usize, outputs: usize, activation: Activation) -> ConvSpec {
    ConvSpec {
        kernel,
        inputs,
        outputs,
        depthwise: false,
        padding: Padding::Explicit,
        ending: Ending::BatchNorm(Norm::XCEPTION),
        activation,
        initializer: Initializer::LecunThirdUniform,
    }
}

/// Makes a convolution whose batch norm stands beside it in `scope`, not in its own scope.
fn build(spec: &ConvSpec, scope: &str, [name, norm]: [&str; 2], builder: &mut Builder) -> Conv {
    let scopes = Scopes {
        conv: &format!("{scope}/{name}"),
        norm: &format!("{scope}/{norm}"),
        kernel: Kind::Weights,
    };
    spec.build_in(scopes, builder)
}

/// `features` resized to `size`, whose corners stay corners.
fn resized(features: Tensor<4>, size: [usize; 2]) -> Tensor<4> {
    bilinear_align_corners(features, size)
}
