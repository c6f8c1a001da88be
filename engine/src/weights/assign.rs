//! Puts tensors into a network by name, and accounts for every one of them.

use std::collections::{HashMap, HashSet};

use burn::module::{Module, ModuleMapper, Param, ParamId};
use burn::tensor::{Tensor, TensorData};

use super::TensorSet;
use crate::network::{DeepLab, Normalised, to_network};
use crate::{Error, Result};

/// What became of each tensor and of each variable.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accounting {
    /// Tensors that are now a variable's values.
    pub used: Vec<String>,
    /// Tensors that no variable of the network wants.
    pub unused: Vec<String>,
    /// Variables that no tensor was there for; they keep the values they had.
    pub missing: Vec<String>,
    /// Tensors of the training itself: the step count and the optimizer's.
    pub set_aside: Vec<String>,
}

/// Gives `network` the values of `tensors`; shapes and layouts are TensorFlow's.
///
/// Tensors without batch norm (`<scope>/weights` with `<scope>/biases`) make the network a folded
/// one, tensors with it an unfolded one, whatever it was before; its variables then start from
/// nothing, so that what is missing is zero.
///
/// # Errors
/// [`Error::Argument`] with the name, the expected and the found shape, where they differ or the
/// values don't fill the shape.
pub fn assign(network: DeepLab, tensors: &TensorSet) -> Result<(DeepLab, Accounting)> {
    let network = with_layout_of(network, tensors)?;
    let mut accounting = Accounting::default();
    let mut values = HashMap::new();
    for variable in network.variables() {
        let Some(tensor) = tensors.get(&variable.name) else {
            accounting.missing.push(variable.name.clone());
            continue;
        };
        let fills = tensor.shape.iter().product::<usize>() == tensor.values.len();
        if tensor.shape != variable.shape || !fills {
            return Err(Error::argument(
                format!("tensor {}", variable.name),
                format!("the shape {:?}", variable.shape),
                format!("{:?} with {} values", tensor.shape, tensor.values.len()),
            ));
        }
        let (shape, turned) = to_network(variable.kind, &tensor.shape, &tensor.values);
        values.insert(variable.id, TensorData::new(turned, shape));
        accounting.used.push(variable.name.clone());
    }
    let wanted: HashSet<_> = accounting.used.iter().map(String::as_str).collect();
    for name in tensors.names().filter(|name| !wanted.contains(name)) {
        if is_of_the_training(name) {
            accounting.set_aside.push(name.to_owned());
        } else {
            accounting.unused.push(name.to_owned());
        }
    }
    Ok((network.map(&mut Assigner { values }), accounting))
}

/// `network` itself, or a blank one in the layout that `tensors` are in.
fn with_layout_of(network: DeepLab, tensors: &TensorSet) -> Result<DeepLab> {
    let has_norm = tensors
        .names()
        .any(|name| name.ends_with("/gamma") || name.ends_with("/moving_mean"));
    if network.is_folded() && has_norm {
        return network.config().init_blank(&network.device());
    }
    let normalised = network
        .variables()
        .iter()
        .filter_map(|v| v.normalised.as_ref());
    let has_bias_for_norm = normalised
        .map(Normalised::biases)
        .any(|biases| tensors.get(&biases).is_some());
    if !network.is_folded() && !has_norm && has_bias_for_norm {
        return network.config().init_folded(&network.device());
    }
    Ok(network)
}

/// Whether a checkpoint keeps this for going on training, not for the network.
pub(super) fn is_of_the_training(name: &str) -> bool {
    const SLOTS: [&str; 5] = [
        "/Momentum",
        "/Adam",
        "/Adam_1",
        "/ExponentialMovingAverage",
        "/RMSProp",
    ];
    name == "global_step"
        || name.starts_with("beta1_power")
        || name.starts_with("beta2_power")
        || SLOTS.iter().any(|slot| name.ends_with(slot))
}

/// Replaces the parameters that values are there for.
struct Assigner {
    values: HashMap<ParamId, TensorData>,
}

impl ModuleMapper for Assigner {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(values) = self.values.remove(&param.id) else {
            return param;
        };
        param.map(|before| {
            Tensor::from_data(values, &before.device()).set_require_grad(before.is_require_grad())
        })
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::{Config, Kind};
    use crate::weights::collect;

    fn network() -> DeepLab {
        let config = Config {
            depth_multiplier: 0.25,
            aspp_convs_filters: 16,
            num_classes: 3,
            ..Config::default()
        };
        config.init_seeded(1, &Device::flex()).unwrap()
    }

    #[test]
    fn every_tensor_and_every_variable_is_accounted_for() {
        let mut tensors = collect(&network()).unwrap();
        let moved = tensors.tensors.remove("aspp0/weights").unwrap();
        tensors.insert("aspp9/weights", moved.shape, moved.values);
        tensors.insert("global_step", vec![], vec![7.0]);
        tensors.insert("logits/semantic/biases/Momentum", vec![3], vec![0.0; 3]);
        let (_, accounting) = assign(network(), &tensors).unwrap();
        assert_eq!(accounting.missing, ["aspp0/weights"]);
        assert_eq!(accounting.unused, ["aspp9/weights"]);
        let aside = ["global_step", "logits/semantic/biases/Momentum"];
        assert_eq!(accounting.set_aside, aside);
        assert_eq!(accounting.used.len(), network().variables().len() - 1);
    }

    #[test]
    fn values_arrive_and_come_back_bit_for_bit() {
        let mut tensors = collect(&network()).unwrap();
        for (index, tensor) in tensors.tensors.values_mut().enumerate() {
            for (place, value) in tensor.values.iter_mut().enumerate() {
                *value = (index * 1000 + place) as f32;
            }
        }
        let before: Vec<_> = network()
            .variables()
            .iter()
            .map(|v| v.name.clone())
            .collect();
        let (assigned, _) = assign(network(), &tensors).unwrap();
        let after: Vec<_> = assigned
            .variables()
            .iter()
            .map(|v| v.name.clone())
            .collect();
        assert_eq!(before, after);
        assert_eq!(collect(&assigned).unwrap(), tensors);
    }

    #[test]
    fn a_wrong_shape_is_named() {
        let mut tensors = TensorSet::default();
        tensors.insert("logits/semantic/biases", vec![21], vec![0.0; 21]);
        let error = assign(network(), &tensors).unwrap_err().to_string();
        assert_eq!(
            error,
            "tensor logits/semantic/biases: expected the shape [3], found [21] with 21 values"
        );
    }

    #[test]
    fn assigned_parameters_still_train() {
        let device = Device::flex().autodiff();
        let network = network().to_device(&Device::flex()).train();
        let tensors = collect(&network).unwrap();
        let (network, _) = assign(network, &tensors).unwrap();
        let images = Tensor::<4>::ones([1, 3, 17, 17], &device);
        let gradients = network.forward(images).sum().backward();
        let id_of = |kind| {
            network
                .variables()
                .iter()
                .find(|v| v.kind == kind)
                .unwrap()
                .id
        };
        let mut found = WithGradient {
            gradients: &gradients,
            ids: Vec::new(),
        };
        network.visit(&mut found);
        for kind in [
            Kind::Weights,
            Kind::DepthwiseWeights,
            Kind::Gamma,
            Kind::Beta,
            Kind::Biases,
        ] {
            assert!(found.ids.contains(&id_of(kind)), "{kind:?}");
        }
        assert!(!found.ids.contains(&id_of(Kind::MovingMean)));
    }

    struct WithGradient<'a> {
        gradients: &'a burn::tensor::Gradients,
        ids: Vec<ParamId>,
    }

    impl burn::module::ModuleVisitor for WithGradient<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if param.val().grad(self.gradients).is_some() {
                self.ids.push(param.id);
            }
        }
    }
}
