//! One training step: forward, loss, backward, momentum.

use std::collections::BTreeMap;

use burn::module::Module as _;
use burn::tensor::{Tensor, TensorData};

use super::batches::Batch;
use super::loss::{self, Labels, LossOptions};
use super::optimizer::Momentum;
use super::options::FinetuneOptions;
use super::rules;
use super::schedule::Schedule;
use crate::error::{Error, Result};
use crate::network::{DeepLab, DropPath, SplitMix, TrainingMode};

/// A network in training.
#[derive(Debug)]
pub struct Trainer {
    options: FinetuneOptions,
    schedule: Schedule,
    network: DeepLab,
    momentum: Momentum,
}

/// What one step gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepReport {
    /// The batch's cross entropy before the step, without regularisation.
    pub cross_entropy: f64,
    /// The step's learning rate.
    pub learning_rate: f64,
}

impl Trainer {
    /// Takes up `network`, with momentum at rest.
    ///
    /// # Errors
    /// [`Error::Argument`] when the options make no sense for this network.
    pub fn new(network: DeepLab, options: &FinetuneOptions) -> Result<Self> {
        options.check(network.config().num_classes)?;
        if network.is_folded() && options.fine_tune_batch_norm {
            return Err(Error::argument(
                "fine_tune_batch_norm",
                "false, because this model's batch norm is folded into its convolutions",
                "true",
            ));
        }
        let rules = rules::rules(&network, options);
        Ok(Self {
            options: options.clone(),
            schedule: options.schedule(),
            network: rules::only_trained(network.train(), &rules),
            momentum: Momentum::new(options.momentum, rules),
        })
    }

    /// One step on `batch`; `step` counts from 0 and sets the rate, the mining and the dropout.
    ///
    /// # Errors
    /// [`Error::Argument`] when the batch is not of whole crops or the loss is no longer a number;
    /// [`Error::Machine`] when the device fails.
    pub fn step(&mut self, batch: Batch, step: u64) -> Result<StepReport> {
        let crop = self.options.crop;
        let count = batch.labels.len() / (crop * crop);
        let pixels = count * crop * crop;
        if count == 0 || batch.labels.len() != pixels || batch.images.len() != 3 * pixels {
            return Err(Error::argument(
                "batch",
                format!("crops of {crop} x {crop}, three values and one label a pixel"),
                format!(
                    "{} values, {} labels",
                    batch.images.len(),
                    batch.labels.len()
                ),
            ));
        }
        let device = self.network.device().autodiff();
        let images = TensorData::new(batch.images, [count, 3, crop, crop]);
        let mode = self.mode(step);
        let logits = self
            .network
            .forward_training(Tensor::from_data(images, &device), &mode);
        let labels = Labels {
            values: &batch.labels,
            height: crop,
            width: crop,
        };
        let options = LossOptions {
            sampling: self.network.config().sampling(),
            ..self.options.loss()
        };
        let loss = loss::cross_entropy(logits, &labels, &options, step)?;
        if !loss.cross_entropy.is_finite() {
            return Err(Error::argument(
                "base_learning_rate",
                "a rate at which the loss stays finite",
                format!(
                    "{}: the loss is {} at step {step}",
                    self.options.base_learning_rate, loss.cross_entropy
                ),
            ));
        }
        let learning_rate = self.schedule.rate(step);
        let gradients = loss.surrogate.backward();
        self.network = self
            .momentum
            .step(self.network.clone(), gradients, learning_rate);
        Ok(StepReport {
            cross_entropy: loss.cross_entropy,
            learning_rate,
        })
    }

    /// What the step does differently from a prediction.
    fn mode(&self, step: u64) -> TrainingMode<'static> {
        let options = &self.options;
        let seed = |name| SplitMix::named(options.seed ^ step, name).next_u64();
        TrainingMode {
            batch_norm: options.fine_tune_batch_norm,
            batch_norm_decay: options.batch_norm_decay,
            dropout: options.dropout.then(|| seed("dropout")),
            drop_path: (options.drop_path_keep_prob < 1.0).then(|| DropPath {
                keep_prob: options.drop_path_keep_prob,
                progress: step as f64 / options.steps as f64,
                seed: seed("drop_path"),
            }),
            tally: None,
        }
    }

    /// The regularisation's value, which is part of the whole loss.
    pub fn regularisation(&self) -> f64 {
        self.momentum.regularisation(&self.network)
    }

    /// The colour that images are padded with.
    pub(super) fn mean_pixel(&self) -> [f32; 3] {
        self.network.config().mean_pixel()
    }

    /// The momentum by variable, for a checkpoint.
    pub(super) fn momentum(&self) -> Result<BTreeMap<String, Vec<f32>>> {
        self.momentum.velocities()
    }

    /// Takes up the momentum of a checkpoint.
    pub(super) fn restore(&mut self, momentum: &BTreeMap<String, Vec<f32>>) {
        self.momentum.restore(&self.network, momentum);
    }

    /// The network as it is now, out of training.
    pub fn network(&self) -> DeepLab {
        self.network.valid()
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::Config;

    #[test]
    fn a_batch_that_is_not_of_whole_crops_is_refused() {
        let config = Config {
            depth_multiplier: 0.25,
            num_classes: 2,
            ..Config::default()
        };
        let options = FinetuneOptions {
            crop: 3,
            ..FinetuneOptions::default()
        };
        let mut trainer = Trainer::new(config.init(&Device::flex()).unwrap(), &options).unwrap();
        for (values, labels) in [(0, 0), (27, 8), (26, 9), (54, 9)] {
            let batch = Batch {
                images: vec![0.0; values],
                labels: vec![0; labels],
            };
            let error = trainer.step(batch, 0).unwrap_err().to_string();
            assert!(
                error.starts_with("batch: expected crops of 3 x 3"),
                "{error}"
            );
        }
    }
}
