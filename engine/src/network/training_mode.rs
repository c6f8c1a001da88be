//! What a forward pass does differently while training.

use burn::tensor::{Tensor, TensorData};

use super::Tally;
use super::random::SplitMix;

/// Share of the values that dropout lets through (research/deeplab, before the logits).
const KEEP: f64 = 0.9;

/// How likely the paths through the cells of a searched backbone are dropped (Larsson et al.,
/// "FractalNet", 2017): the later the cell and the further the run, the likelier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DropPath {
    /// Share of the last cell's paths that are kept at the end of the run
    /// (`drop_path_keep_prob`).
    pub keep_prob: f64,
    /// How far the run has come, from 0 to 1.
    pub progress: f64,
    /// Of the step.
    pub seed: u64,
}

impl DropPath {
    /// Share of the paths that are kept in a cell that lies `depth` down the backbone, 1 being its
    /// end.
    fn kept(self, depth: f64) -> f64 {
        1.0 - self.progress.min(1.0) * depth * (1.0 - self.keep_prob)
    }
}

/// How a training step runs the network; the default runs it as for prediction.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TrainingMode<'a> {
    /// Normalise with the batch's statistics and update the moving ones (`fine_tune_batch_norm`).
    /// `false` uses the moving statistics as they are; gamma and beta are trained either way.
    pub batch_norm: bool,
    /// Dropout before the logits, with this seed for the step; `None` drops nothing.
    pub dropout: Option<u64>,
    /// How slowly the moving statistics follow, in place of each layer's own decay: runs of a few
    /// hundred steps want about 0.99, the original's 0.9997 is for tens of thousands.
    pub batch_norm_decay: Option<f64>,
    /// Paths to drop in a searched backbone; `None` drops none.
    pub drop_path: Option<DropPath>,
    /// Where convolutions are counted instead of computed; `None` computes them.
    pub tally: Option<&'a Tally>,
}

impl TrainingMode<'_> {
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

    /// `features` `[n, c, h, w]` with those of some images set to 0 and the others scaled up to
    /// make up for it: the path in `scope` of a cell that lies `depth` down the backbone.
    pub(crate) fn drop_paths(&self, features: Tensor<4>, depth: f64, scope: &str) -> Tensor<4> {
        let Some(drop_path) = self.drop_path else {
            return features;
        };
        let kept = drop_path.kept(depth);
        let mut draw = SplitMix::named(drop_path.seed, scope);
        let [images, ..] = features.dims();
        let factors: Vec<f32> = (0..images)
            .map(|_| {
                if draw.unit() < kept {
                    (1.0 / kept) as f32
                } else {
                    0.0
                }
            })
            .collect();
        let factors = TensorData::new(factors, [images, 1, 1, 1]);
        let device = features.device();
        features * Tensor::from_data(factors, &device)
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

    #[test]
    fn paths_are_dropped_by_depth_and_progress() {
        let drop_path = |progress| DropPath {
            keep_prob: 0.6,
            progress,
            seed: 3,
        };
        assert_eq!(drop_path(0.0).kept(1.0), 1.0);
        assert!((drop_path(0.5).kept(0.5) - 0.9).abs() < 1e-12);
        assert!((drop_path(1.0).kept(1.0) - 0.6).abs() < 1e-12);
        assert_eq!(drop_path(7.0).kept(1.0), drop_path(1.0).kept(1.0));
        let mode = TrainingMode {
            drop_path: Some(drop_path(1.0)),
            ..TrainingMode::default()
        };
        let ones = Tensor::<4>::ones([4000, 2, 1, 1], &Device::flex());
        let values = |scope| {
            let dropped = mode.drop_paths(ones.clone(), 1.0, scope);
            dropped.into_data().try_to_vec::<f32>().unwrap()
        };
        let left = values("cell_11/left");
        // An image is dropped as a whole.
        assert!(left.chunks_exact(2).all(|image| image[0] == image[1]));
        let zeros = left.iter().filter(|v| **v == 0.0).count() as f64 / left.len() as f64;
        let mean = left.iter().sum::<f32>() / left.len() as f32;
        assert!((zeros - 0.4).abs() < 0.03, "{zeros}");
        assert!((mean - 1.0).abs() < 0.05, "{mean}");
        assert_eq!(left, values("cell_11/left"));
        assert_ne!(left, values("cell_11/right"));
    }
}
