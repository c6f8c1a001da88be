//! Which class was taken for which, pixel by pixel.

use atrous_palettes::{Palette, VOID};
use rayon::prelude::*;

use super::bootstrap::Tally;
use crate::error::{Error, Result};

/// Pixels that one thread counts at a time.
const CHUNK: usize = 1 << 20;

/// Counts of pixels by true class and predicted class, summed over any number of images.
///
/// Pixels whose truth is void, or the palette's ignored class, are counted apart and enter no
/// score. A pixel predicted as void, or as the ignored class, is predicted as nothing: it counts
/// against its true class and for none. So nothing is gained by leaving hard pixels open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfusionMatrix {
    classes: usize,
    ignored: Option<u8>,
    /// `classes` rows (truth) of `classes + 1` columns (prediction, then "nothing").
    counts: Vec<u64>,
    void_pixels: u64,
}

impl ConfusionMatrix {
    /// An empty matrix for class indices below `classes`, none of them ignored.
    pub fn new(classes: usize) -> Self {
        Self {
            classes,
            ignored: None,
            counts: vec![0; classes * (classes + 1)],
            void_pixels: 0,
        }
    }

    /// An empty matrix for a palette's classes, its ignored class left out of all scores.
    pub fn for_palette(palette: &Palette) -> Self {
        Self {
            ignored: palette.ignored,
            ..Self::new(palette.len())
        }
    }

    /// Counts the pixels of an image: class indices or [`VOID`], in the same order in both.
    ///
    /// Large images are counted on several threads.
    ///
    /// # Errors
    /// [`Error::Argument`] when the lengths differ, or when a value is neither a class nor void;
    /// the matrix is then unchanged.
    pub fn add(&mut self, truth: &[u8], prediction: &[u8]) -> Result<()> {
        if truth.len() != prediction.len() {
            return Err(Error::argument(
                "prediction",
                format!("{} pixels, as many as the truth", truth.len()),
                format!("{} pixels", prediction.len()),
            ));
        }
        let kinds = Kinds::new(self.classes, self.ignored);
        let sum = truth
            .par_chunks(CHUNK)
            .zip(prediction.par_chunks(CHUNK))
            .map(|(truth, prediction)| kinds.count(truth, prediction))
            .reduce_with(|mut sum, part| {
                add_each(&mut sum, &part);
                sum
            });
        let Some(sum) = sum else {
            return Ok(());
        };
        if kinds.any_stray(&sum) {
            check_values("truth", truth, self.classes)?;
            check_values("prediction", prediction, self.classes)?;
        }
        let rows = self.counts.chunks_exact_mut(self.classes + 1);
        for (row, counted) in rows.zip(sum.chunks_exact(kinds.width())) {
            add_each(row, counted);
        }
        let void_row = kinds.width() * self.classes;
        self.void_pixels += sum[void_row..void_row + kinds.width()].iter().sum::<u64>();
        Ok(())
    }

    /// Adds another matrix of the same classes.
    ///
    /// # Errors
    /// [`Error::Argument`] when the classes, or the ignored class, differ.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if (self.classes, self.ignored) != (other.classes, other.ignored) {
            return Err(Error::argument(
                "confusion matrix",
                format!("{} classes, ignored {:?}", self.classes, self.ignored),
                format!("{} classes, ignored {:?}", other.classes, other.ignored),
            ));
        }
        add_each(&mut self.counts, &other.counts);
        self.void_pixels += other.void_pixels;
        Ok(())
    }

    /// How many class indices there are, an ignored one included.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Scored pixels of true class `truth` that were predicted as `prediction`; 0 beyond the classes.
    pub fn count(&self, truth: usize, prediction: usize) -> u64 {
        if prediction >= self.classes {
            return 0;
        }
        self.row(truth).get(prediction).copied().unwrap_or(0)
    }

    /// Scored pixels of true class `truth` that were predicted as void or as the ignored class.
    pub fn unpredicted(&self, truth: usize) -> u64 {
        self.row(truth).last().copied().unwrap_or(0)
    }

    /// Scored pixels whose true class is `class`.
    pub fn truth_pixels(&self, class: usize) -> u64 {
        self.row(class).iter().sum()
    }

    /// Scored pixels that were predicted as `class`.
    pub fn predicted_pixels(&self, class: usize) -> u64 {
        (0..self.classes)
            .map(|truth| self.count(truth, class))
            .sum()
    }

    /// Pixels left out: their truth is void or the ignored class.
    pub fn void_pixels(&self) -> u64 {
        self.void_pixels
    }

    /// Pixels that entered the scores.
    pub fn scored_pixels(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Intersection over union of `class`, 0 to 1: right pixels by pixels that are the class or
    /// were predicted as it.
    ///
    /// `None` is "no evidence": the class is neither in the truth nor in the predictions.
    pub fn iou(&self, class: usize) -> Option<f64> {
        self.tally_of(class).iou()
    }

    /// As [`ConfusionMatrix::iou`], but `None` also for a class that is only in the predictions.
    ///
    /// The figure that research/deeplab's `eval.py` prints for a class. Its mean is not over these.
    pub fn iou_where_true(&self, class: usize) -> Option<f64> {
        self.iou(class).filter(|_| self.truth_pixels(class) > 0)
    }

    /// Mean IoU over the classes with evidence, as `tf.metrics.mean_iou` has it: a class that was
    /// predicted though it is nowhere in the truth counts with 0. `None` without any evidence.
    pub fn miou(&self) -> Option<f64> {
        mean((0..self.classes).filter_map(|class| self.iou(class)))
    }

    /// The part of the scored pixels that is right, 0 to 1. `None` without scored pixels.
    pub fn pixel_accuracy(&self) -> Option<f64> {
        let right: u64 = (0..self.classes)
            .map(|class| self.count(class, class))
            .sum();
        ratio(right, self.scored_pixels())
    }

    /// What the bootstrap needs of this matrix, when it is that of one image.
    pub fn tally(&self) -> Tally {
        Tally::new((0..self.classes).map(|class| self.tally_of(class)))
    }

    /// Truth, prediction and agreement of one class.
    fn tally_of(&self, class: usize) -> ClassTally {
        ClassTally {
            both: self.count(class, class),
            truth: self.truth_pixels(class),
            predicted: self.predicted_pixels(class),
        }
    }

    fn row(&self, truth: usize) -> &[u64] {
        let width = self.classes + 1;
        self.counts
            .get(truth * width..(truth + 1) * width)
            .unwrap_or_default()
    }
}

/// The pixels of one class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ClassTally {
    /// Pixels that are the class and were predicted as it.
    pub both: u64,
    /// Pixels that are the class.
    pub truth: u64,
    /// Pixels that were predicted as the class.
    pub predicted: u64,
}

impl ClassTally {
    /// See [`ConfusionMatrix::iou`].
    pub fn iou(self) -> Option<f64> {
        ratio(self.both, self.truth + self.predicted - self.both)
    }
}

/// `None` where there is nothing to divide by.
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The mean of some values; `None` without values.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u64), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f64)
}

fn add_each(sums: &mut [u64], values: &[u64]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}

/// Sorts the 256 values into rows of a table: the classes, then void or ignored, then stray.
struct Kinds {
    classes: usize,
    kind: [u16; 256],
}

impl Kinds {
    fn new(classes: usize, ignored: Option<u8>) -> Self {
        let kind = std::array::from_fn(|value| {
            let is_void =
                value == usize::from(VOID) || ignored.is_some_and(|i| value == usize::from(i));
            if is_void {
                classes as u16
            } else {
                value.min(classes + 1) as u16
            }
        });
        Self { classes, kind }
    }

    /// Rows and columns of the table: truth by prediction.
    fn width(&self) -> usize {
        self.classes + 2
    }

    fn count(&self, truth: &[u8], prediction: &[u8]) -> Vec<u64> {
        let width = self.width();
        let mut table = vec![0; width * width];
        for (truth, prediction) in truth.iter().zip(prediction) {
            let row = usize::from(self.kind[usize::from(*truth)]);
            let column = usize::from(self.kind[usize::from(*prediction)]);
            table[row * width + column] += 1;
        }
        table
    }

    fn any_stray(&self, table: &[u64]) -> bool {
        let stray = self.classes + 1;
        table
            .chunks_exact(self.width())
            .enumerate()
            .any(|(row, counts)| {
                counts[stray] > 0 || (row == stray && counts.iter().any(|count| *count > 0))
            })
    }
}

/// Names the first value that is neither a class nor void, and how often it is there.
fn check_values(name: &str, values: &[u8], classes: usize) -> Result<()> {
    let stray = |value: &&u8| usize::from(**value) >= classes && **value != VOID;
    let Some(first) = values.iter().find(stray) else {
        return Ok(());
    };
    let pixels = values.iter().filter(|value| *value == first).count();
    Err(Error::argument(
        name,
        format!("class indices below {classes}, or {VOID} for void"),
        format!("{first} in {pixels} pixels"),
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matrix(classes: usize, truth: &[u8], prediction: &[u8]) -> ConfusionMatrix {
        let mut matrix = ConfusionMatrix::new(classes);
        matrix.add(truth, prediction).unwrap();
        matrix
    }

    #[test]
    fn a_small_case_by_hand() {
        let matrix = matrix(4, &[0, 0, 0, 1, 1, 255], &[0, 0, 1, 1, 2, 0]);
        assert_eq!(matrix.count(0, 0), 2);
        assert_eq!(matrix.count(0, 1), 1);
        assert_eq!(matrix.iou(0), Some(2.0 / 3.0));
        assert_eq!(matrix.iou(1), Some(1.0 / 3.0));
        assert_eq!(matrix.iou(2), Some(0.0), "predicted, but not there");
        assert_eq!(matrix.iou_where_true(2), None);
        assert_eq!(matrix.iou(3), None, "no evidence");
        assert_eq!(matrix.iou(4), None, "no such class");
        assert_eq!(matrix.miou(), Some(1.0 / 3.0));
        assert_eq!(matrix.pixel_accuracy(), Some(0.6));
        assert_eq!((matrix.void_pixels(), matrix.scored_pixels()), (1, 5));
    }

    #[test]
    fn nothing_gives_no_scores() {
        let matrix = matrix(3, &[255, 255], &[0, 1]);
        assert_eq!((matrix.miou(), matrix.pixel_accuracy()), (None, None));
    }

    #[test]
    fn leaving_a_pixel_open_counts_against_its_class() {
        let matrix = matrix(2, &[0, 0, 1], &[0, 255, 1]);
        assert_eq!(matrix.iou(0), Some(0.5));
        assert_eq!(matrix.unpredicted(0), 1);
        assert_eq!(matrix.truth_pixels(0), 2);
        assert_eq!(matrix.predicted_pixels(0), 1);
        assert_eq!(matrix.pixel_accuracy(), Some(2.0 / 3.0));
    }

    #[test]
    fn the_ignored_class_has_no_score() {
        let palette = Palette::ade20k();
        let mut matrix = ConfusionMatrix::for_palette(&palette);
        matrix.add(&[0, 0, 1, 1], &[0, 1, 1, 0]).unwrap();
        assert_eq!(matrix.void_pixels(), 2);
        assert_eq!(matrix.iou(0), None);
        assert_eq!(matrix.iou(1), Some(0.5));
        assert_eq!(matrix.miou(), Some(0.5));
    }

    #[test]
    fn a_stray_value_is_named_and_counts_nothing() {
        let mut matrix = ConfusionMatrix::new(19);
        let error = matrix
            .add(&[0, 33, 33], &[0, 1, 2])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("truth") && error.contains("33 in 2 pixels"),
            "{error}"
        );
        let error = matrix.add(&[0, 255], &[0, 20]).unwrap_err().to_string();
        assert!(
            error.contains("prediction") && error.contains("20 in 1 pixels"),
            "{error}"
        );
        assert_eq!(matrix, ConfusionMatrix::new(19));
    }

    #[test]
    fn lengths_and_classes_must_agree() {
        let mut matrix = ConfusionMatrix::new(2);
        assert!(matrix.add(&[0, 1], &[0]).is_err());
        assert!(matrix.merge(&ConfusionMatrix::new(3)).is_err());
    }

    #[test]
    fn an_image_counted_in_parts_is_the_same() {
        let pixels = 2 * CHUNK + 17;
        let truth: Vec<u8> = (0..pixels).map(|pixel| (pixel * 7 % 5) as u8).collect();
        let prediction: Vec<u8> = (0..pixels).map(|pixel| (pixel * 11 % 6) as u8).collect();
        let whole = matrix(6, &truth, &prediction);
        let mut parts = ConfusionMatrix::new(6);
        for (truth, prediction) in truth.chunks(1000).zip(prediction.chunks(1000)) {
            parts.merge(&matrix(6, truth, prediction)).unwrap();
        }
        assert_eq!(whole, parts);
        assert_eq!(whole.scored_pixels(), pixels as u64);
    }

    proptest! {
        #[test]
        fn iou_counts_what_it_says(
            pixels in proptest::collection::vec((0_u8..5, 0_u8..5), 0..200),
        ) {
            let (truth, prediction): (Vec<u8>, Vec<u8>) = pixels.iter().copied().unzip();
            let matrix = matrix(5, &truth, &prediction);
            for class in 0..5 {
                let both = pixels.iter().filter(|pair| **pair == (class, class)).count();
                let either = pixels.iter().filter(|(t, p)| *t == class || *p == class).count();
                let expected = (either > 0).then(|| both as f64 / either as f64);
                prop_assert_eq!(matrix.iou(class.into()), expected);
            }
        }
    }
}
