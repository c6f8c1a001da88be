//! Looking things up in a protobuf message without trusting it.
//!
//! Nothing is copied or allocated but lists of numbers as long as their bytes in the file allow.
//! A message is looked through each time something is asked of it; messages within it are read
//! when they are asked for. Format: <https://protobuf.dev/programming-guides/encoding/>.

use std::fmt;

/// A message that says what can't be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Damage(&'static str);

impl fmt::Display for Damage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

type Result<T> = std::result::Result<T, Damage>;

/// What a field holds, as far as the encoding tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// A whole number, a truth or an enumeration's.
    Number(u64),
    Fixed64([u8; 8]),
    /// Bytes, a text, a message, or packed numbers.
    Bytes(&'a [u8]),
    Fixed32([u8; 4]),
}

/// A message whose fields all lie within its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Message<'a> {
    bytes: &'a [u8],
}

/// The fields of a message from some byte on.
struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Message<'a> {
    /// A message, once all of its fields have been seen to end within it.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut fields = Fields { rest: bytes };
        while !fields.rest.is_empty() {
            fields.take()?;
        }
        Ok(Self { bytes })
    }

    /// Each field's tag and value, in the order of the file.
    pub(super) fn fields(&self) -> impl Iterator<Item = (u64, Value<'a>)> + use<'a> {
        let mut fields = Fields { rest: self.bytes };
        std::iter::from_fn(move || fields.take().ok())
    }

    /// The values under one tag.
    fn values(&self, tag: u64) -> impl Iterator<Item = Value<'a>> + use<'a> {
        self.fields()
            .filter_map(move |(found, value)| (found == tag).then_some(value))
    }

    /// How often a field is there.
    pub(super) fn count(&self, tag: u64) -> usize {
        self.values(tag).count()
    }

    /// A whole number, 0 where it is left out.
    pub(super) fn number(&self, tag: u64) -> u64 {
        let numbers = self.values(tag).filter_map(|value| match value {
            Value::Number(number) => Some(number),
            _ => None,
        });
        numbers.last().unwrap_or_default()
    }

    /// A floating point number, 0 where it is left out.
    pub(super) fn float(&self, tag: u64) -> f32 {
        let floats = self.values(tag).filter_map(|value| match value {
            Value::Fixed32(bytes) => Some(f32::from_le_bytes(bytes)),
            _ => None,
        });
        floats.last().unwrap_or_default()
    }

    /// Every value of that tag that is a run of bytes.
    pub(super) fn each_bytes(&self, tag: u64) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.values(tag).filter_map(|value| match value {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        })
    }

    /// Bytes, if they are there.
    pub(super) fn bytes(&self, tag: u64) -> Option<&'a [u8]> {
        self.each_bytes(tag).last()
    }

    /// A text, empty where it is left out.
    pub(super) fn text(&self, tag: u64) -> Result<&'a str> {
        text(self.bytes(tag).unwrap_or_default())
    }

    /// Every text of that tag.
    pub(super) fn texts(&self, tag: u64) -> impl Iterator<Item = Result<&'a str>> + use<'a> {
        self.each_bytes(tag).map(text)
    }

    /// A message within this one, if it is there.
    ///
    /// The format has parts of one message under the same tag put together; writers don't write
    /// such, and of several the last counts here.
    pub(super) fn message(&self, tag: u64) -> Result<Option<Self>> {
        self.bytes(tag).map(Self::read).transpose()
    }

    /// Every message of that tag.
    pub(super) fn messages(&self, tag: u64) -> impl Iterator<Item = Result<Self>> + use<'a> {
        self.each_bytes(tag).map(Self::read)
    }

    /// A list of at most `most` whole numbers, packed or one by one.
    pub(super) fn numbers(&self, tag: u64, most: usize) -> Result<Vec<u64>> {
        let mut numbers = Vec::new();
        for value in self.values(tag) {
            match value {
                Value::Number(number) => numbers.push(number),
                Value::Bytes(packed) => {
                    let mut fields = Fields { rest: packed };
                    while !fields.rest.is_empty() && numbers.len() <= most {
                        numbers.push(fields.number()?);
                    }
                }
                Value::Fixed32(_) | Value::Fixed64(_) => {}
            }
            if numbers.len() > most {
                return Err(TOO_LONG);
            }
        }
        Ok(numbers)
    }

    /// A list of at most `most` floating point numbers, packed or one by one.
    pub(super) fn floats(&self, tag: u64, most: usize) -> Result<Vec<f32>> {
        let mut floats = Vec::new();
        for value in self.values(tag) {
            match value {
                Value::Fixed32(bytes) => floats.push(f32::from_le_bytes(bytes)),
                Value::Bytes(packed) => {
                    let (packed, _) = packed.as_chunks();
                    if packed.len() > most {
                        return Err(TOO_LONG);
                    }
                    floats.extend(packed.iter().map(|bytes| f32::from_le_bytes(*bytes)));
                }
                Value::Number(_) | Value::Fixed64(_) => {}
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
pub(super) fn tags_until_damage(bytes: &[u8]) -> impl Iterator<Item = u64> {
    let mut fields = Fields { rest: bytes };
    let mut whole = true;
    std::iter::from_fn(move || {
        if !whole || fields.rest.is_empty() {
            return None;
        }
        let key = Fields { rest: fields.rest }.number().ok()?;
        whole = fields.take().is_ok();
        Some(key >> 3)
    })
}

const CUT_OFF: Damage = Damage("a field that leaves its message");
const TOO_LONG: Damage = Damage("a list longer than it may be");

impl<'a> Fields<'a> {
    /// The next field's tag and value.
    fn take(&mut self) -> Result<(u64, Value<'a>)> {
        let key = self.number()?;
        let value = match key & 7 {
            0 => Value::Number(self.number()?),
            1 => Value::Fixed64(self.array()?),
            2 => {
                let length = self.number()?;
                let length = usize::try_from(length).map_err(|_| CUT_OFF)?;
                let (bytes, rest) = self.rest.split_at_checked(length).ok_or(CUT_OFF)?;
                self.rest = rest;
                Value::Bytes(bytes)
            }
            5 => Value::Fixed32(self.array()?),
            _ => return Err(Damage("a field of an unknown kind")),
        };
        Ok((key >> 3, value))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(CUT_OFF)?;
        self.rest = rest;
        Ok(*bytes)
    }

    /// A number of seven bits a byte, the lowest first; the top bit says that more follow.
    fn number(&mut self) -> Result<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Damage("a number of more than ten bytes"))
    }
}

fn text(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| Damage("a text that is not UTF-8"))
}

/// Writing messages, for tests.
#[cfg(test)]
pub(super) mod write {
    fn varint(mut number: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        while number >= 0x80 {
            bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        bytes.push(number as u8);
        bytes
    }

    /// A whole number.
    pub(in crate::weights) fn number(tag: u64, value: u64) -> Vec<u8> {
        [varint(tag << 3), varint(value)].concat()
    }

    /// A floating point number.
    pub(in crate::weights) fn float(tag: u64, value: f32) -> Vec<u8> {
        [varint(tag << 3 | 5), value.to_le_bytes().to_vec()].concat()
    }

    /// A message, a text, or bytes.
    pub(in crate::weights) fn bytes(tag: u64, value: &[u8]) -> Vec<u8> {
        let length = varint(value.len() as u64);
        [varint(tag << 3 | 2), length, value.to_vec()].concat()
    }

    /// Packed floating point numbers.
    pub(in crate::weights) fn floats(tag: u64, values: &[f32]) -> Vec<u8> {
        let packed: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        bytes(tag, &packed)
    }

    /// Packed whole numbers.
    pub(in crate::weights) fn numbers(tag: u64, values: &[u64]) -> Vec<u8> {
        let packed: Vec<u8> = values.iter().flat_map(|v| varint(*v)).collect();
        bytes(tag, &packed)
    }
}

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
        assert_eq!(last, Some((4, Value::Fixed64([1, 2, 3, 4, 5, 6, 7, 8]))));
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
        assert_eq!(Message::read(&huge), Err(CUT_OFF));
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
