//! The layers every network is made of.

mod activation;
mod batch_norm;
mod conv;
mod conv3x3;

pub(crate) use activation::Activation;
pub(crate) use batch_norm::{BatchNorm, Norm};
pub(crate) use conv::{Conv, ConvSpec};
pub(crate) use conv3x3::{Conv3x3, head_1x1};
