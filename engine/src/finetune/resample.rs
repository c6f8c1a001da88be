//! Resizing as TensorFlow 1 does it with `align_corners`: bilinear for images, nearest for label maps.
//!
//! Sizes are [height, width], pixels row-major.

/// One place between two pixels: `low + (high - low) * part`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tap {
    /// The pixel before the place.
    pub low: usize,
    /// The pixel after it; the last one at the end.
    pub high: usize,
    /// How far the place is from `low` towards `high`, from 0 to 1.
    pub part: f32,
}

/// The old axis's step for one of the new one.
fn scale(old: usize, new: usize) -> f32 {
    if new > 1 {
        (old - 1) as f32 / (new - 1) as f32
    } else {
        old as f32 / new as f32
    }
}

/// Bilinear: the place of each of `new` pixels on an axis of `old` pixels.
pub(super) fn taps(old: usize, new: usize) -> Vec<Tap> {
    let scale = scale(old, new);
    (0..new)
        .map(|index| {
            let place = index as f32 * scale;
            let low = (place as usize).min(old - 1);
            Tap {
                low,
                high: (low + 1).min(old - 1),
                part: place - low as f32,
            }
        })
        .collect()
}

/// Nearest: the pixel of an axis of `old` pixels that each of `new` pixels takes; halves round up.
pub(super) fn nearest_taps(old: usize, new: usize) -> Vec<usize> {
    let scale = scale(old, new);
    (0..new)
        .map(|index| ((index as f32 * scale).round() as usize).min(old - 1))
        .collect()
}

/// An image of `channels` floats a pixel, resized bilinearly.
pub(super) fn bilinear(
    image: &[f32],
    channels: usize,
    from: [usize; 2],
    to: [usize; 2],
) -> Vec<f32> {
    let columns = taps(from[1], to[1]);
    let row = |row: usize| &image[row * from[1] * channels..][..from[1] * channels];
    let mut resized = Vec::with_capacity(to[0] * to[1] * channels);
    for tap in taps(from[0], to[0]) {
        let (above, below) = (row(tap.low), row(tap.high));
        for column in &columns {
            for channel in 0..channels {
                let (left, right) = (
                    column.low * channels + channel,
                    column.high * channels + channel,
                );
                let top = above[left] + (above[right] - above[left]) * column.part;
                let bottom = below[left] + (below[right] - below[left]) * column.part;
                resized.push(top + (bottom - top) * tap.part);
            }
        }
    }
    resized
}

/// A label map, resized by nearest.
pub(super) fn nearest(labels: &[u8], from: [usize; 2], to: [usize; 2]) -> Vec<u8> {
    let columns = nearest_taps(from[1], to[1]);
    nearest_taps(from[0], to[0])
        .into_iter()
        .flat_map(|row| {
            columns
                .iter()
                .map(move |column| labels[row * from[1] + column])
        })
        .collect()
}

/// `resize_to_range`: the size that brings the small side to `least`, but no side above `most`,
/// with sides that are a multiple of `factor` plus 1. Single precision, as the original.
pub(super) fn size_in_range(
    from: [usize; 2],
    least: usize,
    most: Option<usize>,
    factor: Option<usize>,
) -> [usize; 2] {
    let (height, width) = (from[0] as f32, from[1] as f32);
    let scaled = |scale: f32| [(height * scale) as usize, (width * scale) as usize];
    let mut size = scaled(least as f32 / height.min(width));
    if let Some(most) = most {
        let most = factor.map_or(most, |factor| most - (most - 1) % factor);
        if size[0].max(size[1]) > most {
            size = scaled(most as f32 / height.max(width));
        }
    }
    size.map(|side| match factor {
        Some(factor) => side + (factor - (side.max(1) - 1) % factor) % factor,
        None => side,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_are_aligned() {
        let taps = taps(3, 5);
        let places: Vec<f32> = taps.iter().map(|tap| tap.low as f32 + tap.part).collect();
        assert_eq!(places, [0.0, 0.5, 1.0, 1.5, 2.0]);
        assert_eq!(
            taps[4],
            Tap {
                low: 2,
                high: 2,
                part: 0.0
            }
        );
        assert_eq!(nearest_taps(5, 3), [0, 2, 4]);
        assert_eq!(nearest_taps(3, 5), [0, 1, 1, 2, 2]);
    }

    #[test]
    fn one_pixel_takes_the_first() {
        assert_eq!(
            taps(7, 1),
            [Tap {
                low: 0,
                high: 1,
                part: 0.0
            }]
        );
        assert_eq!(nearest_taps(1, 3), [0, 0, 0]);
    }
}
