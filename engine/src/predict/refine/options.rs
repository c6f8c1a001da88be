//! What the dense CRF is told.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Weights and deviations of the dense CRF, named as in Krähenbühl and Koltun's paper and in
/// DeepLab v1 and v2. The energy of a labelling is what each pixel says by itself, and for each
/// pair of pixels of different classes
///
/// ```text
/// bilateral_weight * exp(-|p - p'|^2 / 2 bilateral_deviation^2 - |I - I'|^2 / 2 color_deviation^2)
///   + smoothness_weight * exp(-|p - p'|^2 / 2 smoothness_deviation^2)
/// ```
///
/// with positions `p` in pixels and RGB colours `I` from 0 to 255; both kernels are symmetrically
/// normalised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CrfOptions {
    /// How much it counts that pixels of one colour are near (w1 in the papers).
    pub bilateral_weight: f64,
    /// How far that reaches, in pixels (sigma alpha).
    pub bilateral_deviation: f64,
    /// How much colours may differ, of 255 (sigma beta).
    pub color_deviation: f64,
    /// How much it counts that pixels are neighbours (w2).
    pub smoothness_weight: f64,
    /// How far that reaches, in pixels (sigma gamma).
    pub smoothness_deviation: f64,
    /// Steps of mean field inference.
    pub iterations: usize,
}

/// DeepLab v2's on PASCAL VOC.
impl Default for CrfOptions {
    fn default() -> Self {
        Self {
            bilateral_weight: 4.0,
            bilateral_deviation: 49.0,
            color_deviation: 5.0,
            smoothness_weight: 3.0,
            smoothness_deviation: 3.0,
            iterations: 10,
        }
    }
}

impl CrfOptions {
    /// Whether the options make sense.
    ///
    /// # Errors
    /// [`Error::Argument`] with what is allowed.
    pub fn validate(&self) -> Result<()> {
        let deviations = [
            ("bilateral_deviation", self.bilateral_deviation),
            ("color_deviation", self.color_deviation),
            ("smoothness_deviation", self.smoothness_deviation),
        ];
        let weights = [
            ("bilateral_weight", self.bilateral_weight),
            ("smoothness_weight", self.smoothness_weight),
        ];
        for (values, least, most) in [(&deviations[..], 0.5, 1000.0), (&weights, 0.0, 1000.0)] {
            for (name, value) in values {
                if !(least..=most).contains(value) {
                    let expected = format!("{least} to {most}");
                    return Err(Error::argument(*name, expected, value.to_string()));
                }
            }
        }
        if !(1..=100).contains(&self.iterations) {
            let found = self.iterations.to_string();
            return Err(Error::argument("iterations", "1 to 100", found));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senseless_options_are_refused_by_name() {
        assert!(CrfOptions::default().validate().is_ok());
        let wrong = |change: fn(&mut CrfOptions)| {
            let mut options = CrfOptions::default();
            change(&mut options);
            options.validate().unwrap_err().to_string()
        };
        assert!(wrong(|o| o.color_deviation = 0.0).contains("color_deviation"));
        assert!(wrong(|o| o.bilateral_weight = f64::NAN).contains("bilateral_weight"));
        assert!(wrong(|o| o.iterations = 0).contains("iterations"));
    }
}
