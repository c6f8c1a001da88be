//! How to predict.

use super::resize::ResizeRange;
use super::{CrfOptions, ExportedFit, Tiling};
use crate::error::{Error, Result};

/// How to predict. The default is the model's own input size and output stride, at scale 1.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictOptions {
    /// The side in pixels of the square that images are fitted into; `None` is the model's own
    /// ([`own_frame`](super::own_frame)).
    pub input_size: Option<usize>,
    /// 8, 16 or 32 instead of the network's own; the same weights serve.
    pub output_stride: Option<usize>,
    /// How to prepare images as the original's exported graphs do, in the place of fitting them into
    /// a square.
    pub exported: Option<ExportedFit>,
    /// Scales whose probabilities are averaged (`eval_scales`).
    pub scales: Vec<f64>,
    /// Whether the mirrored image is averaged in too (`add_flipped_images`).
    pub flip: bool,
    /// How to predict images that are larger than a tile; `None` fits every image into the square.
    /// With it, `input_size` is what the longest side of an image is resized to before it is cut
    /// into tiles; without `input_size` large images keep their own size.
    pub tiling: Option<Tiling>,
    /// Images, or tiles, that go through the network together; `None` is 1 on the CPU and up to 8
    /// on a GPU.
    pub batch: Option<usize>,
    /// The dense CRF that refines probabilities along the image's edges before classes are
    /// settled; `None` leaves them as the network has them.
    pub crf: Option<CrfOptions>,
}

impl Default for PredictOptions {
    fn default() -> Self {
        Self {
            input_size: None,
            output_stride: None,
            exported: None,
            scales: vec![1.0],
            flip: false,
            tiling: None,
            batch: None,
            crf: None,
        }
    }
}

/// More at once gains nothing, and takes too much memory.
const LARGEST_BATCH: usize = 64;

/// Above this an image would not fit into most devices' memory once in the network.
pub(crate) const LARGEST_INPUT: usize = 8193;

impl PredictOptions {
    /// Whether the options make sense; the network checks the output stride.
    ///
    /// # Errors
    /// [`Error::Argument`] with what is allowed.
    pub fn validate(&self) -> Result<()> {
        let at_once = match self.tiling {
            Some(tiling) => ("tile", Some(tiling.side)),
            None => ("input_size", self.input_size),
        };
        among(at_once.0, at_once.1, LARGEST_INPUT, "pixels")?;
        among("batch", self.batch, LARGEST_BATCH, "images")?;
        self.validate_exported()?;
        let sensible = |scale: &f64| (0.05..=8.0).contains(scale);
        if self.scales.is_empty() || !self.scales.iter().all(sensible) {
            let found = format!("{:?}", self.scales);
            return Err(Error::argument("scales", "numbers from 0.05 to 8", found));
        }
        self.crf.as_ref().map_or(Ok(()), CrfOptions::validate)
    }

    fn validate_exported(&self) -> Result<()> {
        let Some(ExportedFit { crop_size, resize }) = self.exported else {
            return Ok(());
        };
        if self.tiling.is_some() || self.input_size.is_some() {
            let found = "tiles, or a square to fit images into";
            return Err(Error::argument("crop_size", "nothing beside it", found));
        }
        for side in crop_size.into_iter().flatten() {
            among("crop_size", Some(side), LARGEST_INPUT, "pixels")?;
        }
        if let Some(ResizeRange { min, max, factor }) = resize {
            among("min_resize_value", Some(min), LARGEST_INPUT, "pixels")?;
            among("max_resize_value", max, LARGEST_INPUT, "pixels")?;
            among("resize_factor", factor, LARGEST_INPUT, "pixels")?;
        }
        Ok(())
    }
}

/// Refuses a `value` of the option `name` that is not from 1 to `largest`.
fn among(name: &str, value: Option<usize>, largest: usize, unit: &str) -> Result<()> {
    match value {
        Some(value) if !(1..=largest).contains(&value) => {
            let expected = format!("1 to {largest} {unit}");
            Err(Error::argument(name, expected, value.to_string()))
        }
        _ => Ok(()),
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
        let tiles = |side| PredictOptions {
            input_size: Some(10_000),
            tiling: Some(Tiling {
                side,
                overlap: None,
            }),
            ..PredictOptions::default()
        };
        let exported = |crop_size, input_size, factor| PredictOptions {
            input_size,
            exported: Some(ExportedFit {
                crop_size,
                resize: Some(ResizeRange {
                    min: 65,
                    max: None,
                    factor,
                }),
            }),
            ..PredictOptions::default()
        };
        assert!(exported(None, None, Some(16)).validate().is_ok());
        assert!(exported(None, None, Some(0)).validate().is_err());
        assert!(exported(Some([65, 0]), None, None).validate().is_err());
        assert!(exported(None, Some(65), None).validate().is_err());
        assert!(tiles(513).validate().is_ok());
        assert!(tiles(10_000).validate().is_err());
    }
}
