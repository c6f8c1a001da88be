//! What turns a backbone's last features into those that the decoder or the logits are made from.

use burn::module::Module;
use burn::tensor::Tensor;

use super::aspp::Aspp;
use super::builder::Builder;
use super::dense_prediction_cell::DensePredictionCell;
use super::{Config, TrainingMode};
use crate::Result;

/// The heads that have layers of their own; DeepLab v1 and v2 have none (see
/// [`Logits`](super::logits::Logits)).
#[derive(Module, Debug)]
pub(crate) enum Head {
    Aspp(Aspp),
    Cell(DensePredictionCell),
}

impl Head {
    /// The head over features of `inputs` channels, if `config` wants one, and how many channels
    /// come out.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for a dense prediction cell that makes no sense.
    pub(super) fn build(
        config: &Config,
        inputs: usize,
        builder: &mut Builder,
    ) -> Result<(Option<Self>, usize)> {
        if !config.aspp_with_batch_norm {
            return Ok((None, inputs));
        }
        if !config.dense_prediction_cell_json.is_empty() {
            let (cell, outputs) = DensePredictionCell::build(config, inputs, builder)?;
            return Ok((Some(Self::Cell(cell)), outputs));
        }
        let (aspp, outputs) = Aspp::build(config, inputs, builder);
        Ok((Some(Self::Aspp(aspp)), outputs))
    }

    /// `[n, inputs, h, w]` to `[n, outputs, h, w]`; `scale` is the image's in the image pyramid.
    pub(super) fn forward(
        &self,
        features: &Tensor<4>,
        config: &Config,
        scale: f64,
        mode: &TrainingMode,
    ) -> Tensor<4> {
        match self {
            Self::Aspp(aspp) => aspp.forward(features, config, scale, mode),
            Self::Cell(cell) => cell.forward(features, config, scale, mode),
        }
    }
}
