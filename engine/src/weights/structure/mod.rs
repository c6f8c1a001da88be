//! Which network tensors belong to, told by their TensorFlow names and shapes.
//!
//! Names and shapes say what a network is made of, not how it is run: strides, rates and the crop
//! are not in them. Those get the settings that the published checkpoints were trained with, and a
//! file that says more, such as a frozen graph, puts its own in their place.

mod backbone;
mod decoder;
mod head;
mod scopes;
#[cfg(test)]
mod tests;

use scopes::{Mismatch, Scopes};

use super::TensorSet;
use crate::error::{Error, Result};
use crate::network::Config;

/// The network whose variables `tensors` are; only their names and shapes are looked at.
///
/// What they don't say is assumed: the crop is 513x513, the output stride 16 (32 for MobileNetV3, 8
/// for Auto-DeepLab), the rates 6, 12, 18 and so on, one for each atrous branch (twice that at
/// output stride 8; 12 for a single one without batch norm), the multi-grid 1, 2, 4 for the beta
/// variants of ResNet-v1-50 and 101.
///
/// # Errors
/// [`Error::Argument`] when they belong to no DeepLab network, or to a part of one.
pub fn infer_config(tensors: &TensorSet) -> Result<Config> {
    let scopes = Scopes::of(tensors);
    let read = |scopes: &Scopes| -> Result<Config, Mismatch> {
        let mut config = Config::default();
        backbone::read(scopes, &mut config)?;
        head::read(scopes, &mut config)?;
        decoder::read(scopes, &mut config)?;
        Ok(config)
    };
    read(&scopes)
        .map_err(|Mismatch { expected, found }| Error::argument("tensors", expected, found))
}
