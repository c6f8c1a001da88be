//! Reading the user's images: by content, not by name, and under limits.
//!
//! Whatever the file holds comes out as 8-bit RGB, upright as its EXIF orientation says.

mod jpeg_end;
mod thumbnail;

use std::fs::File;
use std::io::{BufReader, Seek as _};
use std::path::Path;

use image::error::LimitErrorKind;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, RgbImage};

use crate::error::{Error, Result};
use crate::limits::Limits;

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
    let mut decoder = open(path, limits)?.decoder;
    let (width, height) = decoder.dimensions();
    Ok(if turns(orientation_of(&mut decoder)) {
        (height, width)
    } else {
        (width, height)
    })
}

/// An opened image file whose declared size is within the limits.
struct Opened<D> {
    decoder: D,
    format: ImageFormat,
}

/// The pixels as they are stored, and how they have to be turned.
fn decode_as_stored(path: &Path, limits: &Limits) -> Result<(DynamicImage, Orientation)> {
    let Opened {
        mut decoder,
        format,
    } = open(path, limits)?;
    if format == ImageFormat::Jpeg {
        // The decoder fills what is missing with grey and calls it an image.
        jpeg_end::check(path)?;
    }
    let orientation = orientation_of(&mut decoder);
    let image = DynamicImage::from_decoder(decoder).map_err(|error| fault(path, error, limits))?;
    Ok((image, orientation))
}

fn open(path: &Path, limits: &Limits) -> Result<Opened<impl ImageDecoder>> {
    let mut file = File::open(path).map_err(Error::io(path, "opening"))?;
    let metadata = file.metadata().map_err(Error::io(path, "opening"))?;
    if !metadata.is_file() {
        let advice = "Give the path of an image.";
        return Err(Error::file(
            path,
            "an image file",
            "no regular file",
            advice,
        ));
    }
    if metadata.len() == 0 {
        let advice = "Copy it again from where it came from.";
        return Err(Error::file(path, "an image", "an empty file", advice));
    }
    check_limit(
        path,
        "the file's size in bytes",
        metadata.len(),
        limits.image_bytes,
    )?;
    file.rewind().map_err(Error::io(path, "reading"))?;
    let mut reader = ImageReader::new(BufReader::new(file))
        .with_guessed_format()
        .map_err(Error::io(path, "reading"))?;
    let mut allowed = image::Limits::no_limits();
    allowed.max_alloc = Some(limits.image_bytes);
    reader.limits(allowed);
    let Some(format) = reader.format() else {
        return Err(fault(path, unknown_format(), limits));
    };
    let decoder = reader
        .into_decoder()
        .map_err(|error| fault(path, error, limits))?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        let found = format!("{width} x {height} pixels");
        let advice = "It is damaged; copy it again from where it came from.";
        return Err(Error::file(path, "an image", found, advice));
    }
    let pixels = u64::from(width) * u64::from(height);
    check_limit(path, "the number of pixels", pixels, limits.image_pixels)?;
    let bytes = decoder.total_bytes();
    check_limit(path, "the decoded size in bytes", bytes, limits.image_bytes)?;
    Ok(Opened { decoder, format })
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

fn check_limit(path: &Path, what: &'static str, found: u64, limit: u64) -> Result<()> {
    if found <= limit {
        return Ok(());
    }
    Err(Error::Limit {
        path: path.to_owned(),
        what,
        found,
        limit,
    })
}

fn unknown_format() -> ImageError {
    use image::error::{ImageFormatHint, UnsupportedError};
    ImageError::Unsupported(UnsupportedError::from(ImageFormatHint::Unknown))
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
            "Copy it again from where it came from.",
        ),
        other => Error::file(
            path,
            formats,
            format!("damaged content ({other})"),
            "Copy it again from where it came from.",
        ),
    }
}

#[cfg(test)]
mod tests;
