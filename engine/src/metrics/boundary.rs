//! Boundary IoU (Cheng et al., "Boundary IoU: Improving Object-Centric Image Segmentation
//! Evaluation", CVPR 2021), for label maps.

use atrous_palettes::{Palette, VOID};

use super::confusion::ClassTally;
use super::mean;
use crate::error::{Error, Result};

/// The paper's part of the image's diagonal that boundaries are wide.
pub const BOUNDARY_RATIO: f64 = 0.02;

/// IoU of the pixels near the boundary of each class, summed over any number of images.
///
/// A pixel is near the boundary where another class, or the image's end, is at most so many pixels
/// away, diagonals counting as one: what erosion by a 3 x 3 square takes off. Pixels whose truth is
/// void, or the palette's ignored class, are cut out of the truth and of the prediction first.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundaryIou {
    ratio: f64,
    ignored: Option<u8>,
    classes: Vec<ClassTally>,
}

impl BoundaryIou {
    /// Nothing counted yet, for a palette's classes. Boundaries are `ratio` of the image's diagonal
    /// wide, and at least a pixel.
    pub fn new(palette: &Palette, ratio: f64) -> Self {
        Self {
            ratio,
            ignored: palette.ignored,
            classes: vec![ClassTally::default(); palette.len()],
        }
    }

    /// How wide boundaries are in an image of `[height, width]`, in pixels.
    pub fn distance(&self, [height, width]: [usize; 2]) -> usize {
        let diagonal = (height as f64).hypot(width as f64);
        ((self.ratio * diagonal).round() as usize).max(1)
    }

    /// Counts an image of `[height, width]`: class indices or [`VOID`], row by row.
    ///
    /// # Errors
    /// [`Error::Argument`] when there are not as many pixels as the size says.
    pub fn add(&mut self, truth: &[u8], prediction: &[u8], size: [usize; 2]) -> Result<()> {
        for (name, found) in [("truth", truth.len()), ("prediction", prediction.len())] {
            if found != size[0] * size[1] {
                return Err(Error::argument(
                    name,
                    format!("{} x {} pixels", size[0], size[1]),
                    format!("{found} pixels"),
                ));
            }
        }
        let scored = |value: &u8| *value != VOID && Some(*value) != self.ignored;
        let cut = |values: &[u8]| -> Vec<u8> {
            let pairs = values.iter().zip(truth);
            pairs
                .map(|(value, truth)| if scored(truth) { *value } else { VOID })
                .collect()
        };
        let distance = self.distance(size);
        let [truth, prediction] = [cut(truth), cut(prediction)];
        let near = [&truth, &prediction].map(|values| near_boundary(values, size, distance));
        for pixel in 0..truth.len() {
            let (of_truth, of_prediction) = (near[0][pixel], near[1][pixel]);
            let (class, predicted) = (usize::from(truth[pixel]), usize::from(prediction[pixel]));
            if let Some(tally) = self.classes.get_mut(class).filter(|_| of_truth) {
                tally.truth += 1;
                tally.both += u64::from(of_prediction && class == predicted);
            }
            if let Some(tally) = self.classes.get_mut(predicted).filter(|_| of_prediction) {
                tally.predicted += 1;
            }
        }
        Ok(())
    }

    /// Adds what was counted elsewhere, for the same classes.
    pub fn merge(&mut self, other: &Self) {
        for (sum, part) in self.classes.iter_mut().zip(&other.classes) {
            sum.both += part.both;
            sum.truth += part.truth;
            sum.predicted += part.predicted;
        }
    }

    /// The boundary IoU of a class, 0 to 1; `None` without evidence, and for the ignored class.
    pub fn iou(&self, class: usize) -> Option<f64> {
        if self.ignored.map(usize::from) == Some(class) {
            return None;
        }
        self.classes.get(class)?.iou()
    }

    /// The mean over the classes with evidence.
    pub fn mean(&self) -> Option<f64> {
        mean((0..self.classes.len()).filter_map(|class| self.iou(class)))
    }

    /// The part of the image's diagonal that boundaries are wide.
    pub fn ratio(&self) -> f64 {
        self.ratio
    }
}

/// Which pixels have another value, or the image's end, at most `distance` pixels away.
///
/// A pixel is inside where the rows around it are, each as far as `distance` to both sides, of its
/// value: so one pass is enough whatever the distance.
fn near_boundary(values: &[u8], [height, width]: [usize; 2], distance: usize) -> Vec<bool> {
    let mut near = vec![true; values.len()];
    let window = 2 * distance + 1;
    // How many rows up to this one are uniform around each column, and of which value.
    let mut streaks = vec![(0_usize, VOID); width];
    for row in 0..height {
        let line = &values[row * width..][..width];
        let mut start = 0;
        for run in line.chunk_by(|a, b| a == b) {
            let end = start + run.len();
            for column in start..end {
                let uniform = column >= start + distance && column + distance < end;
                let (length, value) = &mut streaks[column];
                *length = match uniform {
                    true if *value == run[0] => *length + 1,
                    true => 1,
                    false => 0,
                };
                *value = run[0];
                if *length >= window {
                    near[(row - distance) * width + column] = false;
                }
            }
            start = end;
        }
    }
    near
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn palette() -> Palette {
        Palette::from_names("own", ["ground", "thing", "other"]).unwrap()
    }

    /// A ratio that makes boundaries a pixel wide in small images.
    const THIN: f64 = 0.001;

    #[test]
    fn a_square_by_hand() {
        // A 5 x 5 square in a 9 x 9 image; the prediction's is one pixel to the right.
        let square = |left: usize| -> Vec<u8> {
            (0..81)
                .map(|at| {
                    let inside = (2..7).contains(&(at / 9)) && (left..left + 5).contains(&(at % 9));
                    u8::from(inside)
                })
                .collect()
        };
        let mut scores = BoundaryIou::new(&palette(), THIN);
        scores.add(&square(2), &square(3), [9, 9]).unwrap();
        // Each ring has 16 pixels; the rows above and below share 4 each, the sides none of theirs.
        assert_eq!(scores.iou(1), Some(8.0 / 24.0));
        // The ground's boundary is the image's end, too, which both share.
        assert!(scores.iou(0).unwrap() > scores.iou(1).unwrap());
        assert_eq!(scores.iou(2), None);
        assert!(scores.add(&[0], &[0], [9, 9]).is_err());
    }

    #[test]
    fn far_from_boundaries_nothing_counts_and_near_them_all_does() {
        let whole = vec![0; 400];
        let mut wrong = whole.clone();
        wrong[10 * 20 + 10] = 1;
        let mut scores = BoundaryIou::new(&palette(), THIN);
        scores.add(&whole, &wrong, [20, 20]).unwrap();
        // The ring of the image, 76 pixels, and around the wrong one 8 more.
        assert_eq!(scores.iou(0), Some(76.0 / 84.0));
        assert_eq!(scores.iou(1), Some(0.0));
    }

    #[test]
    fn the_width_follows_the_diagonal() {
        let scores = BoundaryIou::new(&palette(), BOUNDARY_RATIO);
        assert_eq!(scores.distance([300, 400]), 10);
        assert_eq!(scores.distance([1024, 2048]), 46);
        assert_eq!(scores.distance([3, 3]), 1);
    }

    #[test]
    fn what_lies_on_void_is_cut_out_of_both() {
        let truth = [[0; 6], [255; 6], [1; 6], [1; 6]].concat();
        let prediction = [[0; 6], [2; 6], [1; 6], [1; 6]].concat();
        let mut scores = BoundaryIou::new(&palette(), THIN);
        scores.add(&truth, &prediction, [4, 6]).unwrap();
        assert_eq!(
            [0, 1, 2].map(|class| scores.iou(class)),
            [Some(1.0), Some(1.0), None]
        );
        assert_eq!(scores.mean(), Some(1.0));
    }

    proptest! {
        #[test]
        fn near_is_what_a_window_sees(
            values in proptest::collection::vec(0_u8..2, 12 * 15),
            distance in 1_usize..4,
        ) {
            let found = near_boundary(&values, [12, 15], distance);
            for (at, near) in found.into_iter().enumerate() {
                let (y, x) = ((at / 15) as i64, (at % 15) as i64);
                let reach = distance as i64;
                let differs = |dy: i64, dx: i64| {
                    let (y, x) = (y + dy, x + dx);
                    let inside = (0..12).contains(&y) && (0..15).contains(&x);
                    !inside || values[(y * 15 + x) as usize] != values[at]
                };
                let expected = (-reach..=reach).any(|dy| (-reach..=reach).any(|dx| differs(dy, dx)));
                prop_assert_eq!(near, expected);
            }
        }

        #[test]
        fn wide_boundaries_are_the_whole_and_so_is_their_iou(
            pixels in proptest::collection::vec((0_u8..3, 0_u8..3), 64),
        ) {
            let (truth, prediction): (Vec<u8>, Vec<u8>) = pixels.into_iter().unzip();
            let mut boundary = BoundaryIou::new(&palette(), 1.0);
            boundary.add(&truth, &prediction, [8, 8]).unwrap();
            let mut matrix = super::super::ConfusionMatrix::new(3);
            matrix.add(&truth, &prediction).unwrap();
            for class in 0..3 {
                prop_assert_eq!(boundary.iou(class), matrix.iou(class));
            }
        }
    }
}
