//! Fresh values for variables, as research/deeplab draws them.

use super::random::SplitMix;

/// How a variable starts when a network is trained from nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Initializer {
    /// Normal of this deviation, cut at two deviations.
    TruncatedNormal(f64),
    /// Uniform of variance 2 / (fan in + fan out) (Glorot and Bengio, 2010).
    GlorotUniform,
    /// Truncated normal of variance 2 / fan in before truncation made up for (He et al., 2015).
    HeNormal,
    /// Uniform of variance 1 / (3 * fan in): the searched backbones'.
    LecunThirdUniform,
}

impl Initializer {
    /// Values for a variable of TensorFlow shape `shape`, row by row.
    ///
    /// `draw` is the variable's own stream.
    pub(crate) fn fill(self, shape: &[usize], mut draw: SplitMix) -> Vec<f32> {
        let count: usize = shape.iter().product();
        match self {
            Self::TruncatedNormal(deviation) => (0..count)
                .map(|_| (deviation * draw.truncated_normal()) as f32)
                .collect(),
            Self::GlorotUniform => {
                let limit = (6.0 / (fan_in(shape) + fan_out(shape))).sqrt();
                uniform(limit, count, draw)
            }
            Self::HeNormal => {
                // A normal cut at two deviations keeps this share of its deviation.
                let deviation = (2.0 / fan_in(shape)).sqrt() / 0.879_625_661_034_239_8;
                Self::TruncatedNormal(deviation).fill(shape, draw)
            }
            Self::LecunThirdUniform => uniform((1.0 / fan_in(shape)).sqrt(), count, draw),
        }
    }
}

/// `count` values between -`limit` and `limit`.
fn uniform(limit: f64, count: usize, mut draw: SplitMix) -> Vec<f32> {
    (0..count)
        .map(|_| (limit * (2.0 * draw.unit() - 1.0)) as f32)
        .collect()
}

/// Inputs of one output value of a kernel `[kh, kw, in, out]`.
fn fan_in(shape: &[usize]) -> f64 {
    shape[..shape.len() - 1].iter().product::<usize>() as f64
}

/// Outputs that one input value of a kernel `[kh, kw, in, out]` reaches.
fn fan_out(shape: &[usize]) -> f64 {
    let outputs = shape[shape.len() - 1];
    let window: usize = shape[..shape.len() - 2].iter().product();
    (outputs * window) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glorot_stays_inside_its_limit_and_fills_it() {
        let values = Initializer::GlorotUniform.fill(&[3, 3, 16, 32], SplitMix::new(3));
        let limit = (6.0_f32 / (9.0 * 16.0 + 9.0 * 32.0)).sqrt();
        assert_eq!(values.len(), 3 * 3 * 16 * 32);
        assert!(values.iter().all(|v| v.abs() <= limit));
        assert!(values.iter().any(|v| v.abs() > 0.99 * limit));
    }

    #[test]
    fn truncated_normal_scales_with_its_deviation() {
        let values = Initializer::TruncatedNormal(0.09).fill(&[1, 1, 100, 100], SplitMix::new(4));
        let variance = values.iter().map(|v| v * v).sum::<f32>() / values.len() as f32;
        assert!((variance.sqrt() / 0.09 - 0.8796).abs() < 0.02);
    }
}
