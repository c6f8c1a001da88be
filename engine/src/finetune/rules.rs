//! How each variable of a network is trained: whether at all, with weight decay, and how fast.

use std::collections::{BTreeSet, HashMap};

use burn::module::{Module, ModuleMapper, Param, ParamId};
use burn::tensor::Tensor;

use super::options::{FinetuneOptions, Layers};
use crate::network::{Config, DeepLab, Kind, Variable};

/// Scopes behind the backbone: flag-independent parts of `get_extra_layer_scopes`.
const LAST_LAYERS: [&str; 6] = [
    "logits",
    "image_pooling",
    "aspp",
    "concat_projection",
    "decoder",
    "meta_architecture",
];

/// How one variable is trained.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rule {
    /// The variable's TensorFlow name.
    pub name: String,
    /// Weight of its L2 regularisation; 0 for none.
    pub weight_decay: f64,
    /// Factor on its whole gradient, that of the regularisation too.
    pub multiplier: f64,
}

/// The rules of the variables that are trained, by parameter.
pub(crate) type Rules = HashMap<ParamId, Rule>;

/// The rules of a run on `network`.
pub(crate) fn rules(network: &DeepLab, options: &FinetuneOptions) -> Rules {
    let variables = network.variables();
    let names: BTreeSet<&str> = variables
        .iter()
        .map(|variable| variable.name.as_str())
        .collect();
    variables
        .iter()
        .filter(|variable| {
            variable.kind.is_trainable() && learns(&variable.name, options.layers, network.config())
        })
        .map(|variable| {
            let decays = is_regularised(variable, &names);
            let rule = Rule {
                name: variable.name.clone(),
                weight_decay: if decays { options.weight_decay } else { 0.0 },
                multiplier: multiplier(&variable.name, options),
            };
            (variable.id, rule)
        })
        .collect()
}

/// Whether a variable lies behind the backbone.
pub(crate) fn is_last_layer(name: &str) -> bool {
    LAST_LAYERS.iter().any(|scope| name.contains(scope))
}

fn learns(name: &str, layers: Layers, config: &Config) -> bool {
    match layers {
        Layers::Head => config.makes_logits(name),
        Layers::Decoder => is_last_layer(name),
        Layers::All => true,
    }
}

/// Full kernels are; depthwise ones only where they are fused with a pointwise kernel (NAS cells).
fn is_regularised(variable: &Variable, names: &BTreeSet<&str>) -> bool {
    match variable.kind {
        Kind::Weights | Kind::PointwiseWeights => true,
        Kind::DepthwiseWeights => {
            names.contains(format!("{}/pointwise_weights", variable.scope()).as_str())
        }
        _ => false,
    }
}

/// `get_model_gradient_multipliers`: biases learn twice as fast, the last layers as asked.
fn multiplier(name: &str, options: &FinetuneOptions) -> f64 {
    let last = if options.last_layers_contain_logits_only {
        // By name alone, as the original: none where the decoder makes the logits.
        name.contains("logits")
    } else {
        is_last_layer(name)
    };
    let of_layer = if last {
        options.last_layer_gradient_multiplier
    } else {
        1.0
    };
    if name.contains("biases") {
        2.0 * of_layer
    } else {
        of_layer
    }
}

/// The network with gradients for the variables that have a rule, and for no other.
pub(crate) fn only_trained(network: DeepLab, rules: &Rules) -> DeepLab {
    struct Select<'a>(&'a Rules);

    impl ModuleMapper for Select<'_> {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let learns = self.0.contains_key(&param.id);
            param.set_require_grad(learns)
        }
    }

    network.map(&mut Select(rules))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multipliers_are_those_of_the_original() {
        let options = FinetuneOptions {
            last_layer_gradient_multiplier: 10.0,
            ..FinetuneOptions::default()
        };
        let of = |name: &str| multiplier(name, &options);
        assert_eq!(of("MobilenetV2/Conv/weights"), 1.0);
        assert_eq!(of("aspp0/BatchNorm/gamma"), 10.0);
        assert_eq!(of("logits/semantic/weights"), 10.0);
        assert_eq!(of("logits/semantic/biases"), 20.0);
        let options = FinetuneOptions {
            last_layers_contain_logits_only: true,
            ..options
        };
        assert_eq!(multiplier("aspp0/weights", &options), 1.0);
        assert_eq!(multiplier("logits/semantic/weights", &options), 10.0);
        let options = FinetuneOptions::default();
        assert_eq!(multiplier("logits/semantic/biases", &options), 2.0);
    }

    #[test]
    fn layers_grow_from_the_head_to_the_whole() {
        let names = [
            "logits/semantic/biases",
            "decoder/decoder_conv0_pointwise/weights",
            "MobilenetV2/Conv/weights",
        ];
        let config = Config::default();
        let learning = |layers| names.map(|name| learns(name, layers, &config));
        assert_eq!(learning(Layers::Head), [true, false, false]);
        assert_eq!(learning(Layers::Decoder), [true, true, false]);
        assert_eq!(learning(Layers::All), [true, true, true]);
        let config = Config {
            decoder_output_is_logits: true,
            ..config
        };
        assert!(learns(
            "decoder/decoder_conv0/weights",
            Layers::Head,
            &config
        ));
    }
}
