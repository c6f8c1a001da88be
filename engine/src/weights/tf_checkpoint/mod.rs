//! Reading TensorFlow's checkpoints (V2): an index and the shards beside it.
//!
//! [`locate`] finds out which checkpoint a path means, [`index`] reads the [`table`] of what it
//! holds, [`shards`] the values. Every checksum is checked. What belongs to the training itself,
//! the step count and the optimizer's slots, is not read, only listed.

mod damage;
mod index;
mod locate;
mod messages;
mod shards;
mod slice_key;
mod table;
mod tensors;
#[cfg(test)]
mod tests;

use std::path::Path;

pub(super) use locate::locate;
pub(super) use table::MAGIC;
use tensors::Reader;

use super::TensorSet;
use super::assign::is_of_the_training;
use crate::error::{Error, Result};
use crate::limits::{Limits, check_limit};

/// What a checkpoint holds.
#[derive(Debug, PartialEq)]
pub(super) struct Checkpoint {
    /// The variables of floating point numbers, as float32.
    pub(super) tensors: TensorSet,
    /// Names of what belongs to the training itself.
    pub(super) set_aside: Vec<String>,
    /// Names of the others, which are no floating point numbers.
    pub(super) others: Vec<String>,
}

/// What a moving average's name has behind that of its variable.
const AVERAGE: &str = "/ExponentialMovingAverage";

/// Reads the checkpoint whose files' paths start with `prefix`.
///
/// A variable counts as it was saved; its moving average counts only where the variable itself is
/// not there, as in checkpoints that were written for prediction alone.
///
/// # Errors
/// [`Error::Io`] when a file can't be read; [`Error::File`] when one is damaged or missing bytes;
/// [`Error::Limit`] when it asks for too much.
pub(super) fn read(prefix: &Path, limits: &Limits) -> Result<Checkpoint> {
    let path = locate::index_of(prefix);
    let metadata = std::fs::metadata(&path).map_err(Error::io(&path, "opening"))?;
    check_limit(
        &path,
        "the file's size in bytes",
        metadata.len(),
        limits.file_bytes,
    )?;
    let bytes = std::fs::read(&path).map_err(Error::io(&path, "reading"))?;
    let index = index::read(&path, &bytes, limits)?;
    let mut checkpoint = Checkpoint {
        tensors: TensorSet::default(),
        set_aside: Vec::new(),
        others: Vec::new(),
    };
    let mut reader = Reader::new(&path, prefix, &index, limits);
    for (name, entry) in &index.variables {
        let averaged = name
            .strip_suffix(AVERAGE)
            .filter(|variable| !index.variables.contains_key(*variable));
        if is_of_the_training(name) && averaged.is_none() {
            checkpoint.set_aside.push(name.clone());
        } else if let Some(tensor) = reader.tensor(name, entry)? {
            let name = averaged.unwrap_or(name);
            checkpoint.tensors.insert(name, tensor.shape, tensor.values);
        } else {
            checkpoint.others.push(name.clone());
        }
    }
    Ok(checkpoint)
}
