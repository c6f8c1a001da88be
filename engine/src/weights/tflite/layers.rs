//! The graph as a network's layers: dilated convolutions put together again, constants found.

use std::collections::{HashMap, HashSet};

use super::graph::{Activation, Element, Graph, GraphTensor, Kind, Window};
use crate::weights::TensorSet;

/// Why a graph is none of the networks that are read.
#[derive(Debug)]
pub(super) struct Mismatch {
    pub(super) expected: String,
    pub(super) found: String,
    pub(super) advice: String,
}

pub(super) type Result<T> = std::result::Result<T, Mismatch>;

/// A graph that differs from DeepLab at one place.
pub(super) fn mismatch(expected: impl Into<String>, found: impl Into<String>) -> Mismatch {
    Mismatch {
        expected: expected.into(),
        found: found.into(),
        advice: "Only DeepLab on MobileNetV2 without a decoder is read from TFLite so far.".into(),
    }
}

/// A convolution with its constants.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Conv {
    pub(super) depthwise: bool,
    /// Height and width of the kernel.
    pub(super) size: [usize; 2],
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) stride: i32,
    pub(super) rate: i32,
    pub(super) activation: Activation,
    kernel: i32,
    bias: Option<i32>,
}

impl Conv {
    /// Whether it is a full convolution of one pixel with this activation.
    pub(super) fn is_pointwise(&self, activation: Activation) -> bool {
        !self.depthwise && self.size == [1, 1] && self.stride == 1 && self.activation == activation
    }
}

/// What a layer does.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    Conv(Conv),
    /// Average over windows of a height and width, or over everything.
    Pool(Option<[i32; 2]>),
    Add,
    Concatenation,
    Resize,
    /// What comes after the logits, or is not known.
    Other(Kind),
}

/// A layer between tensors.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    pub(super) what: What,
    pub(super) inputs: Vec<i32>,
    pub(super) output: i32,
}

/// The layers of a network, and which of its constants have been given a name.
#[derive(Debug)]
pub(super) struct Layers<'a, 'g> {
    graph: &'g Graph<'a>,
    list: Vec<Layer>,
    constants: HashMap<i32, i32>,
    taken: HashSet<i32>,
    tensors: TensorSet,
}

impl<'a, 'g> Layers<'a, 'g> {
    pub(super) fn of(graph: &'g Graph<'a>) -> Result<Self> {
        let mut layers = Self {
            graph,
            list: Vec::new(),
            constants: HashMap::new(),
            taken: HashSet::new(),
            tensors: TensorSet::default(),
        };
        // Tensors in blocks, on their way to a convolution that is dilated in effect.
        let mut in_blocks = HashMap::new();
        for operation in &graph.operations {
            let (Some(&output), Some(&input)) =
                (operation.outputs.first(), operation.inputs.first())
            else {
                continue;
            };
            match operation.kind {
                Kind::Dequantize => {
                    layers.constants.insert(output, input);
                }
                Kind::SpaceToBatch => {
                    let block = layers.block(operation.inputs.get(1))?;
                    in_blocks.insert(output, (input, block));
                }
                Kind::BatchToSpace => layers.leave_blocks(input, output)?,
                kind => {
                    let mut inputs = operation.inputs.clone();
                    let mut what = layers.what(kind, &inputs)?;
                    if let (What::Conv(conv), Some(&(source, block))) =
                        (&mut what, in_blocks.get(&input))
                    {
                        conv.rate = block;
                        inputs[0] = source;
                    }
                    layers.list.push(Layer {
                        what,
                        inputs,
                        output,
                    });
                }
            }
        }
        Ok(layers)
    }

    /// The side of the blocks, which stands for the rate.
    fn block(&self, shape: Option<&i32>) -> Result<i32> {
        let sides = shape
            .and_then(|shape| self.graph.tensor(*shape))
            .and_then(GraphTensor::integers);
        match sides.as_deref() {
            Some([height, width]) if height == width && *height > 0 => Ok(*height),
            other => Err(mismatch("square blocks", format!("{other:?}"))),
        }
    }

    /// The layer that gave `input`, in blocks, gives `output` instead.
    fn leave_blocks(&mut self, input: i32, output: i32) -> Result<()> {
        let layer = self.list.iter_mut().rfind(|layer| layer.output == input);
        let layer = layer.ok_or_else(|| mismatch("a layer within blocks", "none"))?;
        layer.output = output;
        Ok(())
    }

    fn what(&self, kind: Kind, inputs: &[i32]) -> Result<What> {
        Ok(match kind {
            Kind::Conv(window, activation) => {
                What::Conv(self.conv(false, window, activation, inputs)?)
            }
            Kind::Depthwise(window, activation) => {
                What::Conv(self.conv(true, window, activation, inputs)?)
            }
            Kind::AveragePool(_, size) => What::Pool(Some(size)),
            Kind::Mean => What::Pool(None),
            Kind::Add(Activation::None) => What::Add,
            Kind::Concatenation => What::Concatenation,
            Kind::ResizeBilinear {
                align_corners: true,
            } => What::Resize,
            other => What::Other(other),
        })
    }

    fn conv(
        &self,
        depthwise: bool,
        window: Window,
        activation: Activation,
        inputs: &[i32],
    ) -> Result<Conv> {
        let kernel = inputs.get(1).map_or(-1, |kernel| self.constant(*kernel));
        let tensor = self.graph.tensor(kernel);
        if tensor.is_some_and(|tensor| tensor.element == Element::Quantised) {
            return Err(Mismatch {
                advice: "Use the model's floating point version.".into(),
                ..mismatch("weights as floating point numbers", "a quantised network")
            });
        }
        let shape = tensor.and_then(GraphTensor::constant_shape);
        let Some(&[first, height, width, last]) = shape.as_deref() else {
            return Err(mismatch(
                "a constant kernel of 4 dimensions",
                format!("{shape:?}"),
            ));
        };
        let ([stride, across], [rate, rate_across]) = (window.stride, window.dilation);
        if stride != across || rate != rate_across || !(1..=4).contains(&stride) || rate < 1 {
            return Err(mismatch(
                "equal strides and rates down and across",
                format!("{:?} and {:?}", window.stride, window.dilation),
            ));
        }
        if depthwise && first != 1 {
            return Err(mismatch(
                "depthwise kernels [1, h, w, c]",
                format!("{shape:?}"),
            ));
        }
        Ok(Conv {
            depthwise,
            size: [height, width],
            inputs: last,
            outputs: if depthwise { last } else { first },
            stride,
            rate,
            activation,
            kernel,
            bias: inputs
                .get(2)
                .filter(|bias| **bias >= 0)
                .map(|bias| self.constant(*bias)),
        })
    }

    /// The constant itself, if `tensor` is one at half precision that an operation widens.
    fn constant(&self, tensor: i32) -> i32 {
        self.constants.get(&tensor).copied().unwrap_or(tensor)
    }

    /// Layers that take `tensor`.
    pub(super) fn takers(&self, tensor: i32) -> impl Iterator<Item = &Layer> {
        self.list
            .iter()
            .filter(move |layer| layer.inputs.contains(&tensor))
    }

    /// The first convolution that takes `tensor` and is `wanted`, with what it gives.
    pub(super) fn conv_after(
        &self,
        tensor: i32,
        wanted: impl Fn(&Conv) -> bool,
    ) -> Option<(Conv, i32)> {
        self.takers(tensor).find_map(|layer| match &layer.what {
            What::Conv(conv) if layer.inputs.first() == Some(&tensor) && wanted(conv) => {
                Some((conv.clone(), layer.output))
            }
            _ => None,
        })
    }

    /// The layer that gives `tensor`.
    pub(super) fn giver(&self, tensor: i32) -> Option<&Layer> {
        self.list.iter().find(|layer| layer.output == tensor)
    }

    /// Gives a convolution's constants the names they have in TensorFlow, under `scope`.
    ///
    /// Full kernels are `[out, h, w, in]` here and `[h, w, in, out]` there; depthwise ones are
    /// `[1, h, w, c]` and `[h, w, c, 1]`, the same numbers in the same order.
    pub(super) fn name(&mut self, conv: &Conv, scope: &str) -> Result<()> {
        let values = self.floats(conv.kernel, scope)?;
        let [height, width] = conv.size;
        if conv.depthwise {
            let shape = vec![height, width, conv.outputs, 1];
            let name = format!("{scope}/depthwise_weights");
            self.tensors.insert(name, shape, values);
        } else {
            let inner = height * width * conv.inputs;
            let turned = (0..values.len())
                .map(|place| values[place % conv.outputs * inner + place / conv.outputs])
                .collect();
            let shape = vec![height, width, conv.inputs, conv.outputs];
            self.tensors
                .insert(format!("{scope}/weights"), shape, turned);
        }
        let biases = match conv.bias {
            Some(bias) => self.floats(bias, scope)?,
            None => vec![0.0; conv.outputs],
        };
        let name = format!("{scope}/biases");
        self.tensors.insert(name, vec![biases.len()], biases);
        Ok(())
    }

    fn floats(&mut self, tensor: i32, scope: &str) -> Result<Vec<f32>> {
        self.taken.insert(tensor);
        self.graph
            .tensor(tensor)
            .filter(|tensor| tensor.constant_shape().is_some())
            .and_then(GraphTensor::floats)
            .ok_or_else(|| mismatch(format!("constants for {scope}"), "none"))
    }

    /// The named constants, and the names of floating point constants that were given none.
    pub(super) fn finish(self) -> (TensorSet, Vec<String>) {
        let unused = self.graph.tensors.iter().enumerate();
        let unused = unused.filter(|(number, tensor)| {
            let taken = i32::try_from(*number).is_ok_and(|number| self.taken.contains(&number));
            !taken && !tensor.data.is_empty() && tensor.floats().is_some()
        });
        let unused = unused.map(|(_, tensor)| tensor.name.clone()).collect();
        (self.tensors, unused)
    }
}
