//! Which vector instructions the processor has.

/// An instruction set that this processor has: only [`Isa::best`] and [`Isa::all`] make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Isa(pub(super) Set);

/// The instruction sets that kernels are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    /// 16 floats at once.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// 8 floats at once, with fused multiply and add.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// What every processor that the program is built for has.
    Portable,
}

impl Isa {
    /// The widest.
    pub(crate) fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") {
                return Self(Set::Avx512);
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                return Self(Set::Avx2);
            }
        }
        Self(Set::Portable)
    }

    /// All that this processor has, for tests.
    #[cfg(test)]
    pub(crate) fn all() -> Vec<Self> {
        let mut all = vec![Self(Set::Portable)];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                all.push(Self(Set::Avx2));
            }
            if is_x86_feature_detected!("avx512f") {
                all.push(Self(Set::Avx512));
            }
        }
        all
    }

    /// Floats in a register.
    pub(crate) fn lanes(self) -> usize {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => 16,
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => 8,
            Set::Portable => 4,
        }
    }
}
