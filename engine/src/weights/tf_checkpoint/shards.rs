//! The files of a checkpoint that hold the values.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use super::locate::shard_of;
use super::messages::Entry;
use super::table::masked_checksum;
use crate::error::{Error, Result};
use crate::limits::{Limits, check_limit};

/// The shards of a checkpoint, opened as they are asked for.
#[derive(Debug)]
pub(super) struct Shards<'a> {
    prefix: &'a Path,
    count: i64,
    limits: &'a Limits,
    open: HashMap<i64, Shard>,
}

#[derive(Debug)]
struct Shard {
    path: PathBuf,
    file: File,
    length: u64,
    /// Bytes that have not been asked for yet. No two tensors share bytes, so none can be asked
    /// for over and over.
    left: u64,
}

impl<'a> Shards<'a> {
    /// Those of the checkpoint at `prefix`.
    pub(super) fn new(prefix: &'a Path, count: i64, limits: &'a Limits) -> Self {
        Self {
            prefix,
            count,
            limits,
            open: HashMap::new(),
        }
    }

    /// The bytes of the tensor `name`, whose `entry` says where they lie.
    ///
    /// # Errors
    /// [`Error::Io`] when the shard can't be read; [`Error::File`] when it does not hold the bytes
    /// or they are not those that were saved; [`Error::Limit`] when it is too large.
    pub(super) fn bytes(&mut self, name: &str, entry: &Entry) -> Result<Vec<u8>> {
        let shard = self.shard(entry.shard)?;
        let place = u64::try_from(entry.offset)
            .ok()
            .zip(u64::try_from(entry.size).ok());
        let inside = place.filter(|(offset, size)| {
            let end = offset.checked_add(*size);
            end.is_some_and(|end| end <= shard.length) && *size <= shard.left
        });
        let Some((offset, size)) = inside else {
            let expected = format!("{} bytes of {name} at {}", entry.size, entry.offset);
            let found = format!("{} bytes in all", shard.length);
            return Err(Error::file(&shard.path, expected, found, ADVICE));
        };
        shard.left -= size;
        // Not more than the file's own length, which is within the limits.
        let mut bytes = vec![0; size as usize];
        shard
            .file
            .seek(SeekFrom::Start(offset))
            .and_then(|_| shard.file.read_exact(&mut bytes))
            .map_err(Error::io(&shard.path, "reading"))?;
        let found = masked_checksum(&bytes);
        if found != entry.checksum {
            let expected = format!("{name} with the checksum {:08x}", entry.checksum);
            let found = format!("{found:08x}");
            return Err(Error::file(&shard.path, expected, found, ADVICE));
        }
        Ok(bytes)
    }

    fn shard(&mut self, number: i64) -> Result<&mut Shard> {
        use std::collections::hash_map::Entry;
        match self.open.entry(number) {
            Entry::Occupied(shard) => Ok(shard.into_mut()),
            Entry::Vacant(place) => {
                let path = shard_of(self.prefix, number, self.count);
                Ok(place.insert(Shard::open(path, self.limits)?))
            }
        }
    }
}

const ADVICE: &str = "Get the checkpoint's files again.";

impl Shard {
    fn open(path: PathBuf, limits: &Limits) -> Result<Self> {
        let file = File::open(&path).map_err(Error::io(&path, "opening"))?;
        let metadata = file.metadata().map_err(Error::io(&path, "opening"))?;
        let length = metadata.len();
        check_limit(&path, "the file's size in bytes", length, limits.file_bytes)?;
        Ok(Self {
            path,
            file,
            length,
            left: length,
        })
    }
}
