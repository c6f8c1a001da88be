//! The kernels that are written for a processor's vector instructions, and nothing else: the only
//! place with `unsafe`. What is exported checks its slices before a kernel runs.

mod depthwise;
mod finish;
mod isa;
mod lanes;
mod product;
mod vectorised;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(crate) use depthwise::{ChannelRow, ChannelWeights, LARGEST_KERNEL};
pub(crate) use finish::Finish;
pub(crate) use isa::Isa;
pub(crate) use product::{Product, Run, Weights};
pub(crate) use vectorised::{Vectorised, vectorised};

#[cfg(test)]
mod tests;
