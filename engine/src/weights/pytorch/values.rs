//! The numbers of a tensor, taken out of its storage.

use half::{bf16, f16};

use super::fault::{Fault, Result, check};
use super::object::{Number, Tensor};
use crate::limits::Limits;
use crate::weights::NamedTensor;

/// Which end of a number comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

/// More dimensions than any network's tensors have.
const DIMENSIONS: u64 = 16;

impl Tensor<'_> {
    /// How many numbers it has, within the limits.
    pub(super) fn count(&self, limits: &Limits) -> Result<u64> {
        check("a tensor's dimensions", self.shape.len() as u64, DIMENSIONS)?;
        let limit = limits.tensor_values as u64;
        let product = |shape: &[u64]| {
            let mut sides = shape.iter();
            sides.try_fold(1_u64, |product, side| product.checked_mul(*side))
        };
        let count = product(&self.shape).unwrap_or(u64::MAX);
        check("values in one tensor", count, limit)?;
        Ok(count)
    }

    /// The tensor as float32, row by row, from the `bytes` of its storage; `None` if its numbers
    /// are whole ones.
    pub(super) fn read(
        &self,
        bytes: &[u8],
        order: ByteOrder,
        limits: &Limits,
    ) -> Result<Option<NamedTensor>> {
        let count = self.count(limits)?;
        let places = self.places(count, bytes.len() / self.storage.number.bytes())?;
        let values = match self.storage.number {
            Number::Float64 => gather(bytes, &places, order, |b| f64::from_le_bytes(b) as f32),
            Number::Float32 => gather(bytes, &places, order, f32::from_le_bytes),
            Number::Float16 => gather(bytes, &places, order, |b| f16::from_le_bytes(b).to_f32()),
            Number::Bfloat16 => gather(bytes, &places, order, |b| bf16::from_le_bytes(b).to_f32()),
            Number::Whole(_) => return Ok(None),
        };
        // `count` fits in memory, so each side does.
        let shape = self.shape.iter().map(|side| *side as usize).collect();
        Ok(Some(NamedTensor { shape, values }))
    }

    /// Where in its storage of `length` numbers the tensor's `count` numbers lie.
    fn places(&self, count: u64, length: usize) -> Result<Places> {
        const LEAVES: Fault = Fault::Damaged("a tensor that leaves its storage");
        let first = self.storage.offset.checked_add(self.offset);
        let first = first.ok_or(LEAVES)?;
        let reach = self.shape.iter().zip(&self.strides);
        let last = reach
            .filter(|_| count > 0)
            .try_fold(first, |last, (side, stride)| {
                last.checked_add((side - 1).checked_mul(*stride)?)
            });
        let last = usize::try_from(last.ok_or(LEAVES)?).map_err(|_| LEAVES)?;
        if count > 0 && last >= length {
            return Err(LEAVES);
        }
        Ok(Places {
            first: first as usize,
            count: count as usize,
            shape: self.shape.iter().map(|side| *side as usize).collect(),
            strides: self.strides.iter().map(|stride| *stride as usize).collect(),
        })
    }
}

/// Places within a storage, all of which have been found to lie inside.
struct Places {
    first: usize,
    count: usize,
    shape: Vec<usize>,
    strides: Vec<usize>,
}

impl Places {
    /// Whether the numbers follow each other without gaps.
    fn is_run(&self) -> bool {
        let mut expected = 1;
        let dimensions = self.shape.iter().zip(&self.strides).rev();
        for (&side, &stride) in dimensions.filter(|(side, _)| **side != 1) {
            if stride != expected {
                return false;
            }
            expected *= side;
        }
        true
    }

    /// The place of the number at `index`, counted row by row.
    fn of(&self, mut index: usize) -> usize {
        let mut place = self.first;
        for (&side, &stride) in self.shape.iter().zip(&self.strides).rev() {
            place += index % side * stride;
            index /= side;
        }
        place
    }
}

fn gather<const N: usize>(
    bytes: &[u8],
    places: &Places,
    order: ByteOrder,
    convert: impl Fn([u8; N]) -> f32,
) -> Vec<f32> {
    let (numbers, _) = bytes.as_chunks::<N>();
    let convert = |number: &[u8; N]| {
        let mut number = *number;
        if order == ByteOrder::Big {
            number.reverse();
        }
        convert(number)
    };
    if places.count == 0 {
        Vec::new()
    } else if places.is_run() {
        numbers[places.first..][..places.count]
            .iter()
            .map(convert)
            .collect()
    } else {
        (0..places.count)
            .map(|index| convert(&numbers[places.of(index)]))
            .collect()
    }
}
