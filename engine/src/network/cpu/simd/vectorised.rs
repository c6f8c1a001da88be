//! Plain code, compiled once for each instruction set.

use super::Isa;
use super::isa::Set;

/// Loops over slices that the compiler turns into vector instructions by itself.
pub(crate) trait Vectorised {
    /// What comes out.
    type Output;

    /// Does the work. It and what it calls must be `#[inline(always)]`: only then does it become
    /// part of a function that is compiled for the instruction set.
    fn run(self) -> Self::Output;
}

/// Does `work` with the widest instructions that the processor has.
pub(crate) fn vectorised<W: Vectorised>(work: W) -> W::Output {
    match Isa::best().0 {
        // SAFETY: an `Isa` is only made where the processor has the features.
        #[cfg(target_arch = "x86_64")]
        Set::Avx512 => unsafe { avx512(work) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Set::Avx2 => unsafe { avx2(work) },
        Set::Portable => work.run(),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn avx512<W: Vectorised>(work: W) -> W::Output {
    work.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2<W: Vectorised>(work: W) -> W::Output {
    work.run()
}
