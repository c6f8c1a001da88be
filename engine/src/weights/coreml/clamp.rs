//! Activations that a file spells out in several layers.

use crate::weights::graph::Activation;

/// What a chain of layers makes of a value: perhaps negated, then kept within two bounds.
///
/// relu6 is often written as relu, negation, maximum with -6, negation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Clamp {
    negated: bool,
    low: f32,
    high: f32,
}

/// A layer of such a chain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Step {
    Negate,
    /// The larger of the value and this one.
    AtLeast(f32),
    /// The smaller of the value and this one.
    AtMost(f32),
}

impl Clamp {
    /// What no layer makes of a value.
    pub(super) const NONE: Self = Self {
        negated: false,
        low: f32::NEG_INFINITY,
        high: f32::INFINITY,
    };

    /// This, and `step` of what comes out.
    pub(super) fn then(self, step: Step) -> Self {
        let Self { negated, low, high } = self;
        match step {
            Step::Negate => Self {
                negated: !negated,
                low: -high,
                high: -low,
            },
            Step::AtLeast(bound) => Self {
                negated,
                low: low.max(bound),
                high: high.max(bound),
            },
            Step::AtMost(bound) => Self {
                negated,
                low: low.min(bound),
                high: high.min(bound),
            },
        }
    }

    /// The activation that this is.
    pub(super) fn activation(self) -> Activation {
        match self {
            Self::NONE => Activation::None,
            Self {
                negated: false,
                low: 0.0,
                high,
            } if high == f32::INFINITY => Activation::Relu,
            Self {
                negated: false,
                low: 0.0,
                high: 6.0,
            } => Activation::Relu6,
            _ => Activation::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(steps: &[Step]) -> Activation {
        let clamp = steps
            .iter()
            .fold(Clamp::NONE, |clamp, step| clamp.then(*step));
        clamp.activation()
    }

    #[test]
    fn chains_are_recognised_by_what_they_do() {
        use Step::{AtLeast, AtMost, Negate};
        assert_eq!(chain(&[]), Activation::None);
        assert_eq!(chain(&[Negate, Negate]), Activation::None);
        assert_eq!(chain(&[AtLeast(0.0)]), Activation::Relu);
        assert_eq!(chain(&[AtLeast(0.0), AtMost(6.0)]), Activation::Relu6);
        assert_eq!(chain(&[AtMost(6.0), AtLeast(0.0)]), Activation::Relu6);
        let converted = [AtLeast(0.0), Negate, AtLeast(-6.0), Negate];
        assert_eq!(chain(&converted), Activation::Relu6);
        assert_eq!(chain(&converted[..3]), Activation::Other);
        assert_eq!(chain(&[AtLeast(1.0)]), Activation::Other);
        assert_eq!(chain(&[AtLeast(0.0), AtMost(5.0)]), Activation::Other);
        assert_eq!(chain(&[AtLeast(f32::NAN)]), Activation::None);
    }
}
