//! Takes the tensors out of a network.

use std::collections::HashMap;

use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::tensor::Tensor;

use super::TensorSet;
use crate::network::{DeepLab, Variable, to_tensorflow};
use crate::{Error, Result};

/// Every variable of `network` under its TensorFlow name and in TensorFlow's layout.
///
/// # Errors
/// [`Error::Machine`] where the device can't be read from.
pub fn collect(network: &DeepLab) -> Result<TensorSet> {
    let by_id = network
        .variables()
        .iter()
        .map(|variable| (variable.id, variable));
    let mut collector = Collector {
        by_id: by_id.collect(),
        tensors: TensorSet::default(),
        failure: None,
    };
    network.visit(&mut collector);
    match collector.failure {
        None => Ok(collector.tensors),
        Some(reason) => Err(Error::machine(
            "reading the weights from the device",
            reason,
            "Try again, or with --device cpu.",
        )),
    }
}

struct Collector<'a> {
    by_id: HashMap<ParamId, &'a Variable>,
    tensors: TensorSet,
    failure: Option<String>,
}

impl ModuleVisitor for Collector<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(variable) = self.by_id.get(&param.id) else {
            return;
        };
        let tensor = param.val();
        let shape = tensor.dims();
        match tensor
            .try_into_data()
            .map(|data| data.try_into_vec::<f32>())
        {
            Ok(Ok(values)) => {
                let (shape, values) = to_tensorflow(variable.kind, &shape, &values);
                self.tensors.insert(&variable.name, shape, values);
            }
            Ok(Err(error)) => self.failure = Some(format!("{}: {error:?}", variable.name)),
            Err(error) => self.failure = Some(format!("{}: {error:?}", variable.name)),
        }
    }
}
