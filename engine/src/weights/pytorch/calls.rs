//! What the calls in a pickle amount to, without calling anything.

use super::fault::{Fault, Result};
use super::object::{Global, Id, Object, Storage, Tensor};

/// What `callable(*arguments)` would make.
pub(super) fn call<'a>(objects: &[Object<'a>], callable: Id, arguments: Id) -> Result<Object<'a>> {
    let Object::Global(global) = get(objects, callable)? else {
        return Err(Fault::Damaged("a call of what can't be called"));
    };
    let arguments = items(objects, arguments)?;
    match global {
        Global::OrderedDict => ordered_dict(objects, arguments),
        Global::RebuildTensor => tensor(objects, arguments).map(Object::Tensor),
        Global::RebuildParameter => match get(objects, first(arguments)?)? {
            Object::Tensor(tensor) => Ok(Object::Tensor(tensor.clone())),
            _ => Err(Fault::Damaged("a parameter that is no tensor")),
        },
        Global::Size => Ok(Object::Tuple(items(objects, first(arguments)?)?.to_vec())),
        Global::Storage(_) => Err(Fault::Damaged("a storage without its numbers")),
        Global::Inert => Ok(Object::Inert),
    }
}

/// The storage that a persistent id names: `("storage", type, key, location, length)`, in the
/// older layout followed by the view of it: nothing, or `(key, offset, length)`.
pub(super) fn storage<'a>(objects: &[Object<'a>], id: Id) -> Result<Storage<'a>> {
    const FAULT: Fault = Fault::Damaged("a storage that is named wrongly");
    let parts = items(objects, id)?;
    let [tag, number, key, _, length, view @ ..] = parts else {
        return Err(FAULT);
    };
    let (Object::Text("storage"), Object::Global(Global::Storage(number)), Object::Text(key)) = (
        get(objects, *tag)?,
        get(objects, *number)?,
        get(objects, *key)?,
    ) else {
        return Err(FAULT);
    };
    let offset = match view {
        [] => 0,
        [view, ..] => match get(objects, *view)? {
            Object::None => 0,
            Object::Tuple(view) => whole(objects, *view.get(1).ok_or(FAULT)?)?,
            _ => return Err(FAULT),
        },
    };
    Ok(Storage {
        key,
        number: *number,
        length: whole(objects, *length)?,
        offset,
    })
}

/// An empty one, or, from Python 2, one of a list of pairs.
fn ordered_dict<'a>(objects: &[Object<'a>], arguments: &[Id]) -> Result<Object<'a>> {
    let Some(entries) = arguments.first() else {
        return Ok(Object::Dict(Vec::new()));
    };
    let entries = items(objects, *entries)?
        .iter()
        .map(|entry| match items(objects, *entry)? {
            [key, value] => Ok((*key, *value)),
            _ => Err(Fault::Damaged("a key without a value")),
        });
    Ok(Object::Dict(entries.collect::<Result<_>>()?))
}

/// From `(storage, offset, shape, strides, ...)`.
fn tensor<'a>(objects: &[Object<'a>], arguments: &[Id]) -> Result<Tensor<'a>> {
    let [storage, offset, shape, strides, ..] = arguments else {
        return Err(Fault::Damaged("a tensor without a shape"));
    };
    let Object::Storage(storage) = get(objects, *storage)? else {
        return Err(Fault::Damaged("a tensor without a storage"));
    };
    let wholes = |id| {
        let numbers = items(objects, id)?.iter();
        numbers
            .map(|id| whole(objects, *id))
            .collect::<Result<Vec<_>>>()
    };
    let tensor = Tensor {
        storage: *storage,
        offset: whole(objects, *offset)?,
        shape: wholes(*shape)?,
        strides: wholes(*strides)?,
    };
    if tensor.shape.len() == tensor.strides.len() {
        Ok(tensor)
    } else {
        Err(Fault::Damaged("a tensor with a stride too many or too few"))
    }
}

fn get<'o, 'a>(objects: &'o [Object<'a>], id: Id) -> Result<&'o Object<'a>> {
    let object = objects.get(id as usize);
    object.ok_or(Fault::Damaged("an object that is not there"))
}

fn first(arguments: &[Id]) -> Result<Id> {
    let first = arguments.first().copied();
    first.ok_or(Fault::Damaged("a call without arguments"))
}

fn items<'o>(objects: &'o [Object], id: Id) -> Result<&'o [Id]> {
    match get(objects, id)? {
        Object::Tuple(items) | Object::List(items) => Ok(items),
        _ => Err(Fault::Damaged("something else where a list should be")),
    }
}

/// A whole number that is not negative.
fn whole(objects: &[Object], id: Id) -> Result<u64> {
    let found = match get(objects, id)? {
        Object::Int(number) => u64::try_from(*number).ok(),
        _ => None,
    };
    found.ok_or(Fault::Damaged("something else where a size should be"))
}
