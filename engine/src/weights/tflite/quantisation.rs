//! Numbers of 8 or 32 bits as the real values they stand for.
//!
//! TensorFlow Lite's 8-bit quantization specification: real = scale * (number - zero point), with
//! one scale for a tensor or one for each slice along an axis.

use super::flatbuffer::{Damage, Table};

/// Scales and zero points of a tensor; as they lie in the file, so that a hostile one can't grow.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Quantisation<'a> {
    /// `f32`, little-endian; none for a tensor that is not quantised.
    scales: &'a [[u8; 4]],
    /// `i64`, little-endian; none means 0.
    zero_points: &'a [[u8; 8]],
    axis: i32,
}

impl<'a> Quantisation<'a> {
    /// Reads the schema's `QuantizationParameters`.
    pub(super) fn read(table: &Table<'a>) -> Result<Self, Damage> {
        Ok(Self {
            scales: table.arrays(2)?,
            zero_points: table.arrays(3)?,
            axis: table.i32(6, 0)?,
        })
    }

    /// Whether there is a scale.
    pub(super) fn is_given(&self) -> bool {
        !self.scales.is_empty()
    }

    fn scale(&self, index: usize) -> Option<f32> {
        let scale = f32::from_le_bytes(*self.scales.get(index)?);
        scale.is_finite().then_some(scale)
    }

    fn zero_point(&self, index: usize) -> Option<i64> {
        match self.zero_points {
            [] => Some(0),
            points => points.get(index).map(|point| i64::from_le_bytes(*point)),
        }
    }

    /// Scale and zero point, if they are the same for the whole tensor.
    pub(super) fn whole(&self) -> Option<(f32, i64)> {
        (self.scales.len() == 1).then_some((self.scale(0)?, self.zero_point(0)?))
    }

    /// The scale of each of `channels`: the whole tensor's, or its own along `axis`.
    pub(super) fn scales_along(&self, axis: usize, channels: usize) -> Option<Vec<f32>> {
        if let Some((scale, _)) = self.whole() {
            return Some(vec![scale; channels]);
        }
        let fits = self.scales.len() == channels && usize::try_from(self.axis) == Ok(axis);
        fits.then(|| (0..channels).map(|index| self.scale(index)).collect())?
    }

    /// The real values of `numbers`, a tensor of `shape`; `None` if the scales don't fit it.
    pub(super) fn dequantise(
        &self,
        numbers: impl Iterator<Item = i32>,
        shape: &[usize],
    ) -> Option<Vec<f32>> {
        let real = |number: i32, scale: f32, zero_point: i64| {
            // Numbers have 32 bits at most; a zero point of more is nonsense, not an overflow.
            scale * (i64::from(number).saturating_sub(zero_point)) as f32
        };
        if let Some((scale, zero_point)) = self.whole() {
            return Some(numbers.map(|n| real(n, scale, zero_point)).collect());
        }
        let axis = usize::try_from(self.axis).ok()?;
        let channels = *shape.get(axis)?;
        if self.scales.len() != channels || ![0, 1, channels].contains(&self.zero_points.len()) {
            return None;
        }
        let parameters: Vec<(f32, i64)> = (0..channels)
            .map(|index| {
                let shared = self.zero_points.len() == 1;
                let zero_point = self.zero_point(if shared { 0 } else { index })?;
                Some((self.scale(index)?, zero_point))
            })
            .collect::<Option<_>>()?;
        let inner: usize = shape[axis + 1..].iter().product();
        let values = numbers.enumerate().map(|(place, number)| {
            let (scale, zero_point) = parameters[place / inner % channels];
            real(number, scale, zero_point)
        });
        Some(values.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize, T>(values: &[T], to: impl Fn(&T) -> [u8; N]) -> Vec<[u8; N]> {
        values.iter().map(to).collect()
    }

    #[test]
    fn one_scale_is_for_every_value() {
        let (scales, points) = ([0.5_f32.to_le_bytes()], [128_i64.to_le_bytes()]);
        let quantisation = Quantisation {
            scales: &scales,
            zero_points: &points,
            axis: 0,
        };
        let values = quantisation.dequantise([0, 128, 255].into_iter(), &[3]);
        assert_eq!(values, Some(vec![-64.0, 0.0, 63.5]));
        assert_eq!(quantisation.scales_along(0, 2), Some(vec![0.5, 0.5]));
    }

    #[test]
    fn scales_along_an_axis_are_for_their_slices() {
        let scales = bytes(&[1.0_f32, 10.0], |scale| scale.to_le_bytes());
        let points = bytes(&[0_i64, 1], |point| point.to_le_bytes());
        let along = |axis| Quantisation {
            scales: &scales,
            zero_points: &points,
            axis,
        };
        let numbers = || [1, 2, 3, 4].into_iter();
        let rows = along(0).dequantise(numbers(), &[2, 2]);
        assert_eq!(rows, Some(vec![1.0, 2.0, 20.0, 30.0]));
        let columns = along(1).dequantise(numbers(), &[2, 2]);
        assert_eq!(columns, Some(vec![1.0, 10.0, 3.0, 30.0]));
        assert_eq!(along(1).scales_along(1, 2), Some(vec![1.0, 10.0]));
        assert_eq!(along(1).scales_along(0, 2), None);
    }

    #[test]
    fn scales_that_do_not_fit_are_refused() {
        let scales = bytes(&[1.0_f32, 10.0], |scale| scale.to_le_bytes());
        let along = |axis| Quantisation {
            scales: &scales,
            zero_points: &[],
            axis,
        };
        let numbers = || [1, 2, 3].into_iter();
        assert_eq!(along(0).dequantise(numbers(), &[3]), None);
        assert_eq!(along(7).dequantise(numbers(), &[3]), None);
        assert_eq!(along(-1).dequantise(numbers(), &[3]), None);
        assert_eq!(Quantisation::default().dequantise(numbers(), &[3]), None);
        let infinite = [f32::INFINITY.to_le_bytes()];
        let quantisation = Quantisation {
            scales: &infinite,
            ..Quantisation::default()
        };
        assert_eq!(quantisation.dequantise(numbers(), &[3]), None);
    }

    #[test]
    fn absurd_zero_points_do_not_overflow() {
        let (scales, points) = ([1.0_f32.to_le_bytes()], [i64::MIN.to_le_bytes()]);
        let quantisation = Quantisation {
            scales: &scales,
            zero_points: &points,
            axis: 0,
        };
        let values = quantisation.dequantise([1].into_iter(), &[1]).unwrap();
        assert!(values[0].is_finite());
    }
}
