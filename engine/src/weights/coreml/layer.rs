//! The layers of a Core ML network, as far as DeepLab networks are made of them.
//!
//! Tags are those of the Core ML specification's `NeuralNetwork.proto`.

use super::batch_norm::BatchNorm;
use super::convolution::Convolution;
use super::numbers::values;
use crate::weights::graph::{Affine, Window};
use crate::weights::protobuf::{Malformed, Message};

/// A layer between tensors, which are known by their name.
#[derive(Debug)]
pub(super) struct Layer<'a> {
    pub(super) name: &'a str,
    pub(super) inputs: Vec<&'a str>,
    /// The first output; no layer that is read has more.
    pub(super) output: &'a str,
    pub(super) kind: Kind<'a>,
}

/// What a layer does.
#[derive(Debug)]
pub(super) enum Kind<'a> {
    Convolution(Box<Convolution<'a>>),
    BatchNorm(BatchNorm<'a>),
    /// `max(bound, value)`, which relu is with 0.
    AtLeast(f32),
    /// No less than the first and no more than the second.
    Clip(f32, f32),
    Affine(Affine),
    /// A sum of two inputs, or of one with this number.
    Add(f32),
    /// A product of two inputs, or of one with this number.
    Multiply(f32),
    /// A small constant, if it is one number everywhere.
    Constant(Option<f32>),
    /// Average over windows, or over everything.
    Pool(Option<Window>),
    Resize {
        aligned: bool,
        size: Option<[usize; 2]>,
    },
    /// Copies or blends between pixels, by whole factors.
    Upsample,
    Concatenation,
    /// The input as it is.
    Nothing,
    Other,
}

/// More than any layer of a segmentation network takes.
const MOST_INPUTS: usize = 64;
/// The most values that a constant may have which scales an image.
const MOST_SCALES: u64 = 16;
/// More sides than any layer has.
const MOST_SIDES: usize = 8;

/// The tags of what a layer may be; everything else about a layer has a smaller one.
const KINDS: std::ops::Range<u64> = 100..4000;

impl<'a> Layer<'a> {
    /// Reads a `NeuralNetworkLayer`.
    pub(super) fn read(message: Message<'a>) -> Result<Self, Malformed> {
        let inputs = message.texts(2).take(MOST_INPUTS);
        let kind = message
            .fields()
            .map(|(tag, _)| tag)
            .find(|tag| KINDS.contains(tag));
        Ok(Self {
            name: message.text(1)?,
            inputs: inputs.collect::<Result<_, _>>()?,
            output: message.texts(3).next().transpose()?.unwrap_or_default(),
            kind: match kind {
                Some(tag) => Kind::read(tag, message.message(tag)?.unwrap_or_default())?,
                None => Kind::Other,
            },
        })
    }
}

impl<'a> Kind<'a> {
    fn read(tag: u64, message: Message<'a>) -> Result<Self, Malformed> {
        Ok(match tag {
            100 => Self::Convolution(Box::new(Convolution::read(message)?)),
            120 => pooling(message)?,
            130 => activation(message)?,
            160 => Self::BatchNorm(BatchNorm::read(message)?),
            200 if is_nothing(message.message(10)?)? => Self::Nothing,
            210 => Self::Upsample,
            211 => resize(message)?,
            220 => unary(message),
            230 => Self::Add(message.float(1)),
            231 => Self::Multiply(message.float(1)),
            290 => Self::Constant(one_value(message)?),
            // Along channels, not along time.
            320 if message.number(100) == 0 => Self::Concatenation,
            660 => Self::Clip(message.float(1), message.float(2)),
            _ => Self::Other,
        })
    }
}

fn pooling<'a>(message: Message<'a>) -> Result<Kind<'a>, Malformed> {
    const AVERAGE: u64 = 1;
    if message.number(1) != AVERAGE {
        return Ok(Kind::Other);
    }
    if message.number(60) != 0 {
        return Ok(Kind::Pool(None));
    }
    let Some(valid) = message.message(30)? else {
        return Ok(Kind::Other);
    };
    let window = pair(message, 10)?.zip(pair(message, 20)?);
    Ok(match window {
        Some((size, stride)) if is_nothing(valid.message(1)?)? => {
            Kind::Pool(Some(Window { size, stride }))
        }
        _ => Kind::Other,
    })
}

fn activation<'a>(message: Message<'a>) -> Result<Kind<'a>, Malformed> {
    const LINEAR: u64 = 5;
    const RELU: u64 = 10;
    if let Some(linear) = message.message(LINEAR)? {
        return Ok(Kind::Affine(Affine {
            scale: linear.float(1),
            shift: linear.float(2),
        }));
    }
    Ok(match message.bytes(RELU) {
        Some(_) => Kind::AtLeast(0.0),
        None => Kind::Other,
    })
}

fn unary<'a>(message: Message<'a>) -> Kind<'a> {
    const THRESHOLD: u64 = 7;
    let (shift, scale) = (message.float(4), message.float(5));
    if message.number(1) == THRESHOLD && shift == 0.0 && scale == 1.0 {
        Kind::AtLeast(message.float(2))
    } else {
        Kind::Other
    }
}

fn resize<'a>(message: Message<'a>) -> Result<Kind<'a>, Malformed> {
    /// The last of the sampling modes that align the corners.
    const ALIGN_ENDPOINTS: u64 = 1;
    let mode = message.message(2)?.unwrap_or_default();
    Ok(Kind::Resize {
        aligned: mode.number(1) <= ALIGN_ENDPOINTS,
        size: pair(message, 1)?,
    })
}

/// The number that a small constant is full of.
fn one_value(message: Message) -> Result<Option<f32>, Malformed> {
    let shape = message.numbers(1, MOST_SIDES)?;
    let count = shape
        .iter()
        .try_fold(1_u64, |count, side| count.checked_mul(*side))
        .filter(|count| (1..=MOST_SCALES).contains(count));
    let (Some(count), Some(data)) = (count, message.message(2)?) else {
        return Ok(None);
    };
    let values = values(data, usize::try_from(count).unwrap_or_default(), 1);
    Ok(values.as_deref().and_then(|values| {
        let first = *values.first()?;
        values.iter().all(|value| *value == first).then_some(first)
    }))
}

/// Height and width; 1 where they are left out, as in the specification.
pub(super) fn pair(message: Message, tag: u64) -> Result<Option<[usize; 2]>, Malformed> {
    let side = |side: u64| usize::try_from(side).ok().filter(|side| *side > 0);
    let pair = |height, width| Some([side(height)?, side(width)?]);
    Ok(match *message.numbers(tag, MOST_SIDES)? {
        [] => Some([1, 1]),
        [height, width] => pair(height, width),
        _ => None,
    })
}

/// Zeros before and after, down and then across: the specification's `BorderAmounts`.
pub(super) fn borders(amounts: Message) -> Result<Vec<[u64; 2]>, Malformed> {
    let borders = amounts.messages(10).take(MOST_SIDES);
    borders
        .map(|edges| edges.map(|edges| [edges.number(1), edges.number(2)]))
        .collect()
}

/// Whether these amounts of padding are none.
fn is_nothing(amounts: Option<Message>) -> Result<bool, Malformed> {
    let borders = amounts.map_or(Ok(Vec::new()), borders)?;
    Ok(borders.iter().all(|edges| *edges == [0, 0]))
}
