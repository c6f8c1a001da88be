//! What a forward pass does differently while training.

use burn::tensor::{Tensor, TensorData};

use super::random::SplitMix;

/// Share of the values that dropout lets through (research/deeplab, before the logits).
const KEEP: f64 = 0.9;

/// How a training step runs the network; the default runs it as for prediction.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TrainingMode {
    /// Normalise with the batch's statistics and update the moving ones (`fine_tune_batch_norm`).
    /// `false` uses the moving statistics as they are; gamma and beta are trained either way.
    pub batch_norm: bool,
    /// Dropout before the logits, with this seed for the step; `None` drops nothing.
    pub dropout: Option<u64>,
    /// How slowly the moving statistics follow, in place of each layer's own decay: runs of a few
    /// hundred steps want about 0.99, the original's 0.9997 is for tens of thousands.
    pub batch_norm_decay: Option<f64>,
}

impl TrainingMode {
    /// `features` with a tenth of the values set to 0 and the others scaled up to make up for it.
    pub(crate) fn drop_out(&self, features: Tensor<4>) -> Tensor<4> {
        let Some(seed) = self.dropout else {
            return features;
        };
        let shape = features.dims();
        let mut draw = SplitMix::named(seed, "dropout");
        let kept = (1.0 / KEEP) as f32;
        let mask: Vec<f32> = (0..shape.iter().product())
            .map(|_| if draw.unit() < KEEP { kept } else { 0.0 })
            .collect();
        let mask = Tensor::from_data(TensorData::new(mask, shape), &features.device());
        features * mask
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn drops_a_tenth_and_keeps_the_mean() {
        let ones = Tensor::<4>::ones([2, 16, 33, 33], &Device::flex());
        let mode = TrainingMode {
            dropout: Some(7),
            ..TrainingMode::default()
        };
        let dropped = mode
            .drop_out(ones.clone())
            .into_data()
            .try_to_vec::<f32>()
            .unwrap();
        let zeros = dropped.iter().filter(|v| **v == 0.0).count() as f64 / dropped.len() as f64;
        let mean = dropped.iter().sum::<f32>() / dropped.len() as f32;
        assert!((zeros - 0.1).abs() < 0.01, "{zeros}");
        assert!((mean - 1.0).abs() < 0.01, "{mean}");
        let again = mode
            .drop_out(ones.clone())
            .into_data()
            .try_to_vec::<f32>()
            .unwrap();
        assert_eq!(dropped, again);
        let off = TrainingMode::default().drop_out(ones).into_data();
        assert!(off.try_to_vec::<f32>().unwrap().iter().all(|v| *v == 1.0));
    }
}
