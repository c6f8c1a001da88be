//! Looking for values in rows of pixels, eight at a time.

/// The lowest bit of each of eight bytes.
const LOW: u64 = 0x0101_0101_0101_0101;
/// The highest bit of each of eight bytes.
const HIGH: u64 = LOW << 7;

/// How many pixels from the start on have the value.
pub(super) fn run(pixels: &[u8], value: u8) -> usize {
    let (words, rest) = pixels.as_chunks::<8>();
    let all = u64::from(value) * LOW;
    for (place, word) in words.iter().enumerate() {
        let other = u64::from_le_bytes(*word) ^ all;
        if other != 0 {
            return place * 8 + other.trailing_zeros() as usize / 8;
        }
    }
    let tail = rest.iter().take_while(|pixel| **pixel == value).count();
    words.len() * 8 + tail
}

/// How many pixels from the end back have the value.
pub(super) fn run_back(pixels: &[u8], value: u8) -> usize {
    let (rest, words) = pixels.as_rchunks::<8>();
    let all = u64::from(value) * LOW;
    for (place, word) in words.iter().rev().enumerate() {
        let other = u64::from_le_bytes(*word) ^ all;
        if other != 0 {
            return place * 8 + other.leading_zeros() as usize / 8;
        }
    }
    let head = rest.iter().rev().take_while(|pixel| **pixel == value);
    words.len() * 8 + head.count()
}

/// Where the value is first; the length where it is not.
pub(super) fn find(pixels: &[u8], value: u8) -> usize {
    let (words, rest) = pixels.as_chunks::<8>();
    let all = u64::from(value) * LOW;
    for (place, word) in words.iter().enumerate() {
        let zeros = zero_bytes(u64::from_le_bytes(*word) ^ all);
        if zeros != 0 {
            return place * 8 + zeros.trailing_zeros() as usize / 8;
        }
    }
    let tail = rest.iter().take_while(|pixel| **pixel != value).count();
    words.len() * 8 + tail
}

/// How many pixels two rows of one length have in common from the start on.
pub(super) fn same(a: &[u8], b: &[u8]) -> usize {
    let (a_words, a_rest) = a.as_chunks::<8>();
    let (b_words, b_rest) = b.as_chunks::<8>();
    for (place, (a, b)) in a_words.iter().zip(b_words).enumerate() {
        let other = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
        if other != 0 {
            return place * 8 + other.trailing_zeros() as usize / 8;
        }
    }
    let tail = a_rest.iter().zip(b_rest).take_while(|(a, b)| a == b);
    a_words.len() * 8 + tail.count()
}

/// The high bits of the bytes that are 0; of those after the first one, some may be wrong.
fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(LOW) & !word & HIGH
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_equals_a_look_at_each_pixel(
            rows in prop::collection::vec((0..3_u8, 0..3_u8), 0..80),
            long in 0..40_usize,
            value in 0..3_u8,
        ) {
            let stretch = std::iter::repeat_n((value, value), long);
            let rows = rows.iter().copied();
            for rows in [rows.clone().chain(stretch.clone()).collect::<Vec<_>>(), stretch.chain(rows).collect()] {
                let (a, b): (Vec<u8>, Vec<u8>) = rows.into_iter().unzip();
                let pairs = || a.iter().zip(&b);
                prop_assert_eq!(run(&a, value), a.iter().take_while(|p| **p == value).count());
                prop_assert_eq!(run_back(&a, value), a.iter().rev().take_while(|p| **p == value).count());
                prop_assert_eq!(find(&a, value), a.iter().take_while(|p| **p != value).count());
                prop_assert_eq!(same(&a, &b), pairs().take_while(|(a, b)| a == b).count());
            }
        }
    }
}
