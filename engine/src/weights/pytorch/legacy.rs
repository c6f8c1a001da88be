//! The layout before PyTorch 1.6: pickles one after the other (a magic number, the layout's
//! version, the machine, the objects, the storages' keys), then the storages' numbers.

use std::borrow::Cow;
use std::collections::HashMap;

use super::bytes::Bytes;
use super::fault::{Fault, Result};
use super::object::{Number, Object, Pickle};
use super::values::ByteOrder;
use super::{STEPS_PER_TENSOR, machine, storages};
use crate::limits::Limits;
use crate::weights::tensor_file::TensorFile;

/// 0x1950a86a20f9469cfc6c, as the pickle has it.
const MAGIC: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/// The only version there has been.
const VERSION: i64 = 1001;

/// Whether `bytes` start with a pickle of the magic number.
pub(super) fn is_legacy(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(32)];
    start.first() == Some(&0x80) && start.windows(MAGIC.len()).any(|window| window == MAGIC)
}

pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<TensorFile> {
    let mut rest = Pickles {
        bytes,
        steps: STEPS_PER_TENSOR * limits.tensors as u64,
    };
    if *rest.read()?.root() != Object::Long(&MAGIC) {
        return Err(Fault::Damaged("a wrong magic number"));
    }
    if *rest.read()?.root() != Object::Int(VERSION) {
        return Err(Fault::Damaged("a layout of unknown version"));
    }
    let machine = rest.read()?;
    if let Object::Dict(entries) = machine.root()
        && machine.value(entries, "little_endian") == Some(&Object::Bool(false))
    {
        return Err(Fault::Damaged("numbers of a big-endian machine"));
    }
    let pickle = rest.read()?;
    let keys = rest.read()?;
    let storages = storages_of(&pickle, &keys, rest.bytes)?;
    storages::read(&pickle, ByteOrder::Little, limits, |key, _| {
        let storage = storages.get(key).copied();
        let storage = storage.ok_or(Fault::Damaged("a storage that is missing"))?;
        Ok(Cow::Borrowed(storage))
    })
}

/// Pickles that follow each other.
struct Pickles<'a> {
    /// What has not been read yet.
    bytes: &'a [u8],
    steps: u64,
}

impl<'a> Pickles<'a> {
    fn read(&mut self) -> Result<Pickle<'a>> {
        let (pickle, taken) = machine::read(self.bytes, self.steps)?;
        self.bytes = self.bytes.get(taken..).unwrap_or_default();
        Ok(pickle)
    }
}

/// The bytes of each storage by its key: in the order of `keys`, a count and then the numbers,
/// whose type the objects of `pickle` tell.
fn storages_of<'a>(
    pickle: &Pickle<'a>,
    keys: &Pickle<'a>,
    bytes: &'a [u8],
) -> Result<HashMap<&'a str, &'a [u8]>> {
    let numbers = pickle.objects.iter().filter_map(|object| match object {
        Object::Storage(storage) => Some((storage.key, storage.number)),
        _ => None,
    });
    let numbers: HashMap<&str, Number> = numbers.collect();
    let Object::List(order) = keys.root() else {
        return Err(Fault::Damaged("no list of its storages"));
    };
    let mut bytes = Bytes::new(bytes);
    let mut storages = HashMap::new();
    for key in order {
        let Object::Text(key) = keys.get(*key) else {
            return Err(Fault::Damaged("a storage without a key"));
        };
        let number = numbers.get(key);
        let number = number.ok_or(Fault::Damaged("a storage that nothing tells of"))?;
        let length = bytes.u64()?.checked_mul(number.bytes() as u64);
        let length = length.ok_or(Fault::Damaged("a storage that leaves the file"))?;
        storages.insert(*key, bytes.take(length)?);
    }
    Ok(storages)
}
