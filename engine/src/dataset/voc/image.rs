//! Images as the layout wants them: JPEG, upright.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read as _};
use std::path::Path;

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::metadata::Orientation;
use image::{ExtendedColorType, ImageDecoder as _};

use crate::error::{Error, Result};
use crate::image_file;
use crate::limits::Limits;

/// Quality of images that have to be encoded anew. At 95 the loss can't be seen.
const QUALITY: u8 = 95;

/// Puts the image `from` at `to`: copied where it is an upright grey or RGB JPEG already, otherwise
/// decoded, turned upright and encoded. Says whether it was copied.
///
/// Readers disagree about EXIF orientation; in an image without one they can't.
pub(super) fn put(from: &Path, to: &Path, limits: &Limits) -> Result<bool> {
    // Refuses what is too large before anything else reads it.
    image_file::dimensions(from, limits)?;
    if is_plain_jpeg(from)? {
        fs::copy(from, to).map_err(Error::io(to, "copying the image"))?;
        return Ok(true);
    }
    let image = image_file::decode(from, limits)?;
    let file = File::create(to).map_err(Error::io(to, "making the file"))?;
    let mut writer = BufWriter::new(file);
    let encoded = JpegEncoder::new_with_quality(&mut writer, QUALITY).encode_image(&image);
    encoded
        .map_err(std::io::Error::other)
        .and_then(|()| writer.into_inner().map(drop).map_err(Into::into))
        .map_err(Error::io(to, "writing the image"))?;
    Ok(false)
}

/// Whether a file is a JPEG, by content, that every reader shows alike.
fn is_plain_jpeg(path: &Path) -> Result<bool> {
    let mut file = File::open(path).map_err(Error::io(path, "opening"))?;
    let mut start = [0; 3];
    let is_jpeg = file.read_exact(&mut start).is_ok() && start == [0xff, 0xd8, 0xff];
    if !is_jpeg {
        return Ok(false);
    }
    let file = File::open(path).map_err(Error::io(path, "opening"))?;
    let Ok(mut decoder) = JpegDecoder::new(BufReader::new(file)) else {
        return Ok(false);
    };
    let upright = matches!(decoder.orientation(), Ok(Orientation::NoTransforms));
    let color = decoder.original_color_type();
    Ok(upright && matches!(color, ExtendedColorType::L8 | ExtendedColorType::Rgb8))
}
