//! The layout of PyTorch 1.6 and later: a zip archive of a pickle and one member for each storage.

use std::borrow::Cow;

use super::fault::{Fault, Result, SAVE_THE_WEIGHTS};
use super::values::ByteOrder;
use super::zip::{MEMBER, Zip};
use super::{STEPS_PER_TENSOR, machine, storages};
use crate::limits::Limits;
use crate::weights::tensor_file::TensorFile;

/// Whether `bytes` are a zip archive.
pub(super) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(&MEMBER)
}

pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<TensorFile> {
    let archive = Archive::open(bytes, limits)?;
    let pickle = archive.member("data.pkl", limits.file_bytes)?;
    let steps = STEPS_PER_TENSOR * limits.tensors as u64;
    let (pickle, _) = machine::read(&pickle, steps)?;
    let order = match archive.zip.read(&archive.name("byteorder"), 16)?.as_deref() {
        None | Some(b"little") => ByteOrder::Little,
        Some(b"big") => ByteOrder::Big,
        Some(_) => return Err(Fault::Damaged("a byte order that is unknown")),
    };
    storages::read(&pickle, order, limits, |key, length| {
        archive.member(&format!("data/{key}"), length)
    })
}

struct Archive<'a> {
    zip: Zip<'a>,
    /// The folder within that everything lies in, with its slash.
    folder: String,
}

impl<'a> Archive<'a> {
    fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self> {
        // Beside the storages there are a handful of members.
        let zip = Zip::open(bytes, limits.tensors as u64 + 64)?;
        let folder = zip.names().find_map(|name| {
            let folder = name.strip_suffix("data.pkl")?;
            (folder.is_empty() || folder.ends_with('/')).then(|| folder.to_owned())
        });
        let Some(folder) = folder else {
            let found = "a zip archive without data.pkl".to_owned();
            let advice = "Give the file that torch.save wrote.";
            return Err(Fault::Other(found, advice));
        };
        let archive = Self { zip, folder };
        let constants = archive.name("constants.pkl");
        if archive.zip.names().any(|name| name == constants) {
            let found = "a TorchScript program".to_owned();
            return Err(Fault::Other(found, SAVE_THE_WEIGHTS));
        }
        Ok(archive)
    }

    fn name(&self, member: &str) -> String {
        format!("{}{member}", self.folder)
    }

    fn member(&self, name: &str, limit: u64) -> Result<Cow<'a, [u8]>> {
        let member = self.zip.read(&self.name(name), limit)?;
        member.ok_or(Fault::Damaged("a member that is missing"))
    }
}
