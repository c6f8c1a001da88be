//! A pickle is a program for a small stack machine. This one knows the operations that build plain
//! values and tensors; it makes no Python object and calls nothing.
//!
//! Operations: <https://docs.python.org/3/library/pickletools.html>, those of protocols 2 (which
//! `torch.save` writes unless told otherwise) to 5.

use std::collections::HashMap;

use super::bytes::Bytes;
use super::calls;
use super::fault::{Fault, Result, check};
use super::object::{Global, Id, Object, Pickle};

const STOP: u8 = b'.';

/// Reads the pickle that `bytes` start with, and says how many of them it takes.
///
/// `steps` bounds time and memory: an operation is a step and makes at most one object, and copying
/// a list takes a step for each of its items.
pub(super) fn read(bytes: &[u8], steps: u64) -> Result<(Pickle<'_>, usize)> {
    let mut machine = Machine {
        bytes: Bytes::new(bytes),
        objects: Vec::new(),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
        taken: 0,
        steps,
    };
    loop {
        let operation = machine.bytes.byte()?;
        if operation == STOP {
            let root = machine.pop()?;
            let objects = machine.objects;
            return Ok((Pickle { objects, root }, machine.bytes.position()));
        }
        machine.spend(1)?;
        machine.step(operation)?;
    }
}

struct Machine<'a> {
    bytes: Bytes<'a>,
    objects: Vec<Object<'a>>,
    stack: Vec<Id>,
    /// Heights of the stack where a tuple, list or dictionary began.
    marks: Vec<usize>,
    memo: HashMap<u64, Id>,
    taken: u64,
    steps: u64,
}

impl<'a> Machine<'a> {
    fn step(&mut self, operation: u8) -> Result<()> {
        if self.literal(operation)? || self.container(operation)? || self.memory(operation)? {
            return Ok(());
        }
        match operation {
            // The protocol's number, and a frame's length: nothing to do.
            0x80 => self.bytes.take(1).map(drop),
            0x95 => self.bytes.take(8).map(drop),
            b'c' => {
                let (module, name) = (self.bytes.line()?, self.bytes.line()?);
                self.push(Object::Global(Global::of(module, name)?))
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let (Object::Text(module), Object::Text(name)) =
                    (self.object(module)?, self.object(name)?)
                else {
                    return Err(Fault::Damaged("a global without a name"));
                };
                let global = Global::of(module, name)?;
                self.push(Object::Global(global))
            }
            b'R' | 0x81 => {
                let (arguments, callable) = (self.pop()?, self.pop()?);
                let made = calls::call(&self.objects, callable, arguments)?;
                self.spend(made.items())?;
                self.push(made)
            }
            // The state of an object: its settings, never its tensors.
            b'b' => self.pop().map(drop),
            b'Q' => {
                let id = self.pop()?;
                let storage = calls::storage(&self.objects, id)?;
                self.push(Object::Storage(storage))
            }
            _ => Err(Fault::Damaged("an operation that is unknown")),
        }
    }

    /// Operations that put a value on the stack.
    fn literal(&mut self, operation: u8) -> Result<bool> {
        let bytes = &mut self.bytes;
        let object = match operation {
            b'N' => Object::None,
            0x88 => Object::Bool(true),
            0x89 => Object::Bool(false),
            b'J' => Object::Int(i32::from_le_bytes(bytes.array()?).into()),
            b'K' => Object::Int(bytes.byte()?.into()),
            b'M' => Object::Int(bytes.u16()?.into()),
            0x8a => {
                let length = bytes.byte()?.into();
                long(bytes.take(length)?)
            }
            0x8b => {
                let length = bytes.u32()?.into();
                long(bytes.take(length)?)
            }
            b'X' => {
                let length = bytes.u32()?.into();
                Object::Text(bytes.text(length)?)
            }
            0x8c => {
                let length = bytes.byte()?.into();
                Object::Text(bytes.text(length)?)
            }
            0x8d => {
                let length = bytes.u64()?;
                Object::Text(bytes.text(length)?)
            }
            b'U' => {
                let length = bytes.byte()?.into();
                old_string(bytes.take(length)?)
            }
            b'T' => {
                let length = bytes.u32()?.into();
                old_string(bytes.take(length)?)
            }
            b'G' => self.inert(8)?,
            b'C' => {
                let length = bytes.byte()?.into();
                self.inert(length)?
            }
            b'B' => {
                let length = bytes.u32()?.into();
                self.inert(length)?
            }
            0x8e | 0x96 => {
                let length = bytes.u64()?;
                self.inert(length)?
            }
            _ => return Ok(false),
        };
        self.push(object)?;
        Ok(true)
    }

    fn inert(&mut self, length: u64) -> Result<Object<'a>> {
        self.bytes.take(length)?;
        Ok(Object::Inert)
    }

    /// Operations that begin, fill and end tuples, lists and dictionaries.
    fn container(&mut self, operation: u8) -> Result<bool> {
        match operation {
            b'(' => self.marks.push(self.stack.len()),
            b'1' => drop(self.since_mark()?),
            b']' => self.push(Object::List(Vec::new()))?,
            b'}' => self.push(Object::Dict(Vec::new()))?,
            b')' => self.push(Object::Tuple(Vec::new()))?,
            0x8f => self.push(Object::Inert)?,
            b't' => {
                let items = self.since_mark()?;
                self.push(Object::Tuple(items))?;
            }
            b'l' => {
                let items = self.since_mark()?;
                self.push(Object::List(items))?;
            }
            b'd' => {
                let pairs = pairs(&self.since_mark()?)?;
                self.push(Object::Dict(pairs))?;
            }
            0x91 => {
                self.since_mark()?;
                self.push(Object::Inert)?;
            }
            0x85..=0x87 => {
                let mut items = Vec::new();
                for _ in 0x85..=operation {
                    items.push(self.pop()?);
                }
                items.reverse();
                self.push(Object::Tuple(items))?;
            }
            b'a' => {
                let item = self.pop()?;
                self.extend(&[item])?;
            }
            b'e' | 0x90 => {
                let items = self.since_mark()?;
                self.extend(&items)?;
            }
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.insert(&[(key, value)])?;
            }
            b'u' => {
                let pairs = pairs(&self.since_mark()?)?;
                self.insert(&pairs)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Operations that forget, repeat and remember what is on the stack.
    fn memory(&mut self, operation: u8) -> Result<bool> {
        match operation {
            b'0' => drop(self.pop()?),
            b'2' => {
                let top = self.top()?;
                self.stack.push(top);
            }
            b'q' => {
                let place = self.bytes.byte()?.into();
                self.remember(place)?;
            }
            b'r' => {
                let place = self.bytes.u32()?.into();
                self.remember(place)?;
            }
            0x94 => self.remember(self.memo.len() as u64)?,
            b'h' => {
                let place = self.bytes.byte()?.into();
                self.recall(place)?;
            }
            b'j' => {
                let place = self.bytes.u32()?.into();
                self.recall(place)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn spend(&mut self, steps: u64) -> Result<()> {
        self.taken += steps;
        check("the number of steps in its pickle", self.taken, self.steps)
    }

    fn push(&mut self, object: Object<'a>) -> Result<()> {
        let id = Id::try_from(self.objects.len());
        self.stack
            .push(id.map_err(|_| Fault::Damaged("too many objects"))?);
        self.objects.push(object);
        Ok(())
    }

    fn top(&self) -> Result<Id> {
        let top = self.stack.last().copied();
        // What lies below the last mark belongs to what began before it.
        let bottom = self.marks.last().copied().unwrap_or(0);
        top.filter(|_| self.stack.len() > bottom)
            .ok_or(Fault::Damaged("nothing on the stack"))
    }

    fn pop(&mut self) -> Result<Id> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    /// Everything above the last mark, and the mark, off the stack.
    fn since_mark(&mut self) -> Result<Vec<Id>> {
        let mark = self
            .marks
            .pop()
            .ok_or(Fault::Damaged("an end without a begin"))?;
        Ok(self.stack.split_off(mark.min(self.stack.len())))
    }

    fn object(&self, id: Id) -> Result<&Object<'a>> {
        self.objects
            .get(id as usize)
            .ok_or(Fault::Damaged("an object that is not there"))
    }

    fn top_object(&mut self) -> Result<&mut Object<'a>> {
        let top = self.top()?;
        self.objects
            .get_mut(top as usize)
            .ok_or(Fault::Damaged("an object that is not there"))
    }

    fn extend(&mut self, items: &[Id]) -> Result<()> {
        match self.top_object()? {
            Object::List(list) => list.extend(items),
            Object::Inert => {}
            _ => return Err(Fault::Damaged("items for what is no list")),
        }
        Ok(())
    }

    fn insert(&mut self, pairs: &[(Id, Id)]) -> Result<()> {
        match self.top_object()? {
            Object::Dict(dict) => dict.extend(pairs),
            Object::Inert => {}
            _ => return Err(Fault::Damaged("entries for what is no dictionary")),
        }
        Ok(())
    }

    fn remember(&mut self, place: u64) -> Result<()> {
        let top = self.top()?;
        self.memo.insert(place, top);
        Ok(())
    }

    fn recall(&mut self, place: u64) -> Result<()> {
        let id = self.memo.get(&place);
        self.stack
            .push(*id.ok_or(Fault::Damaged("something recalled that was not kept"))?);
        Ok(())
    }
}

fn pairs(items: &[Id]) -> Result<Vec<(Id, Id)>> {
    let (pairs, rest) = items.as_chunks::<2>();
    if rest.is_empty() {
        Ok(pairs.iter().map(|[key, value]| (*key, *value)).collect())
    } else {
        Err(Fault::Damaged("a key without a value"))
    }
}

/// A string of Python 2, which may be text or anything else.
fn old_string(bytes: &[u8]) -> Object<'_> {
    std::str::from_utf8(bytes).map_or(Object::Inert, Object::Text)
}

/// A number of any length, little-endian, two's complement.
fn long(bytes: &[u8]) -> Object<'_> {
    if bytes.len() > 8 {
        return Object::Long(bytes);
    }
    let negative = bytes.last().is_some_and(|byte| *byte >= 0x80);
    let mut filled = [if negative { 0xff } else { 0 }; 8];
    for (place, byte) in filled.iter_mut().zip(bytes) {
        *place = *byte;
    }
    Object::Int(i64::from_le_bytes(filled))
}

#[cfg(test)]
mod tests;
