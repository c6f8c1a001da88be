//! Reads the reference data's arrays (NumPy's .npy, little-endian, row-major).

use std::path::Path;

/// An array.
#[derive(Debug, Clone, PartialEq)]
pub struct Array<T> {
    /// Its dimensions.
    pub shape: Vec<usize>,
    /// Its values, row-major.
    pub values: Vec<T>,
}

/// An array of bytes.
///
/// # Panics
/// When the file is none.
pub fn read_u8(path: &Path) -> Array<u8> {
    let (shape, values) = read(path, "|u1");
    Array { shape, values }
}

/// An array of 32-bit floats.
///
/// # Panics
/// When the file is none.
pub fn read_f32(path: &Path) -> Array<f32> {
    let (shape, bytes) = read(path, "<f4");
    let values = bytes
        .as_chunks()
        .0
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect();
    Array { shape, values }
}

/// An array of 16-bit floats.
///
/// # Panics
/// When the file is none.
pub fn read_f16(path: &Path) -> Array<f32> {
    let (shape, bytes) = read(path, "<f2");
    let values = bytes
        .as_chunks()
        .0
        .iter()
        .map(|bytes| half::f16::from_le_bytes(*bytes).to_f32())
        .collect();
    Array { shape, values }
}

/// The shape and the bytes.
fn read(path: &Path, kind: &str) -> (Vec<usize>, Vec<u8>) {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00", "{}", path.display());
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = String::from_utf8_lossy(&bytes[10..start]);
    assert!(
        header.contains(kind) && header.contains("False"),
        "{}: {header}",
        path.display()
    );
    let shape = header.split(['(', ')']).nth(1).unwrap_or_default();
    let shape = shape
        .split(',')
        .filter_map(|side| side.trim().parse().ok())
        .collect();
    (shape, bytes[start..].to_vec())
}
