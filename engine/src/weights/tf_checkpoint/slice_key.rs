//! The keys under which the slices of a partitioned variable stand in the index.
//!
//! TensorFlow's ordered code: strings and numbers as bytes that sort as they do.
//! Source: tensorflow/core/util/saved_tensor_slice_util.cc, tensorflow/core/lib/strings/ordered_code.cc.

use super::messages::Slice;

/// Stands for a whole dimension.
const FULL_EXTENT: i64 = -1;

/// The key of `slice` of the variable `name`.
pub(super) fn slice_key(name: &str, slice: &Slice) -> Vec<u8> {
    let mut key = Vec::new();
    // Before every variable's own name, which never starts with a zero.
    push_number(&mut key, 0);
    push_text(&mut key, name);
    push_number(&mut key, slice.extents.len() as u64);
    for extent in &slice.extents {
        push_signed(&mut key, extent.length.map_or(0, |_| extent.start));
        push_signed(&mut key, extent.length.unwrap_or(FULL_EXTENT));
    }
    key
}

/// How many bytes, then these, the highest first.
fn push_number(key: &mut Vec<u8>, number: u64) {
    let length = (u64::BITS - number.leading_zeros()).div_ceil(8);
    key.push(length as u8);
    key.extend(&number.to_be_bytes()[8 - length as usize..]);
}

/// The text, its zeros marked, and an end. (The code marks 255 too, which is in no UTF-8 text.)
fn push_text(key: &mut Vec<u8>, text: &str) {
    for byte in text.bytes() {
        key.push(byte);
        if byte == 0 {
            key.push(0xff);
        }
    }
    key.extend([0, 1]);
}

/// Seven bits a byte, the highest first; as many ones as there are bytes before them, or as many
/// zeros if the number is negative.
fn push_signed(key: &mut Vec<u8>, number: i64) {
    let bits = u64::BITS - (number ^ (number >> 63)).leading_zeros();
    let length = bits as usize / 7 + 1;
    let ones = u128::MAX << (128 - length);
    let ones_at_start = ones >> (128 - 8 * length);
    let bytes = (i128::from(number) as u128 ^ ones_at_start).to_be_bytes();
    key.extend(&bytes[16 - length..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::tf_checkpoint::messages::Extent;

    fn signed(number: i64) -> Vec<u8> {
        let mut key = Vec::new();
        push_signed(&mut key, number);
        key
    }

    #[test]
    fn numbers_are_as_tensorflow_writes_them() {
        // The header bits of each length: one bit a byte, up to ten in the first two bytes.
        assert_eq!(signed(0), [0x80]);
        assert_eq!(signed(-1), [0x7f]);
        assert_eq!(signed(63), [0xbf]);
        assert_eq!(signed(-64), [0x40]);
        assert_eq!(signed(64), [0xc0, 64]);
        assert_eq!(signed(8191), [0xdf, 0xff]);
        assert_eq!(signed(8192), [0xe0, 0x20, 0]);
        assert_eq!(signed(-65), [0x3f, 0xbf]);
        assert_eq!(signed(i64::MAX)[..3], [0xff, 0xc0, 0x7f]);
        assert_eq!(signed(i64::MIN).len(), 10);
    }

    #[test]
    fn they_sort_as_numbers_do() {
        let mut numbers: Vec<i64> = (0..63)
            .flat_map(|bit| [1 << bit, -1 << bit, !(1 << bit)])
            .collect();
        numbers.sort_unstable();
        assert!(numbers.is_sorted_by_key(|number| signed(*number)));
    }

    #[test]
    fn a_key_names_the_variable_and_the_part() {
        let part = Extent {
            start: 2,
            length: Some(3),
        };
        let whole = Extent {
            start: 0,
            length: None,
        };
        let slice = Slice {
            extents: vec![part, whole],
        };
        let expected = [&[0][..], b"w", &[0, 1, 1, 2, 0x82, 0x83, 0x80, 0x7f]].concat();
        assert_eq!(slice_key("w", &slice), expected);
    }
}
