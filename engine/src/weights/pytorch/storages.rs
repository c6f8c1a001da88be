//! From a state dict to tensors: each storage is read once, whatever number of tensors view it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::fault::{Fault, Result, check};
use super::object::{Number, Pickle, Tensor};
use super::state_dict::StateDict;
use super::values::ByteOrder;
use crate::limits::Limits;
use crate::weights::TensorSet;
use crate::weights::tensor_file::TensorFile;

/// Reads the tensors of `pickle`'s state dict; `storage` gives the bytes of the storage of that
/// key, which should be as many as told.
pub(super) fn read<'s>(
    pickle: &Pickle,
    order: ByteOrder,
    limits: &Limits,
    mut storage: impl FnMut(&str, u64) -> Result<Cow<'s, [u8]>>,
) -> Result<TensorFile> {
    let state = StateDict::find(pickle, limits)?;
    let mut others = state.others;
    let mut views: BTreeMap<&str, Vec<(String, &Tensor)>> = BTreeMap::new();
    let mut total: u64 = 0;
    for (name, tensor) in state.tensors {
        if matches!(tensor.storage.number, Number::Whole(_)) {
            others.push(name);
            continue;
        }
        // Many tensors may view the same few numbers.
        total = total.saturating_add(4 * tensor.count(limits)?);
        check("bytes of all its tensors", total, limits.file_bytes)?;
        views
            .entry(tensor.storage.key)
            .or_default()
            .push((name, tensor));
    }
    let mut tensors = TensorSet::default();
    for (key, views) in views {
        let length = views.iter().map(|(_, tensor)| bytes_of(tensor)).max();
        let length = length.unwrap_or_default();
        check("bytes of one storage", length, limits.file_bytes)?;
        let bytes = storage(key, length)?;
        if (bytes.len() as u64) < length {
            return Err(Fault::Damaged("a storage with too few numbers"));
        }
        for (name, tensor) in views {
            match tensor.read(&bytes, order, limits)? {
                Some(tensor) => {
                    tensors.tensors.insert(name, tensor);
                }
                None => others.push(name),
            }
        }
    }
    others.sort();
    Ok(TensorFile {
        tensors,
        others,
        header: None,
    })
}

/// Bytes of the storage that `tensor` views.
fn bytes_of(tensor: &Tensor) -> u64 {
    let storage = &tensor.storage;
    storage.length.saturating_mul(storage.number.bytes() as u64)
}
