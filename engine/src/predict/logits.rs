//! Logits before upsampling, for those who want to look closely.

use std::path::Path;

use crate::atomic_file::write_atomic;
use crate::error::Result;

/// Logits `[classes, height, width]` of one look at an image, before upsampling.
#[derive(Debug, Clone, PartialEq)]
pub struct Logits {
    /// How many classes.
    pub classes: usize,
    /// Height and width of the map.
    pub size: [usize; 2],
    /// The values, class by class, row by row.
    pub values: Vec<f32>,
}

impl Logits {
    /// Writes them as NumPy's .npy: little-endian float32 of shape `[1, height, width, classes]`.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the file can't be written.
    pub fn write_npy(&self, path: &Path) -> Result<()> {
        let [height, width] = self.size;
        let plane = height * width;
        let header = npy_header([1, height, width, self.classes]);
        write_atomic(path, |writer| {
            use std::io::Write as _;
            writer.write_all(&header)?;
            for pixel in 0..plane {
                for class in 0..self.classes {
                    writer.write_all(&self.values[class * plane + pixel].to_le_bytes())?;
                }
            }
            Ok(())
        })
    }
}

/// Magic, version 1.0, and a dictionary padded so that the float32 values start at a multiple of 64.
pub(super) fn npy_header([n, height, width, classes]: [usize; 4]) -> Vec<u8> {
    let mut dictionary = format!(
        "{{'descr': '<f4', 'fortran_order': False, 'shape': ({n}, {height}, {width}, {classes}), }}"
    );
    const BEFORE: usize = 10;
    while !(BEFORE + dictionary.len() + 1).is_multiple_of(64) {
        dictionary.push(' ');
    }
    dictionary.push('\n');
    let length = dictionary.len() as u16;
    [
        b"\x93NUMPY\x01\x00",
        &length.to_le_bytes()[..],
        dictionary.as_bytes(),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn npy_files_hold_pixels_of_classes() {
        let logits = Logits {
            classes: 2,
            size: [1, 3],
            values: vec![1., 2., 3., 10., 20., 30.],
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logits.npy");
        logits.write_npy(&path).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes.len(), 128 + 6 * 4);
        let header = String::from_utf8_lossy(&bytes[10..128]);
        assert!(header.contains("'shape': (1, 1, 3, 2)") && header.ends_with('\n'));
        let values: Vec<f32> = bytes[128..]
            .as_chunks()
            .0
            .iter()
            .map(|value| f32::from_le_bytes(*value))
            .collect();
        assert_eq!(values, [1., 10., 2., 20., 3., 30.]);
    }
}
