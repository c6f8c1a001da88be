//! Writing messages, for the tests of readers.

/// A number of seven bits a byte, the lowest first.
pub(in crate::weights) fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// A whole number; negative ones are their 64-bit complement.
pub(in crate::weights) fn number(tag: u64, value: impl Into<i128>) -> Vec<u8> {
    [varint(tag << 3), varint(value.into() as u64)].concat()
}

/// Four bytes.
pub(in crate::weights) fn four(tag: u64, value: [u8; 4]) -> Vec<u8> {
    [varint(tag << 3 | 5), value.to_vec()].concat()
}

/// A floating point number.
pub(in crate::weights) fn float(tag: u64, value: f32) -> Vec<u8> {
    four(tag, value.to_le_bytes())
}

/// A message, a text, or bytes.
pub(in crate::weights) fn bytes(tag: u64, value: &[u8]) -> Vec<u8> {
    let length = varint(value.len() as u64);
    [varint(tag << 3 | 2), length, value.to_vec()].concat()
}

/// Packed floating point numbers.
pub(in crate::weights) fn floats(tag: u64, values: &[f32]) -> Vec<u8> {
    let packed: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    bytes(tag, &packed)
}

/// Packed whole numbers.
pub(in crate::weights) fn numbers(tag: u64, values: &[u64]) -> Vec<u8> {
    let packed: Vec<u8> = values.iter().flat_map(|v| varint(*v)).collect();
    bytes(tag, &packed)
}
