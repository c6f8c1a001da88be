//! The messages in a checkpoint's index (tensorflow/core/protobuf/tensor_bundle.proto).

use crate::weights::protobuf::{Malformed, Value, fields};
use crate::weights::tensorflow_types::{DataType, TensorShape};

/// What stands under the empty key (`BundleHeaderProto`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Header {
    /// How many files hold the values.
    pub(super) shards: i64,
    /// 0 for little-endian values.
    pub(super) endianness: i64,
}

/// What stands under a variable's name, or a slice's key (`BundleEntryProto`).
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Entry {
    pub(super) dtype: DataType,
    pub(super) shape: TensorShape,
    pub(super) shard: i64,
    /// Where the values start in the shard.
    pub(super) offset: i64,
    /// How many bytes they take.
    pub(super) size: i64,
    /// Masked, of these bytes.
    pub(super) checksum: u32,
    /// Which slices a partitioned variable is stored in; each has an entry of its own.
    pub(super) slices: Vec<Slice>,
}

/// A part of a tensor (`TensorSliceProto`), by dimension.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Slice {
    pub(super) extents: Vec<Extent>,
}

/// A part of one dimension; all of it where there is no length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Extent {
    pub(super) start: i64,
    pub(super) length: Option<i64>,
}

impl Header {
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut header = Self::default();
        for field in fields(bytes) {
            match field? {
                (1, shards) => header.shards = shards.int()?,
                (2, endianness) => header.endianness = endianness.int()?,
                _ => {}
            }
        }
        Ok(header)
    }
}

impl Entry {
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut entry = Self::default();
        for field in fields(bytes) {
            match field? {
                (1, dtype) => entry.dtype = DataType::of(dtype.int()?),
                (2, shape) => entry.shape = TensorShape::decode(shape.bytes()?)?,
                (3, shard) => entry.shard = shard.int()?,
                (4, offset) => entry.offset = offset.int()?,
                (5, size) => entry.size = size.int()?,
                (6, Value::Four(checksum)) => entry.checksum = u32::from_le_bytes(checksum),
                (7, slice) => entry.slices.push(Slice::decode(slice.bytes()?)?),
                _ => {}
            }
        }
        Ok(entry)
    }
}

impl Slice {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut slice = Self::default();
        for field in fields(bytes) {
            if let (1, extent) = field? {
                slice.extents.push(Extent::decode(extent.bytes()?)?);
            }
        }
        Ok(slice)
    }
}

impl Extent {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut extent = Self::default();
        for field in fields(bytes) {
            match field? {
                (1, start) => extent.start = start.int()?,
                (2, length) => extent.length = Some(length.int()?),
                _ => {}
            }
        }
        Ok(extent)
    }
}

/// Writing them, for the tests of readers.
#[cfg(test)]
mod writing {
    use super::{Entry, Header};
    use crate::weights::protobuf::writing::{bytes, four, number};

    impl Header {
        pub(in super::super) fn encode(self) -> Vec<u8> {
            let mut message = Vec::new();
            message.extend(number(1, self.shards));
            message.extend(number(2, self.endianness));
            message
        }
    }

    impl Entry {
        pub(in super::super) fn encode(&self) -> Vec<u8> {
            let mut message = Vec::new();
            message.extend(number(1, self.dtype.number()));
            message.extend(bytes(2, &self.shape.encode()));
            message.extend(number(3, self.shard));
            message.extend(number(4, self.offset));
            message.extend(number(5, self.size));
            message.extend(four(6, self.checksum.to_le_bytes()));
            for slice in &self.slices {
                let mut extents = Vec::new();
                for extent in &slice.extents {
                    let mut part = Vec::new();
                    part.extend(number(1, extent.start));
                    if let Some(length) = extent.length {
                        part.extend(number(2, length));
                    }
                    extents.extend(bytes(1, &part));
                }
                message.extend(bytes(7, &extents));
            }
            message
        }
    }
}
