//! A network ready to predict, and what it takes from an image to a prediction.

use std::time::{Duration, Instant};

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use image::RgbImage;

use super::classify::{Settle, classify};
use super::resize::nearest_align_corners;
use super::{Logits, PredictOptions, Prediction, Prepared, Timings};
use crate::device::ComputeDevice;
use crate::error::{Error, Result};
use crate::network::{Config, DeepLab, cpu};
use crate::weights::{Model, fold};

/// A network ready to predict: batch norm folded, on its device.
#[derive(Debug)]
pub struct Predictor {
    network: DeepLab,
    device: Device,
    input_size: usize,
    scales: Vec<f64>,
    flip: bool,
}

/// What the network made of an image, on the way to a [`Prediction`].
#[derive(Debug)]
pub struct Passes {
    looks: Vec<Logits>,
    time: Duration,
}

impl Predictor {
    /// Readies `model` on `device`. The model's own network stays as it is.
    ///
    /// # Errors
    /// [`Error::Argument`] when the options make no sense for the network, [`Error::Machine`] when
    /// the device fails.
    pub fn new(model: &Model, options: PredictOptions, device: &ComputeDevice) -> Result<Self> {
        let input_size = model.info.input_size;
        Self::with_network(&model.network, input_size, options, &device.device)
    }

    /// As [`Predictor::new`], for a network without a model around it, such as one in training.
    /// `input_size` is used where the options say nothing of it.
    ///
    /// # Errors
    /// As [`Predictor::new`].
    pub fn with_network(
        network: &DeepLab,
        input_size: usize,
        options: PredictOptions,
        device: &Device,
    ) -> Result<Self> {
        options.validate()?;
        let input_size = options.input_size.unwrap_or(input_size);
        let mut network = fold(network)?.to_device(device);
        if let Some(stride) = options.output_stride {
            network = network.with_output_stride(stride)?;
        }
        Ok(Self {
            network,
            device: device.clone(),
            input_size,
            scales: options.scales,
            flip: options.flip,
        })
    }

    /// The network's flags, with the output stride that is predicted at.
    pub fn config(&self) -> &Config {
        self.network.config()
    }

    /// The side of the square that images are fitted into.
    pub fn input_size(&self) -> usize {
        self.input_size
    }

    /// Predicts one image.
    ///
    /// # Errors
    /// [`Error::Machine`] when the device fails.
    pub fn predict(&self, image: &RgbImage) -> Result<Prediction> {
        let prepared = self.prepare(image);
        let passes = self.run(&prepared)?;
        Ok(self.finish(&prepared, &passes))
    }

    /// The logits of an image at scale 1 before upsampling: fitted and padded as for a prediction,
    /// or, if `exact`, at its own size without padding.
    ///
    /// # Errors
    /// [`Error::Machine`] when the device fails.
    pub fn logits(&self, image: &RgbImage, exact: bool) -> Result<Logits> {
        let prepared = if exact {
            Prepared::exact(image)
        } else {
            self.prepare(image)
        };
        self.look(&prepared, 1.0, false)
    }

    /// The first step, which needs no device: resizing and padding.
    pub fn prepare(&self, image: &RgbImage) -> Prepared {
        Prepared::fitted(image, self.input_size, self.config().mean_pixel())
    }

    /// The second step, on the thread that owns the device: the network, once a scale and flip.
    ///
    /// # Errors
    /// [`Error::Machine`] when the device fails.
    pub fn run(&self, prepared: &Prepared) -> Result<Passes> {
        let start = Instant::now();
        let mut looks = Vec::new();
        for &scale in &self.scales {
            looks.push(self.look(prepared, scale, false)?);
            if self.flip {
                looks.push(self.look(prepared, scale, true)?);
            }
        }
        Ok(Passes {
            looks,
            time: start.elapsed(),
        })
    }

    /// The third step, which needs no device: upsampling, softmax, argmax, and back to the image's
    /// size.
    pub fn finish(&self, prepared: &Prepared, passes: &Passes) -> Prediction {
        let start = Instant::now();
        // The original settles before upsampling only where it looks once.
        let settle = if self.config().prediction_with_upsampled_logits || passes.looks.len() > 1 {
            Settle::AfterUpsampling
        } else {
            Settle::BeforeUpsampling
        };
        let (content, image) = (prepared.content, prepared.image);
        let classified = classify(&passes.looks, prepared.size, content, settle);
        let [height, width] = image.map(|side| side as u32);
        let labels = nearest_align_corners(&classified.labels, content, image);
        let confidence = nearest_align_corners(&classified.confidence, content, image);
        Prediction {
            labels,
            confidence,
            width,
            height,
            uncertainty: (1.0 - classified.mean_confidence) as f32,
            timings: Timings {
                preprocess: prepared.time,
                network: passes.time,
                postprocess: start.elapsed(),
            },
        }
    }

    /// One run of the network, its logits turned back if the image was mirrored for it.
    fn look(&self, prepared: &Prepared, scale: f64, mirrored: bool) -> Result<Logits> {
        let [height, width] = prepared.size;
        let values = TensorData::new(cpu::copied(&prepared.values), [1, 3, height, width]);
        let mut images = Tensor::<4>::from_data(values, &self.device);
        if mirrored {
            images = images.flip([3]);
        }
        let mut logits = if scale == 1.0 {
            self.network.forward(images)
        } else {
            self.network.forward_scales(images, &[scale])
        };
        if mirrored {
            logits = logits.flip([3]);
        }
        let [_, classes, height, width] = logits.dims();
        let values = logits
            .try_into_data()
            .map_err(|error| device_fault(&error))?
            .try_into_vec::<f32>()
            .map_err(|error| device_fault(&error))?;
        Ok(Logits {
            classes,
            size: [height, width],
            values,
        })
    }
}

fn device_fault(error: &impl std::fmt::Debug) -> Error {
    Error::machine(
        "predicting",
        format!("{error:?}"),
        "Try a smaller --input-size, or --device cpu.",
    )
}
