//! A score report: what was compared, and how well it agrees.

use std::path::{Path, PathBuf};

use atrous_palettes::Palette;

use super::{Measured, Measures};
use crate::error::Result;
use crate::metrics::{ConfusionMatrix, Interval, Tally, bootstrap_miou};

/// Fixed, so that the same images give the same interval.
const BOOTSTRAP_SEED: u64 = 2012;

/// The score of a set of predictions, and all that is needed to doubt it.
#[derive(Debug, Clone)]
pub struct ScoreReport {
    /// What the report is about: a folder, a model, a run.
    pub title: String,
    /// The classes that the scores are of.
    pub palette: Palette,
    /// All scored pixels of all images.
    pub matrix: ConfusionMatrix,
    /// The 95 % bootstrap interval of mIoU over the images; `None` for fewer than two.
    pub interval: Option<Interval>,
    /// The images that were scored, by name.
    pub images: Vec<ImageScore>,
    /// The files that could not be scored, and why.
    pub failed: Vec<Failure>,
    /// What was measured beside IoU.
    pub measured: Measured,
    /// The fine-tuning run that this is the outcome of.
    pub run: Option<RunSection>,
}

/// The score of one image alone.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageScore {
    /// Its name: the path below the truth's folder, without the ending.
    pub name: String,
    /// Mean IoU over the classes in its truth or prediction; `None` where all of it is void.
    pub miou: Option<f64>,
    /// The part of its scored pixels that is right.
    pub pixel_accuracy: Option<f64>,
}

/// A file that could not be scored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it and what to do.
    pub reason: String,
}

/// What a fine-tuning run did to the score of the held-out images.
#[derive(Debug, Clone)]
pub struct RunSection {
    /// The run's name.
    pub name: String,
    /// Images it was trained on.
    pub training_images: usize,
    /// Images it was scored on, none of them trained on.
    pub held_out_images: usize,
    /// mIoU before, and its interval.
    pub before: (f64, Option<Interval>),
    /// mIoU of the best checkpoint, and its interval.
    pub after: (f64, Option<Interval>),
    /// The interval of the gain on the same images.
    pub gain: Option<Interval>,
    /// The training as it went, by step.
    pub curve: Vec<CurveSample>,
}

/// One point of a training's curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurveSample {
    /// The step, from 1.
    pub step: usize,
    /// The loss of the step.
    pub loss: f64,
    /// mIoU on the held-out images, where it was taken at this step.
    pub held_out_miou: Option<f64>,
}

/// Scores images one by one and keeps what a report needs.
#[derive(Debug)]
pub struct Scorer {
    palette: Palette,
    matrix: ConfusionMatrix,
    images: Vec<ImageScore>,
    tallies: Vec<Tally>,
    failed: Vec<Failure>,
    measured: Measured,
}

/// One image's part of a report, counted apart so that images can be counted on many threads.
#[derive(Debug)]
pub(super) struct Counted {
    score: ImageScore,
    matrix: ConfusionMatrix,
    /// What was measured of it beside.
    pub measured: Measured,
}

impl Counted {
    /// Counts one image. Errors as [`Scorer::add`].
    pub fn new(palette: &Palette, name: String, truth: &[u8], prediction: &[u8]) -> Result<Self> {
        let mut matrix = ConfusionMatrix::for_palette(palette);
        matrix.add(truth, prediction)?;
        let score = ImageScore {
            name,
            miou: matrix.miou(),
            pixel_accuracy: matrix.pixel_accuracy(),
        };
        Ok(Self {
            score,
            matrix,
            measured: Measured::default(),
        })
    }
}

impl Scorer {
    /// Nothing scored yet.
    pub fn new(palette: &Palette) -> Self {
        Self::measuring(palette, &Measures::default())
    }

    /// Nothing scored yet, with `measures` to be taken of each image beside its score.
    pub(super) fn measuring(palette: &Palette, measures: &Measures<'_>) -> Self {
        Self {
            palette: palette.clone(),
            matrix: ConfusionMatrix::for_palette(palette),
            images: Vec::new(),
            tallies: Vec::new(),
            failed: Vec::new(),
            measured: Measured::new(palette, measures),
        }
    }

    /// Scores an image: class indices or void, row by row, of truth and prediction.
    ///
    /// # Errors
    /// As [`ConfusionMatrix::add`]: different sizes, values that are no class. Nothing is counted then.
    pub fn add(&mut self, name: &str, truth: &[u8], prediction: &[u8]) -> Result<()> {
        self.add_counted(Counted::new(
            &self.palette,
            name.to_owned(),
            truth,
            prediction,
        )?)
    }

    /// Adds an image that was counted elsewhere, with the same palette.
    pub(super) fn add_counted(&mut self, counted: Counted) -> Result<()> {
        self.matrix.merge(&counted.matrix)?;
        self.measured.merge(&counted.measured);
        self.tallies.push(counted.matrix.tally());
        self.images.push(counted.score);
        Ok(())
    }

    /// Notes a file that could not be scored.
    pub fn fail(&mut self, path: &Path, reason: impl Into<String>) {
        self.failed.push(Failure {
            path: path.to_owned(),
            reason: reason.into(),
        });
    }

    /// The report, with the bootstrap interval drawn.
    pub fn finish(self, title: impl Into<String>) -> ScoreReport {
        ScoreReport {
            title: title.into(),
            palette: self.palette,
            matrix: self.matrix,
            interval: bootstrap_miou(&self.tallies, BOOTSTRAP_SEED),
            images: self.images,
            failed: self.failed,
            measured: self.measured,
            run: None,
        }
    }
}

impl ScoreReport {
    /// The images with the lowest mIoU, at most `count` of them, the worst first.
    pub fn worst_images(&self, count: usize) -> Vec<&ImageScore> {
        let mut scored: Vec<(f64, &ImageScore)> = self
            .images
            .iter()
            .filter_map(|image| Some((image.miou?, image)))
            .collect();
        scored.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        scored
            .into_iter()
            .take(count)
            .map(|(_, image)| image)
            .collect()
    }

    /// What was most often taken for what: `(true class, predicted class, pixels)`, at most `count`.
    pub fn confusions(&self, count: usize) -> Vec<(usize, usize, u64)> {
        let classes = 0..self.palette.len();
        let mut pairs: Vec<(usize, usize, u64)> = classes
            .clone()
            .flat_map(|truth| classes.clone().map(move |prediction| (truth, prediction)))
            .filter(|(truth, prediction)| truth != prediction)
            .map(|(truth, prediction)| (truth, prediction, self.matrix.count(truth, prediction)))
            .filter(|(.., pixels)| *pixels > 0)
            .collect();
        pairs.sort_by_key(|(.., pixels)| std::cmp::Reverse(*pixels));
        pairs.truncate(count);
        pairs
    }
}
