//! Default colours for any index.

/// The PASCAL VOC colour of `index`: its bits dealt out to red, green and blue, highest first.
///
/// Bits 0, 3, 6 go to red, 1, 4, 7 to green, 2, 5, 8 to blue, each from the top bit down, so small
/// indices are far apart. The VOC development kit colours its masks this way, and classes of one's
/// own get their default colour from it.
pub const fn bit_shuffle(index: usize) -> [u8; 3] {
    let mut color = [0; 3];
    let mut rest = index;
    let mut bit = 8;
    while bit > 0 && rest > 0 {
        bit -= 1;
        color[0] |= ((rest & 1) << bit) as u8;
        color[1] |= ((rest >> 1 & 1) << bit) as u8;
        color[2] |= ((rest >> 2 & 1) << bit) as u8;
        rest >>= 3;
    }
    color
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colours_of_the_development_kit() {
        assert_eq!(bit_shuffle(0), [0, 0, 0]);
        assert_eq!(bit_shuffle(1), [128, 0, 0]);
        assert_eq!(bit_shuffle(15), [192, 128, 128]);
        assert_eq!(bit_shuffle(20), [0, 64, 128]);
        assert_eq!(bit_shuffle(255), [224, 224, 192]);
    }

    #[test]
    fn the_first_256_differ() {
        let colors: std::collections::HashSet<_> = (0..256).map(bit_shuffle).collect();
        assert_eq!(colors.len(), 256);
    }
}
