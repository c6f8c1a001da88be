//! DeepLab networks: from a [`Config`] in research/deeplab's own flags to logits.
//!
//! Tensors inside are `[n, channels, height, width]`. Every variable carries the name, the kind
//! and the shape it has in TensorFlow ([`Variable`]), so that weights are put in by name.
//!
//! References: Chen et al., "Rethinking Atrous Convolution for Semantic Image Segmentation"
//! (v3, 2017) and "Encoder-Decoder with Atrous Separable Convolution" (v3+, 2018); Sandler et al.,
//! "MobileNetV2" (2018); the flags are those of tensorflow/models, research/deeplab.

mod aspp;
mod backbone;
mod builder;
mod config;
mod config_json;
mod cost;
pub(crate) mod cpu;
mod decoder;
mod deeplab;
mod dense_prediction_cell;
mod geometry;
mod head;
mod initializer;
mod kernel_layout;
mod layers;
mod library;
mod logits;
mod preprocess;
mod random;
pub mod resize;
mod training_mode;
mod variable;
mod words;

pub(crate) use backbone::{
    Block, Filter, MobilenetPlan, mobilenet_edgetpu_plan, mobilenet_v2_plan,
};
pub use config::{Config, MergeMethod};
pub use cost::{Cost, Tally};
pub use deeplab::DeepLab;
pub use geometry::scale_dimension;
pub(crate) use kernel_layout::{to_network, to_tensorflow};
pub use library::Library;
pub use random::SplitMix;
pub use training_mode::{DropPath, TrainingMode};
pub(crate) use variable::Normalised;
pub use variable::{Kind, Variable};
