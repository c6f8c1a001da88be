//! Tensors by name, as model files hold them.

use std::collections::BTreeMap;

/// A tensor outside a network.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedTensor {
    /// Its dimensions, as in TensorFlow: kernels are `[kh, kw, in, out]`.
    pub shape: Vec<usize>,
    /// Its values, row by row.
    pub values: Vec<f32>,
}

/// Tensors under their TensorFlow names (without `:0`).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TensorSet {
    /// The tensors, by name.
    pub tensors: BTreeMap<String, NamedTensor>,
}

impl TensorSet {
    /// Adds a tensor, in place of any of that name.
    pub fn insert(&mut self, name: impl Into<String>, shape: Vec<usize>, values: Vec<f32>) {
        self.tensors
            .insert(name.into(), NamedTensor { shape, values });
    }

    /// The tensor of that name.
    pub fn get(&self, name: &str) -> Option<&NamedTensor> {
        self.tensors.get(name)
    }

    /// Every name, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// How many tensors there are.
    pub fn len(&self) -> usize {
        self.tensors.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.tensors.is_empty()
    }
}
