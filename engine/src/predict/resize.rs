//! Resizing with aligned corners, in float32 as TensorFlow does it.
//!
//! The centres of corner pixels stay corners: output pixel i looks at the input's place
//! i * (in - 1) / (out - 1). Sizes are `[height, width]`, pixels row by row.

use std::ops::Range;

use rayon::prelude::*;

use crate::network::resize::{Sampling, Tap};

/// What one step on the new axis is on the old one.
fn scale(from: usize, to: usize) -> f32 {
    if to > 1 {
        from.saturating_sub(1) as f32 / (to - 1) as f32
    } else {
        from as f32 / to as f32
    }
}

/// Where each of `to` pixels looks on an axis of `from` pixels, between pixels.
fn taps(from: usize, to: usize) -> Vec<Tap> {
    Sampling::AlignedCorners.taps(from, to)
}

/// Which of `from` pixels each of `to` pixels takes; halves round up.
pub fn nearest(from: usize, to: usize) -> Vec<usize> {
    let scale = scale(from, to);
    let last = from.saturating_sub(1);
    (0..to)
        .map(|index| ((index as f32 * scale).round() as usize).min(last))
        .collect()
}

/// Resizes pixels `[height, width, channels]`; bilinear.
///
/// As TensorFlow's `resize_bilinear(align_corners=True)`: across first, then down, in float32.
pub fn bilinear_align_corners<T>(
    pixels: &[T],
    channels: usize,
    from: [usize; 2],
    to: [usize; 2],
) -> Vec<f32>
where
    T: Copy + Into<f32> + Sync,
{
    bilinear_window(pixels, channels, from, to, to.map(|side| 0..side))
}

/// The part of [`bilinear_align_corners`]' result in the rows and columns of `window`, without
/// the rest of it.
pub fn bilinear_window<T>(
    pixels: &[T],
    channels: usize,
    from: [usize; 2],
    to: [usize; 2],
    window: [Range<usize>; 2],
) -> Vec<f32>
where
    T: Copy + Into<f32> + Sync,
{
    let old_row = from[1] * channels;
    let [rows, columns] = window;
    if from == to {
        let across = columns.start * channels..columns.end * channels;
        let rows = rows.map(|row| &pixels[row * old_row..][across.clone()]);
        return rows.flatten().map(|value| (*value).into()).collect();
    }
    let rows = &taps(from[0], to[0])[rows];
    let columns = &taps(from[1], to[1])[columns];
    let mut resized = vec![0.0; rows.len() * columns.len() * channels];
    let new_row = (columns.len() * channels).max(1);
    resized
        .par_chunks_mut(new_row)
        .zip(rows)
        .for_each(|(out, row)| {
            let above = &pixels[row.low * old_row..][..old_row];
            let below = &pixels[row.high * old_row..][..old_row];
            for (out, column) in out.chunks_exact_mut(channels).zip(columns) {
                let across = |row: &[T], channel: usize| {
                    let left: f32 = row[column.low * channels + channel].into();
                    let right: f32 = row[column.high * channels + channel].into();
                    left + (right - left) * column.part
                };
                for (channel, out) in out.iter_mut().enumerate() {
                    let (top, bottom) = (across(above, channel), across(below, channel));
                    *out = top + (bottom - top) * row.part;
                }
            }
        });
    resized
}

/// What `resize_to_range` brings images to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResizeRange {
    /// Pixels of the shorter side (`min_resize_value`).
    pub min: usize,
    /// Pixels that the longer side has at most, whatever the shorter one comes to
    /// (`max_resize_value`).
    pub max: Option<usize>,
    /// Sides become a multiple of this, plus 1 (`resize_factor`).
    pub factor: Option<usize>,
}

/// `resize_to_range`: the size `[height, width]` that images of the size `from` are resized to.
/// In single precision, as the original has it.
pub fn size_in_range(from: [usize; 2], range: ResizeRange) -> [usize; 2] {
    let (height, width) = (from[0] as f32, from[1] as f32);
    let scaled = |scale: f32| [(height * scale) as usize, (width * scale) as usize];
    let factor = range.factor.map(|factor| factor.max(1));
    let mut size = scaled(range.min as f32 / height.min(width));
    if let Some(most) = range.max {
        let most = factor.map_or(most, |factor| most - most.saturating_sub(1) % factor);
        if size[0].max(size[1]) > most {
            size = scaled(most as f32 / height.max(width));
        }
    }
    size.map(|side| {
        let side = side.max(1);
        side + factor.map_or(0, |factor| (factor - (side - 1) % factor) % factor)
    })
}

/// Resizes a label map, or any map of bytes; each pixel takes the nearest.
pub fn nearest_align_corners(values: &[u8], from: [usize; 2], to: [usize; 2]) -> Vec<u8> {
    if from == to {
        return values.to_vec();
    }
    let (rows, columns) = (nearest(from[0], to[0]), nearest(from[1], to[1]));
    let mut resized = vec![0; to[0] * to[1]];
    resized
        .par_chunks_mut(to[1].max(1))
        .zip(&rows)
        .for_each(|(out, row)| {
            let source = &values[row * from[1]..][..from[1]];
            for (out, column) in out.iter_mut().zip(&columns) {
                *out = source[*column];
            }
        });
    resized
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn corners_stay_and_the_middle_is_between() {
        let resized = bilinear_align_corners(&[0_u8, 10, 20, 30], 1, [2, 2], [3, 3]);
        assert_eq!(resized, [0., 5., 10., 10., 15., 20., 20., 25., 30.]);
    }

    #[test]
    fn a_window_is_a_part_of_the_whole() {
        let pixels: Vec<u8> = (0..5 * 4 * 2).map(|v| v * 3 % 101).collect();
        for to in [[5, 4], [9, 7], [3, 4]] {
            let whole = bilinear_align_corners(&pixels, 2, [5, 4], to);
            let part = bilinear_window(&pixels, 2, [5, 4], to, [1..3, 2..4]);
            let expected: Vec<f32> = (1..3)
                .flat_map(|row| &whole[(row * to[1] + 2) * 2..][..4])
                .copied()
                .collect();
            assert_eq!(part, expected, "{to:?}");
        }
    }

    fn in_range(from: [usize; 2], min: usize, max: usize, factor: Option<usize>) -> [usize; 2] {
        let max = (max > 0).then_some(max);
        size_in_range(from, ResizeRange { min, max, factor })
    }

    #[test]
    fn the_small_side_is_met_unless_the_large_one_would_be_too_long() {
        assert_eq!(in_range([300, 120], 200, 1000, None), [500, 200]);
        assert_eq!(in_range([300, 120], 200, 400, None), [400, 160]);
        assert_eq!(in_range([77, 91], 50, 0, None), [50, 59]);
        assert_eq!(in_range([375, 500], 513, 513, Some(16)), [385, 513]);
    }

    #[test]
    fn no_size_is_too_small_for_a_factor() {
        assert_eq!(in_range([1, 300], 1, 10, Some(16)), [1, 1]);
    }

    #[test]
    fn a_half_rounds_up() {
        assert_eq!(nearest(2, 3), [0, 1, 1]);
        assert_eq!(nearest(9, 4), [0, 3, 5, 8]);
        assert_eq!(nearest(6, 1), [0]);
        assert_eq!(nearest(1, 3), [0, 0, 0]);
    }

    proptest! {
        #[test]
        fn every_place_lies_on_the_axis(from in 1_usize..3000, to in 1_usize..3000) {
            for tap in taps(from, to) {
                prop_assert!(tap.low <= tap.high && tap.high < from);
                prop_assert!((0.0..=1.0).contains(&tap.part));
            }
            prop_assert!(nearest(from, to).iter().all(|index| *index < from));
            prop_assert_eq!(nearest(from, from), (0..from).collect::<Vec<_>>());
        }
    }
}
