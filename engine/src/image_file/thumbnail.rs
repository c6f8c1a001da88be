//! Small versions of images, for the film strip.

use std::path::Path;

use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::{DynamicImage, RgbImage};

use super::decode_as_stored;
use crate::error::{Error, Result};
use crate::limits::Limits;

/// Decodes an image and shrinks it so that its longest side is at most `max_side` pixels, upright.
///
/// # Errors
/// As [`decode`](super::decode), and [`Error::Argument`] for a `max_side` of 0.
pub fn thumbnail(path: &Path, max_side: u32, limits: &Limits) -> Result<RgbImage> {
    if max_side == 0 {
        return Err(Error::argument("max_side", "1 pixel or more", "0"));
    }
    let (image, orientation) = decode_as_stored(path, limits)?;
    let image = DynamicImage::ImageRgb8(image.into_rgb8());
    // Shrinking first, because turning a small image is cheaper.
    let mut small = shrink(path, image, max_side)?;
    small.apply_orientation(orientation);
    Ok(small.into_rgb8())
}

fn shrink(path: &Path, image: DynamicImage, max_side: u32) -> Result<DynamicImage> {
    let longest = image.width().max(image.height());
    if longest <= max_side {
        return Ok(image);
    }
    let side = |side: u32| {
        let scaled = u64::from(side) * u64::from(max_side) / u64::from(longest);
        u32::try_from(scaled).unwrap_or(max_side).max(1)
    };
    let mut small = DynamicImage::new_rgb8(side(image.width()), side(image.height()));
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    Resizer::new()
        .resize(&image, &mut small, &options)
        .map_err(|error| {
            Error::machine(
                format!("shrinking {}", path.display()),
                error.to_string(),
                "Report this.",
            )
        })?;
    Ok(small)
}
