//! Momentum gradient descent, as TensorFlow's `MomentumOptimizer`: no dampening, not Nesterov's.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Gradients, Tensor, TensorData};

use super::rules::{Rule, Rules};
use crate::error::{Error, Result};
use crate::network::DeepLab;

/// `velocity = momentum * velocity + gradient; weight -= rate * velocity`.
#[derive(Debug)]
pub(crate) struct Momentum {
    momentum: f64,
    rules: Rules,
    /// By the variable's name; flat, in the order of the parameter in the network.
    velocities: BTreeMap<String, Tensor<1>>,
}

impl Momentum {
    /// At rest.
    pub(crate) fn new(momentum: f64, rules: Rules) -> Self {
        Self {
            momentum,
            rules,
            velocities: BTreeMap::new(),
        }
    }

    /// One step along `gradients`, which don't hold the regularisation's: that is added here.
    pub(crate) fn step(&mut self, network: DeepLab, gradients: Gradients, rate: f64) -> DeepLab {
        network.map(&mut Step {
            rate,
            momentum: self.momentum,
            rules: &self.rules,
            velocities: &mut self.velocities,
            gradients,
        })
    }

    /// The value of the regularisation: the sum over the regularised variables of
    /// `weight_decay * sum(w^2) / 2`.
    pub(crate) fn regularisation(&self, network: &DeepLab) -> f64 {
        let mut sum = Regularisation {
            rules: &self.rules,
            sum: 0.0,
        };
        network.visit(&mut sum);
        sum.sum
    }

    /// The velocities by variable, flat, to be written to a checkpoint.
    ///
    /// # Errors
    /// [`Error::Machine`] when they can't be read from the device.
    pub(crate) fn velocities(&self) -> Result<BTreeMap<String, Vec<f32>>> {
        let read = |(name, velocity): (&String, &Tensor<1>)| {
            let values = velocity.try_to_vec_as::<f32>().map_err(|error| {
                let advice = "Start again from the last checkpoint.";
                Error::machine("reading the momentum", error.to_string(), advice)
            })?;
            Ok((name.clone(), values))
        };
        self.velocities.iter().map(read).collect()
    }

    /// Takes up velocities that were written to a checkpoint; those of other variables are left out.
    pub(crate) fn restore(&mut self, network: &DeepLab, values: &BTreeMap<String, Vec<f32>>) {
        let device = network.device().without_autodiff();
        self.velocities = self
            .rules
            .values()
            .filter_map(|rule| {
                let values = values.get(&rule.name)?.clone();
                let shape = [values.len()];
                let velocity = Tensor::from_data(TensorData::new(values, shape), &device);
                Some((rule.name.clone(), velocity))
            })
            .collect();
    }
}

struct Step<'a> {
    rate: f64,
    momentum: f64,
    rules: &'a Rules,
    velocities: &'a mut BTreeMap<String, Tensor<1>>,
    gradients: Gradients,
}

impl Step<'_> {
    /// The new value of a weight.
    fn moved(&mut self, rule: &Rule, weight: Tensor<1>, gradient: Tensor<1>) -> Tensor<1> {
        let mut gradient = gradient;
        if rule.weight_decay != 0.0 {
            gradient = gradient + weight.clone() * rule.weight_decay;
        }
        if rule.multiplier != 1.0 {
            gradient = gradient * rule.multiplier;
        }
        let velocity = match self.velocities.remove(&rule.name) {
            Some(before) => before * self.momentum + gradient,
            None => gradient,
        };
        self.velocities.insert(rule.name.clone(), velocity.clone());
        weight - velocity * self.rate
    }
}

impl ModuleMapper for Step<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(rule) = self.rules.get(&param.id) else {
            return param;
        };
        let weight = param.val();
        let Some(gradient) = weight.grad_remove(&mut self.gradients) else {
            return param;
        };
        let shape = weight.shape();
        let count = shape.num_elements();
        let weight = weight.inner().reshape([count]);
        let moved = self.moved(rule, weight, gradient.reshape([count]));
        param.map(|_| Tensor::from_inner(moved.reshape(shape)).require_grad())
    }
}

struct Regularisation<'a> {
    rules: &'a Rules,
    sum: f64,
}

impl ModuleVisitor for Regularisation<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(rule) = self
            .rules
            .get(&param.id)
            .filter(|rule| rule.weight_decay != 0.0)
        else {
            return;
        };
        let squares: f32 = param.val().without_autodiff().square().sum().into_scalar();
        self.sum += rule.weight_decay * f64::from(squares) / 2.0;
    }
}
