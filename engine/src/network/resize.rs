//! Bilinear resizing with aligned corners, everywhere differentiable.

use burn::tensor::{Device, Tensor, TensorData};

/// Resizes `[n, c, h, w]` to `[n, c, size[0], size[1]]`; the corner pixels' centres stay corners.
///
/// Two products with constant matrices, because burn's own resizing has no backward pass on GPUs.
/// As TensorFlow's `resize_bilinear(align_corners=True)`: output i reads input position
/// i * (in - 1) / (out - 1).
pub fn bilinear_align_corners(images: Tensor<4>, size: [usize; 2]) -> Tensor<4> {
    let [n, c, height, width] = images.dims();
    if [height, width] == size {
        return images;
    }
    if [height, width] == [1, 1] {
        return images.expand([n, c, size[0], size[1]]);
    }
    let device = images.device();
    let wide = if width == size[1] {
        images
    } else {
        let columns = interpolation(width, size[1], &device).transpose();
        images
            .reshape([n * c * height, width])
            .matmul(columns)
            .reshape([n, c, height, size[1]])
    };
    if height == size[0] {
        return wide;
    }
    let rows = interpolation(height, size[0], &device);
    rows.unsqueeze::<4>().matmul(wide)
}

/// The matrix `[to, from]` that resizes a column of `from` values to `to`.
fn interpolation(from: usize, to: usize, device: &Device) -> Tensor<2> {
    let scale = if to > 1 {
        (from - 1) as f32 / (to - 1) as f32
    } else {
        0.0
    };
    let mut matrix = vec![0.0; from * to];
    for (row, weights) in matrix.chunks_exact_mut(from).enumerate() {
        let position = row as f32 * scale;
        let below = (position as usize).min(from - 1);
        let above = (below + 1).min(from - 1);
        let share = position - below as f32;
        weights[below] += 1.0 - share;
        weights[above] += share;
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
}
