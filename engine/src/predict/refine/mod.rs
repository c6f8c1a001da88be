//! Refinement of label maps along the edges of the image: the dense CRF of Krähenbühl and Koltun
//! ("Efficient Inference in Fully Connected CRFs with Gaussian Edge Potentials", 2011), as DeepLab
//! v1 and v2 used it.
//!
//! Each pixel hears from every other one, weighted by how near it is and how much its colour is
//! alike; mean field inference, with the permutohedral lattice as its filter, lets all of them
//! agree. Where kernels and their normalisation are concerned it follows the authors' own code.
//!
//! Large images go in windows that overlap, so that memory is bounded; only classes that occur in a
//! window take part in it.

mod field;
mod lattice;
mod mean_field;
mod options;
mod predicted;
mod simplex;
mod smoothness;
mod snap;
mod windows;

use std::ops::Range;

use image::RgbImage;

use crate::error::{Error, Result};
use crate::jobs::{Monitor, Pace};
use field::Field;
use mean_field::{MeanField, NEVER};
use windows::{Window, windows};

pub use options::CrfOptions;
pub(super) use predicted::{Predicted, Resized};
pub use snap::{DEFAULT_CERTAINTY, SnapOptions, carry_over, snap_edit, snap_to_edges};

/// Refines probabilities along the edges of `image`: `[height, width, classes]` of its size, row by
/// row, of at most 256 classes; each pixel's sum to 1.
///
/// # Errors
/// [`Error::Argument`] when sizes don't fit or options make no sense, and
/// [`Error::Cancelled`] when the monitor says so.
pub fn dense_crf(
    image: &RgbImage,
    classes: usize,
    probabilities: &[f32],
    options: &CrfOptions,
    monitor: &mut dyn Monitor,
) -> Result<Vec<f32>> {
    let [height, width] = Colors::extent(image);
    let expected = height * width * classes;
    if probabilities.len() != expected || classes > 256 {
        return Err(Error::argument(
            "probabilities",
            format!("{expected} of at most 256 classes"),
            format!("{} of {classes}", probabilities.len()),
        ));
    }
    let mut refined = vec![0.0; expected];
    let given = Given {
        classes,
        width,
        probabilities,
    };
    refine(image, &given, options, monitor, &mut |part| {
        let [rows, columns] = &part.core;
        let row = (columns.len() * classes).max(1);
        for (y, pixels) in rows.clone().zip(part.values.chunks_exact(row)) {
            let start = (y * width + columns.start) * classes;
            refined[start..start + row].copy_from_slice(pixels);
        }
    })?;
    Ok(refined)
}

/// Probabilities `[pixels, classes]` of an image of that width.
struct Given<'a> {
    classes: usize,
    width: usize,
    probabilities: &'a [f32],
}

impl Alone for Given<'_> {
    fn classes(&self, _: &[Range<usize>; 2]) -> Vec<u8> {
        (0..self.classes).map(|class| class as u8).collect()
    }

    fn logarithms(&self, [rows, columns]: &[Range<usize>; 2], _: &[u8]) -> Vec<f32> {
        let row = |y: usize| {
            let first = (y * self.width + columns.start) * self.classes;
            &self.probabilities[first..first + columns.len() * self.classes]
        };
        let values = rows.clone().flat_map(row);
        values.map(|value| logarithm(*value)).collect()
    }
}

/// What each pixel says by itself.
trait Alone {
    /// The classes that take part in a window of these rows and columns.
    fn classes(&self, window: &[Range<usize>; 2]) -> Vec<u8>;

    /// The logarithms of the probabilities of `classes`, which [`classes`](Self::classes) gave for
    /// it: `[rows, columns, classes]`.
    fn logarithms(&self, window: &[Range<usize>; 2], classes: &[u8]) -> Vec<f32>;
}

/// The logarithm of a probability, which may be 0.
fn logarithm(probability: f32) -> f32 {
    if probability > 0.0 {
        probability.ln()
    } else {
        NEVER
    }
}

/// What came of a window.
struct Part {
    /// Rows and columns of the image that are settled.
    core: [Range<usize>; 2],
    /// The classes that took part.
    classes: Vec<u8>,
    /// `[rows, columns, classes]`: their probabilities in the core.
    values: Vec<f32>,
}

/// The image whose edges count.
pub(super) trait Colors: Sync {
    /// Its height and width.
    fn extent(&self) -> [usize; 2];

    /// The RGB pixels of these rows and columns, row by row.
    fn part(&self, part: &[Range<usize>; 2]) -> Vec<[u8; 3]>;
}

impl Colors for RgbImage {
    fn extent(&self) -> [usize; 2] {
        [self.height() as usize, self.width() as usize]
    }

    fn part(&self, [rows, columns]: &[Range<usize>; 2]) -> Vec<[u8; 3]> {
        let width = self.width() as usize;
        let pixels = self.as_raw().as_chunks().0;
        let row = |y: usize| &pixels[y * width..][columns.clone()];
        rows.clone().flat_map(row).copied().collect()
    }
}

/// Whether an image has the `[height, width]` of what is to be refined.
fn check_size(image: &dyn Colors, [height, width]: [usize; 2]) -> Result<()> {
    let found = image.extent();
    if found == [height, width] {
        return Ok(());
    }
    Err(Error::argument(
        "image",
        format!("{width} x {height} pixels"),
        format!("{} x {}", found[1], found[0]),
    ))
}

/// Refines an image window by window, and hands over each window's part.
fn refine(
    image: &dyn Colors,
    alone: &dyn Alone,
    options: &CrfOptions,
    monitor: &mut dyn Monitor,
    take: &mut dyn FnMut(Part),
) -> Result<()> {
    options.validate()?;
    let farthest = if options.bilateral_weight > 0.0 {
        options
            .bilateral_deviation
            .max(options.smoothness_deviation)
    } else {
        options.smoothness_deviation
    };
    let windows = windows(image.extent(), farthest);
    // Building a window's lattice takes about as long as an iteration.
    let steps = options.iterations as u64 + 1;
    let mut pace = Pace::new(windows.len() as u64 * steps);
    for (index, window) in windows.iter().enumerate() {
        let mut done = index as u64 * steps;
        let mut step = || {
            monitor.checkpoint(&pace.at(done, ""))?;
            done += 1;
            Ok(())
        };
        take(refine_window(image, alone, window, options, &mut step)?);
    }
    Ok(())
}

fn refine_window(
    image: &dyn Colors,
    alone: &dyn Alone,
    window: &Window,
    options: &CrfOptions,
    step: &mut dyn FnMut() -> Result<()>,
) -> Result<Part> {
    step()?;
    let classes = alone.classes(&window.seen);
    let core = window.core.clone();
    let [rows, columns] = window.core_within();
    if classes.len() < 2 {
        // Nobody disagrees.
        let values = vec![1.0; rows.len() * columns.len() * classes.len()];
        return Ok(Part {
            core,
            classes,
            values,
        });
    }
    let pixels = image.part(&window.seen);
    let field = MeanField::new(&pixels, window.size(), options);
    let own = alone.logarithms(&window.seen, &classes);
    let core_within = [rows, columns];
    let count = classes.len();
    let values = if count <= 4 {
        let alone = Field::<4>::from_pixels(window.size(), count, &own, NEVER);
        field.infer(&alone, step)?.to_pixels(core_within, count)
    } else {
        let alone = Field::<8>::from_pixels(window.size(), count, &own, NEVER);
        field.infer(&alone, step)?.to_pixels(core_within, count)
    };
    Ok(Part {
        core,
        classes,
        values,
    })
}

#[cfg(test)]
mod tests;
