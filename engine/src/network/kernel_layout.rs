//! Kernels between TensorFlow's layout and the network's.

use super::variable::Kind;

/// The shape and values of a variable in the network, from those in TensorFlow.
///
/// Kernels turn from `[kh, kw, in, out]` to `[out, in, kh, kw]`, depthwise ones from
/// `[kh, kw, channels, 1]` to `[channels, 1, kh, kw]`; vectors stay. `values` fills `shape`.
pub(crate) fn to_network(kind: Kind, shape: &[usize], values: &[f32]) -> (Vec<usize>, Vec<f32>) {
    match kind {
        Kind::Weights | Kind::PointwiseWeights => permute(shape, values, [3, 2, 0, 1]),
        Kind::DepthwiseWeights => permute(shape, values, [2, 3, 0, 1]),
        _ => (shape.to_vec(), values.to_vec()),
    }
}

/// The inverse of [`to_network`]: `shape` and `values` as in the network.
pub(crate) fn to_tensorflow(kind: Kind, shape: &[usize], values: &[f32]) -> (Vec<usize>, Vec<f32>) {
    match kind {
        Kind::Weights | Kind::PointwiseWeights => permute(shape, values, [2, 3, 1, 0]),
        Kind::DepthwiseWeights => permute(shape, values, [2, 3, 0, 1]),
        _ => (shape.to_vec(), values.to_vec()),
    }
}

/// Dimension i of the result is dimension `axes[i]` of the source.
fn permute(shape: &[usize], values: &[f32], axes: [usize; 4]) -> (Vec<usize>, Vec<f32>) {
    let strides = [
        shape[1] * shape[2] * shape[3],
        shape[2] * shape[3],
        shape[3],
        1,
    ];
    let [a, b, c, d] = axes.map(|axis| shape[axis]);
    let [step_a, step_b, step_c, step_d] = axes.map(|axis| strides[axis]);
    let mut permuted = Vec::with_capacity(values.len());
    for i in 0..a {
        for j in 0..b {
            for k in 0..c {
                let start = i * step_a + j * step_b + k * step_c;
                permuted.extend((0..d).map(|l| values[start + l * step_d]));
            }
        }
    }
    (vec![a, b, c, d], permuted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_kernels_turn_and_turn_back() {
        let values: Vec<f32> = (0_u8..2 * 3 * 4 * 5).map(f32::from).collect();
        let (shape, turned) = to_network(Kind::Weights, &[2, 3, 4, 5], &values);
        assert_eq!(shape, [5, 4, 2, 3]);
        // [out 1, in 2, row 1, column 0] was [row 1, column 0, in 2, out 1].
        let here = ((4 + 2) * 2 + 1) * 3;
        let there = ((3 * 4) + 2) * 5 + 1;
        assert_eq!(turned[here], values[there]);
        let back = to_tensorflow(Kind::Weights, &shape, &turned);
        assert_eq!(back, (vec![2, 3, 4, 5], values));
    }

    #[test]
    fn depthwise_kernels_turn_and_turn_back() {
        let values: Vec<f32> = (0_u8..3 * 3 * 4).map(f32::from).collect();
        let (shape, turned) = to_network(Kind::DepthwiseWeights, &[3, 3, 4, 1], &values);
        assert_eq!(shape, [4, 1, 3, 3]);
        assert_eq!(
            turned[..9],
            [0.0, 4.0, 8.0, 12.0, 16.0, 20.0, 24.0, 28.0, 32.0]
        );
        let back = to_tensorflow(Kind::DepthwiseWeights, &shape, &turned);
        assert_eq!(back, (vec![3, 3, 4, 1], values));
    }
}
