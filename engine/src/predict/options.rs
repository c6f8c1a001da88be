//! How to predict.

use crate::error::{Error, Result};

/// How to predict. The default is the model's own input size and output stride, at scale 1.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictOptions {
    /// The side in pixels of the square that images are fitted into; `None` is the model's own.
    pub input_size: Option<usize>,
    /// 8, 16 or 32 instead of the network's own; the same weights serve.
    pub output_stride: Option<usize>,
    /// Scales whose probabilities are averaged (`eval_scales`).
    pub scales: Vec<f64>,
    /// Whether the mirrored image is averaged in too (`add_flipped_images`).
    pub flip: bool,
}

impl Default for PredictOptions {
    fn default() -> Self {
        Self {
            input_size: None,
            output_stride: None,
            scales: vec![1.0],
            flip: false,
        }
    }
}

/// Above this an image would not fit into most devices' memory once in the network.
const LARGEST_INPUT: usize = 8193;

impl PredictOptions {
    /// Whether the options make sense; the network checks the output stride.
    ///
    /// # Errors
    /// [`Error::Argument`] with what is allowed.
    pub fn validate(&self) -> Result<()> {
        let size = self.input_size;
        if !size.is_none_or(|size| (1..=LARGEST_INPUT).contains(&size)) {
            let expected = format!("1 to {LARGEST_INPUT} pixels");
            let found = size.unwrap_or_default().to_string();
            return Err(Error::argument("input_size", expected, found));
        }
        let sensible = |scale: &f64| (0.05..=8.0).contains(scale);
        if self.scales.is_empty() || !self.scales.iter().all(sensible) {
            let found = format!("{:?}", self.scales);
            return Err(Error::argument("scales", "numbers from 0.05 to 8", found));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senseless_options_are_refused() {
        assert!(PredictOptions::default().validate().is_ok());
        for scales in [vec![], vec![0.0], vec![1.0, f64::NAN], vec![-1.0]] {
            let options = PredictOptions {
                scales,
                ..PredictOptions::default()
            };
            assert!(options.validate().is_err(), "{options:?}");
        }
        let options = PredictOptions {
            input_size: Some(0),
            ..PredictOptions::default()
        };
        assert!(options.validate().is_err());
    }
}
