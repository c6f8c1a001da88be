//! A Core ML network's layers as those of a graph: activations put into the convolutions before
//! them, batch norm likewise, scalings of numbers taken for what they are.

use std::collections::HashMap;

use super::batch_norm::BatchNorm;
use super::clamp::{Clamp, Step};
use super::layer::{self, Kind};
use crate::weights::graph::{Affine, Layer, Result, What};

/// What has become of a network.
#[derive(Debug, Default)]
pub(super) struct Lowered {
    /// The image is tensor 0 of them.
    pub(super) layers: Vec<Layer>,
    /// Batch norm layers of the file, by the convolution's layer that they go into.
    pub(super) batch_norms: HashMap<usize, usize>,
}

/// Turns layers of the file into layers of a graph.
pub(super) fn lower(layers: &[layer::Layer], image: &str) -> Result<Lowered> {
    let mut lowering = Lowering::default();
    lowering.number(image);
    for layer in layers {
        for input in &layer.inputs {
            *lowering.uses.entry(input).or_default() += 1;
        }
    }
    for (source, layer) in layers.iter().enumerate() {
        lowering.add(source, layer)?;
    }
    for (index, clamp) in lowering.clamps {
        if let What::Conv(conv) = &mut lowering.done.layers[index].what {
            conv.activation = clamp.activation();
        }
    }
    Ok(lowering.done)
}

#[derive(Default)]
struct Lowering<'a> {
    done: Lowered,
    /// Tensors by name; two names where one is the other as it is.
    numbers: HashMap<&'a str, usize>,
    /// The number that the next new tensor gets.
    next: usize,
    /// How many layers take a tensor.
    uses: HashMap<&'a str, usize>,
    /// The one value of tensors that are constants.
    constants: HashMap<usize, f32>,
    /// Which layer gives a tensor.
    givers: HashMap<usize, usize>,
    /// What follows each convolution, by its layer.
    clamps: HashMap<usize, Clamp>,
}

impl<'a> Lowering<'a> {
    /// The number of the tensor of that name.
    fn number(&mut self, name: &'a str) -> usize {
        let next = &mut self.next;
        *self.numbers.entry(name).or_insert_with(|| {
            *next += 1;
            *next - 1
        })
    }

    fn add(&mut self, source: usize, layer: &layer::Layer<'a>) -> Result<()> {
        let inputs: Vec<usize> = layer
            .inputs
            .iter()
            .map(|input| self.number(input))
            .collect();
        if let (Kind::Nothing, [input]) = (&layer.kind, inputs.as_slice()) {
            self.numbers.insert(layer.output, *input);
            return Ok(());
        }
        let output = self.number(layer.output);
        if let Some(index) = self.conv_before(layer)
            && self.goes_in(index, source, &layer.kind)
        {
            self.done.layers[index].output = output;
            self.givers.insert(output, index);
            return Ok(());
        }
        let what = self.what(source, &layer.kind, &inputs, output)?;
        self.givers.insert(output, self.done.layers.len());
        let constants = &self.constants;
        let flows = inputs
            .into_iter()
            .filter(|input| !constants.contains_key(input));
        self.done.layers.push(Layer {
            what,
            inputs: flows.collect(),
            output,
        });
        Ok(())
    }

    fn what(
        &mut self,
        source: usize,
        kind: &Kind,
        inputs: &[usize],
        output: usize,
    ) -> Result<What> {
        Ok(match *kind {
            Kind::Convolution(ref conv) => {
                self.clamps.insert(self.done.layers.len(), Clamp::NONE);
                What::Conv(conv.in_graph(source)?)
            }
            Kind::Constant(value) => {
                self.constants.extend(value.map(|value| (output, value)));
                What::Other
            }
            Kind::Add(number) => match self.operand(inputs, number) {
                Some(shift) => What::Affine(Affine { scale: 1.0, shift }),
                None => What::Add,
            },
            Kind::Multiply(number) => match self.operand(inputs, number) {
                Some(scale) => What::Affine(Affine { scale, shift: 0.0 }),
                None => What::Other,
            },
            Kind::Affine(affine) => What::Affine(affine),
            Kind::Pool(window) => What::Pool(window),
            Kind::Resize { aligned, size } => What::Resize { aligned, size },
            Kind::Upsample => What::Tile,
            Kind::Concatenation => What::Concatenation,
            Kind::BatchNorm(_)
            | Kind::AtLeast(_)
            | Kind::Clip(..)
            | Kind::Nothing
            | Kind::Other => What::Other,
        })
    }

    /// The number beside a tensor in a sum or a product: `number` where there is one input alone,
    /// or a constant; `None` where both are tensors.
    fn operand(&self, inputs: &[usize], number: f32) -> Option<f32> {
        if inputs.len() == 1 {
            return Some(number);
        }
        let mut constants = inputs.iter().filter_map(|input| self.constants.get(input));
        constants.next().copied()
    }

    /// The convolution whose output this layer alone takes.
    fn conv_before(&self, layer: &layer::Layer) -> Option<usize> {
        let &[input] = layer.inputs.as_slice() else {
            return None;
        };
        let index = *self.givers.get(self.numbers.get(input)?)?;
        let alone = self.uses.get(input) == Some(&1);
        (alone && self.clamps.contains_key(&index)).then_some(index)
    }

    /// Puts a layer into the convolution before it, if it is one that can be.
    fn goes_in(&mut self, index: usize, source: usize, kind: &Kind) -> bool {
        let steps = match *kind {
            Kind::BatchNorm(norm) => return self.take_batch_norm(index, source, norm),
            Kind::AtLeast(bound) => vec![Step::AtLeast(bound)],
            Kind::Clip(low, high) => vec![Step::AtLeast(low), Step::AtMost(high)],
            Kind::Affine(NEGATION) => vec![Step::Negate],
            _ => return false,
        };
        let Some(clamp) = self.clamps.get_mut(&index) else {
            return false;
        };
        *clamp = steps.into_iter().fold(*clamp, Clamp::then);
        true
    }

    /// Puts a batch norm into the convolution before it, if nothing else comes between.
    fn take_batch_norm(&mut self, index: usize, source: usize, norm: BatchNorm) -> bool {
        let What::Conv(conv) = self.done.layers[index].what else {
            return false;
        };
        let first = self.clamps.get(&index) == Some(&Clamp::NONE)
            && !self.done.batch_norms.contains_key(&conv.source);
        let fits = norm.channels == Some(conv.outputs as u64);
        if first && fits {
            self.done.batch_norms.insert(conv.source, source);
        }
        first && fits
    }
}

/// The linear activation that turns signs around.
const NEGATION: Affine = Affine {
    scale: -1.0,
    shift: 0.0,
};
