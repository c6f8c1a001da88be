//! What can be wrong with a checkpoint, before the file's path is known.

use std::path::Path;

use crate::error::Error;

/// Why a checkpoint is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// The bytes are not what such a file consists of.
    Damaged(&'static str),
    /// The file wants a Python object that is neither a tensor nor a plain value.
    Global(String),
    /// The file asks for too much.
    TooMuch {
        what: &'static str,
        found: u64,
        limit: u64,
    },
    /// The file is whole, but of another kind: what it is, and what to do.
    Other(String, &'static str),
}

pub(super) type Result<T> = std::result::Result<T, Fault>;

impl Fault {
    /// The fault of the file at `path`.
    pub(super) fn at(self, path: &Path) -> Error {
        match self {
            Self::Damaged(what) => Error::file(
                path,
                "a whole PyTorch checkpoint",
                format!("damage ({what})"),
                "Get the file again.",
            ),
            Self::Global(name) => Error::file(
                path,
                "tensors and plain values alone",
                format!("the Python object {name}, which is never run here"),
                SAVE_THE_WEIGHTS,
            ),
            Self::TooMuch { what, found, limit } => Error::Limit {
                path: path.to_owned(),
                what,
                found,
                limit,
            },
            Self::Other(found, advice) => Error::file(path, "a state dict", found, advice),
        }
    }
}

/// What helps where a checkpoint holds more than weights.
pub(super) const SAVE_THE_WEIGHTS: &str =
    "Save the weights alone, in Python: torch.save(model.state_dict(), path).";

/// Refuses `found` of `what` above `limit`.
pub(super) fn check(what: &'static str, found: u64, limit: u64) -> Result<()> {
    if found <= limit {
        return Ok(());
    }
    Err(Fault::TooMuch { what, found, limit })
}
