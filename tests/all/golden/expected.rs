//! What TensorFlow made of a case.

use atrous_engine::network::resize::bilinear_align_corners;
use atrous_tests::{npy, shared};
use burn::tensor::Tensor;

use super::case::Case;

/// The largest difference that passes, in parts of the largest logit.
pub const TOLERANCE: f32 = 1e-3;

/// The share of pixels that may have another class.
pub const OTHER_CLASS: f64 = 1e-3;

/// The golden files of a case.
#[derive(Debug)]
pub struct Expected {
    /// `[1, h, w, classes]`
    pub logits: npy::Array<f32>,
    /// The class of each pixel of the image.
    pub argmax: Vec<u8>,
    /// Height and width of the image.
    pub size: [usize; 2],
}

impl Expected {
    pub fn of(case: &Case) -> Self {
        let argmax = image::open(shared(&case.file("argmax.png")).unwrap())
            .unwrap()
            .into_luma8();
        let size = [argmax.height() as usize, argmax.width() as usize];
        assert_eq!(size, case.image_size);
        Self {
            logits: npy::read_f32(&shared(&case.file("logits.npy")).unwrap()),
            argmax: argmax.into_raw(),
            size,
        }
    }

    /// The largest |logit|.
    pub fn largest(&self) -> f32 {
        self.logits
            .values
            .iter()
            .fold(0.0, |largest, v| v.abs().max(largest))
    }

    /// How close logits `[1, classes, h, w]` and their label map come.
    pub fn closeness(&self, logits: &Tensor<4>, what: &str) -> Closeness {
        let found = rows_of_classes(logits);
        let [_, classes, height, width] = logits.dims();
        assert_eq!(self.logits.shape, [1, height, width, classes], "{what}");
        let pairs = found.iter().zip(&self.logits.values);
        let difference = pairs.fold(0.0_f32, |d, (a, b)| d.max(difference(*a, *b)));
        let labels = label_map(logits, self.size);
        let pairs = labels.iter().zip(&self.argmax);
        Closeness {
            relative: difference / self.largest(),
            moved: pairs.filter(|(a, b)| a != b).count(),
            pixels: labels.len(),
        }
    }
}

/// |a - b|, infinite where one of them is no number.
fn difference(a: f32, b: f32) -> f32 {
    let difference = (a - b).abs();
    if difference.is_nan() {
        f32::INFINITY
    } else {
        difference
    }
}

/// How close a network comes to the original.
#[derive(Debug, Clone, Copy)]
pub struct Closeness {
    /// The largest difference of a logit, in parts of the largest logit.
    pub relative: f32,
    /// Pixels of another class.
    pub moved: usize,
    /// All pixels.
    pub pixels: usize,
}

impl Closeness {
    /// The share of pixels that have the same class.
    pub fn agreement(&self) -> f64 {
        1.0 - self.moved as f64 / self.pixels as f64
    }

    /// The worse of both in each respect.
    pub fn or_worse(self, other: Self) -> Self {
        Self {
            relative: self.relative.max(other.relative),
            moved: self.moved.max(other.moved),
            pixels: self.pixels,
        }
    }

    /// Says how close it is, and insists that it is close enough.
    pub fn check(&self, what: &str) {
        let Self {
            relative,
            moved,
            pixels,
        } = *self;
        eprintln!(
            "{what}: largest difference {relative:.1e} of the largest logit, {moved} of {pixels} pixels of another class"
        );
        assert!(relative <= TOLERANCE, "{what}: {relative}");
        assert!(self.agreement() >= 1.0 - OTHER_CLASS, "{what}: {moved}");
    }
}

/// The values as `[h, w, classes]`.
pub fn rows_of_classes(logits: &Tensor<4>) -> Vec<f32> {
    logits
        .clone()
        .permute([0, 2, 3, 1])
        .into_data()
        .try_to_vec()
        .unwrap()
}

/// The class of each pixel of an image of that size.
pub fn label_map(logits: &Tensor<4>, size: [usize; 2]) -> Vec<u8> {
    let classes = logits.dims()[1];
    let upsampled = rows_of_classes(&bilinear_align_corners(logits.clone(), size));
    upsampled.chunks_exact(classes).map(argmax).collect()
}

/// The first of the largest.
fn argmax(scores: &[f32]) -> u8 {
    let best = (1..scores.len()).fold(0, |best, i| if scores[i] > scores[best] { i } else { best });
    u8::try_from(best).unwrap()
}
