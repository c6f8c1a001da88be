//! The networks below the head, which turn an image into features.

mod mobilenet;
mod mobilenet_edgetpu;
mod mobilenet_v2;
mod squeeze_excite;

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::Tensor;

use super::builder::Builder;
use super::{Config, TrainingMode};
use crate::{Error, Result};
use mobilenet::Mobilenet;

/// A backbone that can be built.
#[derive(Debug)]
pub(crate) struct Variant {
    /// `model_variant`
    pub name: &'static str,
    /// Strides of the features that it has for a decoder.
    pub decoder_strides: &'static [usize],
    build: fn(&Config, &mut Builder) -> Backbone,
}

/// Every backbone there is, by name.
const VARIANTS: &[Variant] = &[
    Variant {
        name: "mobilenet_edgetpu",
        decoder_strides: &[],
        build: |config, builder| mobilenet(&mobilenet_edgetpu::plan(config), builder),
    },
    Variant {
        name: "mobilenet_v2",
        decoder_strides: &[4, 8, 16],
        build: |config, builder| mobilenet(&mobilenet_v2::plan(config), builder),
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

/// What a backbone sees in an image.
#[derive(Debug)]
pub(crate) struct Features {
    /// The last features, at the output stride.
    pub last: Tensor<4>,
    /// Earlier features for the decoder, by their stride.
    pub end_points: BTreeMap<usize, Tensor<4>>,
}

/// One of the backbones.
#[derive(Module, Debug)]
pub(crate) enum Backbone {
    Mobilenet(Mobilenet),
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
        }
    }

    /// Channels of the features that the decoder takes at `stride`.
    pub(crate) fn end_point_channels(&self, stride: usize) -> usize {
        match self {
            Self::Mobilenet(network) => network.end_point_channels(stride),
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
        }
    }
}

/// 0 to 255 as -1 to 1, and 127.5 as 0: what most backbones see.
fn to_unit_range(images: Tensor<4>) -> Tensor<4> {
    images.mul_scalar(2.0 / 255.0).sub_scalar(1.0)
}
