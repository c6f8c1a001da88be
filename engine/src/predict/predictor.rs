//! A network ready to predict, and what it takes from an image to a prediction.

use std::time::{Duration, Instant};

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use image::RgbImage;

use super::classify::{self, Look, Settle, classify};
use super::fit::{Fit, own_frame};
use super::refine::Predicted;
use super::tiles::Grid;
use super::{
    CrfOptions, Logits, PixelProbabilities, PredictOptions, Prediction, Prepared, Probabilities,
    Timings,
};
use crate::device::ComputeDevice;
use crate::error::{Error, Result};
use crate::jobs::Silent;
use crate::network::resize::bilinear;
use crate::network::{Config, DeepLab, cpu};
use crate::weights::{Model, fold};

/// A network ready to predict: batch norm folded, on its device.
#[derive(Debug)]
pub struct Predictor {
    network: DeepLab,
    device: Device,
    fit: Fit,
    scales: Vec<f64>,
    flip: bool,
    batch: usize,
    pub(super) grid: Option<Grid>,
    crf: Option<CrfOptions>,
}

/// Images that go through the network together on a GPU, unless the options say how many.
const GPU_BATCH: usize = 8;

/// One way of looking at an image.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    scale: f64,
    mirrored: bool,
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
        let batch = options.batch.or(device.is_gpu.then_some(GPU_BATCH));
        let options = PredictOptions { batch, ..options };
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
        let mut network = fold(network)?.to_device(device);
        if let Some(stride) = options.output_stride {
            network = network.with_output_stride(stride)?;
        }
        let own = own_frame(network.config(), input_size);
        let grid = options.tiling.map(|tiling| {
            let longest = options.input_size;
            Grid::new(tiling, longest, network.config())
        });
        Ok(Self {
            network,
            device: device.clone(),
            fit: Fit::new(options.exported, options.input_size, own),
            scales: options.scales,
            flip: options.flip,
            batch: options.batch.unwrap_or(1),
            grid: grid.transpose()?,
            crf: options.crf,
        })
    }

    /// The network's flags, with the output stride that is predicted at.
    pub fn config(&self) -> &Config {
        self.network.config()
    }

    /// Height and width of what the network is fed.
    pub fn frame(&self) -> [usize; 2] {
        self.fit.frame()
    }

    /// The dense CRF that probabilities are refined by, if any.
    pub(super) fn crf(&self) -> Option<&CrfOptions> {
        self.crf.as_ref()
    }

    /// How many images go through the network together.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// Predicts one image.
    ///
    /// # Errors
    /// As [`Predictor::prepare`], and [`Error::Machine`] when the device fails.
    pub fn predict(&self, image: &RgbImage) -> Result<Prediction> {
        let size = [image.height() as usize, image.width() as usize];
        if let Some(tiles) = self.tiles_for(size) {
            return self.predict_in_tiles(image, &tiles, &mut || Ok(()));
        }
        let prepared = self.prepare(image)?;
        let passes = self.run(&prepared)?;
        self.finish(&prepared, &passes)
    }

    /// As [`Predictor::predict`], with what the network thinks of every class; that always of the
    /// image fitted into the network's input, also where the image is predicted in tiles.
    ///
    /// # Errors
    /// As [`Predictor::prepare`], and [`Error::Machine`] when the device fails.
    pub fn predict_with_probabilities(
        &self,
        image: &RgbImage,
    ) -> Result<(Prediction, Probabilities)> {
        let prepared = self.prepare(image)?;
        let passes = self.run(&prepared)?;
        let size = [image.height() as usize, image.width() as usize];
        let prediction = match self.tiles_for(size) {
            Some(tiles) => self.predict_in_tiles(image, &tiles, &mut || Ok(()))?,
            None => self.finish(&prepared, &passes)?,
        };
        let sampling = self.config().sampling();
        let probabilities = Probabilities::new(&passes.looks, &prepared, sampling);
        Ok((prediction, probabilities))
    }

    /// What the network thinks of every class, all over an image that is fitted into its input.
    ///
    /// # Errors
    /// As [`Predictor::prepare`], and [`Error::Machine`] when the device fails.
    pub fn probabilities(&self, image: &RgbImage) -> Result<Probabilities> {
        let prepared = self.prepare(image)?;
        let passes = self.run(&prepared)?;
        let sampling = self.config().sampling();
        Ok(Probabilities::new(&passes.looks, &prepared, sampling))
    }

    /// The logits of an image at scale 1 before upsampling: fitted and padded as for a prediction,
    /// or, if `exact`, at its own size without padding.
    ///
    /// # Errors
    /// As [`Predictor::prepare`], and [`Error::Machine`] when the device fails.
    pub fn logits(&self, image: &RgbImage, exact: bool) -> Result<Logits> {
        let prepared = if exact {
            Prepared::exact(image)
        } else {
            self.prepare(image)?
        };
        let view = View {
            scale: 1.0,
            mirrored: false,
        };
        let mut looks = self.look(&[&prepared], view, None)?;
        looks.pop().ok_or_else(|| device_fault(&"no logits"))
    }

    /// The first step, which needs no device: resizing and padding.
    ///
    /// # Errors
    /// [`Error::Argument`] for an image that an exported graph would not take: it is larger than
    /// the crop.
    pub fn prepare(&self, image: &RgbImage) -> Result<Prepared> {
        self.fit.prepare(image, self.config().mean_pixel())
    }

    /// The second step, on the thread that owns the device: the network, once a scale and flip.
    ///
    /// # Errors
    /// [`Error::Machine`] when the device fails.
    pub fn run(&self, prepared: &Prepared) -> Result<Passes> {
        let mut passes = self.run_batch(&[prepared])?;
        passes.pop().ok_or_else(|| device_fault(&"no logits"))
    }

    /// As [`Predictor::run`], for images of one size at once.
    ///
    /// # Errors
    /// [`Error::Argument`] when the sizes differ, [`Error::Machine`] when the device fails.
    pub fn run_batch(&self, batch: &[&Prepared]) -> Result<Vec<Passes>> {
        let start = Instant::now();
        let mut looks: Vec<Vec<Logits>> = batch.iter().map(|_| Vec::new()).collect();
        for view in self.views() {
            for (looks, look) in looks.iter_mut().zip(self.look(batch, view, None)?) {
                looks.push(look);
            }
        }
        let time = start.elapsed() / batch.len().max(1) as u32;
        let passes = looks.into_iter().map(|looks| Passes { looks, time });
        Ok(passes.collect())
    }

    /// The ways to look at an image: at each scale, and mirrored if that is wanted.
    pub(super) fn views(&self) -> Vec<View> {
        let mirrorings: &[bool] = if self.flip { &[false, true] } else { &[false] };
        let scales = self.scales.iter();
        scales
            .flat_map(|&scale| {
                mirrorings
                    .iter()
                    .map(move |&mirrored| View { scale, mirrored })
            })
            .collect()
    }

    /// When the class of a pixel is settled: the original does so before upsampling only where it
    /// looks once.
    pub(super) fn settle(&self) -> Settle {
        if self.config().prediction_with_upsampled_logits || self.views().len() > 1 {
            Settle::AfterUpsampling
        } else {
            Settle::BeforeUpsampling
        }
    }

    /// The third step, which needs no device: upsampling, softmax, argmax, and back to the image's
    /// size; the dense CRF between them, if it is wanted.
    ///
    /// # Errors
    /// Those of the dense CRF.
    pub fn finish(&self, prepared: &Prepared, passes: &Passes) -> Result<Prediction> {
        let start = Instant::now();
        let (content, image) = (prepared.content, prepared.image);
        let classified = if let Some(crf) = &self.crf {
            let predicted = Predicted {
                looks: &passes.looks,
                size: prepared.size,
                sampling: self.config().sampling(),
            };
            predicted.refined(prepared, crf, &mut Silent)?
        } else {
            classify(&self.seen(prepared, passes, content), self.settle())
        };
        let mut prediction = Prediction::of(&classified, content, image, Timings::default());
        prediction.timings = Timings {
            preprocess: prepared.time,
            network: passes.time,
            postprocess: start.elapsed(),
        };
        Ok(prediction)
    }

    /// The class of each pixel that the network was fed, the padding's too, row by row of
    /// [`Prepared::size`]: an exported graph's `RawSemanticPredictions`.
    pub fn raw_labels(&self, prepared: &Prepared, passes: &Passes) -> Vec<u8> {
        let looks = self.seen(prepared, passes, prepared.size);
        classify(&looks, self.settle()).labels
    }

    /// The probability of each class at each pixel of the image: an exported graph's
    /// `SemanticProbabilities`. Of several looks they are the mean, which the original puts through
    /// another softmax.
    pub fn pixel_probabilities(&self, prepared: &Prepared, passes: &Passes) -> PixelProbabilities {
        let looks = self.seen(prepared, passes, prepared.content);
        PixelProbabilities {
            classes: self.config().num_classes,
            content: prepared.content,
            image: prepared.image,
            rows: classify::probabilities(&looks, self.settle()),
        }
    }

    /// The looks at the upper left `part` of what the network was fed.
    fn seen<'a>(&self, prepared: &Prepared, passes: &'a Passes, part: [usize; 2]) -> Vec<Look<'a>> {
        let part = part.map(|side| 0..side);
        let sampling = self.config().sampling();
        let look = |logits| Look::new(logits, prepared.size, part.clone(), sampling);
        passes.looks.iter().map(look).collect()
    }

    /// One run of the network on images of one size; the logits are turned back if the images were
    /// mirrored for it, and resized to `grid` if there is one.
    pub(super) fn look(
        &self,
        batch: &[&Prepared],
        view: View,
        grid: Option<[usize; 2]>,
    ) -> Result<Vec<Logits>> {
        let Some(size) = batch.first().map(|prepared| prepared.size) else {
            return Ok(Vec::new());
        };
        if let Some(other) = batch.iter().find(|prepared| prepared.size != size) {
            let expected = format!("images of {size:?} alone");
            return Err(Error::argument(
                "batch",
                expected,
                format!("{:?}", other.size),
            ));
        }
        let values = match batch {
            [one] => cpu::copied(&one.values),
            several => {
                let values = several.iter().map(|prepared| prepared.values.as_slice());
                values.collect::<Vec<_>>().concat()
            }
        };
        let values = TensorData::new(values, [batch.len(), 3, size[0], size[1]]);
        let mut images = Tensor::<4>::from_data(values, &self.device);
        if view.mirrored {
            images = images.flip([3]);
        }
        let mut logits = if view.scale == 1.0 {
            self.network.forward(images)
        } else {
            self.network.forward_scales(images, &[view.scale])
        };
        if view.mirrored {
            logits = logits.flip([3]);
        }
        if let Some(grid) = grid {
            logits = bilinear(logits, grid, self.config().sampling());
        }
        let [_, classes, height, width] = logits.dims();
        let values = logits
            .try_into_data()
            .map_err(|error| device_fault(&error))?
            .try_into_vec::<f32>()
            .map_err(|error| device_fault(&error))?;
        let each = values.chunks_exact(classes * height * width);
        Ok(each
            .map(|values| Logits {
                classes,
                size: [height, width],
                values: values.to_vec(),
            })
            .collect())
    }
}

fn device_fault(error: &impl std::fmt::Debug) -> Error {
    Error::machine(
        "predicting",
        format!("{error:?}"),
        "Try a smaller --input-size, or --device cpu.",
    )
}
