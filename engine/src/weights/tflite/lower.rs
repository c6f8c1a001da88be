//! A subgraph's operations as layers: dilated convolutions put together again, scalings of numbers
//! taken for what they are.

use std::collections::{HashMap, HashSet};

use super::constants::floats;
use super::subgraph::{Element, GraphTensor, Kind, Operation, Subgraph};
use crate::weights::graph::{Activation, Affine, Conv, Layer, Result, What, Window, mismatch};

/// What has become of a subgraph.
#[derive(Debug, Default)]
pub(super) struct Lowered {
    pub(super) layers: Vec<Layer>,
    /// Tensors that another one stands for, in other numbers or as it is.
    pub(super) aliases: HashMap<i32, i32>,
    /// Constants that went into layers.
    pub(super) used: HashSet<i32>,
}

/// The most values that a constant may have which scales an image.
const MOST_SCALES: usize = 16;

/// Turns operations into layers.
pub(super) fn lower(subgraph: &Subgraph) -> Result<Lowered> {
    let mut lowering = Lowering {
        subgraph,
        done: Lowered::default(),
        in_blocks: HashMap::new(),
        givers: HashMap::new(),
    };
    for (number, operation) in subgraph.operations.iter().enumerate() {
        lowering.add(number, operation)?;
    }
    Ok(lowering.done)
}

struct Lowering<'s, 'a> {
    subgraph: &'s Subgraph<'a>,
    done: Lowered,
    /// Tensors in blocks, on their way to a convolution that is dilated in effect: what was put
    /// into blocks, and the side of the blocks.
    in_blocks: HashMap<i32, (i32, usize)>,
    /// Which layer gives a tensor.
    givers: HashMap<i32, usize>,
}

impl Lowering<'_, '_> {
    fn add(&mut self, number: usize, operation: &Operation) -> Result<()> {
        let inputs: Vec<i32> = operation.inputs.iter().map(|i| self.itself(*i)).collect();
        let (Some(&output), Some(&input)) = (operation.outputs.first(), inputs.first()) else {
            return Ok(());
        };
        match operation.kind {
            Kind::Quantize => {
                self.done.aliases.insert(output, input);
            }
            Kind::Pad if self.is_no_padding(inputs.get(1)) => {
                self.done.aliases.insert(output, input);
            }
            Kind::SpaceToBatch => {
                let block = self.block(inputs.get(1))?;
                self.in_blocks.insert(output, (input, block));
            }
            Kind::BatchToSpace => self.leave_blocks(input, output)?,
            kind => {
                let mut inputs = inputs;
                let mut what = self.what(kind, number, &inputs)?;
                if let What::Conv(conv) = &mut what {
                    if let Some(&(source, rate)) = self.in_blocks.get(&input) {
                        inputs[0] = source;
                        conv.rate = rate;
                    } else if !pads(kind) && conv.size != [1, 1] {
                        return Err(mismatch("convolutions padded to the same size", "others"));
                    }
                }
                self.push(what, &inputs, output);
            }
        }
        Ok(())
    }

    /// The tensor that `number` stands for.
    fn itself(&self, number: i32) -> i32 {
        self.done.aliases.get(&number).copied().unwrap_or(number)
    }

    fn push(&mut self, what: What, inputs: &[i32], output: i32) {
        let Ok(to) = usize::try_from(output) else {
            return;
        };
        let given = inputs
            .iter()
            .filter_map(|input| usize::try_from(*input).ok());
        // A convolution's constants are found by its source; a graph is a matter of what flows.
        let given = match what {
            What::Conv(_) => given.take(1).collect(),
            _ => given.collect(),
        };
        self.givers.insert(output, self.done.layers.len());
        self.done.layers.push(Layer {
            what,
            inputs: given,
            output: to,
        });
    }

    fn constant(&self, number: Option<&i32>) -> Option<&GraphTensor<'_>> {
        self.subgraph.tensor(*number?)
    }

    fn integers(&self, number: Option<&i32>) -> Option<Vec<i32>> {
        let tensor = self.constant(number)?;
        // The longest list that says anything here is of 4 pairs.
        (tensor.data.len() <= 32).then(|| tensor.integers())?
    }

    fn is_no_padding(&self, amounts: Option<&i32>) -> bool {
        let amounts = self.integers(amounts);
        amounts.is_some_and(|amounts| !amounts.is_empty() && amounts.iter().all(|n| *n == 0))
    }

    /// The side of the blocks, which stands for the rate.
    fn block(&self, shape: Option<&i32>) -> Result<usize> {
        match self.integers(shape).as_deref() {
            Some([height, width]) if height == width && *height > 0 => {
                Ok(height.unsigned_abs() as usize)
            }
            other => Err(mismatch("square blocks", format!("{other:?}"))),
        }
    }

    /// The layer that gave `input`, in blocks, gives `output` instead.
    fn leave_blocks(&mut self, input: i32, output: i32) -> Result<()> {
        let giver = self.givers.get(&input).copied();
        let layer = giver.and_then(|index| self.done.layers.get_mut(index).zip(Some(index)));
        let (Some((layer, index)), Ok(to)) = (layer, usize::try_from(output)) else {
            return Err(mismatch("a layer within blocks", "none"));
        };
        layer.output = to;
        self.givers.insert(output, index);
        Ok(())
    }

    fn what(&mut self, kind: Kind, number: usize, inputs: &[i32]) -> Result<What> {
        Ok(match kind {
            Kind::Conv(..) | Kind::Depthwise(..) => What::Conv(self.conv(kind, number, inputs)?),
            Kind::AveragePool(window, size) if !window.same_padding => sides(size)
                .zip(sides(window.stride))
                .map_or(What::Other, |(size, stride)| {
                    What::Pool(Some(Window { size, stride }))
                }),
            Kind::Mean if self.integers(inputs.get(1)).as_deref() == Some(&[1, 2]) => {
                What::Pool(None)
            }
            Kind::Add(Activation::None)
            | Kind::Subtract(Activation::None)
            | Kind::Multiply(Activation::None)
            | Kind::Divide(Activation::None) => self.arithmetic(kind, inputs),
            Kind::Concatenation => What::Concatenation,
            Kind::ResizeBilinear { align_corners } => What::Resize {
                aligned: align_corners,
                size: match self.integers(inputs.get(1)).as_deref() {
                    Some(&[height, width]) => sides([height, width]),
                    _ => None,
                },
            },
            Kind::Tile => What::Tile,
            _ => What::Other,
        })
    }

    /// A sum of two tensors, or a number that a tensor is scaled or shifted by.
    fn arithmetic(&mut self, kind: Kind, inputs: &[i32]) -> What {
        let constant = self
            .constant(inputs.get(1))
            .filter(|tensor| tensor.data.len() <= 4 * MOST_SCALES)
            .and_then(floats);
        let Some(number) = constant.as_deref().and_then(same) else {
            return match kind {
                Kind::Add(_) => What::Add,
                _ => What::Other,
            };
        };
        self.done.used.extend(inputs.get(1));
        let (scale, shift) = match kind {
            Kind::Add(_) => (1.0, number),
            Kind::Subtract(_) => (1.0, -number),
            Kind::Multiply(_) => (number, 0.0),
            _ => (1.0 / number, 0.0),
        };
        What::Affine(Affine { scale, shift })
    }

    fn conv(&self, kind: Kind, source: usize, inputs: &[i32]) -> Result<Conv> {
        let (Kind::Conv(window, activation) | Kind::Depthwise(window, activation)) = kind else {
            return Err(mismatch("a convolution", "another operation"));
        };
        let depthwise = matches!(kind, Kind::Depthwise(..));
        let kernel = self.constant(inputs.get(1));
        let shape = kernel.and_then(GraphTensor::constant_shape);
        let Some(&[first, height, width, last]) = shape.as_deref() else {
            let found = kernel.map_or(Element::Other(0), |kernel| kernel.element);
            return Err(mismatch(
                "a constant kernel of 4 dimensions, of floating point numbers or 8-bit ones",
                format!("{shape:?} of {found:?}"),
            ));
        };
        if depthwise && first != 1 {
            return Err(mismatch(
                "depthwise kernels [1, h, w, c]",
                format!("{shape:?}"),
            ));
        }
        let (stride, rate) = (equal(window.stride)?, equal(window.dilation)?);
        Ok(Conv {
            depthwise,
            size: [height, width],
            inputs: last,
            outputs: if depthwise { last } else { first },
            stride,
            rate,
            activation,
            source,
        })
    }
}

/// Whether a convolution pads its input so that nothing but its stride makes it smaller.
fn pads(kind: Kind) -> bool {
    match kind {
        Kind::Conv(window, _) | Kind::Depthwise(window, _) => window.same_padding,
        _ => false,
    }
}

/// Height and width, if they can be.
fn sides(sides: [i32; 2]) -> Option<[usize; 2]> {
    let side = |side: i32| usize::try_from(side).ok().filter(|side| *side > 0);
    Some([side(sides[0])?, side(sides[1])?])
}

/// A stride or a rate, the same down and across.
fn equal([down, across]: [i32; 2]) -> Result<usize> {
    match usize::try_from(down) {
        Ok(steps @ 1..=1024) if down == across => Ok(steps),
        _ => Err(mismatch(
            "equal strides and rates down and across",
            format!("{down} and {across}"),
        )),
    }
}

/// The one value that all are.
fn same(values: &[f32]) -> Option<f32> {
    let first = *values.first()?;
    values.iter().all(|value| *value == first).then_some(first)
}
