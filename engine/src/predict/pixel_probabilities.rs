//! The probability of every class at every pixel.

use std::io::Write as _;
use std::path::Path;

use super::logits::npy_header;
use super::resize::bilinear_window;
use crate::atomic_file::write_atomic;
use crate::error::Result;

/// The probability of every class at every pixel of an image, kept at the size that the network saw
/// the image at.
#[derive(Debug, Clone, PartialEq)]
pub struct PixelProbabilities {
    /// How many classes.
    pub classes: usize,
    /// Height and width that the network saw the image at.
    pub content: [usize; 2],
    /// Height and width of the image.
    pub image: [usize; 2],
    /// `[content height, classes, content width]`.
    pub(super) rows: Vec<f32>,
}

impl PixelProbabilities {
    /// A row of the image, bilinear with aligned corners from the rows that the network saw:
    /// `[width, classes]`.
    pub fn row(&self, row: usize) -> Vec<f32> {
        let [height, width] = self.content;
        // Seen as lines of classes and pixels, so that one resizing serves all classes: down first,
        // then each class across.
        let line = self.classes * width;
        let from = [height, line];
        let to = [self.image[0], line];
        let narrow = bilinear_window(&self.rows, 1, from, to, [row..row + 1, 0..line]);
        let mut pixels = vec![0.0; self.image[1] * self.classes];
        for (class, narrow) in narrow.chunks_exact(width.max(1)).enumerate() {
            let to = [1, self.image[1]];
            let wide = bilinear_window(narrow, 1, [1, width], to, [0..1, 0..self.image[1]]);
            for (pixel, value) in pixels.chunks_exact_mut(self.classes).zip(wide) {
                pixel[class] = value;
            }
        }
        pixels
    }

    /// Writes them as NumPy's .npy: little-endian float32 of shape `[1, height, width, classes]`,
    /// at the image's size.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the file can't be written.
    pub fn write_npy(&self, path: &Path) -> Result<()> {
        let [height, width] = self.image;
        let header = npy_header([1, height, width, self.classes]);
        write_atomic(path, |writer| {
            writer.write_all(&header)?;
            for row in 0..height {
                for value in self.row(row) {
                    writer.write_all(&value.to_le_bytes())?;
                }
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_taken_back_to_the_image_by_their_corners() {
        // Two rows and two columns of two classes.
        let probabilities = PixelProbabilities {
            classes: 2,
            content: [2, 2],
            image: [3, 3],
            rows: vec![0.0, 0.2, 1.0, 0.8, 0.4, 0.6, 0.6, 0.4],
        };
        let close = |found: Vec<f32>, expected: [f32; 6]| {
            assert_eq!(found.len(), 6);
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-6, "{found} {expected}");
            }
        };
        close(probabilities.row(0), [0.0, 1.0, 0.1, 0.9, 0.2, 0.8]);
        close(probabilities.row(1), [0.2, 0.8, 0.3, 0.7, 0.4, 0.6]);
        close(probabilities.row(2), [0.4, 0.6, 0.5, 0.5, 0.6, 0.4]);
    }

    #[test]
    fn the_file_holds_pixels_of_classes() {
        let probabilities = PixelProbabilities {
            classes: 2,
            content: [1, 2],
            image: [1, 2],
            rows: vec![0.1, 0.2, 0.9, 0.8],
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.npy");
        probabilities.write_npy(&path).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let header = String::from_utf8_lossy(&bytes[10..128]);
        assert!(header.contains("'shape': (1, 1, 2, 2)"), "{header}");
        let values: Vec<u8> = [0.1_f32, 0.9, 0.2, 0.8]
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect();
        assert_eq!(bytes[128..], values);
    }
}
