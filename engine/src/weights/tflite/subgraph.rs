//! The first subgraph of a TFLite file: its operations, tensors and constants.
//!
//! Slots and numbers are those of TensorFlow's schema (`tensorflow/lite/schema/schema.fbs`).

use super::flatbuffer::{Damage, Table};
use super::quantisation::Quantisation;
use crate::weights::graph::Activation;

/// Where a sliding window starts and how it moves; `[height, width]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) same_padding: bool,
    pub(super) stride: [i32; 2],
    pub(super) dilation: [i32; 2],
}

/// What an operation does, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Conv(Window, Activation),
    Depthwise(Window, Activation),
    /// Average over windows of this height and width.
    AveragePool(Window, [i32; 2]),
    Mean,
    Add(Activation),
    Subtract(Activation),
    Multiply(Activation),
    Divide(Activation),
    Concatenation,
    ResizeBilinear {
        align_corners: bool,
    },
    Tile,
    Pad,
    SpaceToBatch,
    BatchToSpace,
    /// Between numbers with a scale and numbers as they are, or between scales.
    Quantize,
    Other,
}

/// An operation; inputs and outputs are tensor numbers, -1 for an input left out.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    pub(super) kind: Kind,
    pub(super) inputs: Vec<i32>,
    pub(super) outputs: Vec<i32>,
}

/// What the numbers of a tensor are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    Float32,
    Float16,
    Int32,
    Uint8,
    Int8,
    Other(u8),
}

impl Element {
    /// Bytes of one value, of those that are read.
    fn width(self) -> Option<usize> {
        match self {
            Self::Float32 | Self::Int32 => Some(4),
            Self::Float16 => Some(2),
            Self::Uint8 | Self::Int8 => Some(1),
            Self::Other(_) => None,
        }
    }
}

/// A tensor; `data` is empty unless it is a constant.
#[derive(Debug, Clone)]
pub(super) struct GraphTensor<'a> {
    pub(super) name: String,
    pub(super) shape: Vec<i32>,
    pub(super) element: Element,
    pub(super) data: &'a [u8],
    pub(super) quantisation: Quantisation<'a>,
}

impl GraphTensor<'_> {
    /// The shape, if each side is positive and the constant's bytes fill it exactly.
    pub(super) fn constant_shape(&self) -> Option<Vec<usize>> {
        let shape: Vec<usize> = self
            .shape
            .iter()
            .map(|&side| usize::try_from(side).ok().filter(|side| *side > 0))
            .collect::<Option<_>>()?;
        let size = shape
            .iter()
            .try_fold(self.element.width()?, |size, side| size.checked_mul(*side))?;
        (size == self.data.len()).then_some(shape)
    }

    /// A constant's values, if they are whole numbers.
    pub(super) fn integers(&self) -> Option<Vec<i32>> {
        let (values, _) = self.data.as_chunks();
        (self.element == Element::Int32)
            .then(|| values.iter().map(|v| i32::from_le_bytes(*v)).collect())
    }
}

/// The first subgraph of a file: the network.
#[derive(Debug)]
pub(super) struct Subgraph<'a> {
    pub(super) tensors: Vec<GraphTensor<'a>>,
    /// In an order in which they can run.
    pub(super) operations: Vec<Operation>,
    pub(super) inputs: Vec<i32>,
}

const MODEL_OPERATOR_CODES: usize = 1;
const MODEL_SUBGRAPHS: usize = 2;
const MODEL_BUFFERS: usize = 4;
const SUBGRAPH_TENSORS: usize = 0;
const SUBGRAPH_OPERATORS: usize = 3;

/// More than any operation of a segmentation network takes or gives.
const MOST_INPUTS: usize = 64;
/// More than any tensor has.
const MOST_DIMENSIONS: usize = 8;

/// The longest of the file's lists of tensors, operations and buffers, without reading them.
pub(super) fn longest_list(bytes: &[u8]) -> Result<usize, Damage> {
    let model = Table::root(bytes)?;
    let mut longest = model
        .count(MODEL_OPERATOR_CODES)?
        .max(model.count(MODEL_BUFFERS)?);
    // Only the first subgraph is read, but the list of them is looked through to its end.
    longest = longest.max(model.count(MODEL_SUBGRAPHS)?);
    if let Some(subgraph) = model.first_table(MODEL_SUBGRAPHS)? {
        for list in [SUBGRAPH_TENSORS, SUBGRAPH_OPERATORS] {
            longest = longest.max(subgraph.count(list)?);
        }
    }
    Ok(longest)
}

impl<'a> Subgraph<'a> {
    /// Reads the first subgraph.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Damage> {
        let model = Table::root(bytes)?;
        let codes = model
            .tables(MODEL_OPERATOR_CODES)?
            .iter()
            .map(operator_code)
            .collect::<Result<Vec<_>, _>>()?;
        let buffers = model
            .tables(MODEL_BUFFERS)?
            .iter()
            .map(|buffer| buffer.bytes(0))
            .collect::<Result<Vec<_>, _>>()?;
        let mut graph = Self {
            tensors: Vec::new(),
            operations: Vec::new(),
            inputs: Vec::new(),
        };
        if let Some(subgraph) = model.first_table(MODEL_SUBGRAPHS)? {
            for tensor in subgraph.tables(SUBGRAPH_TENSORS)? {
                graph.tensors.push(read_tensor(&tensor, &buffers)?);
            }
            graph.inputs = subgraph.i32s(1, MOST_INPUTS)?;
            for operator in subgraph.tables(SUBGRAPH_OPERATORS)? {
                graph.operations.push(read_operation(&operator, &codes)?);
            }
        }
        Ok(graph)
    }

    /// The tensor of that number.
    pub(super) fn tensor(&self, number: i32) -> Option<&GraphTensor<'a>> {
        self.tensors.get(usize::try_from(number).ok()?)
    }
}

/// The operation's number: newer files have it in a wider field, older ones in a byte.
fn operator_code(code: &Table) -> Result<i32, Damage> {
    Ok(i32::from(code.u8(0, 0)?).max(code.i32(3, 0)?))
}

fn read_tensor<'a>(tensor: &Table<'a>, buffers: &[&'a [u8]]) -> Result<GraphTensor<'a>, Damage> {
    let buffer = tensor.u32(2)? as usize;
    Ok(GraphTensor {
        name: tensor.text(3)?,
        shape: tensor.i32s(0, MOST_DIMENSIONS)?,
        element: match tensor.u8(1, 0)? {
            0 => Element::Float32,
            1 => Element::Float16,
            2 => Element::Int32,
            3 => Element::Uint8,
            9 => Element::Int8,
            other => Element::Other(other),
        },
        data: buffers.get(buffer).copied().unwrap_or_default(),
        quantisation: tensor
            .table(4)?
            .map_or(Ok(Quantisation::default()), |table| {
                Quantisation::read(&table)
            })?,
    })
}

/// A fused activation (`ActivationFunctionType`).
fn activation(code: u8) -> Activation {
    match code {
        0 => Activation::None,
        1 => Activation::Relu,
        3 => Activation::Relu6,
        _ => Activation::Other,
    }
}

fn read_operation(operator: &Table, codes: &[i32]) -> Result<Operation, Damage> {
    let code = codes.get(operator.u32(0)? as usize).copied().unwrap_or(-1);
    let options = operator.table(4)?;
    let byte = |slot| options.map_or(Ok(0), |options| options.u8(slot, 0));
    let pair = |width: usize, default| -> Result<[i32; 2], Damage> {
        options.map_or(Ok([default; 2]), |options| {
            Ok([
                options.i32(width + 1, default)?,
                options.i32(width, default)?,
            ])
        })
    };
    let window = |dilation| -> Result<Window, Damage> {
        Ok(Window {
            same_padding: byte(0)? == 0,
            stride: pair(1, 0)?,
            dilation,
        })
    };
    let kind = match code {
        0 => Kind::Add(activation(byte(0)?)),
        1 => Kind::AveragePool(window([1; 2])?, pair(3, 0)?),
        2 => Kind::Concatenation,
        3 => Kind::Conv(window(pair(4, 1)?)?, activation(byte(3)?)),
        4 => Kind::Depthwise(window(pair(5, 1)?)?, activation(byte(4)?)),
        6 | 114 => Kind::Quantize,
        18 => Kind::Multiply(activation(byte(0)?)),
        23 => Kind::ResizeBilinear {
            align_corners: byte(2)? != 0,
        },
        34 => Kind::Pad,
        37 => Kind::BatchToSpace,
        38 => Kind::SpaceToBatch,
        40 => Kind::Mean,
        41 => Kind::Subtract(activation(byte(0)?)),
        42 => Kind::Divide(activation(byte(0)?)),
        69 => Kind::Tile,
        _ => Kind::Other,
    };
    Ok(Operation {
        kind,
        inputs: operator.i32s(1, MOST_INPUTS)?,
        outputs: operator.i32s(2, MOST_INPUTS)?,
    })
}
