//! Bilinear resizing, everywhere differentiable.

use burn::tensor::{Device, Tensor, TensorData};

/// How pixels of one size lie on those of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sampling {
    /// The centres of corner pixels stay corners, as `align_corners=True` has it: pixel i looks at
    /// i * (from - 1) / (to - 1).
    #[default]
    AlignedCorners,
    /// The edges of the image stay edges, as PyTorch's `align_corners=False` has it: pixel i looks
    /// at (i + 0.5) * from / to - 0.5, and not beyond the first and the last pixel.
    HalfPixels,
}

/// A place between two pixels of an axis: `low + (high - low) * part`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tap {
    /// The pixel before the place.
    pub low: usize,
    /// The pixel behind it; the last one at the end.
    pub high: usize,
    /// How far the place is from `low` towards `high`, 0 to 1.
    pub part: f32,
}

impl Sampling {
    /// Where each of `to` pixels looks on an axis of `from` pixels, between pixels; in float32 as
    /// TensorFlow and PyTorch have it.
    pub fn taps(self, from: usize, to: usize) -> Vec<Tap> {
        let last = from.saturating_sub(1);
        let place = |index: usize| match self {
            Self::AlignedCorners if to > 1 => index as f32 * (last as f32 / (to - 1) as f32),
            Self::AlignedCorners => 0.0,
            Self::HalfPixels => {
                let scale = from as f32 / to as f32;
                ((index as f32 + 0.5) * scale - 0.5).max(0.0)
            }
        };
        let tap = |place: f32| {
            let low = (place as usize).min(last);
            Tap {
                low,
                high: (low + 1).min(last),
                part: place - low as f32,
            }
        };
        (0..to).map(|index| tap(place(index))).collect()
    }
}

/// Resizes `[n, c, h, w]` to `[n, c, size[0], size[1]]`; the corner pixels' centres stay corners.
pub fn bilinear_align_corners(images: Tensor<4>, size: [usize; 2]) -> Tensor<4> {
    bilinear(images, size, Sampling::AlignedCorners)
}

/// Resizes `[n, c, h, w]` to `[n, c, size[0], size[1]]`.
///
/// Two products with constant matrices, because burn's own resizing has no backward pass on GPUs.
pub fn bilinear(images: Tensor<4>, size: [usize; 2], sampling: Sampling) -> Tensor<4> {
    let [n, c, height, width] = images.dims();
    if [height, width] == size {
        return images;
    }
    if n == 0 {
        return Tensor::empty([n, c, size[0], size[1]], &images.device());
    }
    if [height, width] == [1, 1] {
        return images.expand([n, c, size[0], size[1]]);
    }
    let device = images.device();
    let wide = if width == size[1] {
        images
    } else {
        let columns = interpolation(width, size[1], sampling, &device).transpose();
        images
            .reshape([n * c * height, width])
            .matmul(columns)
            .reshape([n, c, height, size[1]])
    };
    if height == size[0] {
        return wide;
    }
    let rows = interpolation(height, size[0], sampling, &device);
    rows.unsqueeze::<4>().matmul(wide)
}

/// The matrix `[to, from]` that resizes a column of `from` values to `to`.
fn interpolation(from: usize, to: usize, sampling: Sampling, device: &Device) -> Tensor<2> {
    let mut matrix = vec![0.0; from * to];
    let rows = matrix.chunks_exact_mut(from);
    for (weights, tap) in rows.zip(sampling.taps(from, to)) {
        weights[tap.low] += 1.0 - tap.part;
        weights[tap.high] += tap.part;
    }
    Tensor::from_data(TensorData::new(matrix, [to, from]), device)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resize(values: Vec<f32>, from: [usize; 2], to: [usize; 2]) -> Vec<f32> {
        let shape = [1, 1, from[0], from[1]];
        let image = Tensor::from_data(TensorData::new(values, shape), &Device::flex());
        let resized = bilinear_align_corners(image, to);
        assert_eq!(resized.dims(), [1, 1, to[0], to[1]]);
        resized.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn keeps_corners_and_halves_between() {
        let values = resize(vec![0.0, 2.0, 4.0, 6.0], [2, 2], [3, 3]);
        assert_eq!(values, [0.0, 1.0, 2.0, 2.0, 3.0, 4.0, 4.0, 5.0, 6.0]);
    }

    #[test]
    fn shrinks_to_the_corners() {
        let values = resize((0_u8..9).map(f32::from).collect(), [3, 3], [2, 2]);
        assert_eq!(values, [0.0, 2.0, 6.0, 8.0]);
    }

    #[test]
    fn a_single_pixel_fills_and_a_single_output_takes_the_first() {
        assert_eq!(resize(vec![3.0], [1, 1], [2, 3]), [3.0; 6]);
        assert_eq!(resize(vec![1.0, 5.0, 9.0], [3, 1], [1, 1]), [1.0]);
        assert_eq!(resize(vec![1.0, 3.0], [1, 2], [1, 3]), [1.0, 2.0, 3.0]);
    }
    #[test]
    fn half_pixels_keep_the_edges() {
        let places = |from, to| {
            let taps = Sampling::HalfPixels.taps(from, to).into_iter();
            taps.map(|tap| tap.low as f32 + tap.part * (tap.high - tap.low) as f32)
                .collect::<Vec<_>>()
        };
        assert_eq!(places(2, 4), [0.0, 0.25, 0.75, 1.0]);
        assert_eq!(places(4, 2), [0.5, 2.5]);
        assert_eq!(places(3, 3), [0.0, 1.0, 2.0]);
        assert_eq!(places(1, 3), [0.0; 3]);
    }
}
