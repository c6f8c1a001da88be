//! Label maps in PNG files: indexed with a palette, or plain grey.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::Path;

use atrous_palettes::Palette;
use png::{BitDepth, ColorType};

use crate::atomic_file::write_atomic;
use crate::error::{Error, Result};
use crate::limits::Limits;

/// A label map as a file holds it: one value a pixel, whatever the values mean there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelImage {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// The values, row by row from the top left.
    pub values: Vec<u8>,
}

impl LabelImage {
    /// Width and height.
    pub fn size(&self) -> [u32; 2] {
        [self.width, self.height]
    }

    /// How often each value is there.
    pub fn histogram(&self) -> [u64; 256] {
        let mut counts = [0; 256];
        for value in &self.values {
            counts[usize::from(*value)] += 1;
        }
        counts
    }
}

/// Reads a label map from an indexed or grey PNG of 1 to 8 bits: the stored values, not colours.
///
/// # Errors
/// [`Error::File`] when the file is no such PNG, is torn, or holds colours instead of indices;
/// [`Error::Limit`] when it is too large; [`Error::Io`] when it can't be opened.
pub fn read(path: &Path, limits: &Limits) -> Result<LabelImage> {
    let file = File::open(path).map_err(Error::io(path, "opening"))?;
    let bytes = usize::try_from(limits.image_bytes).unwrap_or(usize::MAX);
    let decoder = png::Decoder::new_with_limits(BufReader::new(file), png::Limits { bytes });
    let mut reader = decoder.read_info().map_err(|error| broken(path, &error))?;
    let info = reader.info();
    let (width, height) = (info.width, info.height);
    let pixels = u64::from(width) * u64::from(height);
    if pixels > limits.image_pixels {
        return Err(Error::Limit {
            path: path.to_owned(),
            what: "the number of pixels",
            found: pixels,
            limit: limits.image_pixels,
        });
    }
    let bits = match (info.color_type, info.bit_depth) {
        (ColorType::Indexed | ColorType::Grayscale, depth) if depth != BitDepth::Sixteen => {
            depth as usize
        }
        (color, depth) => return Err(no_indices(path, color, depth)),
    };
    let size = reader
        .output_buffer_size()
        .ok_or_else(|| broken(path, &png::DecodingError::LimitsExceeded))?;
    let mut packed = vec![0; size];
    let frame = reader
        .next_frame(&mut packed)
        .map_err(|error| broken(path, &error))?;
    let values = if bits == 8 {
        packed
    } else {
        unpack(&packed, bits, frame.line_size, width as usize)
    };
    Ok(LabelImage {
        width,
        height,
        values,
    })
}

/// One value a byte, from `bits` (1, 2 or 4) a value, the first in the highest bits.
fn unpack(packed: &[u8], bits: usize, row_bytes: usize, width: usize) -> Vec<u8> {
    let mask = (1 << bits) - 1;
    let value = |row: &[u8], x: usize| {
        let bit = x * bits;
        row[bit / 8] >> (8 - bits - bit % 8) & mask
    };
    packed
        .chunks_exact(row_bytes)
        .flat_map(|row| (0..width).map(move |x| value(row, x)))
        .collect()
}

/// Writes a label map as an indexed PNG: 8 bits a pixel and all 256 colours, so that every reader
/// finds the class index, whole or not at all.
///
/// # Errors
/// [`Error::Argument`] when `values` has not `size[0] * size[1]` values, [`Error::Io`] when the
/// file can't be written.
pub fn write_indexed(path: &Path, values: &[u8], size: [u32; 2], palette: &Palette) -> Result<()> {
    check_size(values, size)?;
    write_atomic(path, |writer| {
        encode(writer, values, size, Some(palette.colors().as_flattened()))
    })
}

/// Writes a label map as a grey PNG of 8 bits, without colours, whole or not at all.
///
/// # Errors
/// As [`write_indexed`].
pub fn write_grey(path: &Path, values: &[u8], size: [u32; 2]) -> Result<()> {
    check_size(values, size)?;
    write_atomic(path, |writer| encode(writer, values, size, None))
}

fn encode(
    writer: impl Write,
    values: &[u8],
    [width, height]: [u32; 2],
    colors: Option<&[u8]>,
) -> io::Result<()> {
    let mut encoder = png::Encoder::new(writer, width, height);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_color(ColorType::Grayscale);
    if let Some(colors) = colors {
        encoder.set_color(ColorType::Indexed);
        encoder.set_palette(colors);
    }
    // Neighbouring indices are equal or unrelated: filters for smooth images only cost time.
    encoder.set_compression(png::Compression::Balanced);
    encoder.set_filter(png::Filter::NoFilter);
    let mut body = encoder.write_header()?;
    body.write_image_data(values)?;
    body.finish()?;
    Ok(())
}

fn check_size(values: &[u8], [width, height]: [u32; 2]) -> Result<()> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels == values.len() as u64 && pixels > 0 {
        return Ok(());
    }
    Err(Error::argument(
        "label map",
        format!("{width} x {height} values, and at least one"),
        format!("{} values", values.len()),
    ))
}

fn broken(path: &Path, error: &png::DecodingError) -> Error {
    Error::file(
        path,
        "an indexed or grey PNG",
        error.to_string(),
        "Write the label map again.",
    )
}

fn no_indices(path: &Path, color: ColorType, depth: BitDepth) -> Error {
    let found = match color {
        ColorType::Grayscale => "16-bit grey",
        ColorType::Indexed => "an indexed PNG of unknown depth",
        ColorType::GrayscaleAlpha => "grey with alpha",
        ColorType::Rgb => "RGB colours",
        ColorType::Rgba => "RGB colours with alpha",
    };
    Error::file(
        path,
        "an indexed or grey PNG of at most 8 bits, whose values are class indices",
        format!("{found} ({} bits a channel)", depth as u8),
        "Convert it to class indices: colours alone do not say which class is meant.",
    )
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn encoded(color: ColorType, depth: BitDepth, size: [u32; 2], data: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, size[0], size[1]);
        encoder.set_color(color);
        encoder.set_depth(depth);
        if color == ColorType::Indexed {
            encoder.set_palette(vec![7; 3 << (depth as usize)]);
        }
        encoder
            .write_header()
            .unwrap()
            .write_image_data(data)
            .unwrap();
        bytes
    }

    #[test]
    fn both_forms_come_back_value_for_value() {
        let folder = tempfile::tempdir().unwrap();
        let values: Vec<u8> = (0..=255).chain(0..44).collect();
        let palette = Palette::pascal_voc();
        for name in ["indexed.png", "grey.png"] {
            let path = folder.path().join(name);
            match name {
                "grey.png" => write_grey(&path, &values, [30, 10]).unwrap(),
                _ => write_indexed(&path, &values, [30, 10], &palette).unwrap(),
            }
            let read = read(&path, &Limits::default()).unwrap();
            assert_eq!((read.size(), &read.values), ([30, 10], &values));
            assert_eq!((read.histogram()[3], read.histogram()[100]), (2, 1));
        }
        let file = File::open(folder.path().join("indexed.png")).unwrap();
        let reader = png::Decoder::new(BufReader::new(file)).read_info().unwrap();
        let info = reader.info();
        assert_eq!(info.bit_depth, BitDepth::Eight);
        assert_eq!(
            info.palette.as_deref(),
            Some(palette.colors().as_flattened())
        );
        assert_eq!(info.trns, None);
    }

    #[test]
    fn packed_values_are_unpacked_as_stored() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("label.png");
        for color in [ColorType::Grayscale, ColorType::Indexed] {
            let cases: [(BitDepth, &[u8], [u8; 6]); 3] = [
                (
                    BitDepth::One,
                    &[0b1010_0000, 0b0110_0000],
                    [1, 0, 1, 0, 1, 1],
                ),
                (
                    BitDepth::Two,
                    &[0b1101_1000, 0b0001_1000],
                    [3, 1, 2, 0, 1, 2],
                ),
                (
                    BitDepth::Four,
                    &[0xf3, 0x90, 0x0a, 0x10],
                    [15, 3, 9, 0, 10, 1],
                ),
            ];
            for (depth, data, expected) in cases {
                fs::write(&path, encoded(color, depth, [3, 2], data)).unwrap();
                assert_eq!(read(&path, &Limits::default()).unwrap().values, expected);
            }
        }
    }

    #[test]
    fn colours_and_deep_values_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("label.png");
        for (color, depth, bytes, name) in [
            (ColorType::Rgb, BitDepth::Eight, 3, "RGB colours"),
            (ColorType::Rgba, BitDepth::Eight, 4, "alpha"),
            (
                ColorType::GrayscaleAlpha,
                BitDepth::Eight,
                2,
                "grey with alpha",
            ),
            (ColorType::Grayscale, BitDepth::Sixteen, 2, "16-bit grey"),
        ] {
            fs::write(&path, encoded(color, depth, [1, 1], &vec![9; bytes])).unwrap();
            let error = read(&path, &Limits::default()).unwrap_err().to_string();
            assert!(
                error.contains(name) && error.contains("label.png"),
                "{error}"
            );
        }
    }

    #[test]
    fn torn_at_any_byte_it_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("label.png");
        let noise: Vec<u8> = (0..400_u32)
            .map(|index| (index * index % 251) as u8)
            .collect();
        write_grey(&path, &noise, [20, 20]).unwrap();
        let whole = fs::read(&path).unwrap();
        // The last chunk (12 bytes) is empty: the pixels are complete without it.
        for length in 0..whole.len() - 16 {
            fs::write(&path, &whole[..length]).unwrap();
            assert!(read(&path, &Limits::default()).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn too_many_pixels_are_refused_before_they_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("label.png");
        write_grey(&path, &[0; 12], [4, 3]).unwrap();
        let limits = Limits {
            image_pixels: 11,
            ..Limits::default()
        };
        assert!(matches!(
            read(&path, &limits),
            Err(Error::Limit {
                found: 12,
                limit: 11,
                ..
            })
        ));
    }

    #[test]
    fn a_wrong_number_of_values_is_refused() {
        let path = Path::new("never-written.png");
        assert!(write_grey(path, &[0; 5], [2, 3]).is_err());
        assert!(write_grey(path, &[], [0, 3]).is_err());
        assert!(!path.exists());
    }
}
