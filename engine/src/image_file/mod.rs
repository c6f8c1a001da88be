//! Reading the user's images: by content, not by name, and under limits.
//!
//! Whatever the file holds comes out as 8-bit RGB, upright as its EXIF orientation says.

mod jpeg_end;
mod thumbnail;

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read, Seek};
use std::path::Path;

use image::error::LimitErrorKind;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, RgbImage};

use crate::error::{Error, Result};
use crate::limits::{Limits, check_limit};

pub use thumbnail::thumbnail;

/// Endings of the names that count as images when a folder is looked through.
const EXTENSIONS: [&str; 9] = [
    "jpg", "jpeg", "jpe", "png", "bmp", "tif", "tiff", "webp", "gif",
];

/// Whether a file of this name is taken for an image when a folder is looked through.
pub fn is_image_name(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| {
            EXTENSIONS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(extension))
        })
}

/// Decodes an image into 8-bit RGB: JPEG (grey, CMYK too), PNG of every depth, BMP, TIFF, WebP, or
/// the first frame of a GIF.
///
/// 16-bit samples are rounded to 8, transparency is dropped, the EXIF orientation is applied.
///
/// # Errors
/// [`Error::File`] when the content is no whole image of a known format, [`Error::Limit`] when it
/// declares more pixels or bytes than `limits` allow, [`Error::Io`] when it can't be read.
pub fn decode(path: &Path, limits: &Limits) -> Result<RgbImage> {
    let (mut image, orientation) = decode_as_stored(path, limits)?;
    image.apply_orientation(orientation);
    Ok(image.into_rgb8())
}

/// Width and height of an image once its EXIF orientation is applied; no pixel is decoded.
///
/// # Errors
/// As [`decode`], but what is wrong behind the header stays unseen.
pub fn dimensions(path: &Path, limits: &Limits) -> Result<(u32, u32)> {
    let mut file = open(path, limits)?;
    // A JPEG decoder reads the whole file before it looks at the header, and a folder of photos
    // has gigabytes. Where the header is longer than this, the whole file is read after all.
    let mut head = Vec::new();
    let reading = Read::by_ref(&mut file)
        .take(HEAD_BYTES)
        .read_to_end(&mut head);
    reading.map_err(Error::io(path, "reading"))?;
    if image::guess_format(&head).ok() == Some(ImageFormat::Jpeg)
        && let Ok(mut decoder) = decoder_of(path, Cursor::new(&head), limits)
    {
        return Ok(upright_size(&mut decoder));
    }
    file.rewind().map_err(Error::io(path, "reading"))?;
    let mut decoder = decoder_of(path, BufReader::new(file), limits)?;
    Ok(upright_size(&mut decoder))
}

/// Enough for the header of nearly every JPEG, with its thumbnail and colour profile.
const HEAD_BYTES: u64 = 256 << 10;

fn upright_size(decoder: &mut impl ImageDecoder) -> (u32, u32) {
    let (width, height) = decoder.dimensions();
    if turns(orientation_of(decoder)) {
        (height, width)
    } else {
        (width, height)
    }
}

/// The pixels as they are stored, and how they have to be turned.
fn decode_as_stored(path: &Path, limits: &Limits) -> Result<(DynamicImage, Orientation)> {
    let file = open(path, limits)?;
    let mut decoder = decoder_of(path, BufReader::new(file), limits)?;
    // A JPEG's decoder fills what is missing with grey and calls it an image.
    jpeg_end::check(path)?;
    let orientation = orientation_of(&mut decoder);
    let image = DynamicImage::from_decoder(decoder).map_err(|error| fault(path, error, limits))?;
    Ok((image, orientation))
}

/// Opens a regular file that is neither empty nor too large.
fn open(path: &Path, limits: &Limits) -> Result<File> {
    let file = File::open(path).map_err(Error::io(path, "opening"))?;
    let metadata = file.metadata().map_err(Error::io(path, "opening"))?;
    let refused = |expected, found, advice| Err(Error::file(path, expected, found, advice));
    if !metadata.is_file() {
        let advice = "Give the path of an image.";
        return refused("an image file", "no regular file", advice);
    }
    if metadata.len() == 0 {
        return refused("an image", "an empty file", COPY_AGAIN);
    }
    let what = "the file's size in bytes";
    check_limit(path, what, metadata.len(), limits.image_bytes)?;
    Ok(file)
}

/// What to do about a damaged file.
const COPY_AGAIN: &str = "Copy it again from where it came from.";

/// A decoder for the format that the content shows, once the declared size is within the limits.
fn decoder_of<'a>(
    path: &Path,
    content: impl BufRead + Seek + 'a,
    limits: &Limits,
) -> Result<impl ImageDecoder + 'a> {
    let mut reader = ImageReader::new(content)
        .with_guessed_format()
        .map_err(Error::io(path, "reading"))?;
    let mut allowed = image::Limits::no_limits();
    allowed.max_alloc = Some(limits.image_bytes);
    reader.limits(allowed);
    let decoder = reader
        .into_decoder()
        .map_err(|error| fault(path, error, limits))?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        let found = format!("{width} x {height} pixels");
        return Err(Error::file(path, "an image", found, COPY_AGAIN));
    }
    let pixels = u64::from(width) * u64::from(height);
    check_limit(path, "the number of pixels", pixels, limits.image_pixels)?;
    let bytes = decoder.total_bytes();
    check_limit(path, "the decoded size in bytes", bytes, limits.image_bytes)?;
    Ok(decoder)
}

/// A damaged orientation is none: the pixels still are an image.
fn orientation_of(decoder: &mut impl ImageDecoder) -> Orientation {
    decoder.orientation().unwrap_or(Orientation::NoTransforms)
}

/// Whether width and height change places.
fn turns(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

/// The decoder's error as one of ours.
fn fault(path: &Path, error: ImageError, limits: &Limits) -> Error {
    let formats = "a JPEG, PNG, BMP, TIFF, WebP or GIF image";
    match error {
        ImageError::IoError(source) if source.kind() != std::io::ErrorKind::UnexpectedEof => {
            Error::io(path, "reading")(source)
        }
        ImageError::Limits(limit) => Error::Limit {
            path: path.to_owned(),
            what: match limit.kind() {
                LimitErrorKind::DimensionError => "an image side in pixels",
                _ => "the memory to decode it in bytes",
            },
            found: limits.image_bytes.saturating_add(1),
            limit: limits.image_bytes,
        },
        ImageError::Unsupported(_) => Error::file(
            path,
            formats,
            "another format",
            "Convert it to one of these, or leave it out.",
        ),
        ImageError::IoError(_) => Error::file(
            path,
            "a whole image",
            "a file that ends too early",
            COPY_AGAIN,
        ),
        other => Error::file(
            path,
            formats,
            format!("damaged content ({other})"),
            COPY_AGAIN,
        ),
    }
}

#[cfg(test)]
mod tests;
