//! What is done to a convolution's sums while they are still in registers.

use super::lanes::Lanes;

/// An activation that the kernels apply themselves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Finish {
    /// Limited from below and from above.
    Limits([f32; 2]),
    /// x * relu6(x + 3) / 6
    HardSwish,
}

impl Finish {
    /// The sums as they are.
    pub(crate) const NOTHING: Self = Self::Limits([f32::NEG_INFINITY, f32::INFINITY]);

    /// Finishes a register of sums; what is not a number stays so.
    ///
    /// # Safety
    /// As [`Lanes`] says.
    #[inline(always)]
    pub(super) unsafe fn apply<L: Lanes>(self, sum: L) -> L {
        // SAFETY: the caller has the processor feature; nothing is read or written.
        unsafe {
            match self {
                Self::Limits([low, high]) => sum.clamp(L::splat(low), L::splat(high)),
                Self::HardSwish => {
                    let gate = sum.mul_add(L::splat(1.0 / 6.0), L::splat(0.5));
                    let gate = gate.clamp(L::splat(0.0), L::splat(1.0));
                    sum.mul_add(gate, L::splat(0.0))
                }
            }
        }
    }

    /// One sum finished, by the definition.
    #[cfg(test)]
    pub(crate) fn of(self, sum: f32) -> f32 {
        match self {
            Self::Limits([low, high]) => sum.clamp(low, high),
            Self::HardSwish => sum * (sum + 3.0).clamp(0.0, 6.0) / 6.0,
        }
    }
}
