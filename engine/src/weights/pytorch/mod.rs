//! Reading PyTorch's checkpoints: what `torch.save` wrote, and what its tensors are called here.
//!
//! A checkpoint is a pickle, which in Python is a program that may do anything. Here it is only
//! parsed: [`machine`] builds plain values and tensors, and refuses every global that it does not
//! know by name. Layouts: [`archive`] (PyTorch 1.6 and later) and [`legacy`].

mod archive;
mod bytes;
mod calls;
mod fault;
mod hugging_face;
mod import;
mod legacy;
mod machine;
mod naming;
mod object;
mod state_dict;
mod storages;
mod torchvision;
mod values;
mod zip;

use std::path::Path;

pub(super) use hugging_face::{Description, weights_in};
pub(super) use import::{has_pytorch_names, import};

use super::tensor_file::TensorFile;
use crate::error::Result;
use crate::limits::Limits;

/// Steps of a pickle that go to each tensor that the limits allow: it takes some 40 to make one,
/// and an optimizer keeps two more for each.
const STEPS_PER_TENSOR: u64 = 256;

/// Whether `bytes` look like a checkpoint of PyTorch, in any of its layouts.
pub(super) fn is_checkpoint(bytes: &[u8]) -> bool {
    archive::is_archive(bytes) || legacy::is_legacy(bytes)
}

/// Reads the state dict of a checkpoint: its floating point tensors as float32, under the names
/// and in the layouts that PyTorch gives them. `others` names what is no such tensor.
///
/// # Errors
/// [`Error::File`](crate::Error::File) when the file is damaged, holds no state dict, or wants a
/// Python object that is neither a tensor nor a plain value, which is named;
/// [`Error::Limit`](crate::Error::Limit) when it asks for too much.
pub(super) fn read(path: &Path, bytes: &[u8], limits: &Limits) -> Result<TensorFile> {
    let file = if archive::is_archive(bytes) {
        archive::read(bytes, limits)
    } else {
        legacy::read(bytes, limits)
    };
    file.map_err(|fault| fault.at(path))
}

#[cfg(test)]
mod tests;
