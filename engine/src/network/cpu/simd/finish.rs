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

    /// One sum finished, by the definition.
    #[cfg(test)]
    pub(crate) fn of(self, sum: f32) -> f32 {
        match self {
            Self::Limits([low, high]) => sum.clamp(low, high),
            Self::HardSwish => sum * (sum + 3.0).clamp(0.0, 6.0) / 6.0,
        }
    }
}

/// A [`Finish`] whose constants lie in registers. Kernels choose one outside their loops: a choice
/// inside them would keep the compiler from unrolling, and the sums from staying in registers.
pub(super) trait Finishing<L: Lanes>: Copy {
    /// Finishes a register of sums; what is not a number stays so.
    ///
    /// # Safety
    /// As [`Lanes`] says.
    unsafe fn apply(self, sum: L) -> L;
}

/// [`Finish::Limits`].
#[derive(Clone, Copy)]
pub(super) struct Limits<L>([L; 2]);

impl<L: Lanes> Limits<L> {
    /// # Safety
    /// As [`Lanes`] says.
    #[inline(always)]
    pub unsafe fn new(limits: [f32; 2]) -> Self {
        // SAFETY: the caller has the processor feature; nothing is read or written.
        Self(limits.map(|limit| unsafe { L::splat(limit) }))
    }
}

impl<L: Lanes> Finishing<L> for Limits<L> {
    #[inline(always)]
    unsafe fn apply(self, sum: L) -> L {
        let Self([low, high]) = self;
        // SAFETY: the caller has the processor feature; nothing is read or written.
        unsafe { sum.clamp(low, high) }
    }
}

/// [`Finish::HardSwish`].
#[derive(Clone, Copy)]
pub(super) struct HardSwish<L> {
    zero: L,
    sixth: L,
    half: L,
    one: L,
}

impl<L: Lanes> HardSwish<L> {
    /// # Safety
    /// As [`Lanes`] says.
    #[inline(always)]
    pub unsafe fn new() -> Self {
        // SAFETY: the caller has the processor feature; nothing is read or written.
        unsafe {
            Self {
                zero: L::splat(0.0),
                sixth: L::splat(1.0 / 6.0),
                half: L::splat(0.5),
                one: L::splat(1.0),
            }
        }
    }
}

impl<L: Lanes> Finishing<L> for HardSwish<L> {
    #[inline(always)]
    unsafe fn apply(self, sum: L) -> L {
        // SAFETY: the caller has the processor feature; nothing is read or written.
        unsafe {
            let gate = sum
                .mul_add(self.sixth, self.half)
                .clamp(self.zero, self.one);
            sum.mul_add(gate, self.zero)
        }
    }
}
