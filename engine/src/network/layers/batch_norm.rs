//! Batch normalisation with the statistics of TensorFlow.

use burn::module::{Module, Param, RunningState};
use burn::tensor::Tensor;
use burn::tensor::module::batch_norm_train;

use crate::network::TrainingMode;
use crate::network::builder::Builder;
use crate::network::variable::{Kind, Normalised};

/// The two numbers that batch norm is set up with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Norm {
    /// Added to the variance before the root.
    pub epsilon: f64,
    /// Share of the moving statistics that a training step keeps.
    pub decay: f64,
}

impl Norm {
    /// Of the ResNets.
    pub(crate) const RESNET: Self = Self {
        epsilon: 1e-5,
        decay: 0.95,
    };
    /// Of the Xceptions and of the searched backbones (NAS).
    pub(crate) const XCEPTION: Self = Self {
        epsilon: 1e-3,
        decay: 0.9997,
    };
    /// Of MobileNet's own layers.
    pub(crate) const MOBILENET: Self = Self {
        epsilon: 1e-3,
        decay: 0.997,
    };
    /// Of the head and the decoder, whatever the backbone.
    pub(crate) const HEAD: Self = Self {
        epsilon: 1e-5,
        decay: 0.9997,
    };
}

/// (x - mean) / sqrt(variance + epsilon) * gamma + beta for each channel
/// (Ioffe and Szegedy, 2015).
#[derive(Module, Debug)]
pub(crate) struct BatchNorm {
    gamma: Param<Tensor<1>>,
    beta: Param<Tensor<1>>,
    moving_mean: RunningState<Tensor<1>>,
    moving_variance: RunningState<Tensor<1>>,
    epsilon: f64,
    decay: f64,
}

impl BatchNorm {
    /// Batch norm over the `channels` that the kernel of that name gives, its variables directly
    /// under `scope`.
    pub(crate) fn build(
        scope: &str,
        kernel: &str,
        channels: usize,
        norm: Norm,
        builder: &mut Builder,
    ) -> Self {
        let of = Normalised {
            kernel: kernel.into(),
            epsilon: norm.epsilon,
        };
        Self {
            gamma: builder.vector(scope, Kind::Gamma, channels, 1.0, Some(&of)),
            beta: builder.vector(scope, Kind::Beta, channels, 0.0, Some(&of)),
            moving_mean: builder.statistic(scope, Kind::MovingMean, channels, 0.0, &of),
            moving_variance: builder.statistic(scope, Kind::MovingVariance, channels, 1.0, &of),
            epsilon: norm.epsilon,
            decay: norm.decay,
        }
    }

    /// `features` normalised, `[n, channels, h, w]`.
    pub(crate) fn forward(&self, features: Tensor<4>, mode: &TrainingMode) -> Tensor<4> {
        if mode.batch_norm {
            self.normalise_by_batch(features, mode.batch_norm_decay.unwrap_or(self.decay))
        } else {
            self.normalise_by_moving_statistics(features)
        }
    }

    /// One factor and one offset a channel: two passes over the features instead of four.
    fn normalise_by_moving_statistics(&self, features: Tensor<4>) -> Tensor<4> {
        let deviation = self.moving_variance.value().add_scalar(self.epsilon).sqrt();
        let factor = self.gamma.val() / deviation;
        let offset = self.beta.val() - self.moving_mean.value() * factor.clone();
        features * per_channel(factor) + per_channel(offset)
    }

    /// Normalises with the biased variance of the batch; the moving one follows the unbiased.
    fn normalise_by_batch(&self, features: Tensor<4>, decay: f64) -> Tensor<4> {
        let [n, _, height, width] = features.dims();
        let count = (n * height * width) as f64;
        let batch = batch_norm_train(features, self.gamma.val(), self.beta.val(), self.epsilon);
        let unbiased = batch.variance.mul_scalar(count / (count - 1.0).max(1.0));
        follow(&self.moving_mean, batch.mean, decay);
        follow(&self.moving_variance, unbiased, decay);
        batch.output
    }
}

/// moving = decay * moving + (1 - decay) * batch
fn follow(moving: &RunningState<Tensor<1>>, batch: Tensor<1>, decay: f64) {
    let kept = moving.value().mul_scalar(decay);
    moving.update((kept + batch.mul_scalar(1.0 - decay)).detach());
    // An update waits for the next one unless the value is asked for.
    moving.value_sync();
}

fn per_channel(values: Tensor<1>) -> Tensor<4> {
    let [channels] = values.dims();
    values.reshape([1, channels, 1, 1])
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::network::builder::{Fill, Layout};

    /// Two channels, one of them spread around 5, and the layer for them.
    fn case() -> (BatchNorm, Tensor<4>) {
        let device = Device::flex().autodiff();
        let mut builder = Builder::new(&device, Fill::Constants, Layout::BatchNorm);
        let norm = Norm {
            epsilon: 0.5,
            decay: 0.9,
        };
        let layer = BatchNorm::build("x/BatchNorm", "x/weights", 2, norm, &mut builder);
        let values: Vec<f32> = vec![1.0, 3.0, 4.0, 6.0];
        (
            layer,
            Tensor::from_data(TensorData::new(values, [1, 2, 1, 2]), &device),
        )
    }

    fn values(tensor: &Tensor<1>) -> Vec<f32> {
        tensor.to_data().try_to_vec().unwrap()
    }

    #[test]
    fn a_training_step_uses_the_batch_and_moves_the_statistics() {
        let (layer, features) = case();
        let mode = TrainingMode {
            batch_norm: true,
            ..TrainingMode::default()
        };
        let normalised = layer
            .forward(features, &mode)
            .into_data()
            .try_to_vec::<f32>()
            .unwrap();
        // Biased variance 1: deviations of 1 over sqrt(1.5).
        let one = 1.0 / 1.5_f32.sqrt();
        for (found, expected) in normalised.iter().zip([-one, one, -one, one]) {
            assert!((found - expected).abs() < 1e-6);
        }
        // Unbiased variance 2: 0.9 * 1 + 0.1 * 2.
        assert_eq!(values(&layer.moving_mean.value()), [0.2, 0.5]);
        assert_eq!(values(&layer.moving_variance.value()), [1.1, 1.1]);
    }

    #[test]
    fn frozen_statistics_stay_while_gamma_and_beta_have_gradients() {
        let (layer, features) = case();
        let sum = layer.forward(features, &TrainingMode::default()).sum();
        let gradients = sum.backward();
        assert_eq!(values(&layer.moving_mean.value()), [0.0, 0.0]);
        assert_eq!(values(&layer.moving_variance.value()), [1.0, 1.0]);
        assert_eq!(
            values(&layer.beta.val().grad(&gradients).unwrap()),
            [2.0, 2.0]
        );
        let gamma = values(&layer.gamma.val().grad(&gradients).unwrap());
        for (found, expected) in gamma.iter().zip([4.0, 10.0]) {
            assert!((found - expected / 1.5_f32.sqrt()).abs() < 1e-5);
        }
    }

    #[test]
    fn the_decay_can_be_set_for_a_run() {
        let (layer, features) = case();
        let mode = TrainingMode {
            batch_norm: true,
            batch_norm_decay: Some(0.0),
            ..TrainingMode::default()
        };
        layer.forward(features, &mode);
        assert_eq!(values(&layer.moving_mean.value()), [2.0, 5.0]);
        assert_eq!(values(&layer.moving_variance.value()), [2.0, 2.0]);
    }
}
