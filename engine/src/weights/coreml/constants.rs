//! The constants of a Core ML network as floating point numbers, in TensorFlow's layouts.

use std::collections::{HashMap, HashSet};

use super::batch_norm::Folded;
use super::convolution::Convolution;
use super::layer::{Kind, Layer};
use super::numbers::values;
use crate::weights::fold::scale_channels;
use crate::weights::graph::{Constants, Conv, Mismatch, Result, mismatch};
use crate::weights::protobuf::Message;

/// The constants of a network's layers.
pub(super) struct FileConstants<'l, 'a> {
    pub(super) layers: &'l [Layer<'a>],
    /// The batch norm layers that go into a convolution, by the convolution's layer.
    pub(super) batch_norms: HashMap<usize, usize>,
    /// The most values that one constant may have.
    pub(super) most_values: usize,
}

impl<'a> FileConstants<'_, 'a> {
    fn convolution(&self, conv: &Conv) -> Result<&Convolution<'a>> {
        match self.layers.get(conv.source).map(|layer| &layer.kind) {
            Some(Kind::Convolution(layer)) => Ok(layer),
            _ => Err(mismatch("a convolution", "another layer")),
        }
    }

    /// The `count` values of a constant of the layer that `conv` was made from.
    fn values(&self, weights: Option<Message>, count: usize, conv: &Conv) -> Result<Vec<f32>> {
        if count > self.most_values {
            return Err(Mismatch {
                advice: "Allow larger tensors if you trust the file.".into(),
                ..mismatch(
                    format!("at most {} values in a tensor", self.most_values),
                    format!("{count}"),
                )
            });
        }
        weights
            .and_then(|weights| values(weights, count, conv.outputs))
            .ok_or_else(|| {
                let name = self.layers.get(conv.source).map_or("", |layer| layer.name);
                mismatch(
                    format!("{count} numbers of 32, 16 or up to 8 bits in layer \"{name}\""),
                    "others, or a scale or a table that does not fit them",
                )
            })
    }

    /// The batch norm after `conv`, if there is one.
    fn batch_norm(&self, conv: &Conv) -> Result<Option<Folded>> {
        let source = self.batch_norms.get(&conv.source);
        let layer = source.and_then(|source| self.layers.get(*source));
        let Some(Kind::BatchNorm(norm)) = layer.map(|layer| &layer.kind) else {
            return Ok(None);
        };
        let folded = norm.fold(conv.outputs);
        let wanted = || format!("batch norm of {} channels", conv.outputs);
        folded
            .map(Some)
            .ok_or_else(|| mismatch(wanted(), "other numbers"))
    }

    /// Names of layers with weights that are none of `taken`, nor a batch norm of theirs.
    pub(super) fn unused(&self, taken: &HashSet<usize>) -> Vec<String> {
        let norms: HashSet<&usize> = taken
            .iter()
            .filter_map(|layer| self.batch_norms.get(layer))
            .collect();
        let layers = self.layers.iter().enumerate();
        let unused = layers.filter(|(number, layer)| {
            let weighs = matches!(layer.kind, Kind::Convolution(_) | Kind::BatchNorm(_));
            weighs && !taken.contains(number) && !norms.contains(number)
        });
        unused.map(|(_, layer)| layer.name.to_owned()).collect()
    }
}

impl Constants for FileConstants<'_, '_> {
    /// Kernels are `[out, in, h, w]` in the file, depthwise ones `[c, 1, h, w]`.
    fn kernel(&self, conv: &Conv) -> Result<Vec<f32>> {
        let layer = self.convolution(conv)?;
        let [height, width] = conv.size;
        let inputs = if conv.depthwise { 1 } else { conv.inputs };
        let count = [height, width, inputs]
            .iter()
            .try_fold(conv.outputs, |count, side| count.checked_mul(*side))
            .ok_or_else(|| mismatch("a kernel", "a size beyond all numbers"))?;
        let values = self.values(layer.kernel, count, conv)?;
        let area = height * width;
        let mut turned: Vec<f32> = (0..count)
            .map(|place| {
                let (rest, output) = (place / conv.outputs, place % conv.outputs);
                let (pixel, input) = (rest / inputs, rest % inputs);
                values[(output * inputs + input) * area + pixel]
            })
            .collect();
        if let Some(norm) = self.batch_norm(conv)? {
            scale_channels(&mut turned, &norm.factors);
        }
        Ok(turned)
    }

    fn biases(&self, conv: &Conv) -> Result<Vec<f32>> {
        let layer = self.convolution(conv)?;
        let biases = match layer.biases {
            Some(biases) => self.values(Some(biases), conv.outputs, conv)?,
            None => vec![0.0; conv.outputs],
        };
        let Some(norm) = self.batch_norm(conv)? else {
            return Ok(biases);
        };
        let pairs = biases.iter().zip(norm.factors.iter().zip(&norm.shifts));
        Ok(pairs
            .map(|(bias, (factor, shift))| (f64::from(*bias) * factor + shift) as f32)
            .collect())
    }
}
