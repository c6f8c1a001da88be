//! The fields of a message, one after another.

/// Bytes that are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(in crate::weights) struct Malformed(pub(super) &'static str);

/// The value of a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::weights) enum Value<'a> {
    /// A whole number, a truth value or one of an enumeration.
    Number(u64),
    /// Four bytes: a float32 or a number of fixed size.
    Four([u8; 4]),
    /// Eight bytes: a float64 or a number of fixed size.
    Eight([u8; 8]),
    /// Text, bytes, a message, or several numbers.
    Bytes(&'a [u8]),
}

/// The fields of the message `bytes`, each with its number; after an error there are no more.
pub(in crate::weights) fn fields(bytes: &[u8]) -> Fields<'_> {
    Fields { left: bytes }
}

/// See [`fields`].
#[derive(Debug, Clone)]
pub(in crate::weights) struct Fields<'a> {
    left: &'a [u8],
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left.is_empty() {
            return None;
        }
        let field = self.read();
        if field.is_err() {
            self.left = &[];
        }
        Some(field)
    }
}

impl<'a> Fields<'a> {
    /// The bytes of the fields to come; none after an error.
    pub(super) fn bytes_left(&self) -> &'a [u8] {
        self.left
    }

    fn read(&mut self) -> Result<(u64, Value<'a>), Malformed> {
        let tag = varint(&mut self.left)?;
        let value = match tag & 7 {
            0 => Value::Number(varint(&mut self.left)?),
            1 => Value::Eight(self.array()?),
            2 => {
                let length = varint(&mut self.left)?;
                let length = usize::try_from(length).map_err(|_| CUT)?;
                let (value, left) = self.left.split_at_checked(length).ok_or(CUT)?;
                self.left = left;
                Value::Bytes(value)
            }
            5 => Value::Four(self.array()?),
            _ => return Err(Malformed("a field of an unknown kind")),
        };
        Ok((tag >> 3, value))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (array, left) = self.left.split_first_chunk().ok_or(CUT)?;
        self.left = left;
        Ok(*array)
    }
}

const CUT: Malformed = Malformed("a value that is cut off");

/// The number at the start of `bytes`, which then start behind it: seven bits a byte, the lowest
/// first.
pub(in crate::weights) fn varint(bytes: &mut &[u8]) -> Result<u64, Malformed> {
    let mut number = 0;
    for place in 0..10 {
        let (byte, left) = bytes.split_first().ok_or(CUT)?;
        *bytes = left;
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(Malformed("a number without an end"))
}

impl<'a> Value<'a> {
    /// The bytes of a text, of bytes or of a message.
    pub(in crate::weights) fn bytes(self) -> Result<&'a [u8], Malformed> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            _ => Err(Malformed("a number where bytes should be")),
        }
    }

    /// A text.
    pub(in crate::weights) fn text(self) -> Result<&'a str, Malformed> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Malformed("a text that is not UTF-8"))
    }

    /// A whole number; negative ones are their 64-bit complement.
    pub(in crate::weights) fn int(self) -> Result<i64, Malformed> {
        match self {
            Self::Number(number) => Ok(number.cast_signed()),
            _ => Err(Malformed("something else where a whole number should be")),
        }
    }

    /// A float32.
    pub(in crate::weights) fn float(self) -> Result<f32, Malformed> {
        match self {
            Self::Four(bytes) => Ok(f32::from_le_bytes(bytes)),
            _ => Err(Malformed("something else where a float32 should be")),
        }
    }

    /// Adds the whole numbers of a repeated field: this one, or those packed here.
    pub(in crate::weights) fn push_ints(self, numbers: &mut Vec<i64>) -> Result<(), Malformed> {
        let Self::Bytes(mut packed) = self else {
            numbers.push(self.int()?);
            return Ok(());
        };
        while !packed.is_empty() {
            numbers.push(varint(&mut packed)?.cast_signed());
        }
        Ok(())
    }

    /// The little-endian bytes of fixed-size numbers in a repeated field: of this one, or of those
    /// packed here.
    pub(in crate::weights) fn fixed_bytes(&self) -> Result<&[u8], Malformed> {
        match self {
            Self::Four(bytes) => Ok(bytes),
            Self::Eight(bytes) => Ok(bytes),
            Self::Bytes(bytes) => Ok(bytes),
            Self::Number(_) => Err(Malformed("a whole number where fixed ones should be")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::writing;
    use super::*;

    #[test]
    fn fields_come_in_order() {
        let message = [
            writing::number(1, 300),
            writing::number(2, -1),
            writing::bytes(3, b"text"),
            writing::float(16, 1.5),
        ]
        .concat();
        assert_eq!(message[..3], [0x08, 0xac, 0x02]);
        let found: Vec<_> = fields(&message).collect::<Result<_, _>>().unwrap();
        assert_eq!(found[0], (1, Value::Number(300)));
        assert_eq!(found[1].1.int(), Ok(-1));
        assert_eq!(found[2].1.text(), Ok("text"));
        assert_eq!((found[3].0, found[3].1.float()), (16, Ok(1.5)));
        assert!(found[2].1.int().is_err() && found[0].1.bytes().is_err());
        for length in 1..message.len() {
            let part: Result<Vec<_>, _> = fields(&message[..length]).collect();
            assert!(part.is_err() || part.unwrap().len() < 4, "{length}");
        }
    }

    #[test]
    fn several_numbers_may_be_packed() {
        let mut numbers = Vec::new();
        Value::Bytes(&[1, 0xac, 0x02])
            .push_ints(&mut numbers)
            .unwrap();
        Value::Number(7).push_ints(&mut numbers).unwrap();
        assert_eq!(numbers, [1, 300, 7]);
        assert!(Value::Bytes(&[0x80]).push_ints(&mut numbers).is_err());
        assert_eq!(
            Value::Four([1, 2, 3, 4]).fixed_bytes(),
            Ok(&[1, 2, 3, 4][..])
        );
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            for (_, value) in fields(&bytes).flatten() {
                let _ = value.push_ints(&mut Vec::new());
                let _ = value.text();
            }
        }
    }
}
