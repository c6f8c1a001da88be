//! Reading protocol buffers, which the files of TensorFlow and Core ML are made of, without trusting
//! them.
//!
//! [`fields`] gives a message's fields in order; a [`Message`] looks them up by tag, for messages of
//! which little is wanted. Nothing is copied or allocated but lists of numbers as long as their bytes
//! in the file allow, and a length that leaves the bytes is an error. Format:
//! <https://protobuf.dev/programming-guides/encoding/>.

mod message;
mod wire;
#[cfg(test)]
pub(super) mod writing;

pub(super) use message::{Message, tags_until_damage};
pub(super) use wire::{Malformed, Value, fields, varint};
