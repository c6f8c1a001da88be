//! The values of constants.

use half::{bf16, f16};

use super::messages::Constant;
use crate::weights::NamedTensor;
use crate::weights::numbers::each;
use crate::weights::tensorflow_types::DataType;

/// Why a constant has no values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// Its shape is unknown, or its values don't fill it.
    Unfilled(String),
    /// It has this many values, more than allowed.
    TooLarge(usize),
}

impl Constant<'_> {
    /// The values as float32, or `None` where they are no floating point numbers.
    ///
    /// At most `spare` values may be made from a last one that goes on, and are taken from it.
    ///
    /// # Errors
    /// [`Fault`] where they don't fill the shape, or are more than `limit`.
    pub(super) fn floats(
        &self,
        limit: usize,
        spare: &mut usize,
    ) -> Result<Option<NamedTensor>, Fault> {
        if self.dtype.float_width().is_none() {
            return Ok(None);
        }
        let (shape, count) = self.filled_shape(limit)?;
        let values = if self.content.is_empty() {
            self.listed()
        } else {
            self.dtype.floats(self.content)
        };
        let made = count.saturating_sub(values.len());
        *spare = spare.checked_sub(made).ok_or(Fault::TooLarge(count))?;
        let found = values.len();
        let values = fill(values, count)
            .ok_or_else(|| Fault::Unfilled(format!("{found} values for {shape:?}")))?;
        Ok(Some(NamedTensor { shape, values }))
    }

    /// A few whole numbers, such as a size; `None` where they are none, or more than `limit`.
    pub(super) fn integers(&self, limit: usize) -> Option<Vec<i64>> {
        let (_, count) = self.filled_shape(limit).ok()?;
        let values = match self.dtype {
            DataType::Int32 | DataType::Int64 if self.content.is_empty() => self.ints.clone(),
            DataType::Int32 => each(self.content, |b| i64::from(i32::from_le_bytes(b))),
            DataType::Int64 => each(self.content, i64::from_le_bytes),
            _ => return None,
        };
        fill(values, count)
    }

    fn filled_shape(&self, limit: usize) -> Result<(Vec<usize>, usize), Fault> {
        let known = self.shape.known();
        let (shape, count) =
            known.ok_or_else(|| Fault::Unfilled(format!("the shape {:?}", self.shape.sides)))?;
        if count > limit {
            return Err(Fault::TooLarge(count));
        }
        Ok((shape, count))
    }

    fn listed(&self) -> Vec<f32> {
        // Only the lower half of these numbers is used.
        let bits = self.ints.iter().map(|bits| *bits as u16);
        match self.dtype {
            DataType::Half => bits.map(|bits| f16::from_bits(bits).to_f32()).collect(),
            DataType::Bfloat16 => bits.map(|bits| bf16::from_bits(bits).to_f32()).collect(),
            _ => self.floats.clone(),
        }
    }
}

/// `values` made `count` long by repeating the last, or by zeros where there is none.
fn fill<T: Copy + Default>(mut values: Vec<T>, count: usize) -> Option<Vec<T>> {
    if values.len() > count {
        return None;
    }
    let last = values.last().copied().unwrap_or_default();
    values.resize(count, last);
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::tensorflow_types::TensorShape;

    fn constant(dtype: DataType, shape: &[i64]) -> Constant<'static> {
        Constant {
            dtype,
            shape: TensorShape {
                sides: shape.to_vec(),
                unknown_rank: false,
            },
            ..Constant::default()
        }
    }

    fn values(constant: &Constant) -> Vec<f32> {
        constant.floats(100, &mut 100).unwrap().unwrap().values
    }

    #[test]
    fn bytes_and_lists_give_values_and_the_last_goes_on() {
        let content = [1.5_f32, -2.0].map(f32::to_le_bytes).concat();
        let bytes = Constant {
            content: &content,
            ..constant(DataType::Float, &[2])
        };
        assert_eq!(values(&bytes), [1.5, -2.0]);
        let mut list = constant(DataType::Float, &[2, 2]);
        list.floats = vec![1.0, 2.0];
        assert_eq!(values(&list), [1.0, 2.0, 2.0, 2.0]);
        assert_eq!(values(&constant(DataType::Float, &[3])), [0.0; 3]);
        let mut half = constant(DataType::Half, &[2]);
        half.ints = vec![i64::from(f16::from_f32(0.25).to_bits())];
        assert_eq!(values(&half), [0.25; 2]);
        let mut bfloat = constant(DataType::Bfloat16, &[]);
        bfloat.ints = vec![i64::from(bf16::from_f32(0.5).to_bits())];
        assert_eq!(values(&bfloat), [0.5]);
        assert_eq!(constant(DataType::Int32, &[1]).floats(9, &mut 9), Ok(None));
    }

    #[test]
    fn whole_numbers_come_from_both_widths() {
        let mut list = constant(DataType::Int32, &[2]);
        list.ints = vec![-7];
        assert_eq!(list.integers(9), Some(vec![-7, -7]));
        let content = 5_i64.to_le_bytes();
        let bytes = Constant {
            content: &content,
            ..constant(DataType::Int64, &[1])
        };
        assert_eq!(bytes.integers(9), Some(vec![5]));
        assert_eq!(constant(DataType::Float, &[1]).integers(9), None);
        assert_eq!(constant(DataType::Int32, &[10]).integers(9), None);
    }

    #[test]
    fn a_value_goes_on_only_so_far() {
        let mut spare = 5;
        let constant = constant(DataType::Float, &[3]);
        assert!(constant.floats(9, &mut spare).is_ok());
        assert_eq!(spare, 2);
        assert_eq!(constant.floats(9, &mut spare), Err(Fault::TooLarge(3)));
    }

    #[test]
    fn shapes_that_can_not_be_are_refused_before_anything_is_made() {
        let huge = constant(DataType::Float, &[1 << 40]).floats(1 << 20, &mut 9);
        assert_eq!(huge, Err(Fault::TooLarge(1 << 40)));
        for shape in [&[-1][..], &[1 << 40, 1 << 40]] {
            let fault = constant(DataType::Float, shape).floats(9, &mut 9);
            assert!(matches!(fault, Err(Fault::Unfilled(_))), "{fault:?}");
        }
        let mut full = constant(DataType::Float, &[1]);
        full.floats = vec![1.0, 2.0];
        assert!(full.floats(9, &mut 9).is_err());
    }
}
