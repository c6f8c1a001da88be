//! Checkpoints as one input: the index and the shard behind one another.

use std::path::{Path, PathBuf};

use super::lean::push_number;

/// An input of an index and a shard.
pub fn input(index: &[u8], shard: &[u8]) -> Vec<u8> {
    let length = (index.len() as u32).to_le_bytes();
    [&length[..], index, shard].concat()
}

/// Writes the checkpoint of an input into `folder`; the path that its files share.
pub fn write(input: &[u8], folder: &Path) -> PathBuf {
    let (length, files) = input.split_at(input.len().min(4));
    let mut bytes = [0; 4];
    bytes[..length.len()].copy_from_slice(length);
    let index = (u32::from_le_bytes(bytes) as usize).min(files.len());
    write_files(&files[..index], &files[index..], folder)
}

/// Writes a checkpoint whose entries are `block`, with the right checksums around it.
pub fn write_entries(block: &[u8], folder: &Path) -> PathBuf {
    let mut file = Vec::new();
    let entries = push_block(&mut file, block);
    // One entry: a key after all others, and where the block of entries is.
    let mut index = vec![0, 1, entries.len() as u8, 0x7f];
    index.extend(entries);
    index.extend([0, 0, 0, 0, 1, 0, 0, 0]);
    let index = push_block(&mut file, &index);
    let mut footer = vec![0, 0];
    footer.extend(index);
    footer.resize(40, 0);
    file.extend(footer);
    file.extend(0xdb47_7524_8b80_fb57_u64.to_le_bytes());
    write_files(&file, &[0; 128], folder)
}

fn write_files(index: &[u8], shard: &[u8], folder: &Path) -> PathBuf {
    let path = |end: &str| folder.join(format!("model.ckpt{end}"));
    std::fs::write(path(".index"), index).expect("scratch files can be written");
    std::fs::write(path(".data-00000-of-00001"), shard).expect("scratch files can be written");
    path("")
}

/// Adds a block, not compressed, and gives its handle.
fn push_block(file: &mut Vec<u8>, block: &[u8]) -> Vec<u8> {
    let mut handle = Vec::new();
    push_number(&mut handle, file.len() as u64);
    push_number(&mut handle, block.len() as u64);
    let start = file.len();
    file.extend(block);
    file.push(0);
    let checksum = masked_checksum(&file[start..]);
    file.extend(checksum.to_le_bytes());
    handle
}

/// A block of a header and an entry each of a whole, a partitioned and an optimizer's variable.
pub fn entries() -> Vec<u8> {
    let shape = [0x12, 4, 0x12, 2, 0x08, 16];
    let checksum = masked_checksum(&[0; 64]).to_le_bytes();
    let stored = |offset: u8| {
        let place = [0x18, 0, 0x20, offset, 0x28, 64, 0x35];
        [&[0x08, 1][..], &shape, &place, &checksum].concat()
    };
    let slices = [0x3a, 6, 0x0a, 4, 0x08, 0, 0x10, 16];
    let sliced = [&[0x08, 1][..], &shape, &slices].concat();
    let key_of_slice = b"\0w\0\x01\x01\x01\x80\x90".to_vec();
    let mut block = Vec::new();
    for (key, value) in [
        (Vec::new(), vec![0x08, 1, 0x10, 0]),
        (key_of_slice, stored(64)),
        (b"biases".to_vec(), stored(0)),
        (b"biases/Momentum".to_vec(), stored(0)),
        (b"w".to_vec(), sliced),
    ] {
        block.extend([0, key.len() as u8, value.len() as u8]);
        block.extend(key);
        block.extend(value);
    }
    block.extend([0, 0, 0, 0, 1, 0, 0, 0]);
    block
}

fn masked_checksum(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes)
        .rotate_right(15)
        .wrapping_add(0xa282_ead8)
}
