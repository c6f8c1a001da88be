//! Looking things up in a flatbuffer without trusting it.
//!
//! Every offset is checked against the bytes before it is followed, so that a hostile file gives
//! an error and nothing worse. Nothing is allocated but lists as long as their bytes in the file.
//! Format: <https://flatbuffers.dev/internals/>.

use std::fmt;

/// A flatbuffer that says what can't be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Damage(&'static str);

impl fmt::Display for Damage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

type Result<T> = std::result::Result<T, Damage>;

/// A table: fields by slot, each of them optional.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table<'a> {
    bytes: &'a [u8],
    position: usize,
    vtable: usize,
    vtable_length: usize,
}

impl<'a> Table<'a> {
    /// The table that the buffer is about.
    pub(super) fn root(bytes: &'a [u8]) -> Result<Self> {
        Self::at(bytes, follow(bytes, 0)?)
    }

    fn at(bytes: &'a [u8], position: usize) -> Result<Self> {
        let back = i32::from_le_bytes(array(bytes, position)?);
        let vtable = i64::try_from(position)
            .ok()
            .and_then(|position| usize::try_from(position - i64::from(back)).ok())
            .ok_or(Damage("a table without a list of fields"))?;
        let vtable_length = usize::from(u16::from_le_bytes(array(bytes, vtable)?));
        if vtable_length < 4 || vtable_length > bytes.len() - vtable {
            return Err(Damage("a list of fields that leaves the file"));
        }
        Ok(Self {
            bytes,
            position,
            vtable,
            vtable_length,
        })
    }

    /// Where the field of `slot` lies, if the table has it.
    fn field(&self, slot: usize) -> Result<Option<usize>> {
        let entry = 4 + 2 * slot;
        if entry + 2 > self.vtable_length {
            return Ok(None);
        }
        let offset = u16::from_le_bytes(array(self.bytes, self.vtable + entry)?);
        Ok((offset != 0).then_some(self.position + usize::from(offset)))
    }

    fn scalar<const N: usize>(&self, slot: usize) -> Result<Option<[u8; N]>> {
        self.field(slot)?
            .map(|position| array(self.bytes, position))
            .transpose()
    }

    /// A byte, `default` where it is left out.
    pub(super) fn u8(&self, slot: usize, default: u8) -> Result<u8> {
        Ok(self.scalar(slot)?.map_or(default, u8::from_le_bytes))
    }

    /// A whole number, `default` where it is left out.
    pub(super) fn i32(&self, slot: usize, default: i32) -> Result<i32> {
        Ok(self.scalar(slot)?.map_or(default, i32::from_le_bytes))
    }

    /// A whole number that can't be negative, 0 where it is left out.
    pub(super) fn u32(&self, slot: usize) -> Result<u32> {
        Ok(self.scalar(slot)?.map_or(0, u32::from_le_bytes))
    }

    /// A table within the table.
    pub(super) fn table(&self, slot: usize) -> Result<Option<Self>> {
        self.field(slot)?
            .map(|position| Self::at(self.bytes, follow(self.bytes, position)?))
            .transpose()
    }

    /// Start and number of a list's elements, all of which lie within the file.
    fn vector(&self, slot: usize, element: usize) -> Result<Option<(usize, usize)>> {
        let Some(position) = self.field(slot)? else {
            return Ok(None);
        };
        let start = follow(self.bytes, position)?;
        let count = u32::from_le_bytes(array(self.bytes, start)?) as usize;
        let room = self.bytes.len() - start - 4;
        if count > room / element {
            return Err(Damage("a list that leaves the file"));
        }
        Ok(Some((start + 4, count)))
    }

    /// How long a list of tables is.
    pub(super) fn count(&self, slot: usize) -> Result<usize> {
        Ok(self.vector(slot, 4)?.map_or(0, |(_, count)| count))
    }

    /// A list of tables, empty where it is left out.
    pub(super) fn tables(&self, slot: usize) -> Result<Vec<Self>> {
        let Some((start, count)) = self.vector(slot, 4)? else {
            return Ok(Vec::new());
        };
        (0..count)
            .map(|index| Self::at(self.bytes, follow(self.bytes, start + 4 * index)?))
            .collect()
    }

    /// The first of a list of tables, if there is one.
    pub(super) fn first_table(&self, slot: usize) -> Result<Option<Self>> {
        match self.vector(slot, 4)? {
            Some((start, 1..)) => Self::at(self.bytes, follow(self.bytes, start)?).map(Some),
            _ => Ok(None),
        }
    }

    /// A list of bytes, empty where it is left out.
    pub(super) fn bytes(&self, slot: usize) -> Result<&'a [u8]> {
        let Some((start, count)) = self.vector(slot, 1)? else {
            return Ok(&[]);
        };
        Ok(&self.bytes[start..start + count])
    }

    /// A list of elements of `N` bytes, empty where it is left out.
    pub(super) fn arrays<const N: usize>(&self, slot: usize) -> Result<&'a [[u8; N]]> {
        let Some((start, count)) = self.vector(slot, N)? else {
            return Ok(&[]);
        };
        let (elements, _) = self.bytes[start..start + N * count].as_chunks();
        Ok(elements)
    }

    /// A list of at most `most` whole numbers, empty where it is left out.
    ///
    /// Tables can share a list, so that one long list in the file could become many in memory.
    pub(super) fn i32s(&self, slot: usize, most: usize) -> Result<Vec<i32>> {
        let numbers = self.arrays(slot)?;
        if numbers.len() > most {
            return Err(Damage("a list longer than any network has"));
        }
        Ok(numbers
            .iter()
            .map(|bytes| i32::from_le_bytes(*bytes))
            .collect())
    }

    /// A text of at most a thousand bytes, empty where it is left out; no UTF-8 is replaced.
    pub(super) fn text(&self, slot: usize) -> Result<String> {
        let bytes = self.bytes(slot)?;
        if bytes.len() > 1000 {
            return Err(Damage("a name longer than any network has"));
        }
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }
}

/// The `N` bytes at `position`.
fn array<const N: usize>(bytes: &[u8], position: usize) -> Result<[u8; N]> {
    position
        .checked_add(N)
        .and_then(|end| bytes.get(position..end)?.first_chunk().copied())
        .ok_or(Damage("an offset that leaves the file"))
}

/// Where the offset at `position` points to.
fn follow(bytes: &[u8], position: usize) -> Result<usize> {
    let offset = u32::from_le_bytes(array(bytes, position)?) as usize;
    match position.checked_add(offset) {
        Some(target) if target < bytes.len() => Ok(target),
        _ => Err(Damage("an offset that leaves the file")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A table with a byte 7 in slot 0, nothing in slot 1, numbers 3 and -4 in slot 2.
    fn sample() -> Vec<u8> {
        let mut bytes = vec![14, 0, 0, 0]; // the root table is at 14
        bytes.extend([10, 0, 12, 0, 4, 0, 0, 0, 8, 0]); // fields at 4; its length, the table's, slots
        bytes.extend(10_i32.to_le_bytes()); // the table: its fields are 10 back
        bytes.extend([7, 0, 0, 0]);
        bytes.extend([4, 0, 0, 0]); // slot 2 points 4 on
        bytes.extend([2, 0, 0, 0, 3, 0, 0, 0]);
        bytes.extend((-4_i32).to_le_bytes());
        bytes
    }

    #[test]
    fn fields_are_found_or_left_out() {
        let bytes = sample();
        let table = Table::root(&bytes).unwrap();
        assert_eq!(table.u8(0, 1), Ok(7));
        assert_eq!(table.i32(1, 5), Ok(5));
        assert_eq!(table.i32s(2, 9), Ok(vec![3, -4]));
        assert_eq!(table.i32s(9, 9), Ok(Vec::new()));
        assert!(table.i32s(2, 1).is_err());
    }

    #[test]
    fn a_list_longer_than_the_file_is_damage() {
        let mut bytes = sample();
        bytes[26..30].copy_from_slice(&u32::MAX.to_le_bytes());
        let table = Table::root(&bytes).unwrap();
        assert_eq!(table.i32s(2, 9), Err(Damage("a list that leaves the file")));
        assert_eq!(table.bytes(2), Err(Damage("a list that leaves the file")));
    }

    proptest! {
        /// Any bytes are a table or damage; nothing is read outside of them.
        #[test]
        fn any_bytes_are_safe(bytes in prop::collection::vec(any::<u8>(), 0..200), slot in 0_usize..12) {
            if let Ok(table) = Table::root(&bytes) {
                let _ = table.u8(slot, 0);
                let _ = table.i32(slot, 0);
                let _ = table.i32s(slot, 50);
                let _ = table.text(slot);
                if let Ok(tables) = table.tables(slot) {
                    prop_assert!(tables.len() * 4 <= bytes.len());
                }
            }
        }
    }
}
