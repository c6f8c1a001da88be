//! How a graph runs its network: strides, rates, sizes, activations.

use std::collections::BTreeMap;

use super::convolution::Convolution;
use super::graph::Graph;
use super::messages::Node;
use super::stride::stride_of;
use crate::network::{Config, scale_dimension};

/// Puts what `graph` says of how the network is run into `config`, which its tensors have told.
pub(super) fn read(graph: &Graph, convolutions: &BTreeMap<&str, Convolution>, config: &mut Config) {
    let settings = Settings {
        graph,
        convolutions,
    };
    settings.sizes(config);
    settings.strides(config);
    settings.rates(config);
    settings.pooling(config);
    settings.activations(config);
    if let Some(argmax) = graph.nodes().iter().find(|node| node.op == "ArgMax") {
        let of = graph.input(argmax, 0).map(|node| node.op);
        config.prediction_with_upsampled_logits = !matches!(of, Some("BiasAdd" | "Add" | "AddV2"));
    }
}

struct Settings<'a> {
    graph: &'a Graph<'a>,
    convolutions: &'a BTreeMap<&'a str, Convolution<'a>>,
}

impl Settings<'_> {
    fn convolution(&self, scope: &str) -> Option<&Convolution<'_>> {
        self.convolutions.get(scope)
    }

    /// The first of the convolutions that take the backbone's last features.
    fn first_of_head(&self) -> Option<&Convolution<'_>> {
        let scopes = [
            "aspp0",
            "meta_architecture/branch0_depthwise",
            "logits/semantic",
        ];
        scopes.iter().find_map(|scope| self.convolution(scope))
    }

    /// The size of the images that the network was built for.
    fn sizes(&self, config: &mut Config) {
        let images = self.graph.nodes().iter().filter_map(image_size);
        if let Some(size) = images.max() {
            config.crop_size = Some(size);
        }
    }

    fn strides(&self, config: &mut Config) {
        let stride = |convolution: &Convolution| stride_of(self.graph, convolution.input?);
        let searched = config.model_variant.starts_with("nas_");
        if let Some(stride) = self.first_of_head().and_then(stride).filter(|_| !searched) {
            config.output_stride = stride;
        }
        for (stage, decoder) in config.decoder_output_stride.iter_mut().enumerate() {
            let end = if stage == 0 {
                String::new()
            } else {
                format!("_{stage}")
            };
            let projection = self.convolution(&format!("decoder/feature_projection0{end}"));
            if let Some(stride) = projection.and_then(stride) {
                *decoder = stride;
            }
        }
        if searched {
            config.nas_remove_os32_stride = self.stays_at_16(config);
        }
    }

    /// Whether the first cell of a searched backbone's last level has no stride though it has one
    /// on paper.
    fn stays_at_16(&self, config: &Config) -> bool {
        let root = config.model_variant.trim_start_matches("nas_");
        let has_level = root == "hnasnet" || config.output_stride == 32;
        let start = format!("{root}/cell_8/");
        let mut cell = self
            .convolutions
            .iter()
            .filter(|(scope, _)| scope.starts_with(&start))
            .peekable();
        has_level
            && cell.peek().is_some()
            && cell.all(|(_, convolution)| convolution.stride == [1, 1])
    }

    fn rates(&self, config: &mut Config) {
        let without_norm = !config.aspp_with_batch_norm;
        for (index, rate) in config.atrous_rates.iter_mut().enumerate() {
            let branch = index + 1;
            let scopes = match index {
                0 if without_norm => ["logits/semantic".to_owned(), String::new()],
                _ if without_norm => [format!("logits/semantic_{index}"), String::new()],
                _ => [format!("aspp{branch}_depthwise"), format!("aspp{branch}")],
            };
            let convolution = scopes.iter().find_map(|scope| self.convolution(scope));
            *rate = convolution.map_or(*rate, |convolution| convolution.rate[0]);
        }
        if let Some(units) = self.last_units(config) {
            // What the dropped strides have made of the rate before it is multiplied.
            let base = (32 / config.output_stride.max(1)).max(1);
            let factors: Vec<_> = units.iter().map(|rate| rate / base).collect();
            let plain = factors.iter().all(|factor| *factor <= 1);
            config.multi_grid = if plain { Vec::new() } else { factors };
        }
    }

    /// Rates in the last block, of the backbones where a factor can change them.
    fn last_units(&self, config: &Config) -> Option<Vec<usize>> {
        let root = config.model_variant.trim_end_matches("_beta");
        let scopes = if root.starts_with("xception") {
            let unit = format!("{root}/exit_flow/block2/unit_1/xception_module");
            [1, 2, 3]
                .map(|i| format!("{unit}/separable_conv{i}_depthwise"))
                .to_vec()
        } else if root == "resnet_v1_18" {
            [1, 2]
                .map(|i| format!("{root}/block4/unit_{i}/lite_bottleneck_v1/conv1"))
                .to_vec()
        } else if root.starts_with("resnet") {
            [1, 2, 3]
                .map(|i| format!("{root}/block4/unit_{i}/bottleneck_v1/conv2"))
                .to_vec()
        } else {
            return None;
        };
        let rates = scopes
            .iter()
            .map(|scope| Some(self.convolution(scope)?.rate[0]));
        rates.collect()
    }

    fn pooling(&self, config: &mut Config) {
        let Some(pool) = self
            .convolution("image_pooling")
            .and_then(|conv| conv.input)
        else {
            return;
        };
        if pool.op == "Mean" {
            config.crop_size = None;
            config.image_pooling_crop_size = None;
            config.image_pooling_stride = [1, 1];
        } else if pool.op == "AvgPool"
            && let Some(kernel) = pool.sides("ksize")
            && let Some(stride) = pool.sides("strides")
        {
            let output_stride = config.output_stride;
            let whole = config
                .crop_size
                .map(|crop| crop.map(|side| scale_dimension(side, 1.0 / output_stride as f64)));
            let spanned =
                kernel.map(|side| (side - 1).saturating_mul(output_stride).saturating_add(1));
            config.image_pooling_crop_size = (whole != Some(kernel)).then_some(spanned);
            config.image_pooling_stride = stride;
        }
    }

    fn activations(&self, config: &mut Config) {
        let has = |scope: &str, op: &str| {
            let inside = |node: &&Node| node.op == op && node.name.starts_with(scope);
            self.graph.nodes().iter().any(|node| inside(&node))
        };
        let bounded = [
            "aspp0/",
            "concat_projection/",
            "decoder/",
            "meta_architecture/",
        ];
        config.use_bounded_activation = bounded.iter().any(|scope| has(scope, "Relu6"));
        if config.aspp_with_squeeze_and_excitation {
            config.image_se_uses_qsigmoid = !has("image_pooling/", "Sigmoid");
        }
    }
}

/// Height and width, where `node` is a placeholder for images or the shape of some.
fn image_size(node: &Node) -> Option<[usize; 2]> {
    let shape = match node.op {
        "Placeholder" => {
            let shape = node.attributes.get("shape")?.shape.as_ref()?;
            shape.sides.clone()
        }
        "Const" => node.value()?.integers(4)?,
        _ => return None,
    };
    let [1, height, width, 3] = shape[..] else {
        return None;
    };
    let side = |side: i64| usize::try_from(side).ok().filter(|side| *side > 1);
    Some([side(height)?, side(width)?])
}
