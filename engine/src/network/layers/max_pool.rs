//! The largest value under a window.

use burn::tensor::Tensor;
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;

use crate::network::geometry::Padding;

/// `[n, c, h, w]` to `[n, c, h', w']`: the largest value under a window of `kernel` pixels a side,
/// moved by `stride`. What is padded never wins, so that features below 0 come through.
pub(crate) fn max_pool(
    features: Tensor<4>,
    kernel: usize,
    stride: usize,
    padding: Padding,
) -> Tensor<4> {
    let [_, _, height, width] = features.dims();
    let around = [height, width].map(|size| padding.zeros(size, kernel, stride, 1));
    let options = MaxPoolOptions::new([kernel; 2])
        .with_stride([stride; 2])
        .with_padding_pairs(around);
    max_pool2d(features, options)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    fn pooled(size: [usize; 2], kernel: usize, stride: usize) -> Vec<f32> {
        let count = u8::try_from(size[0] * size[1]).unwrap();
        let below_zero = (0..count).map(|v| f32::from(v) - 100.0).collect();
        let features = TensorData::new(below_zero, [1, 1, size[0], size[1]]);
        let features = Tensor::from_data(features, &Device::flex());
        let pooled = max_pool(features, kernel, stride, Padding::Same);
        let sides = size.map(|side| side.div_ceil(stride));
        assert_eq!(pooled.dims(), [1, 1, sides[0], sides[1]]);
        pooled.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn odd_sizes_are_padded_on_both_sides_and_even_ones_at_the_end() {
        let odd = pooled([3, 5], 3, 2);
        assert_eq!(odd, [-94.0, -92.0, -91.0, -89.0, -87.0, -86.0]);
        let even = pooled([4, 4], 3, 2);
        assert_eq!(even, [-90.0, -89.0, -86.0, -85.0]);
    }

    #[test]
    fn a_window_of_one_takes_every_other_pixel() {
        assert_eq!(pooled([3, 3], 1, 2), [-100.0, -98.0, -94.0, -92.0]);
    }
}
