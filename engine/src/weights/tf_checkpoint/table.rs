//! Reading the sorted table that a checkpoint's index is.
//!
//! LevelDB's format: blocks of keys and values in order, each key without what it shares with the
//! one before, then a block that says where the blocks are, then a footer. Every block carries its
//! checksum. Format: <https://github.com/google/leveldb/blob/main/doc/table_format.md>.

use super::damage::{Result, damage};
use crate::weights::protobuf::varint;

/// What a table ends with.
pub(in crate::weights) const MAGIC: [u8; 8] = 0xdb47_7524_8b80_fb57_u64.to_le_bytes();

/// Bytes of the footer: two block handles, padding, the magic number.
const FOOTER: usize = 48;

/// The kind of compression, then the checksum.
const TRAILER: usize = 5;

/// The longest key that is read; names of variables are far shorter.
const LONGEST_KEY: usize = 1024;

/// What no block of snappy's grows beyond: 64 bytes for 3.
const LARGEST_GROWTH: usize = 22;

/// Calls `take` with every key and value of the table, in the keys' order.
///
/// # Errors
/// [`Damage`](super::damage::Damage) where the table leaves its bytes, a checksum differs, or the keys are out of order;
/// and what `take` says.
pub(super) fn for_each(
    bytes: &[u8],
    mut take: impl FnMut(&[u8], &[u8]) -> Result<()>,
) -> Result<()> {
    let body = bytes
        .strip_suffix(&MAGIC)
        .ok_or(damage("an end that is no table's"))?;
    let footer_start = bytes
        .len()
        .checked_sub(FOOTER)
        .ok_or(damage("a footer that is cut off"))?;
    let mut footer = &body[footer_start..];
    // The first handle is that of a block about the blocks, which nobody needs.
    read_handle(&mut footer)?;
    let (index, _) = block(&bytes[..footer_start], read_handle(&mut footer)?)?;
    let mut end = 0;
    let mut last_key = None;
    each_entry(&index, |_, mut handle| {
        let handle = read_handle(&mut handle)?;
        // Blocks that may not overlap can't say the same bytes over and over.
        if handle.0 < end {
            return Err(damage("blocks that overlap"));
        }
        let (entries, block_end) = block(&bytes[..footer_start], handle)?;
        end = block_end;
        each_entry(&entries, |key, value| {
            if last_key.as_deref().is_some_and(|last: &[u8]| last >= key) {
                return Err(damage("keys out of order"));
            }
            last_key = Some(key.to_vec());
            take(key, value)
        })
    })
}

/// The block of `size` bytes at `offset`, unpacked, and where it ends in the file.
fn block(bytes: &[u8], (offset, size): (usize, usize)) -> Result<(Vec<u8>, usize)> {
    let outside = || damage("a block outside the file");
    let packed_end = offset.checked_add(size).ok_or_else(outside)?;
    let end = packed_end.checked_add(TRAILER).ok_or_else(outside)?;
    let block = bytes.get(offset..end).ok_or_else(outside)?;
    let (packed_and_kind, checksum) = block.split_last_chunk::<4>().ok_or_else(outside)?;
    if masked_checksum(packed_and_kind) != u32::from_le_bytes(*checksum) {
        return Err(damage("a block whose checksum differs"));
    }
    let (kind, packed) = packed_and_kind.split_last().ok_or_else(outside)?;
    match kind {
        0 => Ok((packed.to_vec(), end)),
        1 => Ok((unpack(packed)?, end)),
        _ => Err(damage("a block of an unknown compression")),
    }
}

fn unpack(packed: &[u8]) -> Result<Vec<u8>> {
    let fault = |_| damage("a block that does not unpack");
    let length = snap::raw::decompress_len(packed).map_err(fault)?;
    if length / LARGEST_GROWTH > packed.len() {
        return Err(damage("a block that claims to unpack to more than it can"));
    }
    snap::raw::Decoder::new()
        .decompress_vec(packed)
        .map_err(fault)
}

/// The checksum of `bytes` as LevelDB and TensorFlow store it: CRC-32C, rotated and shifted.
pub(super) fn masked_checksum(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes)
        .rotate_right(15)
        .wrapping_add(0xa282_ead8)
}

/// Calls `take` with every key and value of one block.
fn each_entry(block: &[u8], mut take: impl FnMut(&[u8], &[u8]) -> Result<()>) -> Result<()> {
    let cut = || damage("a block that is cut off");
    // At the end: where keys are whole, for searching, and how many such places there are.
    let (rest, restarts) = block.split_last_chunk::<4>().ok_or_else(cut)?;
    let restarts = usize::try_from(u32::from_le_bytes(*restarts)).map_err(|_| cut())?;
    let entries = restarts
        .checked_mul(4)
        .and_then(|size| rest.len().checked_sub(size))
        .ok_or_else(cut)?;
    let mut left = &rest[..entries];
    let mut key = Vec::new();
    while !left.is_empty() {
        let shared = read_size(&mut left)?;
        let own = read_size(&mut left)?;
        let value = read_size(&mut left)?;
        if shared > key.len() || shared.saturating_add(own) > LONGEST_KEY {
            return Err(damage("a key that can't be"));
        }
        let end = own.checked_add(value).ok_or_else(cut)?;
        let (entry, after) = left.split_at_checked(end).ok_or_else(cut)?;
        key.truncate(shared);
        key.extend_from_slice(&entry[..own]);
        take(&key, &entry[own..])?;
        left = after;
    }
    Ok(())
}

/// Where a block is and how long: two numbers.
fn read_handle(bytes: &mut &[u8]) -> Result<(usize, usize)> {
    Ok((read_size(bytes)?, read_size(bytes)?))
}

/// The number at the start of `bytes`, seven bits a byte, the lowest first.
fn read_size(bytes: &mut &[u8]) -> Result<usize> {
    let number = varint(bytes).map_err(|_| damage("a number that is cut off"))?;
    usize::try_from(number).map_err(|_| damage("a number that is too large"))
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::weights::protobuf::writing::varint;

    type Entries = Vec<(Vec<u8>, Vec<u8>)>;

    /// A table of one block for every `in_block` entries.
    pub(in crate::weights::tf_checkpoint) fn table(
        entries: &Entries,
        in_block: usize,
        snappy: bool,
    ) -> Vec<u8> {
        let mut file = Vec::new();
        let mut index = Vec::new();
        for entries in entries.chunks(in_block) {
            let handle = push_block(&mut file, entries, snappy);
            let last = entries.last().unwrap().0.clone();
            index.push((last, handle));
        }
        let about = push_block(&mut file, &[], snappy);
        let index = push_block(&mut file, &index, snappy);
        let footer = file.len();
        file.extend(about);
        file.extend(index);
        file.resize(footer + FOOTER - MAGIC.len(), 0);
        file.extend(MAGIC);
        file
    }

    fn push_block(file: &mut Vec<u8>, entries: &[(Vec<u8>, Vec<u8>)], snappy: bool) -> Vec<u8> {
        let mut block = Vec::new();
        let mut before: &[u8] = &[];
        for (key, value) in entries {
            let shared = before.iter().zip(key).take_while(|(a, b)| a == b).count();
            for number in [shared, key.len() - shared, value.len()] {
                block.extend(varint(number as u64));
            }
            block.extend(&key[shared..]);
            block.extend(value);
            before = key;
        }
        block.extend([0_u32, 1].map(u32::to_le_bytes).concat());
        if snappy {
            block = snap::raw::Encoder::new().compress_vec(&block).unwrap();
        }
        let mut handle = Vec::new();
        handle.extend(varint(file.len() as u64));
        handle.extend(varint(block.len() as u64));
        block.push(u8::from(snappy));
        let checksum = masked_checksum(&block);
        file.extend(block);
        file.extend(checksum.to_le_bytes());
        handle
    }

    fn entries() -> Entries {
        let names = [
            "",
            "Conv/biases",
            "Conv/weights",
            "Conv_1/biases",
            "global_step",
        ];
        let of = |name: &&str| (name.as_bytes().to_vec(), name.repeat(9).into_bytes());
        names.iter().map(of).collect()
    }

    fn read(bytes: &[u8]) -> Result<Entries> {
        let mut found = Vec::new();
        for_each(bytes, |key, value| {
            found.push((key.to_vec(), value.to_vec()));
            Ok(())
        })?;
        Ok(found)
    }

    #[test]
    fn gives_what_was_put_in() {
        for (in_block, snappy) in [(1, false), (2, true), (100, false), (100, true)] {
            let bytes = table(&entries(), in_block, snappy);
            assert_eq!(read(&bytes).unwrap(), entries(), "{in_block} {snappy}");
        }
    }

    #[test]
    fn every_part_is_refused() {
        let whole = table(&entries(), 2, true);
        for length in 0..whole.len() {
            assert!(read(&whole[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn keys_have_an_order() {
        let mut swapped = entries();
        swapped.swap(1, 3);
        let error = read(&table(&swapped, 2, false)).unwrap_err();
        assert_eq!(error.to_string(), "keys out of order");
    }

    #[test]
    fn a_block_that_claims_to_be_huge_is_refused_before_it_is_unpacked() {
        // Snappy says the unpacked length first: here four gigabytes for five bytes.
        let error = unpack(&[0xff, 0xff, 0xff, 0xff, 0x0f]).unwrap_err();
        assert!(error.to_string().contains("more than it can"), "{error}");
    }

    proptest! {
        #[test]
        fn a_changed_byte_is_noticed_or_without_effect(
            place in any::<prop::sample::Index>(), value: u8, snappy: bool,
        ) {
            let mut bytes = table(&entries(), 2, snappy);
            let place = place.index(bytes.len());
            bytes[place] = value;
            if let Ok(found) = read(&bytes) {
                prop_assert_eq!(found, entries());
            }
        }

        #[test]
        fn no_bytes_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            bytes.extend(MAGIC);
            let _ = read(&bytes);
        }
    }
}
