//! The layers every network is made of.

mod activation;
mod batch_norm;
mod chain;
mod conv;
mod conv3x3;
mod max_pool;
mod on_cpu;

pub(crate) use activation::Activation;
pub(crate) use batch_norm::{BatchNorm, Norm};
pub(crate) use chain::Chain;
pub(crate) use conv::{Conv, ConvSpec, Ending, Scopes};
pub(crate) use conv3x3::{Conv3x3, head_1x1};
pub(crate) use max_pool::max_pool;
