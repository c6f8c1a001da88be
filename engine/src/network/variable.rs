//! What is known of each variable beside its values.

use std::sync::Arc;

use burn::module::ParamId;

/// What a variable is, by the last part of its TensorFlow name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A full convolution's kernel, `[kh, kw, in, out]`.
    Weights,
    /// A depthwise convolution's kernel, `[kh, kw, channels, 1]`.
    DepthwiseWeights,
    /// The 1x1 kernel that a fused separable convolution has beside its depthwise one,
    /// `[1, 1, in, out]`.
    PointwiseWeights,
    /// Added to each channel, `[channels]`.
    Biases,
    /// Batch norm's factor, `[channels]`.
    Gamma,
    /// Batch norm's offset, `[channels]`.
    Beta,
    /// Batch norm's mean over the training batches, `[channels]`.
    MovingMean,
    /// Batch norm's variance over the training batches, `[channels]`.
    MovingVariance,
}

impl Kind {
    /// The last part of the TensorFlow name.
    pub fn leaf(self) -> &'static str {
        match self {
            Self::Weights => "weights",
            Self::DepthwiseWeights => "depthwise_weights",
            Self::PointwiseWeights => "pointwise_weights",
            Self::Biases => "biases",
            Self::Gamma => "gamma",
            Self::Beta => "beta",
            Self::MovingMean => "moving_mean",
            Self::MovingVariance => "moving_variance",
        }
    }

    /// Whether training follows its gradient; moving statistics follow the batches instead.
    pub fn is_trainable(self) -> bool {
        !matches!(self, Self::MovingMean | Self::MovingVariance)
    }
}

/// A variable of a network under its TensorFlow name.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// The name, as in a checkpoint, without `:0`.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// The shape in TensorFlow, kernels as `[kh, kw, in, out]`.
    pub shape: Vec<usize>,
    /// The parameter in the network; the same while training, moving and cloning it.
    pub id: ParamId,
    /// What a batch norm follows, with each of its four variables.
    pub(crate) normalised: Option<Normalised>,
}

/// The convolution that a batch norm follows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Normalised {
    /// The name of its kernel.
    pub kernel: Arc<str>,
    /// The small number under the batch norm's root.
    pub epsilon: f64,
}

impl Normalised {
    /// The name of the biases that the convolution has once the batch norm is folded into it.
    pub(crate) fn biases(&self) -> String {
        let scope = self.kernel.rsplit_once('/').map_or("", |(scope, _)| scope);
        format!("{scope}/{}", Kind::Biases.leaf())
    }
}

impl Variable {
    /// The name without its last part: the convolution's or the batch norm's scope.
    pub fn scope(&self) -> &str {
        self.name.rsplit_once('/').map_or("", |(scope, _)| scope)
    }
}
