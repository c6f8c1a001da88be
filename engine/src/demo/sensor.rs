//! What lens, rain and sensor make of the light: the last step from [`Rgb`] to bytes.

use image::RgbImage;

use super::geometry::Rgb;
use super::light::Light;
use super::raster::{Raster, limb};
use super::rng::{Rng, mix};

/// Paints falling rain over everything; labels stay what is behind it.
pub(super) fn rain(rng: &mut Rng, raster: &mut Raster, light: &Light) {
    let (width, height) = (raster.width as f32, raster.height as f32);
    let drops = (width * height / 420.0) as u32;
    let slant = rng.range(-0.25, 0.25);
    let paint = light.horizon.times(0.9);
    for _ in 0..drops {
        let length = height * rng.range(0.02, 0.07);
        let top = [rng.range(0.0, width), rng.range(-0.05, 1.0) * height];
        let foot = [top[0] + slant * length, top[1] + length];
        let streak = limb(top, foot, [0.35, 0.5]);
        raster.decorate(&streak, |_| paint);
    }
}

/// Exposes the picture: vignette, gamma, noise.
pub(super) fn expose(raster: &Raster, light: &Light, seed: u32) -> RgbImage {
    let (width, height) = (raster.width as f32, raster.height as f32);
    RgbImage::from_fn(raster.width as u32, raster.height as u32, |x, y| {
        let colour = raster.colours[y as usize * raster.width + x as usize];
        let dx = x as f32 / width - 0.5;
        let dy = y as f32 / height - 0.5;
        let colour = colour.times(1.0 - 0.35 * (dx * dx + dy * dy));
        let bits = mix(seed, x as i32, y as i32);
        image::Rgb(std::array::from_fn(|channel| {
            let value = film(colour, channel) + light.noise * grain(bits, channel as u32);
            (value * 255.0 + 0.5).clamp(0.0, 255.0) as u8
        }))
    })
}

/// Gamma 2 with a soft shoulder, so that lamps don't clip hard.
fn film(colour: Rgb, channel: usize) -> f32 {
    let value = colour.0[channel].max(0.0).sqrt();
    if value < 0.8 {
        value
    } else {
        let over = value - 0.8;
        0.8 + over / (1.0 + over * 2.2)
    }
}

/// Roughly normal noise with deviation 1: the sum of four uniform bytes.
fn grain(bits: u32, channel: u32) -> f32 {
    let bits = mix(bits, channel as i32, 0x6A);
    let sum: u32 = bits.to_le_bytes().into_iter().map(u32::from).sum();
    (sum as f32 - 510.0) / 147.8
}
