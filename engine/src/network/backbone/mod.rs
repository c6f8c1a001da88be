//! The networks below the head, which turn an image into features.

mod hnasnet;
mod mobilenet;
mod mobilenet_edgetpu;
mod mobilenet_v2;
mod mobilenet_v3;
mod nas;
mod pnasnet;
mod resnet_v1;
mod squeeze_excite;
mod xception;

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::Tensor;

use super::builder::Builder;
use super::{Config, TrainingMode};
use crate::{Error, Result};
use mobilenet::Mobilenet;
pub(crate) use mobilenet::{Block, Filter, Plan as MobilenetPlan};
pub(crate) use mobilenet_edgetpu::plan as mobilenet_edgetpu_plan;
pub(crate) use mobilenet_v2::plan as mobilenet_v2_plan;
use nas::Nas;
use resnet_v1::ResnetV1;
use xception::Xception;

/// A backbone that can be built.
#[derive(Debug)]
pub(crate) struct Variant {
    /// `model_variant`
    pub name: &'static str,
    /// Strides of the features that it has for a decoder.
    pub decoder_strides: &'static [usize],
    /// Factors that `multi_grid` has where it is not empty; 0 if this backbone knows none.
    pub multi_grid: usize,
    build: fn(&Config, &mut Builder) -> Backbone,
}

/// Every backbone there is, by name.
const VARIANTS: &[Variant] = &[
    Variant {
        name: "mobilenet_edgetpu",
        decoder_strides: &[],
        multi_grid: 0,
        build: |config, builder| mobilenet(&mobilenet_edgetpu::plan(config), builder),
    },
    Variant {
        name: "mobilenet_v2",
        decoder_strides: &[4, 8, 16],
        multi_grid: 0,
        build: |config, builder| mobilenet(&mobilenet_v2::plan(config), builder),
    },
    Variant {
        name: "mobilenet_v3_large",
        decoder_strides: &[],
        multi_grid: 0,
        build: |config, builder| mobilenet(&mobilenet_v3::large_whole(config), builder),
    },
    Variant {
        name: "mobilenet_v3_large_seg",
        decoder_strides: &[4, 8, 16],
        multi_grid: 0,
        build: |config, builder| mobilenet(&mobilenet_v3::large(config), builder),
    },
    Variant {
        name: "mobilenet_v3_small_seg",
        decoder_strides: &[4, 8, 16],
        multi_grid: 0,
        build: |config, builder| mobilenet(&mobilenet_v3::small(config), builder),
    },
    Variant {
        name: "nas_hnasnet",
        decoder_strides: &[4, 8, 16],
        multi_grid: 0,
        build: |config, builder| nas(&hnasnet::plan(), config, builder),
    },
    Variant {
        name: "nas_pnasnet",
        decoder_strides: &[4, 8, 16],
        multi_grid: 0,
        build: |config, builder| nas(&pnasnet::plan(config), config, builder),
    },
    Variant {
        name: "resnet_v1_18",
        decoder_strides: &resnet_v1::END_POINT_STRIDES,
        multi_grid: resnet_v1::RESNET_V1_18.multi_grid(),
        build: |config, builder| resnet_v1(&resnet_v1::RESNET_V1_18, config, builder),
    },
    Variant {
        name: "resnet_v1_18_beta",
        decoder_strides: &resnet_v1::END_POINT_STRIDES,
        multi_grid: resnet_v1::RESNET_V1_18.multi_grid(),
        build: |config, builder| resnet_v1(&resnet_v1::RESNET_V1_18.beta(), config, builder),
    },
    Variant {
        name: "resnet_v1_50",
        decoder_strides: &resnet_v1::END_POINT_STRIDES,
        multi_grid: resnet_v1::RESNET_V1_50.multi_grid(),
        build: |config, builder| resnet_v1(&resnet_v1::RESNET_V1_50, config, builder),
    },
    Variant {
        name: "resnet_v1_50_beta",
        decoder_strides: &resnet_v1::END_POINT_STRIDES,
        multi_grid: resnet_v1::RESNET_V1_50.multi_grid(),
        build: |config, builder| resnet_v1(&resnet_v1::RESNET_V1_50.beta(), config, builder),
    },
    Variant {
        name: "resnet_v1_101",
        decoder_strides: &resnet_v1::END_POINT_STRIDES,
        multi_grid: resnet_v1::RESNET_V1_101.multi_grid(),
        build: |config, builder| resnet_v1(&resnet_v1::RESNET_V1_101, config, builder),
    },
    Variant {
        name: "resnet_v1_101_beta",
        decoder_strides: &resnet_v1::END_POINT_STRIDES,
        multi_grid: resnet_v1::RESNET_V1_101.multi_grid(),
        build: |config, builder| resnet_v1(&resnet_v1::RESNET_V1_101.beta(), config, builder),
    },
    Variant {
        name: "xception_41",
        decoder_strides: &xception::END_POINT_STRIDES,
        multi_grid: xception::MULTI_GRID,
        build: |config, builder| xception(&xception::XCEPTION_41, config, builder),
    },
    Variant {
        name: "xception_65",
        decoder_strides: &xception::END_POINT_STRIDES,
        multi_grid: xception::MULTI_GRID,
        build: |config, builder| xception(&xception::XCEPTION_65, config, builder),
    },
    Variant {
        name: "xception_71",
        decoder_strides: &xception::END_POINT_STRIDES,
        multi_grid: xception::MULTI_GRID,
        build: |config, builder| xception(&xception::XCEPTION_71, config, builder),
    },
];

impl Variant {
    /// The backbone that `config` names.
    ///
    /// # Errors
    /// [`Error::Argument`] with the names that are known.
    pub(crate) fn of(config: &Config) -> Result<&'static Self> {
        let name = config.model_variant.as_str();
        let known = VARIANTS.iter().map(|variant| variant.name);
        VARIANTS
            .iter()
            .find(|variant| variant.name == name)
            .ok_or_else(|| {
                let known: Vec<_> = known.collect();
                Error::argument(
                    "model_variant",
                    format!("one of {}", known.join(", ")),
                    name,
                )
            })
    }
}

fn mobilenet(plan: &mobilenet::Plan, builder: &mut Builder) -> Backbone {
    Backbone::Mobilenet(Mobilenet::build(plan, builder))
}

fn nas(plan: &nas::Plan, config: &Config, builder: &mut Builder) -> Backbone {
    Backbone::Nas(Nas::build(plan, config, builder))
}

fn resnet_v1(plan: &resnet_v1::Plan, config: &Config, builder: &mut Builder) -> Backbone {
    Backbone::ResnetV1(ResnetV1::build(plan, config, builder))
}

fn xception(plan: &xception::Plan, config: &Config, builder: &mut Builder) -> Backbone {
    Backbone::Xception(Xception::build(plan, config, builder))
}

/// What a backbone sees in an image.
#[derive(Debug)]
pub(crate) struct Features {
    /// The last features, at the output stride.
    pub last: Tensor<4>,
    /// Earlier features for the decoder, by their stride.
    pub end_points: BTreeMap<usize, Tensor<4>>,
}

/// One of the backbones.
#[allow(
    clippy::large_enum_variant,
    reason = "a network has one, which stays where it is"
)]
#[derive(Module, Debug)]
pub(crate) enum Backbone {
    Mobilenet(Mobilenet),
    Nas(Nas),
    ResnetV1(ResnetV1),
    Xception(Xception),
}

impl Backbone {
    /// The backbone of `config`, which has been validated.
    ///
    /// # Errors
    /// As [`Variant::of`].
    pub(crate) fn build(config: &Config, builder: &mut Builder) -> Result<Self> {
        Ok((Variant::of(config)?.build)(config, builder))
    }

    /// Channels of the last features.
    pub(crate) fn channels(&self) -> usize {
        match self {
            Self::Mobilenet(network) => network.channels(),
            Self::Nas(network) => network.channels(),
            Self::ResnetV1(network) => network.channels(),
            Self::Xception(network) => network.channels(),
        }
    }

    /// Channels of the features that the decoder takes at `stride`.
    pub(crate) fn end_point_channels(&self, stride: usize) -> usize {
        match self {
            Self::Mobilenet(network) => network.end_point_channels(stride),
            Self::Nas(network) => network.end_point_channels(stride),
            Self::ResnetV1(network) => network.end_point_channels(stride),
            Self::Xception(network) => network.end_point_channels(stride),
        }
    }

    /// The features of `images`, `[n, 3, h, w]` with values from 0 to 255.
    pub(crate) fn forward(
        &self,
        images: Tensor<4>,
        config: &Config,
        mode: &TrainingMode,
    ) -> Features {
        match self {
            Self::Mobilenet(network) => network.forward(images, config, mode),
            Self::Nas(network) => network.forward(images, config, mode),
            Self::ResnetV1(network) => network.forward(images, config, mode),
            Self::Xception(network) => network.forward(images, config, mode),
        }
    }
}
