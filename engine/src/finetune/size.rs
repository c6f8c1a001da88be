//! The size that images are brought to before they are augmented.

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
    size.map(|side| {
        let side = side.max(1);
        side + factor.map_or(0, |factor| (factor - (side - 1) % factor) % factor)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_small_side_is_met_unless_the_large_one_would_be_too_long() {
        assert_eq!(size_in_range([300, 120], 200, Some(1000), None), [500, 200]);
        assert_eq!(size_in_range([300, 120], 200, Some(400), None), [400, 160]);
        assert_eq!(size_in_range([77, 91], 50, None, None), [50, 59]);
        assert_eq!(
            size_in_range([375, 500], 513, Some(513), Some(16)),
            [385, 513]
        );
    }

    #[test]
    fn no_size_is_too_small_for_a_factor() {
        assert_eq!(size_in_range([1, 300], 1, Some(10), Some(16)), [1, 1]);
    }
}
