//! The messages of a graph file (tensorflow/core/framework/{graph,node_def,attr_value,tensor}.proto),
//! with the fields that are read.

use std::collections::BTreeMap;

use crate::weights::numbers::each;
use crate::weights::protobuf::{Malformed, fields};
use crate::weights::tensorflow_types::{DataType, TensorShape};

/// An operation (`NodeDef`).
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Node<'a> {
    pub(super) name: &'a str,
    pub(super) op: &'a str,
    /// Names of nodes, with `:1` behind them for another output than the first, or `^` before them
    /// where only the order counts.
    pub(super) inputs: Vec<&'a str>,
    pub(super) attributes: BTreeMap<&'a str, Attribute<'a>>,
}

/// The value of an attribute (`AttrValue`): one of these.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Attribute<'a> {
    /// Several whole numbers.
    pub(super) list: Vec<i64>,
    pub(super) text: &'a [u8],
    pub(super) float: Option<f32>,
    pub(super) shape: Option<TensorShape>,
    pub(super) tensor: Option<Constant<'a>>,
}

/// A tensor in the file (`TensorProto`): its values are bytes, or a list that the last value goes
/// on after.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Constant<'a> {
    pub(super) dtype: DataType,
    pub(super) shape: TensorShape,
    pub(super) content: &'a [u8],
    /// Listed values of whichever floating point type it is.
    pub(super) floats: Vec<f32>,
    /// Listed whole numbers; or the bits of half-precision ones.
    pub(super) ints: Vec<i64>,
}

/// The nodes of a graph (`GraphDef`), each still packed.
///
/// # Errors
/// [`Malformed`], and no more nodes after it.
pub(super) fn packed_nodes(bytes: &[u8]) -> impl Iterator<Item = Result<&[u8], Malformed>> {
    fields(bytes).filter_map(|field| match field {
        Ok((1, node)) => Some(node.bytes()),
        Ok(_) => None,
        Err(malformed) => Some(Err(malformed)),
    })
}

impl<'a> Node<'a> {
    pub(super) fn decode(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut node = Self::default();
        for field in fields(bytes) {
            match field? {
                (1, name) => node.name = name.text()?,
                (2, op) => node.op = op.text()?,
                (3, input) => node.inputs.push(input.text()?),
                (5, entry) => {
                    let (mut key, mut attribute) = ("", Attribute::default());
                    for field in fields(entry.bytes()?) {
                        match field? {
                            (1, name) => key = name.text()?,
                            (2, value) => attribute = Attribute::decode(value.bytes()?)?,
                            _ => {}
                        }
                    }
                    node.attributes.insert(key, attribute);
                }
                _ => {}
            }
        }
        Ok(node)
    }
}

impl<'a> Attribute<'a> {
    fn decode(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut attribute = Self::default();
        for field in fields(bytes) {
            match field? {
                (1, list) => {
                    for field in fields(list.bytes()?) {
                        if let (3, ints) = field? {
                            ints.push_ints(&mut attribute.list)?;
                        }
                    }
                }
                (2, text) => attribute.text = text.bytes()?,
                (4, float) => attribute.float = Some(float.float()?),
                (7, shape) => attribute.shape = Some(TensorShape::decode(shape.bytes()?)?),
                (8, tensor) => attribute.tensor = Some(Constant::decode(tensor.bytes()?)?),
                _ => {}
            }
        }
        Ok(attribute)
    }
}

impl<'a> Constant<'a> {
    fn decode(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut constant = Self::default();
        for field in fields(bytes) {
            match field? {
                (1, dtype) => constant.dtype = DataType::of(dtype.int()?),
                (2, shape) => constant.shape = TensorShape::decode(shape.bytes()?)?,
                (4, content) => constant.content = content.bytes()?,
                (5, floats) => {
                    let floats = each(floats.fixed_bytes()?, f32::from_le_bytes);
                    constant.floats.extend(floats);
                }
                (6, doubles) => {
                    let doubles = each(doubles.fixed_bytes()?, |b| f64::from_le_bytes(b) as f32);
                    constant.floats.extend(doubles);
                }
                // 32-bit ones, 64-bit ones, halves.
                (7 | 10 | 13, ints) => ints.push_ints(&mut constant.ints)?,
                _ => {}
            }
        }
        Ok(constant)
    }
}

/// Writing them, for the tests of the reader.
#[cfg(test)]
mod writing {
    use super::{Attribute, Constant, Node};
    use crate::weights::protobuf::writing::{bytes, four, number};

    impl Node<'_> {
        pub(in super::super) fn encode(&self) -> Vec<u8> {
            let mut message = Vec::new();
            message.extend(bytes(1, self.name.as_bytes()));
            message.extend(bytes(2, self.op.as_bytes()));
            for input in &self.inputs {
                message.extend(bytes(3, input.as_bytes()));
            }
            for (key, attribute) in &self.attributes {
                let mut entry = Vec::new();
                entry.extend(bytes(1, key.as_bytes()));
                entry.extend(bytes(2, &attribute.encode()));
                message.extend(bytes(5, &entry));
            }
            message
        }
    }

    impl Attribute<'_> {
        fn encode(&self) -> Vec<u8> {
            let mut message = Vec::new();
            if !self.list.is_empty() {
                let mut list = Vec::new();
                self.list
                    .iter()
                    .for_each(|int| list.extend(number(3, *int)));
                message.extend(bytes(1, &list));
            }
            if let Some(float) = self.float {
                message.extend(four(4, float.to_le_bytes()));
            }
            if let Some(tensor) = &self.tensor {
                message.extend(bytes(8, &tensor.encode()));
            }
            message
        }
    }

    impl Constant<'_> {
        fn encode(&self) -> Vec<u8> {
            let mut message = Vec::new();
            message.extend(number(1, self.dtype.number()));
            message.extend(bytes(2, &self.shape.encode()));
            message.extend(bytes(4, self.content));
            let floats: Vec<u8> = self.floats.iter().flat_map(|v| v.to_le_bytes()).collect();
            message.extend(bytes(5, &floats));
            self.ints
                .iter()
                .for_each(|int| message.extend(number(7, *int)));
            message
        }
    }
}
