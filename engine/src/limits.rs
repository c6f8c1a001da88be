//! How much a foreign file may ask for before it is refused.

use std::fs;
use std::path::Path;

use crate::error::{Error, Result};

/// Limits that every reader of foreign bytes honours before it allocates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Pixels of one image. The default, 512 million, holds a 30,000 x 17,000 scan.
    pub image_pixels: u64,
    /// Bytes of one image while it is decoded.
    pub image_bytes: u64,
    /// Bytes of one model or settings file.
    pub file_bytes: u64,
    /// Tensors in one model file.
    pub tensors: usize,
    /// Values in one tensor.
    pub tensor_values: usize,
    /// Nesting of a structured file (JSON, TOML, flatbuffers tables).
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            image_pixels: 512 << 20,
            image_bytes: 2 << 30,
            file_bytes: 2 << 30,
            tensors: 20_000,
            tensor_values: 1 << 28,
            depth: 64,
        }
    }
}

/// Refuses `found` of `what` in the file at `path` where it is above `limit`.
///
/// # Errors
/// [`Error::Limit`].
pub(crate) fn check_limit(path: &Path, what: &'static str, found: u64, limit: u64) -> Result<()> {
    if found <= limit {
        return Ok(());
    }
    Err(Error::Limit {
        path: path.to_owned(),
        what,
        found,
        limit,
    })
}

/// The bytes of a file, if they are not too many.
///
/// # Errors
/// [`Error::Io`] when the file can't be read, [`Error::Limit`] when it is too large.
pub(crate) fn read_file(path: &Path, limits: &Limits) -> Result<Vec<u8>> {
    let length = fs::metadata(path)
        .map_err(Error::io(path, "reading"))?
        .len();
    check_limit(path, "the file's size in bytes", length, limits.file_bytes)?;
    fs::read(path).map_err(Error::io(path, "reading"))
}
