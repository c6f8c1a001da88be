//! Convolutions of folded networks on the CPU, faster than burn has them.
//!
//! Features lie with channels last. Bias, residual and activation are applied while an output is
//! still in a register; a depthwise convolution and the 1x1 convolutions around it run row by row
//! ([`Chain`]). Tensors of burn go in and come out ([`Map`]), so that everything else about a
//! network stays burn's, and training and GPUs never come here.

mod buffer;
mod cache;
mod chain;
mod channels;
mod full;
mod map;
mod pool;
#[allow(unsafe_code)]
mod simd;
mod window;

pub(crate) use cache::Cache;
pub(crate) use chain::{Chain, Depthwise};
pub(crate) use full::Full;
pub(crate) use map::{Map, floats};
pub(crate) use pool::copied;
pub(crate) use simd::{Finish, Vectorised, vectorised};
pub(crate) use window::Window;

#[cfg(test)]
mod tests;
