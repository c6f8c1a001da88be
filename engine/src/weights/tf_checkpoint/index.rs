//! The index of a checkpoint: what each variable is and where its values lie.

use std::collections::BTreeMap;
use std::path::Path;

use super::damage::damage;
use super::messages::{Entry, Header};
use super::table;
use crate::error::{Error, Result};
use crate::limits::{Limits, check_limit};

/// What an index says.
#[derive(Debug)]
pub(super) struct Index {
    /// How many files hold the values.
    pub(super) shards: i64,
    /// Every variable by its name.
    pub(super) variables: BTreeMap<String, Entry>,
    /// The slices of partitioned variables, by [`slice_key`](super::slice_key::slice_key).
    pub(super) slices: BTreeMap<Vec<u8>, Entry>,
}

/// Reads the index `bytes` of the file at `path`.
///
/// # Errors
/// [`Error::File`] when it is damaged or its values are not little-endian; [`Error::Limit`] when
/// it lists too many tensors.
pub(super) fn read(path: &Path, bytes: &[u8], limits: &Limits) -> Result<Index> {
    let advice = "Get the checkpoint's files again.";
    let fault =
        |found: String| Error::file(path, "the index of a TensorFlow checkpoint", found, advice);
    let unreadable = |_| damage("an entry that can't be read");
    let mut header = None;
    let mut variables = BTreeMap::new();
    let mut slices = BTreeMap::new();
    let mut count = 0_u64;
    table::for_each(bytes, |key, value| {
        count += 1;
        if key.is_empty() {
            header = Some(Header::decode(value).map_err(unreadable)?);
        } else if count <= limits.tensors as u64 + 1 {
            let entry = Entry::decode(value).map_err(unreadable)?;
            match std::str::from_utf8(key) {
                Ok(name) if key[0] != 0 => drop(variables.insert(name.to_owned(), entry)),
                _ => drop(slices.insert(key.to_owned(), entry)),
            }
        }
        Ok(())
    })
    .map_err(|damage| fault(damage.to_string()))?;
    let header = header.ok_or_else(|| {
        fault("a table without a header (TensorFlow 1's first checkpoint format?)".to_owned())
    })?;
    check_limit(
        path,
        "the number of tensors",
        count - 1,
        limits.tensors as u64,
    )?;
    if header.endianness != 0 {
        let advice = "Save the checkpoint again on a little-endian machine.";
        return Err(Error::file(
            path,
            "little-endian values",
            "big-endian ones",
            advice,
        ));
    }
    Ok(Index {
        shards: header.shards,
        variables,
        slices,
    })
}
