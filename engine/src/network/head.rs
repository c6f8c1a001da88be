//! What turns a backbone's last features into those that the decoder or the logits are made from.

use burn::module::Module;
use burn::tensor::Tensor;

use super::aspp::Aspp;
use super::builder::Builder;
use super::dense_prediction_cell::DensePredictionCell;
use super::{Config, TrainingMode};
use crate::Result;

/// Atrous spatial pyramid pooling or a dense prediction cell; DeepLab v1 and v2 have neither (see
/// [`Logits`](super::logits::Logits)).
#[derive(Module, Debug)]
pub(crate) struct Head {
    aspp: Option<Aspp>,
    cell: Option<DensePredictionCell>,
}

impl Head {
    /// The head that `config` wants over features of `inputs` channels, and how many channels come
    /// out of it.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for a dense prediction cell that makes no sense.
    pub(super) fn build(
        config: &Config,
        inputs: usize,
        builder: &mut Builder,
    ) -> Result<(Self, usize)> {
        let mut head = Self {
            aspp: None,
            cell: None,
        };
        if !config.aspp_with_batch_norm {
            return Ok((head, inputs));
        }
        let outputs = if config.dense_prediction_cell_json.is_empty() {
            let (aspp, outputs) = Aspp::build(config, inputs, builder);
            head.aspp = Some(aspp);
            outputs
        } else {
            let (cell, outputs) = DensePredictionCell::build(config, inputs, builder)?;
            head.cell = Some(cell);
            outputs
        };
        Ok((head, outputs))
    }

    /// `[n, inputs, h, w]` to `[n, outputs, h, w]`; `scale` is the image's in the image pyramid.
    pub(super) fn forward(
        &self,
        features: Tensor<4>,
        config: &Config,
        scale: f64,
        mode: &TrainingMode,
    ) -> Tensor<4> {
        match (&self.aspp, &self.cell) {
            (Some(aspp), _) => aspp.forward(&features, config, scale, mode),
            (None, Some(cell)) => cell.forward(&features, config, scale, mode),
            (None, None) => features,
        }
    }
}
