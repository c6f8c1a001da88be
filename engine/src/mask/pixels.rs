//! The image under a label map, as the tools that look at colours see it.

use super::rect::Rect;
use crate::error::{Error, Result};

/// A borrowed image: three bytes a pixel (red, green, blue), row after row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pixels<'a> {
    width: u32,
    height: u32,
    rgb: &'a [u8],
}

impl<'a> Pixels<'a> {
    /// An image of `size` (columns, rows) pixels.
    ///
    /// # Errors
    /// [`Error::Argument`] when `rgb` has not three bytes for each of them.
    pub fn new([width, height]: [u32; 2], rgb: &'a [u8]) -> Result<Self> {
        let expected = u64::from(width) * u64::from(height) * 3;
        if rgb.len() as u64 != expected {
            return Err(Error::argument(
                "image",
                format!("{expected} bytes for {width} x {height} pixels"),
                format!("{} bytes", rgb.len()),
            ));
        }
        Ok(Self { width, height, rgb })
    }

    /// Columns.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Columns and rows.
    pub fn size(&self) -> [u32; 2] {
        [self.width, self.height]
    }

    /// All of its pixels.
    pub fn bounds(&self) -> Rect {
        Rect::new(0, 0, self.width, self.height)
    }

    /// The colour of a pixel; `None` outside the image.
    pub fn get(&self, x: u32, y: u32) -> Option<[u8; 3]> {
        if x >= self.width {
            return None;
        }
        self.row(y).get(x as usize).copied()
    }

    /// A row's colours from left to right; empty outside the image.
    pub fn row(&self, y: u32) -> &'a [[u8; 3]] {
        let width = self.width as usize;
        self.colors()
            .get(y as usize * width..(y as usize + 1) * width)
            .unwrap_or_default()
    }

    /// Every pixel's colour, row after row.
    pub fn colors(&self) -> &'a [[u8; 3]] {
        self.rgb.as_chunks().0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_where_they_should_be() {
        let rgb: Vec<u8> = (0..18).collect();
        let pixels = Pixels::new([3, 2], &rgb).unwrap();
        assert_eq!(pixels.get(2, 1), Some([15, 16, 17]));
        assert_eq!((pixels.get(3, 0), pixels.get(0, 2)), (None, None));
        assert_eq!(pixels.row(1), [[9, 10, 11], [12, 13, 14], [15, 16, 17]]);
        assert!(pixels.row(2).is_empty());
    }

    #[test]
    fn the_wrong_number_of_bytes_is_refused() {
        let error = Pixels::new([3, 2], &[0; 17]).unwrap_err();
        assert!(error.to_string().contains("3 x 2"), "{error}");
        assert!(Pixels::new([0, 5], &[]).unwrap().colors().is_empty());
    }
}
