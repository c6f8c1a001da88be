//! Looking up convolutions by their scope.

use crate::weights::TensorSet;

/// What should have been among the tensors, and what was.
#[derive(Debug)]
pub(super) struct Mismatch {
    pub(super) expected: String,
    pub(super) found: String,
}

pub(super) type Result<T> = std::result::Result<T, Mismatch>;

/// Tensors by the scope of their convolution.
#[derive(Debug)]
pub(super) struct Scopes<'a> {
    tensors: &'a TensorSet,
    folded: bool,
}

impl<'a> Scopes<'a> {
    pub(super) fn of(tensors: &'a TensorSet) -> Self {
        let is_norm = |name: &str| name.ends_with("/gamma") || name.ends_with("/moving_mean");
        Self {
            tensors,
            folded: !tensors.names().any(is_norm),
        }
    }

    /// Whether batch norm has been folded into the convolutions, so that each has biases.
    pub(super) fn is_folded(&self) -> bool {
        self.folded
    }

    /// The shape of the kernel directly under `scope`.
    pub(super) fn kernel(&self, scope: &str) -> Option<[usize; 4]> {
        let leaves = ["weights", "depthwise_weights"].into_iter();
        let tensor = leaves
            .filter_map(|leaf| self.tensors.get(&format!("{scope}/{leaf}")))
            .next();
        tensor?.shape.as_slice().try_into().ok()
    }

    /// Whether there is a convolution in `scope`.
    pub(super) fn has(&self, scope: &str) -> bool {
        self.kernel(scope).is_some()
    }

    /// Channels that the convolution in `scope` gives.
    pub(super) fn outputs(&self, scope: &str) -> Result<usize> {
        match self.kernel(scope) {
            Some([_, _, _, outputs]) => Ok(outputs),
            None => Err(missing(scope)),
        }
    }

    /// Channels that the convolution in `scope` takes.
    pub(super) fn inputs(&self, scope: &str) -> Result<usize> {
        match self.kernel(scope) {
            Some([_, _, inputs, _]) => Ok(inputs),
            None => Err(missing(scope)),
        }
    }

    /// Whether the convolution in `scope` has biases where it might have batch norm.
    pub(super) fn has_bias(&self, scope: &str) -> bool {
        self.tensors.get(&format!("{scope}/biases")).is_some()
    }

    /// How many of `scope_of(first)`, `scope_of(first + 1)` and so on there are.
    pub(super) fn count(&self, first: usize, scope_of: impl Fn(usize) -> String) -> usize {
        (first..).take_while(|i| self.has(&scope_of(*i))).count()
    }

    /// The first part of every name, each once.
    pub(super) fn roots(&self) -> Vec<&'a str> {
        let mut roots: Vec<_> = self
            .tensors
            .names()
            .filter_map(|name| Some(name.split_once('/')?.0))
            .collect();
        roots.dedup();
        roots
    }
}

fn missing(scope: &str) -> Mismatch {
    Mismatch {
        expected: format!("{scope}/weights of shape [height, width, in, out]"),
        found: "none".to_owned(),
    }
}
