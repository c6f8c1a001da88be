//! Colours as people see their differences: CIE L*a*b* under daylight (D65).

use std::sync::LazyLock;

use rayon::prelude::*;

use crate::mask::Pixels;

/// Steps of the tables' arguments, 0 to 1.
const STEPS: usize = 4096;

/// Linear light of each sRGB value, and the cube root that lightness follows.
struct Tables {
    linear: [f32; 256],
    root: Vec<f32>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    linear: std::array::from_fn(|value| {
        let value = value as f32 / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    }),
    root: (0..=STEPS)
        .map(|step| {
            let light = step as f32 / STEPS as f32;
            if light > 216.0 / 24_389.0 {
                light.cbrt()
            } else {
                (24_389.0 / 27.0 * light + 16.0) / 116.0
            }
        })
        .collect(),
});

/// L*, a* and b* of a colour: 0 to 100, and about -128 to 127 each.
pub(in crate::mask) fn lab([red, green, blue]: [u8; 3]) -> [f32; 3] {
    let tables = &*TABLES;
    let [r, g, b] = [red, green, blue].map(|value| tables.linear[usize::from(value)]);
    // From sRGB's primaries to XYZ, divided by the white of daylight (IEC 61966-2-1).
    let x = (0.412_456 * r + 0.357_576 * g + 0.180_437 * b) / 0.950_47;
    let y = 0.212_673 * r + 0.715_152 * g + 0.072_175 * b;
    let z = (0.019_334 * r + 0.119_192 * g + 0.950_304 * b) / 1.088_83;
    let root = |light: f32| tables.root[((light * STEPS as f32 + 0.5) as usize).min(STEPS)];
    let [x, y, z] = [x, y, z].map(|light| root(light.clamp(0.0, 1.0)));
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// An image's L*, a* and b* in a byte each: L* times 2.55, a* and b* plus 128. Finer differences
/// than these are not seen.
pub(super) struct LabImage {
    pub(super) width: usize,
    pub(super) height: usize,
    /// One plane a channel, row after row.
    pub(super) planes: [Vec<u8>; 3],
}

/// What a step of a plane's bytes is in L*, a*, b*.
pub(super) const UNITS: [f32; 3] = [1.0 / 2.55, 1.0, 1.0];

impl LabImage {
    /// The colours of blocks of `shrink` x `shrink` pixels, those at the edge being cut.
    pub(super) fn new(pixels: Pixels<'_>, shrink: u32) -> Self {
        let [width, height] = pixels.size().map(|side| side.div_ceil(shrink) as usize);
        let mut planes = [0; 3].map(|_: u8| vec![0; width * height]);
        let [l, a, b] = &mut planes;
        let side = width.max(1);
        let rows = l
            .par_chunks_mut(side)
            .zip(a.par_chunks_mut(side))
            .zip(b.par_chunks_mut(side));
        rows.enumerate().for_each(|(y, ((l, a), b))| {
            let outs = l.iter_mut().zip(a).zip(b);
            for (x, ((l, a), b)) in (0..).zip(outs) {
                let [lightness, red, yellow] = lab(block(pixels, [x, y as u32], shrink));
                *l = (lightness * 2.55 + 0.5) as u8;
                *a = (red + 128.5) as u8;
                *b = (yellow + 128.5) as u8;
            }
        });
        Self {
            width,
            height,
            planes,
        }
    }

    /// The bytes of a pixel.
    pub(super) fn at(&self, x: usize, y: usize) -> [f32; 3] {
        let at = y * self.width + x;
        [0, 1, 2].map(|channel| f32::from(self.planes[channel][at]))
    }
}

/// The mean colour of a block.
fn block(pixels: Pixels<'_>, [x, y]: [u32; 2], shrink: u32) -> [u8; 3] {
    let columns = (x * shrink) as usize..((x + 1) * shrink).min(pixels.width()) as usize;
    let (mut sum, mut count) = ([0_u32; 3], 0);
    for row in y * shrink..((y + 1) * shrink).min(pixels.height()) {
        for color in &pixels.row(row)[columns.clone()] {
            sum = [0, 1, 2].map(|channel| sum[channel] + u32::from(color[channel]));
            count += 1;
        }
    }
    sum.map(|sum| ((sum + count / 2) / count.max(1)) as u8)
}

#[cfg(test)]
mod tests {
    use super::lab;

    #[test]
    fn known_colours_have_their_known_values() {
        let known = [
            ([255, 255, 255], [100.0, 0.0, 0.0]),
            ([0, 0, 0], [0.0, 0.0, 0.0]),
            ([255, 0, 0], [53.24, 80.09, 67.20]),
            ([0, 255, 0], [87.73, -86.18, 83.18]),
            ([0, 0, 255], [32.30, 79.19, -107.86]),
            ([119, 119, 119], [50.03, 0.0, 0.0]),
        ];
        for (color, expected) in known {
            let found = lab(color);
            for (found, expected) in found.iter().zip(expected) {
                assert!(
                    (found - expected).abs() < 0.6,
                    "{color:?}: {found} {expected}"
                );
            }
        }
    }
}
