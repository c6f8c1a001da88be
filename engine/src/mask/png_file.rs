//! Label maps as PNG files.
//!
//! Written: 8 bits, indexed, all 256 palette entries, no transparency, so that every reader sees
//! the class indices. Read: indexed or grey of any depth up to 8, as other tools write them.

use std::io::{Cursor, Write as _};
use std::path::Path;

use png::{BitDepth, ColorType, Compression, Decoder, DecodingError, Encoder, Filter, Reader};

use super::label_map::LabelMap;
use crate::error::{Error, Result};
use crate::limits::{Limits, check_limit, read_file};

/// The colour of each value.
pub type Colors = [[u8; 3]; 256];

/// The bytes of an indexed PNG file.
///
/// # Errors
/// [`Error::Argument`] when the map has no pixels: PNG knows no such image.
pub fn encode(map: &LabelMap, colors: &Colors) -> Result<Vec<u8>> {
    encode_as(map, Some(colors))
}

/// The bytes of an 8-bit grey PNG file: confidence, and label maps for tools that know no palette.
///
/// # Errors
/// [`Error::Argument`] when the map has no pixels.
pub fn encode_grey(map: &LabelMap) -> Result<Vec<u8>> {
    encode_as(map, None)
}

fn encode_as(map: &LabelMap, colors: Option<&Colors>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, map.width(), map.height());
    encoder.set_depth(BitDepth::Eight);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_compression(Compression::Balanced);
    if let Some(colors) = colors {
        encoder.set_color(ColorType::Indexed);
        encoder.set_palette(colors.as_flattened().to_vec());
        // Neighbouring class indices say nothing about each other's difference.
        encoder.set_filter(Filter::NoFilter);
    }
    let written = encoder.write_header().and_then(|mut writer| {
        let mut stream = writer.stream_writer()?;
        for y in 0..map.height() {
            for piece in map.row(y, 0..map.width()) {
                stream.write_all(piece)?;
            }
        }
        stream.finish()?;
        writer.finish()
    });
    let refused = |error: png::EncodingError| {
        let found = format!("{} x {}: {error}", map.width(), map.height());
        Error::argument("label map", "a size that PNG can hold", found)
    };
    written.map_err(refused)?;
    Ok(bytes)
}

/// Reads a label map from a PNG file, indexed or grey: the values are taken as class indices.
///
/// # Errors
/// [`Error::Io`] when the file can't be read, and what [`decode`] says.
pub fn read(path: &Path, limits: &Limits) -> Result<LabelMap> {
    decode(&read_file(path, limits)?, path, limits)
}

/// Reads a label map from the bytes of a PNG file; `path` is what errors name.
///
/// # Errors
/// [`Error::File`] when it is damaged, or has colours or 16 bits instead of indices;
/// [`Error::Limit`] when it is larger than the limits allow, before anything is allocated.
pub fn decode(bytes: &[u8], path: &Path, limits: &Limits) -> Result<LabelMap> {
    let mut reader = open(bytes, path, limits)?;
    let (width, height) = reader.info().size();
    let (color, depth) = reader.output_color_type();
    let indices = matches!(color, ColorType::Indexed | ColorType::Grayscale);
    if !indices || depth == BitDepth::Sixteen {
        return Err(Error::file(
            path,
            "a label map: indexed or grey PNG of up to 8 bits",
            format!("{color:?} of {} bits", depth as u8),
            "Import colour masks through a palette, or save the file as indexed.",
        ));
    }
    let mut map = LabelMap::filled(width, height, 0);
    let mut values = vec![0; width as usize];
    let mut put = |y: u32, packed: &[u8]| {
        if depth == BitDepth::Eight {
            map.write_row(0, y, packed);
        } else {
            unpack(packed, depth as usize, &mut values);
            map.write_row(0, y, &values);
        }
    };
    let damaged = |error| damaged(path, &error);
    if reader.info().interlaced {
        // Its rows come in no order: the whole image has to be there first.
        let line = reader.output_line_size(width).unwrap_or(0);
        let mut packed = vec![0; reader.output_buffer_size().unwrap_or(0)];
        reader.next_frame(&mut packed).map_err(damaged)?;
        for (y, row) in (0..height).zip(packed.chunks_exact(line.max(1))) {
            put(y, row);
        }
    } else {
        // One more than there are: behind the last row stands the checksum.
        for y in 0..=height {
            if let Some(row) = reader.next_row().map_err(damaged)? {
                put(y, row.data());
            }
        }
    }
    Ok(map)
}

/// Numbers of up to 16 bits from the bytes of a grey PNG file, and their `[width, height]`: the
/// instance ids of other tools. `path` is what errors name.
///
/// # Errors
/// As [`decode`], but 16 bits are read.
pub fn decode_wide(bytes: &[u8], path: &Path, limits: &Limits) -> Result<([u32; 2], Vec<u16>)> {
    let mut reader = open(bytes, path, limits)?;
    let (width, height) = reader.info().size();
    if reader.output_color_type() != (ColorType::Grayscale, BitDepth::Sixteen) {
        let map = decode(bytes, path, limits)?;
        let values = map.to_vec().into_iter().map(u16::from);
        return Ok((map.size(), values.collect()));
    }
    let mut packed = vec![0; reader.output_buffer_size().unwrap_or(0)];
    reader
        .next_frame(&mut packed)
        .map_err(|error| damaged(path, &error))?;
    let pairs = packed.as_chunks().0.iter();
    let values = pairs.map(|pair| u16::from_be_bytes(*pair)).collect();
    Ok(([width, height], values))
}

/// A reader of PNG bytes, whose size is within the limits.
fn open<'a>(bytes: &'a [u8], path: &Path, limits: &Limits) -> Result<Reader<Cursor<&'a [u8]>>> {
    let memory = png::Limits {
        bytes: usize::try_from(limits.image_bytes).unwrap_or(usize::MAX),
    };
    let reader = Decoder::new_with_limits(Cursor::new(bytes), memory)
        .read_info()
        .map_err(|error| damaged(path, &error))?;
    let (width, height) = reader.info().size();
    let pixels = u64::from(width) * u64::from(height);
    check_limit(path, "the number of pixels", pixels, limits.image_pixels)?;
    Ok(reader)
}

fn damaged(path: &Path, error: &DecodingError) -> Error {
    let advice = "Restore the file from a copy, or delete it.";
    Error::file(path, "a whole PNG file", error.to_string(), advice)
}

/// Spreads values of 1, 2 or 4 bits, the first in the highest bits, over whole bytes.
fn unpack(packed: &[u8], bits: usize, row: &mut [u8]) {
    for (x, value) in row.iter_mut().enumerate() {
        let shift = 8 - bits - x * bits % 8;
        *value = packed[x * bits / 8] >> shift & ((1 << bits) - 1);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn colors() -> Colors {
        std::array::from_fn(|value| [value as u8, 255 - value as u8, 7])
    }

    fn foreign(color: ColorType, depth: BitDepth, size: [u32; 2], data: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, size[0], size[1]);
        encoder.set_color(color);
        encoder.set_depth(depth);
        if color == ColorType::Indexed {
            encoder.set_palette(vec![9; 3 << (depth as usize).min(4)]);
        }
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(data).unwrap();
        writer.finish().unwrap();
        bytes
    }

    fn decoded(bytes: &[u8]) -> Result<LabelMap> {
        decode(bytes, Path::new("x.png"), &Limits::default())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn maps_come_back(width in 1..300_u32, height in 1..300_u32, seed: u32) {
            let pixels: Vec<u8> = (0..width * height)
                .map(|at| (at.wrapping_mul(seed | 1) >> 13) as u8)
                .collect();
            let map = LabelMap::from_vec(width, height, &pixels).unwrap();
            prop_assert_eq!(&decoded(&encode(&map, &colors()).unwrap()).unwrap(), &map);
            prop_assert_eq!(&decoded(&encode_grey(&map).unwrap()).unwrap(), &map);
        }
    }

    #[test]
    fn written_files_have_all_colours_and_no_transparency() {
        let bytes = encode(&LabelMap::filled(3, 2, 255), &colors()).unwrap();
        let reader = Decoder::new(Cursor::new(bytes)).read_info().unwrap();
        let info = reader.info();
        assert_eq!(
            (info.color_type, info.bit_depth),
            (ColorType::Indexed, BitDepth::Eight)
        );
        assert_eq!(info.palette.as_deref(), Some(colors().as_flattened()));
        assert!(info.trns.is_none() && !info.interlaced);
    }

    #[test]
    fn shallow_files_of_other_tools_are_read() {
        let bits = foreign(
            ColorType::Indexed,
            BitDepth::One,
            [10, 2],
            &[0b1010_0000, 0b0100_0000, 0, 0x80],
        );
        let map = decoded(&bits).unwrap();
        assert_eq!(
            map.read_rect(map.bounds())[..10],
            [1, 0, 1, 0, 0, 0, 0, 0, 0, 1]
        );
        assert_eq!((map.get(8, 1), map.get(0, 1)), (Some(1), Some(0)));
        let nibbles = foreign(ColorType::Grayscale, BitDepth::Four, [3, 1], &[0x2f, 0x70]);
        assert_eq!(decoded(&nibbles).unwrap().to_vec(), [2, 15, 7]);
    }

    #[test]
    fn colours_and_sixteen_bits_are_refused_with_what_to_do() {
        let rgb = foreign(ColorType::Rgb, BitDepth::Eight, [1, 1], &[1, 2, 3]);
        let deep = foreign(ColorType::Grayscale, BitDepth::Sixteen, [1, 1], &[0, 1]);
        for bytes in [rgb, deep] {
            let message = decoded(&bytes).unwrap_err().to_string();
            assert!(
                message.contains("x.png") && message.contains("indexed"),
                "{message}"
            );
        }
    }

    #[test]
    fn wide_numbers_are_read_from_every_grey_depth() {
        let wide = |bytes: &[u8]| decode_wide(bytes, Path::new("x.png"), &Limits::default());
        let deep = foreign(
            ColorType::Grayscale,
            BitDepth::Sixteen,
            [2, 1],
            &[0x65, 0x91, 0, 7],
        );
        assert_eq!(wide(&deep).unwrap(), ([2, 1], vec![26_001, 7]));
        let grey = encode_grey(&LabelMap::filled(3, 1, 9)).unwrap();
        assert_eq!(wide(&grey).unwrap(), ([3, 1], vec![9; 3]));
        let rgb = foreign(ColorType::Rgb, BitDepth::Eight, [1, 1], &[1, 2, 3]);
        assert!(wide(&rgb).is_err() && wide(&deep[..deep.len() - 20]).is_err());
    }

    #[test]
    fn a_file_cut_anywhere_is_an_error() {
        let map = LabelMap::filled(70, 50, 4);
        let bytes = encode(&map, &colors()).unwrap();
        // The last chunk, IEND, holds nothing; some readers do without it, so it is left out here.
        for length in 0..bytes.len() - 12 {
            assert!(
                decoded(&bytes[..length]).is_err(),
                "{length} of {}",
                bytes.len()
            );
        }
    }

    #[test]
    fn limits_hold_before_anything_is_allocated() {
        let bytes = encode(&LabelMap::filled(200, 200, 4), &colors()).unwrap();
        let limits = Limits {
            image_pixels: 39_999,
            ..Limits::default()
        };
        let error = decode(&bytes, Path::new("x.png"), &limits).unwrap_err();
        assert!(
            matches!(
                error,
                Error::Limit {
                    found: 40_000,
                    limit: 39_999,
                    ..
                }
            ),
            "{error}"
        );
    }
}
