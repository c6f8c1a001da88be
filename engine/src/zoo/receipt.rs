//! What lies beside an unpacked checkpoint: where it came from, and what each file must hold.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::checksum;
use crate::atomic_file::write_bytes;
use crate::error::{Error, Result};
use crate::jobs::Monitor;

/// The receipt's file name.
const NAME: &str = "receipt.json";
/// No receipt is longer than this.
const MAX_BYTES: u64 = 1 << 20;

/// One file of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnpackedFile {
    /// Its path in the archive, `/` between its parts.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
}

/// Where a checkpoint came from, and what each of its files must hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The checkpoint's name in the catalogue.
    pub name: String,
    /// Where the archive was fetched: an address, or the path of a file that was given.
    pub source: String,
    /// The archive's size.
    pub archive_bytes: u64,
    /// The archive's SHA-256 in hexadecimal.
    pub archive_sha256: String,
    /// What was unpacked.
    pub files: Vec<UnpackedFile>,
}

impl Receipt {
    /// Reads the receipt in a checkpoint's folder.
    ///
    /// # Errors
    /// [`Error::Io`] when there is none, [`Error::File`] when it is damaged.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(NAME);
        let size = std::fs::metadata(&path)
            .map_err(Error::io(&path, "reading"))?
            .len();
        let advice = "Remove the folder and download the model again.";
        if size > MAX_BYTES {
            return Err(Error::file(
                path,
                "a receipt",
                format!("{size} bytes"),
                advice,
            ));
        }
        let bytes = std::fs::read(&path).map_err(Error::io(&path, "reading"))?;
        serde_json::from_slice(&bytes)
            .map_err(|error| Error::file(path, "a receipt", error.to_string(), advice))
    }

    /// Writes the receipt: the last step, which makes the folder a whole checkpoint.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(NAME);
        let text = serde_json::to_vec_pretty(self).map_err(|error| {
            Error::machine("writing a receipt", error.to_string(), "Report this.")
        })?;
        write_bytes(&path, &text)
    }

    /// Reads every file again and compares it with what was unpacked.
    ///
    /// # Errors
    /// [`Error::File`] for the first file that is gone or differs, [`Error::Cancelled`] when the
    /// person asked to stop.
    pub fn verify(&self, folder: &Path, monitor: &mut dyn Monitor) -> Result<()> {
        self.files
            .iter()
            .try_for_each(|file| file.verify(&self.name, folder, monitor))
    }
}

impl UnpackedFile {
    fn verify(&self, model: &str, folder: &Path, monitor: &mut dyn Monitor) -> Result<()> {
        let path = folder.join(&self.path);
        let advice = format!("Download it again: atrous model get {model}");
        let Ok(metadata) = std::fs::metadata(&path) else {
            return Err(Error::file(path, "a file of the model", "none", advice));
        };
        if metadata.len() != self.bytes {
            let [expected, found] =
                [self.bytes, metadata.len()].map(|size| format!("{size} bytes"));
            return Err(Error::file(path, expected, found, advice));
        }
        let found = checksum::of_file(&path, monitor)?;
        if found != self.sha256 {
            let expected = format!("the checksum {}", self.sha256);
            return Err(Error::file(path, expected, found, advice));
        }
        Ok(())
    }
}
