//! The constants of a TFLite file as floating point numbers, in TensorFlow's layouts.

use std::collections::{HashMap, HashSet};

use half::f16;

use super::subgraph::{Element, GraphTensor, Subgraph};
use crate::weights::graph::{Constants, Conv, Result, mismatch};

/// The constants of a subgraph.
pub(super) struct FileConstants<'s, 'a> {
    subgraph: &'s Subgraph<'a>,
    /// Tensors that another one stands for, in other numbers.
    aliases: HashMap<i32, i32>,
}

impl<'s, 'a> FileConstants<'s, 'a> {
    /// With the tensors, by number, that others only express in other numbers.
    pub(super) fn new(subgraph: &'s Subgraph<'a>, aliases: HashMap<i32, i32>) -> Self {
        Self { subgraph, aliases }
    }

    /// An input of the operation that `conv` was made from: the constant itself, where the
    /// operation takes what another one widens.
    fn operand(&self, conv: &Conv, place: usize) -> Option<(i32, &GraphTensor<'a>)> {
        let number = *self
            .subgraph
            .operations
            .get(conv.source)?
            .inputs
            .get(place)?;
        let number = self.aliases.get(&number).copied().unwrap_or(number);
        Some((number, self.subgraph.tensor(number)?))
    }

    /// What one step of a bias stands for, in each channel: the input's scale times the kernel's.
    fn bias_scales(&self, conv: &Conv) -> Option<Vec<f32>> {
        let operation = self.subgraph.operations.get(conv.source)?;
        let input = self.subgraph.tensor(*operation.inputs.first()?)?;
        let (input_scale, _) = input.quantisation.whole()?;
        let (_, kernel) = self.operand(conv, 1)?;
        let axis = if conv.depthwise { 3 } else { 0 };
        let mut scales = kernel.quantisation.scales_along(axis, conv.outputs)?;
        for scale in &mut scales {
            *scale *= input_scale;
        }
        Some(scales)
    }

    /// Names of numbers that no operation of `taken` takes, nor `others`.
    pub(super) fn unused(&self, taken: &HashSet<usize>, others: &HashSet<i32>) -> Vec<String> {
        let operations = taken
            .iter()
            .filter_map(|source| self.subgraph.operations.get(*source));
        let taken: HashSet<i32> = operations
            .flat_map(|operation| &operation.inputs)
            .map(|number| self.aliases.get(number).copied().unwrap_or(*number))
            .chain(others.iter().copied())
            .collect();
        let numbered = (0_i32..).zip(&self.subgraph.tensors);
        numbered
            .filter(|(number, tensor)| !taken.contains(number) && holds_reals(tensor))
            .map(|(_, tensor)| tensor.name.clone())
            .collect()
    }
}

/// Whether a tensor is a constant of real values, however they are stored.
fn holds_reals(tensor: &GraphTensor) -> bool {
    let real = match tensor.element {
        Element::Float32 | Element::Float16 => true,
        Element::Uint8 | Element::Int8 | Element::Int32 => tensor.quantisation.is_given(),
        Element::Other(_) => false,
    };
    real && !tensor.data.is_empty()
}

/// A constant's values, if they are real numbers.
pub(super) fn floats(tensor: &GraphTensor) -> Option<Vec<f32>> {
    let shape = tensor.constant_shape()?;
    let quantisation = &tensor.quantisation;
    match tensor.element {
        Element::Float32 => {
            let (values, _) = tensor.data.as_chunks();
            Some(values.iter().map(|v| f32::from_le_bytes(*v)).collect())
        }
        Element::Float16 => {
            let (values, _) = tensor.data.as_chunks();
            let wide = values.iter().map(|v| f16::from_le_bytes(*v).to_f32());
            Some(wide.collect())
        }
        Element::Uint8 => {
            quantisation.dequantise(tensor.data.iter().copied().map(i32::from), &shape)
        }
        Element::Int8 => {
            let signed = tensor.data.iter().map(|value| value.cast_signed());
            quantisation.dequantise(signed.map(i32::from), &shape)
        }
        Element::Int32 => quantisation.dequantise(tensor.integers()?.into_iter(), &shape),
        Element::Other(_) => None,
    }
}

impl Constants for FileConstants<'_, '_> {
    /// Full kernels are `[out, h, w, in]` in the file; depthwise ones are `[1, h, w, c]`, the same
    /// numbers in the same order as in TensorFlow.
    fn kernel(&self, conv: &Conv) -> Result<Vec<f32>> {
        let values = self
            .operand(conv, 1)
            .and_then(|(_, kernel)| floats(kernel))
            .ok_or_else(|| mismatch("kernels that are real numbers", "other elements"))?;
        if conv.depthwise {
            return Ok(values);
        }
        let inner = values.len() / conv.outputs;
        let turned = (0..values.len())
            .map(|place| values[place % conv.outputs * inner + place / conv.outputs]);
        Ok(turned.collect())
    }

    fn biases(&self, conv: &Conv) -> Result<Vec<f32>> {
        let Some((_, bias)) = self.operand(conv, 2) else {
            return Ok(vec![0.0; conv.outputs]);
        };
        let values = if bias.element == Element::Int32 {
            let numbers = bias.constant_shape().and_then(|_| bias.integers());
            numbers
                .zip(self.bias_scales(conv))
                .map(|(numbers, scales)| {
                    let pairs = numbers.iter().zip(scales);
                    pairs
                        .map(|(number, scale)| *number as f32 * scale)
                        .collect()
                })
        } else {
            floats(bias)
        };
        values
            .filter(|values: &Vec<f32>| values.len() == conv.outputs)
            .ok_or_else(|| mismatch("one bias a channel, with a scale", "others"))
    }
}
