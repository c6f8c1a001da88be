//! Writes MobileNetV2 networks as TensorFlow would.

use std::collections::BTreeMap;

use crate::network::{Config, scale_dimension};
use crate::weights::TensorSet;
use crate::weights::frozen_graph::messages::{Attribute, Constant, Node};
use crate::weights::tensorflow_types::{DataType, TensorShape};

/// How batch norms stand in the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Norms {
    /// One node each.
    Fused,
    /// Folded into kernels and an offset behind, but for depthwise convolutions.
    FoldedButDepthwise,
    /// All of them folded.
    Folded,
    /// A factor and an offset behind each convolution.
    FactorAndOffset,
}

/// What differs between the versions and tools that have written a graph.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// Rates by taking the map apart for every convolution, not for depthwise ones alone.
    pub(super) old_rates: bool,
    /// Whether constants are read through a node that changes nothing.
    pub(super) reads: bool,
    pub(super) norms: Norms,
}

/// The graph of `config`, a MobileNetV2 with a decoder, with `tensors` as its variables.
pub(super) fn graph_of(config: &Config, tensors: &TensorSet, style: Style) -> Vec<Node<'static>> {
    let mut writer = Writer {
        nodes: Vec::new(),
        tensors,
        style,
        size: config.crop_size.unwrap(),
    };
    let [height, width] = writer.size;
    writer.node("image", "Placeholder", &[]);
    let shape = [1, height as i32, width as i32, 3];
    writer.integers("Shape_1", &shape);
    let (features, detail) = writer.backbone(config.output_stride);
    let together = writer.head(config, &features);
    let detail = writer.conv("decoder/feature_projection0", &detail, 1, 1, "Relu6");
    let mut last = writer.op("decoder/concat", "ConcatV2", &[&together, &detail]);
    for scope in ["decoder_conv0", "decoder_conv1"] {
        last = writer.conv(&format!("decoder/{scope}_depthwise"), &last, 1, 1, "Relu6");
        last = writer.conv(&format!("decoder/{scope}_pointwise"), &last, 1, 1, "Relu6");
    }
    let logits = writer.conv("logits/semantic", &last, 1, 1, "");
    writer.op("ArgMax", "ArgMax", &[&logits]);
    writer.nodes
}

struct Writer<'a> {
    nodes: Vec<Node<'static>>,
    tensors: &'a TensorSet,
    style: Style,
    size: [usize; 2],
}

impl Writer<'_> {
    /// The last features, and those for the decoder at stride 4.
    fn backbone(&mut self, output_stride: usize) -> (String, String) {
        const STRIDES: [usize; 17] = [1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1];
        let mut current = self.conv("MobilenetV2/Conv", "image", 2, 1, "Relu6");
        let (mut stride, mut rate) = (2, 1);
        let mut detail = String::new();
        for (index, on_paper) in STRIDES.into_iter().enumerate() {
            let scope = match index {
                0 => "MobilenetV2/expanded_conv".to_owned(),
                _ => format!("MobilenetV2/expanded_conv_{index}"),
            };
            let before = current.clone();
            if index > 0 {
                current = self.conv(&format!("{scope}/expand"), &current, 1, 1, "Relu6");
            }
            let here = if stride == output_stride { 1 } else { on_paper };
            current = self.conv(&format!("{scope}/depthwise"), &current, here, rate, "Relu6");
            stride *= here;
            rate *= on_paper / here;
            if index == 2 {
                detail = current.clone();
            }
            current = self.conv(&format!("{scope}/project"), &current, 1, 1, "");
            if here == 1 && index % 2 == 0 && index > 0 {
                current = self.op(&format!("{scope}/add"), "Add", &[&current, &before]);
            }
        }
        (current, detail)
    }

    fn head(&mut self, config: &Config, features: &str) -> String {
        let map = |side: usize| scale_dimension(side, 1.0 / config.output_stride as f64);
        let window = config.image_pooling_crop_size.unwrap_or(self.size).map(map);
        let pool = self.op("AvgPool2D/AvgPool", "AvgPool", &[features]);
        self.sides(&pool, "ksize", window);
        self.sides(&pool, "strides", config.image_pooling_stride);
        let pooled = self.conv("image_pooling", &pool, 1, 1, "Relu");
        let size = self.integers(
            "ResizeBilinear/size",
            &self.size.map(|side| map(side) as i32),
        );
        let pooled = self.op("ResizeBilinear", "ResizeBilinear", &[&pooled, &size]);
        let mut branches = vec![pooled, self.conv("aspp0", features, 1, 1, "Relu6")];
        for (index, rate) in config.atrous_rates.iter().enumerate() {
            let scope = format!("aspp{}", index + 1);
            let filtered = self.conv(&format!("{scope}_depthwise"), features, 1, *rate, "Relu6");
            branches.push(self.conv(&format!("{scope}_pointwise"), &filtered, 1, 1, "Relu6"));
        }
        let branches: Vec<&str> = branches.iter().map(String::as_str).collect();
        let together = self.op("concat", "ConcatV2", &branches);
        self.conv("concat_projection", &together, 1, 1, "Relu6")
    }

    /// A convolution with what follows it; the name of the last node.
    fn conv(
        &mut self,
        scope: &str,
        input: &str,
        stride: usize,
        rate: usize,
        then: &'static str,
    ) -> String {
        let depthwise = self
            .tensors
            .get(&format!("{scope}/depthwise_weights"))
            .is_some();
        let (leaf, op, node) = if depthwise {
            (
                "depthwise_weights",
                "DepthwiseConv2dNative",
                format!("{scope}/depthwise"),
            )
        } else {
            ("weights", "Conv2D", format!("{scope}/Conv2D"))
        };
        let factor_and_offset = self.affine(scope);
        let folded = match self.style.norms {
            Norms::Fused | Norms::FactorAndOffset => false,
            Norms::FoldedButDepthwise => !depthwise,
            Norms::Folded => true,
        };
        let factor = factor_and_offset
            .as_ref()
            .filter(|_| folded)
            .map(|(factor, _)| factor);
        let kernel = self.variable(&format!("{scope}/{leaf}"), factor.map(Vec::as_slice));
        let apart = rate > 1 && (depthwise || self.style.old_rates);
        let mut current = input.to_owned();
        let block = [rate as i32; 2];
        if apart {
            let size = self.integers(&format!("{node}/SpaceToBatchND/block_shape"), &block);
            current = self.op(
                &format!("{node}/SpaceToBatchND"),
                "SpaceToBatchND",
                &[&current, &size],
            );
        }
        current = self.op(&node, op, &[&current, &kernel]);
        self.sides(&node, "strides", [stride; 2]);
        self.sides(&node, "dilations", [if apart { 1 } else { rate }; 2]);
        if apart {
            let size = self.integers(&format!("{node}/BatchToSpaceND/block_shape"), &block);
            current = self.op(
                &format!("{node}/BatchToSpaceND"),
                "BatchToSpaceND",
                &[&current, &size],
            );
        }
        current = match factor_and_offset {
            None => {
                let biases = self.variable(&format!("{scope}/biases"), None);
                self.op(&format!("{scope}/BiasAdd"), "BiasAdd", &[&current, &biases])
            }
            Some((factor, offset)) if folded || self.style.norms == Norms::FactorAndOffset => {
                if !folded {
                    let factor = self.constant(&format!("{node}_factor"), &[factor.len()], &factor);
                    current = self.op(&format!("{scope}/mul"), "Mul", &[&current, &factor]);
                }
                let offset = self.constant(&format!("{node}_bn_offset"), &[offset.len()], &offset);
                self.op(
                    &format!("{scope}/BatchNorm"),
                    "BiasAdd",
                    &[&current, &offset],
                )
            }
            Some(_) => self.norm(scope, &current),
        };
        match then {
            "" => current,
            then => self.op(&format!("{scope}/{then}"), then, &[&current]),
        }
    }

    fn norm(&mut self, scope: &str, input: &str) -> String {
        let leaves = ["gamma", "beta", "moving_mean", "moving_variance"];
        let parts = leaves.map(|leaf| self.variable(&format!("{scope}/BatchNorm/{leaf}"), None));
        let inputs: Vec<&str> = std::iter::once(input)
            .chain(parts.iter().map(String::as_str))
            .collect();
        let op = if self.style.reads {
            "FusedBatchNormV3"
        } else {
            "FusedBatchNorm"
        };
        let node = self.op(&format!("{scope}/BatchNorm/{op}"), op, &inputs);
        let epsilon = Attribute {
            float: Some(self.epsilon(scope)),
            ..Attribute::default()
        };
        self.attribute(&node, "epsilon", epsilon);
        node
    }

    fn epsilon(&self, scope: &str) -> f32 {
        if scope.starts_with("MobilenetV2") {
            1e-3
        } else {
            1e-5
        }
    }

    /// What the batch norm of `scope` comes to, if it has one.
    fn affine(&self, scope: &str) -> Option<(Vec<f32>, Vec<f32>)> {
        let part = |leaf: &str| {
            Some(
                &self
                    .tensors
                    .get(&format!("{scope}/BatchNorm/{leaf}"))?
                    .values,
            )
        };
        let (gamma, beta) = (part("gamma")?, part("beta")?);
        let (mean, variance) = (part("moving_mean")?, part("moving_variance")?);
        let factor: Vec<f32> = gamma
            .iter()
            .zip(variance)
            .map(|(gamma, variance)| gamma / (variance + self.epsilon(scope)).sqrt())
            .collect();
        let offset = beta
            .iter()
            .zip(mean)
            .zip(&factor)
            .map(|((beta, mean), factor)| beta - mean * factor);
        let offset = offset.collect();
        Some((factor, offset))
    }

    /// A constant that is a variable, its last channels times `factor`, and how it is read.
    fn variable(&mut self, name: &str, factor: Option<&[f32]>) -> String {
        let tensor = self.tensors.get(name).unwrap();
        let mut values = tensor.values.clone();
        let factors = factor.unwrap_or(&[1.0]).iter().cycle();
        values
            .iter_mut()
            .zip(factors)
            .for_each(|(value, factor)| *value *= factor);
        let shape = tensor.shape.clone();
        let name = self.constant(name, &shape, &values);
        if !self.style.reads {
            return name;
        }
        self.op(&format!("{name}/read"), "Identity", &[&name])
    }

    fn constant(&mut self, name: &str, shape: &[usize], values: &[f32]) -> String {
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        let constant = Constant {
            dtype: DataType::Float,
            shape: TensorShape::of(shape),
            content: bytes.leak(),
            ..Constant::default()
        };
        self.value(name, constant)
    }

    fn integers(&mut self, name: &str, values: &[i32]) -> String {
        let constant = Constant {
            dtype: DataType::Int32,
            shape: TensorShape::of(&[values.len()]),
            ints: values.iter().copied().map(i64::from).collect(),
            ..Constant::default()
        };
        self.value(name, constant)
    }

    fn value(&mut self, name: &str, constant: Constant<'static>) -> String {
        let name = self.op(name, "Const", &[]);
        let value = Attribute {
            tensor: Some(constant),
            ..Attribute::default()
        };
        self.attribute(&name, "value", value);
        name
    }

    fn op(&mut self, name: &str, op: &'static str, inputs: &[&str]) -> String {
        self.node(name, op, inputs);
        name.to_owned()
    }

    fn node(&mut self, name: &str, op: &'static str, inputs: &[&str]) {
        self.nodes.push(Node {
            name: leak(name),
            op,
            inputs: inputs.iter().map(|input| leak(input)).collect(),
            attributes: BTreeMap::new(),
        });
    }

    fn sides(&mut self, node: &str, attribute: &'static str, sides: [usize; 2]) {
        let list = vec![1, sides[0] as i64, sides[1] as i64, 1];
        let attribute_value = Attribute {
            list,
            ..Attribute::default()
        };
        self.attribute(node, attribute, attribute_value);
    }

    fn attribute(&mut self, node: &str, key: &'static str, value: Attribute<'static>) {
        let node = self.nodes.iter_mut().rfind(|other| other.name == node);
        node.unwrap().attributes.insert(key, value);
    }
}

/// Nodes borrow their names from the file; here there is none.
fn leak(name: &str) -> &'static str {
    name.to_owned().leak()
}
