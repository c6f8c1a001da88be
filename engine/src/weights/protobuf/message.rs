//! Looking things up in a message.

use super::wire::{Fields, Malformed, Value, fields, varint};

type Result<T> = std::result::Result<T, Malformed>;

/// A message whose fields all lie within its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::weights) struct Message<'a> {
    bytes: &'a [u8],
}

impl<'a> Message<'a> {
    /// A message, once all of its fields have been seen to end within it.
    pub(in crate::weights) fn read(bytes: &'a [u8]) -> Result<Self> {
        for field in fields(bytes) {
            field?;
        }
        Ok(Self { bytes })
    }

    /// Each field's tag and value, in the order of the file.
    pub(in crate::weights) fn fields(&self) -> impl Iterator<Item = (u64, Value<'a>)> + use<'a> {
        fields(self.bytes).flatten()
    }

    /// The values under one tag.
    fn values(&self, tag: u64) -> impl Iterator<Item = Value<'a>> + use<'a> {
        self.fields()
            .filter_map(move |(found, value)| (found == tag).then_some(value))
    }

    /// How often a field is there.
    pub(in crate::weights) fn count(&self, tag: u64) -> usize {
        self.values(tag).count()
    }

    /// A whole number, 0 where it is left out.
    pub(in crate::weights) fn number(&self, tag: u64) -> u64 {
        let numbers = self.values(tag).filter_map(|value| match value {
            Value::Number(number) => Some(number),
            _ => None,
        });
        numbers.last().unwrap_or_default()
    }

    /// A floating point number, 0 where it is left out.
    pub(in crate::weights) fn float(&self, tag: u64) -> f32 {
        let floats = self.values(tag).filter_map(|value| match value {
            Value::Four(bytes) => Some(f32::from_le_bytes(bytes)),
            _ => None,
        });
        floats.last().unwrap_or_default()
    }

    /// Every value of that tag that is a run of bytes.
    pub(in crate::weights) fn each_bytes(
        &self,
        tag: u64,
    ) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.values(tag).filter_map(|value| match value {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        })
    }

    /// Bytes, if they are there.
    pub(in crate::weights) fn bytes(&self, tag: u64) -> Option<&'a [u8]> {
        self.each_bytes(tag).last()
    }

    /// A text, empty where it is left out.
    pub(in crate::weights) fn text(&self, tag: u64) -> Result<&'a str> {
        Value::Bytes(self.bytes(tag).unwrap_or_default()).text()
    }

    /// Every text of that tag.
    pub(in crate::weights) fn texts(
        &self,
        tag: u64,
    ) -> impl Iterator<Item = Result<&'a str>> + use<'a> {
        self.each_bytes(tag).map(|text| Value::Bytes(text).text())
    }

    /// A message within this one, if it is there.
    ///
    /// The format has parts of one message under the same tag put together; writers don't write
    /// such, and of several the last counts here.
    pub(in crate::weights) fn message(&self, tag: u64) -> Result<Option<Self>> {
        self.bytes(tag).map(Self::read).transpose()
    }

    /// Every message of that tag.
    pub(in crate::weights) fn messages(
        &self,
        tag: u64,
    ) -> impl Iterator<Item = Result<Self>> + use<'a> {
        self.each_bytes(tag).map(Self::read)
    }

    /// A list of at most `most` whole numbers, packed or one by one.
    pub(in crate::weights) fn numbers(&self, tag: u64, most: usize) -> Result<Vec<u64>> {
        let mut numbers = Vec::new();
        for value in self.values(tag) {
            match value {
                Value::Number(number) => numbers.push(number),
                Value::Bytes(mut packed) => {
                    while !packed.is_empty() && numbers.len() <= most {
                        numbers.push(varint(&mut packed)?);
                    }
                }
                Value::Four(_) | Value::Eight(_) => {}
            }
            if numbers.len() > most {
                return Err(TOO_LONG);
            }
        }
        Ok(numbers)
    }

    /// A list of at most `most` floating point numbers, packed or one by one.
    pub(in crate::weights) fn floats(&self, tag: u64, most: usize) -> Result<Vec<f32>> {
        let mut floats = Vec::new();
        for value in self.values(tag) {
            match value {
                Value::Four(bytes) => floats.push(f32::from_le_bytes(bytes)),
                Value::Bytes(packed) => {
                    let (packed, _) = packed.as_chunks();
                    if packed.len() > most {
                        return Err(TOO_LONG);
                    }
                    floats.extend(packed.iter().map(|bytes| f32::from_le_bytes(*bytes)));
                }
                Value::Number(_) | Value::Eight(_) => {}
            }
            if floats.len() > most {
                return Err(TOO_LONG);
            }
        }
        Ok(floats)
    }
}

/// The tags of a message's fields, as far as it is whole, and that of the first that is not: enough
/// to tell what a file that was cut off is.
pub(in crate::weights) fn tags_until_damage(bytes: &[u8]) -> impl Iterator<Item = u64> {
    let mut rest: Fields<'_> = fields(bytes);
    std::iter::from_fn(move || {
        let mut start = rest.bytes_left();
        match rest.next()? {
            Ok((tag, _)) => Some(tag),
            Err(_) => Some(varint(&mut start).ok()? >> 3),
        }
    })
}

const TOO_LONG: Malformed = Malformed("a list longer than it may be");

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 150 under 1; "ok" and "" under 2; 1.0 under 3; eight bytes under 4; 3 and 300, packed,
    /// under 5.
    const SAMPLE: &[u8] = &[
        0x08, 0x96, 0x01, 0x12, 0x02, b'o', b'k', 0x12, 0x00, 0x1d, 0, 0, 0x80, 0x3f, 0x21, 1, 2,
        3, 4, 5, 6, 7, 8, 0x2a, 0x03, 0x03, 0xac, 0x02,
    ];

    #[test]
    fn fields_are_found_or_left_out() {
        let message = Message::read(SAMPLE).unwrap();
        assert_eq!((message.number(1), message.number(9)), (150, 0));
        assert_eq!(message.text(2), Ok(""));
        assert_eq!(message.texts(2).next(), Some(Ok("ok")));
        assert_eq!((message.float(3), message.float(1)), (1.0, 0.0));
        assert_eq!(message.floats(3, 1), Ok(vec![1.0]));
        assert_eq!(message.numbers(5, 2), Ok(vec![3, 300]));
        assert_eq!(message.numbers(5, 1), Err(TOO_LONG));
        assert_eq!((message.count(2), message.count(6)), (2, 0));
        assert_eq!(message.message(2), Ok(Some(Message { bytes: &[] })));
        assert_eq!(message.bytes(7), None);
        let last = message.fields().nth(4);
        assert_eq!(last, Some((4, Value::Eight([1, 2, 3, 4, 5, 6, 7, 8]))));
    }

    #[test]
    fn a_message_cut_within_a_field_is_damage() {
        let ends = [0, 3, 7, 9, 14, 23, SAMPLE.len()];
        for cut in 0..=SAMPLE.len() {
            let whole = ends.contains(&cut);
            let read = Message::read(&SAMPLE[..cut]);
            assert_eq!(read.is_ok(), whole, "cut at {cut}");
        }
    }

    #[test]
    fn tags_are_told_up_to_what_is_cut_off() {
        let tags = |cut: usize| tags_until_damage(&SAMPLE[..cut]).collect::<Vec<_>>();
        assert_eq!(tags(SAMPLE.len()), [1, 2, 2, 3, 4, 5]);
        assert_eq!(tags(10), [1, 2, 2, 3]);
        assert_eq!(tags(9), [1, 2, 2]);
    }

    #[test]
    fn what_can_not_be_is_damage() {
        assert!(Message::read(&[0x0b]).is_err(), "the start of a group");
        assert!(
            Message::read(&[
                0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff
            ])
            .is_err()
        );
        let huge = [0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
        assert!(Message::read(&huge).is_err());
        let message = Message::read(&[0x12, 0x01, 0xff]).unwrap();
        assert!(message.text(2).is_err());
        assert!(message.numbers(2, 9).is_err());
    }

    proptest! {
        /// Any bytes are a message or damage, with no more fields than bytes.
        #[test]
        fn any_bytes_are_safe(bytes in prop::collection::vec(any::<u8>(), 0..100), tag in 0_u64..20) {
            if let Ok(message) = Message::read(&bytes) {
                prop_assert!(message.fields().count() <= bytes.len());
                let _ = (message.number(tag), message.float(tag), message.text(tag));
                if let Ok(numbers) = message.numbers(tag, 50) {
                    prop_assert!(numbers.len() <= 50);
                }
                if let Ok(floats) = message.floats(tag, 50) {
                    prop_assert!(floats.len() * 4 <= bytes.len());
                }
            }
        }
    }
}
