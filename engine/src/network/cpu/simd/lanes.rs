//! What the kernels need of a vector register, whatever its width.

/// Several floats that are worked on at once.
///
/// # Safety
/// Every function needs the processor feature that the type stands for (see
/// [`Isa`](super::Isa)). Those with a pointer need `LEN` valid floats behind it, or the first
/// `count` of them.
pub(super) trait Lanes: Copy {
    /// Floats in a register.
    const LEN: usize;

    /// The most pixels in a tile of 1, 2 and 3 registers a pixel: all sums, the weights and one
    /// input fit into the registers.
    const TILE: [usize; 3];

    /// `value` in every lane.
    unsafe fn splat(value: f32) -> Self;

    /// `LEN` floats.
    unsafe fn load(from: *const f32) -> Self;

    /// The first `count` of `LEN` floats, zeros behind.
    unsafe fn load_part(from: *const f32, count: usize) -> Self;

    /// Writes `LEN` floats.
    unsafe fn store(self, to: *mut f32);

    /// Writes the first `count` of `LEN` floats.
    unsafe fn store_part(self, to: *mut f32, count: usize);

    /// self * factor + sum
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self;

    /// self + other
    unsafe fn add(self, other: Self) -> Self;

    /// min(max(self, low), high); what is not a number stays so.
    unsafe fn clamp(self, low: Self, high: Self) -> Self;
}

/// Four floats as the compiler sees fit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Portable([f32; 4]);

impl Portable {
    fn zip(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        Self(std::array::from_fn(|lane| f(self.0[lane], other.0[lane])))
    }
}

impl Lanes for Portable {
    const LEN: usize = 4;
    const TILE: [usize; 3] = [8, 6, 4];

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Self([value; 4])
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller has `LEN` floats there.
        Self(unsafe { from.cast::<[f32; 4]>().read_unaligned() })
    }

    #[inline(always)]
    unsafe fn load_part(from: *const f32, count: usize) -> Self {
        let mut lanes = [0.0; 4];
        for (index, lane) in lanes.iter_mut().enumerate().take(count) {
            // SAFETY: the caller has `count` floats there.
            *lane = unsafe { from.add(index).read() };
        }
        Self(lanes)
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller has `LEN` floats there.
        unsafe { to.cast::<[f32; 4]>().write_unaligned(self.0) };
    }

    #[inline(always)]
    unsafe fn store_part(self, to: *mut f32, count: usize) {
        for (index, lane) in self.0.iter().enumerate().take(count) {
            // SAFETY: the caller has `count` floats there.
            unsafe { to.add(index).write(*lane) };
        }
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
        self.zip(factor, |a, b| a * b).zip(sum, |a, b| a + b)
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }

    #[inline(always)]
    unsafe fn clamp(self, low: Self, high: Self) -> Self {
        let above = self.zip(low, |value, low| if value < low { low } else { value });
        above.zip(high, |value, high| if value > high { high } else { value })
    }
}
