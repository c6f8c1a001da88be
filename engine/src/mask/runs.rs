//! Run-length coding of edits: short, quick, and checked when it comes from a file.

/// Appends an unsigned number, 7 bits a byte, the lowest first; the high bit says that more follow.
pub(super) fn write_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Takes a number off the front of `bytes`; `None` where they end early or overflow 64 bits.
pub(super) fn read_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let part = u64::from(byte & 0x7f);
        if shift == 63 && part > 1 {
            return None;
        }
        number |= part << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Collects pixels as runs of equal values: pairs of value and length.
#[derive(Debug, Default)]
pub(super) struct RunWriter {
    bytes: Vec<u8>,
    value: u8,
    length: u64,
}

impl RunWriter {
    /// Appends `length` pixels of one value; none is fine.
    pub fn push(&mut self, value: u8, length: u64) {
        if length == 0 {
            return;
        }
        if value != self.value {
            self.flush();
            self.value = value;
        }
        self.length += length;
    }

    /// The coded runs.
    pub fn finish(mut self) -> Box<[u8]> {
        self.flush();
        self.bytes.into_boxed_slice()
    }

    fn flush(&mut self) {
        if self.length > 0 {
            self.bytes.push(self.value);
            write_number(&mut self.bytes, self.length);
            self.length = 0;
        }
    }
}

/// The runs of coded pixels, in order. It ends at the first byte that makes no sense.
#[derive(Debug, Clone)]
pub(super) struct Runs<'a> {
    bytes: &'a [u8],
}

impl<'a> Runs<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// How many pixels there are; `None` where the bytes are damaged.
    pub fn total(mut self) -> Option<u64> {
        let mut total = 0_u64;
        for (_, length) in self.by_ref() {
            total = total.checked_add(length)?;
        }
        self.bytes.is_empty().then_some(total)
    }
}

impl Iterator for Runs<'_> {
    type Item = (u8, u64);

    fn next(&mut self) -> Option<Self::Item> {
        let (value, mut rest) = self.bytes.split_first()?;
        let length = read_number(&mut rest).filter(|length| *length > 0)?;
        self.bytes = rest;
        Some((*value, length))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_come_back(number: u64) {
            let mut bytes = Vec::new();
            write_number(&mut bytes, number);
            let mut rest = &bytes[..];
            prop_assert_eq!(read_number(&mut rest), Some(number));
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn pixels_come_back(pixels in prop::collection::vec(0..3_u8, 0..200)) {
            let mut writer = RunWriter::default();
            for pixel in &pixels {
                writer.push(*pixel, 1);
            }
            let bytes = writer.finish();
            let back: Vec<u8> = Runs::new(&bytes)
                .flat_map(|(value, length)| std::iter::repeat_n(value, length as usize))
                .collect();
            prop_assert_eq!(Runs::new(&bytes).total(), Some(pixels.len() as u64));
            prop_assert_eq!(back, pixels);
        }

        #[test]
        fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Some(total) = Runs::new(&bytes).total() {
                prop_assert_eq!(Runs::new(&bytes).map(|(_, length)| length).sum::<u64>(), total);
            }
        }
    }

    #[test]
    fn numbers_that_overflow_or_end_early_are_refused() {
        assert_eq!(read_number(&mut &[0x80, 0x80][..]), None);
        assert_eq!(read_number(&mut &[0xff; 10][..]), None);
    }
}
