//! What TensorFlow's files share: shapes and element types (tensorflow/core/framework).

use half::{bf16, f16};

use super::numbers::each;
use super::protobuf::{Malformed, fields};

/// The dimensions of a tensor (`TensorShapeProto`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct TensorShape {
    /// -1 where one is not known.
    pub(super) sides: Vec<i64>,
    pub(super) unknown_rank: bool,
}

impl TensorShape {
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut shape = Self::default();
        for field in fields(bytes) {
            match field? {
                (2, dimension) => {
                    let mut side = 0;
                    for field in fields(dimension.bytes()?) {
                        if let (1, size) = field? {
                            side = size.int()?;
                        }
                    }
                    shape.sides.push(side);
                }
                (3, unknown) => shape.unknown_rank = unknown.int()? != 0,
                _ => {}
            }
        }
        Ok(shape)
    }

    /// The dimensions and how many values they hold, if all are known and the product can be.
    pub(super) fn known(&self) -> Option<(Vec<usize>, usize)> {
        let sides = self.sides.iter().map(|side| usize::try_from(*side).ok());
        let shape: Vec<usize> = sides.collect::<Option<_>>()?;
        let count = shape
            .iter()
            .try_fold(1_usize, |count, side| count.checked_mul(*side))?;
        (!self.unknown_rank).then_some((shape, count))
    }
}

/// The element types that readers know (`DataType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum DataType {
    /// Any other.
    #[default]
    Other,
    /// 32-bit floating point.
    Float,
    /// 64-bit floating point.
    Double,
    /// 32-bit whole numbers.
    Int32,
    /// 64-bit whole numbers.
    Int64,
    /// The upper half of a 32-bit floating point number.
    Bfloat16,
    /// 16-bit floating point.
    Half,
}

impl DataType {
    /// The type of that number.
    pub(super) fn of(number: i64) -> Self {
        match number {
            1 => Self::Float,
            2 => Self::Double,
            3 => Self::Int32,
            9 => Self::Int64,
            14 => Self::Bfloat16,
            19 => Self::Half,
            _ => Self::Other,
        }
    }

    /// Bytes of one floating point value, or `None` where values are none.
    pub(super) fn float_width(self) -> Option<usize> {
        match self {
            Self::Bfloat16 | Self::Half => Some(2),
            Self::Float => Some(4),
            Self::Double => Some(8),
            Self::Int32 | Self::Int64 | Self::Other => None,
        }
    }

    /// Little-endian values as float32; none where they are no floating point numbers.
    pub(super) fn floats(self, bytes: &[u8]) -> Vec<f32> {
        match self {
            Self::Float => each(bytes, f32::from_le_bytes),
            Self::Double => each(bytes, |b| f64::from_le_bytes(b) as f32),
            Self::Half => each(bytes, |b| f16::from_le_bytes(b).to_f32()),
            Self::Bfloat16 => each(bytes, |b| bf16::from_le_bytes(b).to_f32()),
            Self::Int32 | Self::Int64 | Self::Other => Vec::new(),
        }
    }
}

/// Writing them, for the tests of readers.
#[cfg(test)]
pub(super) mod writing {
    use super::{DataType, TensorShape};
    use crate::weights::protobuf::writing::{bytes, number};

    impl DataType {
        pub(in crate::weights) fn number(self) -> i64 {
            (0..20).find(|number| Self::of(*number) == self).unwrap()
        }
    }

    impl TensorShape {
        pub(in crate::weights) fn of(sides: &[usize]) -> Self {
            Self {
                sides: sides.iter().map(|side| *side as i64).collect(),
                unknown_rank: false,
            }
        }

        pub(in crate::weights) fn encode(&self) -> Vec<u8> {
            let mut message = Vec::new();
            for side in &self.sides {
                let mut dimension = Vec::new();
                dimension.extend(number(1, *side));
                message.extend(bytes(2, &dimension));
            }
            message.extend(number(3, i64::from(self.unknown_rank)));
            message
        }
    }
}
