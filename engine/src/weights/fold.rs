//! Batch norm into the convolution before it.

use super::{TensorSet, assign, collect};
use crate::Result;
use crate::network::{DeepLab, Kind, Normalised};

/// The same network with each batch norm folded into kernel and bias: what predicts fastest.
///
/// A network that is folded already comes back as it is. Moving statistics count, so a folded
/// network computes what the original computes outside training.
///
/// # Errors
/// [`Error::Machine`](crate::Error::Machine) where the device can't be read from.
pub fn fold(network: &DeepLab) -> Result<DeepLab> {
    if network.is_folded() {
        return Ok(network.clone());
    }
    let mut tensors = collect(network)?;
    for variable in network.variables() {
        if let (Kind::Gamma, Some(normalised)) = (variable.kind, &variable.normalised) {
            fold_one(&mut tensors, variable.scope(), normalised);
        }
    }
    let device = network.device().without_autodiff();
    let (folded, _) = assign(network.config().init_folded(&device)?, &tensors)?;
    Ok(folded)
}

/// Folds the batch norm in `scope` into the convolution before it.
fn fold_one(tensors: &mut TensorSet, scope: &str, normalised: &Normalised) {
    let mut take = |leaf: &str| {
        let tensor = tensors.tensors.remove(&format!("{scope}/{leaf}"));
        tensor.map_or_else(Vec::new, |tensor| tensor.values)
    };
    let [gammas, betas] = [take("gamma"), take("beta")];
    let [means, variances] = [take("moving_mean"), take("moving_variance")];
    let factors = factors(&gammas, &variances, normalised.epsilon);
    let biases: Vec<f32> = betas
        .iter()
        .zip(&means)
        .zip(&factors)
        .map(|((beta, mean), factor)| (f64::from(*beta) - f64::from(*mean) * factor) as f32)
        .collect();
    if let Some(kernel) = tensors.tensors.get_mut(&*normalised.kernel) {
        scale_channels(&mut kernel.values, &factors);
    }
    tensors.insert(normalised.biases(), vec![biases.len()], biases);
}

/// What batch norm multiplies each channel by: gamma / sqrt(variance + epsilon).
pub(super) fn factors(gammas: &[f32], variances: &[f32], epsilon: f64) -> Vec<f64> {
    let pairs = gammas.iter().zip(variances);
    pairs
        .map(|(gamma, variance)| f64::from(*gamma) / (f64::from(*variance) + epsilon).sqrt())
        .collect()
}

/// Multiplies each output channel: the last dimension, or the last but one of a depthwise kernel
/// (whose last is 1), so the innermost either way.
pub(super) fn scale_channels(kernel: &mut [f32], factors: &[f64]) {
    for row in kernel.chunks_mut(factors.len().max(1)) {
        for (value, factor) in row.iter_mut().zip(factors) {
            *value = (f64::from(*value) * factor) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Tensor, TensorData};

    use super::*;
    use crate::network::{Config, SplitMix};

    /// A small network of every layer kind, its batch norms far from the identity.
    fn network() -> DeepLab {
        let config = Config {
            depth_multiplier: 0.25,
            atrous_rates: vec![2],
            decoder_output_stride: vec![4],
            aspp_convs_filters: 8,
            decoder_filters: 8,
            num_classes: 4,
            ..Config::default()
        };
        let network = config.init_seeded(2, &Device::flex()).unwrap();
        let mut tensors = collect(&network).unwrap();
        for (name, tensor) in &mut tensors.tensors {
            let mut draw = SplitMix::named(2, name);
            if name.contains("/BatchNorm/") || name.ends_with("/biases") {
                let shift = if name.ends_with("beta") { -0.5 } else { 0.5 };
                tensor.values.fill_with(|| (draw.unit() + shift) as f32);
            }
        }
        assign(network, &tensors).unwrap().0
    }

    fn logits(network: &DeepLab) -> Vec<f32> {
        let mut draw = SplitMix::new(3);
        let pixels: Vec<f32> = (0..3 * 33 * 49)
            .map(|_| (255.0 * draw.unit()) as f32)
            .collect();
        let images = TensorData::new(pixels, [1, 3, 33, 49]);
        let logits = network.forward(Tensor::from_data(images, &Device::flex()));
        logits.into_data().try_to_vec().unwrap()
    }

    fn assert_close(found: &[f32], expected: &[f32]) {
        let largest = expected.iter().fold(0.0_f32, |m, v| m.max(v.abs()));
        assert!(largest > 1e-3, "logits say nothing: {largest}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                (found - expected).abs() <= 1e-4 * largest,
                "{found} {expected}"
            );
        }
    }

    #[test]
    fn folding_computes_the_same() {
        let network = network();
        let expected = logits(&network);
        let folded = fold(&network).unwrap();
        assert!(folded.is_folded());
        assert!(
            folded
                .variables()
                .iter()
                .all(|v| !v.name.contains("BatchNorm"))
        );
        assert_close(&logits(&folded), &expected);
    }
}
