//! One row of a depthwise convolution.

use super::finish::{Finishing, HardSwish, Limits};
use super::isa::Set;
use super::lanes::{Lanes, Portable};
#[cfg(target_arch = "x86_64")]
use super::x86::{Avx2, Avx512};
use super::{Finish, Isa};

/// The largest side of a kernel.
pub(crate) const LARGEST_KERNEL: usize = 7;

/// A kernel a channel, in the order that the kernel reads them, and biases.
#[derive(Debug, Clone)]
pub(crate) struct ChannelWeights {
    isa: Isa,
    side: usize,
    channels: usize,
    /// `[side, side, channels]`, channels filled up with zeros to whole registers.
    values: Vec<f32>,
    biases: Vec<f32>,
}

impl ChannelWeights {
    /// Packs the weights that `at(channel, tap)` gives, taps row by row; `side` is 3, 5 or 7.
    pub(crate) fn pack(
        isa: Isa,
        side: usize,
        biases: &[f32],
        at: impl Fn(usize, usize) -> f32,
    ) -> Self {
        assert!(Self::takes(side));
        let channels = biases.len();
        let padded = channels.next_multiple_of(isa.lanes());
        let mut values = vec![0.0; side * side * padded];
        for (tap, values) in values.chunks_exact_mut(padded.max(1)).enumerate() {
            for (channel, value) in values.iter_mut().enumerate().take(channels) {
                *value = at(channel, tap);
            }
        }
        let mut biases = biases.to_vec();
        biases.resize(padded, 0.0);
        Self {
            isa,
            side,
            channels,
            values,
            biases,
        }
    }

    /// Whether there is a kernel of that side.
    pub(crate) fn takes(side: usize) -> bool {
        [3, 5, LARGEST_KERNEL].contains(&side)
    }

    /// Channels in and out.
    pub(crate) fn channels(&self) -> usize {
        self.channels
    }
}

/// A row of a depthwise convolution, from as many rows as the kernel is high.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChannelRow<'a> {
    /// `[width, channels]` each; as many as the kernel's side count.
    pub rows: [&'a [f32]; LARGEST_KERNEL],
    /// Pixels of a row.
    pub width: usize,
    /// From the place of one output to the next one's.
    pub stride: usize,
    /// From one tap to the next.
    pub rate: usize,
    /// How far the first output's first tap is left of the row.
    pub left: usize,
    /// The kernels.
    pub weights: &'a ChannelWeights,
    /// What is then done to the sums.
    pub finish: Finish,
}

impl ChannelRow<'_> {
    /// Computes a row `[out_width, channels]`; taps beyond the rows' ends count as zero.
    ///
    /// # Panics
    /// When a row is shorter than it should be.
    pub(crate) fn write(&self, out: &mut [f32]) {
        let weights = self.weights;
        if weights.channels == 0 {
            return;
        }
        let outs = out.len() / weights.channels;
        let rows = &self.rows[..weights.side];
        assert!(
            rows.iter()
                .all(|row| row.len() >= self.width * weights.channels)
        );
        // SAFETY: rows and `out` hold what the widths say, taps are checked against the width, and
        // an `Isa` is only made where the processor has the features.
        unsafe {
            match weights.isa.0 {
                #[cfg(target_arch = "x86_64")]
                Set::Avx512 => avx512(self, outs, out.as_mut_ptr()),
                #[cfg(target_arch = "x86_64")]
                Set::Avx2 => avx2(self, outs, out.as_mut_ptr()),
                Set::Portable => of_side::<Portable>(self, outs, out.as_mut_ptr()),
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
unsafe fn avx512(job: &ChannelRow, outs: usize, out: *mut f32) {
    unsafe { of_side::<Avx512>(job, outs, out) };
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2(job: &ChannelRow, outs: usize, out: *mut f32) {
    unsafe { of_side::<Avx2>(job, outs, out) };
}

/// The kernel for the side.
#[inline(always)]
unsafe fn of_side<L: Lanes>(job: &ChannelRow, outs: usize, out: *mut f32) {
    unsafe {
        match job.weights.side {
            3 => channels::<L, 3>(job, outs, out),
            5 => channels::<L, 5>(job, outs, out),
            _ => channels::<L, LARGEST_KERNEL>(job, outs, out),
        }
    }
}

/// One register of channels after the other, so that its weights stay in registers for the row.
#[inline(always)]
unsafe fn channels<L: Lanes, const SIDE: usize>(job: &ChannelRow, outs: usize, out: *mut f32) {
    let channels = job.weights.channels;
    for first in (0..channels).step_by(L::LEN) {
        unsafe {
            match channels - first {
                left if left < L::LEN => register::<L, SIDE, false>(job, outs, out, first, left),
                _ => register::<L, SIDE, true>(job, outs, out, first, L::LEN),
            }
        }
    }
}

/// The row for `count` channels from `first` on; `WHOLE` where they fill the register.
#[inline(always)]
unsafe fn register<L: Lanes, const SIDE: usize, const WHOLE: bool>(
    job: &ChannelRow,
    outs: usize,
    out: *mut f32,
    first: usize,
    count: usize,
) {
    unsafe {
        match job.finish {
            Finish::Limits(limits) => {
                let finish = Limits::new(limits);
                Strip::<L, _, SIDE, WHOLE>::new(job, out, first, count, finish).run(job, outs);
            }
            Finish::HardSwish => {
                let finish = HardSwish::new();
                Strip::<L, _, SIDE, WHOLE>::new(job, out, first, count, finish).run(job, outs);
            }
        }
    }
}

/// A register of channels all along the row.
struct Strip<L, F, const SIDE: usize, const WHOLE: bool> {
    taps: [[L; SIDE]; SIDE],
    bias: L,
    finish: F,
    rows: [*const f32; SIDE],
    out: *mut f32,
    channels: usize,
    count: usize,
    left: usize,
    width: usize,
}

impl<L: Lanes, F: Finishing<L>, const SIDE: usize, const WHOLE: bool> Strip<L, F, SIDE, WHOLE> {
    #[inline(always)]
    unsafe fn new(job: &ChannelRow, out: *mut f32, first: usize, count: usize, finish: F) -> Self {
        let weights = job.weights;
        let padded = weights.biases.len();
        unsafe {
            let values = weights.values.as_ptr().add(first);
            Self {
                taps: std::array::from_fn(|i| {
                    std::array::from_fn(|j| L::load(values.add((i * SIDE + j) * padded)))
                }),
                bias: L::load(weights.biases.as_ptr().add(first)),
                finish,
                rows: std::array::from_fn(|i| job.rows[i].as_ptr().wrapping_add(first)),
                out: out.add(first),
                channels: weights.channels,
                count,
                left: job.left,
                width: job.width,
            }
        }
    }

    /// All outputs of the row.
    #[inline(always)]
    unsafe fn run(&self, job: &ChannelRow, outs: usize) {
        unsafe {
            if job.stride == 1 {
                self.slide(outs, job.rate);
            } else {
                self.step(outs, job.stride, job.rate);
            }
        }
    }

    /// Stride 1: what lies under a tap lies under the one before it `rate` outputs later, so that
    /// only one column is read for each output. Outputs `rate` apart are done one after the other.
    #[inline(always)]
    unsafe fn slide(&self, outs: usize, rate: usize) {
        unsafe {
            for start in 0..rate.min(outs) {
                let mut columns = [[L::splat(0.0); SIDE]; SIDE];
                for tap in 0..SIDE - 1 {
                    columns = shifted(columns, self.column(start + tap * rate));
                }
                let mut x = start;
                while x < outs {
                    columns = shifted(columns, self.column(x + (SIDE - 1) * rate));
                    let mut sum = self.bias;
                    for (taps, column) in self.taps.iter().zip(&columns) {
                        for (tap, value) in taps.iter().zip(column) {
                            sum = value.mul_add(*tap, sum);
                        }
                    }
                    self.write(sum, x);
                    x += rate;
                }
            }
        }
    }

    /// Any other stride.
    #[inline(always)]
    unsafe fn step(&self, outs: usize, stride: usize, rate: usize) {
        unsafe {
            for x in 0..outs {
                let mut sum = self.bias;
                for j in 0..SIDE {
                    let column = self.column(x * stride + j * rate);
                    for (taps, value) in self.taps.iter().zip(column) {
                        sum = value.mul_add(taps[j], sum);
                    }
                }
                self.write(sum, x);
            }
        }
    }

    /// The rows at `place - left`, zeros beyond their ends.
    #[inline(always)]
    unsafe fn column(&self, place: usize) -> [L; SIDE] {
        unsafe {
            let place = place.wrapping_sub(self.left);
            if place >= self.width {
                return [L::splat(0.0); SIDE];
            }
            self.rows.map(|row| {
                let from = row.add(place * self.channels);
                if WHOLE {
                    L::load(from)
                } else {
                    L::load_part(from, self.count)
                }
            })
        }
    }

    #[inline(always)]
    unsafe fn write(&self, sum: L, x: usize) {
        unsafe {
            let value = self.finish.apply(sum);
            let to = self.out.add(x * self.channels);
            if WHOLE {
                value.store(to);
            } else {
                value.store_part(to, self.count);
            }
        }
    }
}

/// Each row of `columns` without its first value and with that of `next` at its end.
#[inline(always)]
fn shifted<L: Lanes, const SIDE: usize>(
    columns: [[L; SIDE]; SIDE],
    next: [L; SIDE],
) -> [[L; SIDE]; SIDE] {
    std::array::from_fn(|row| {
        std::array::from_fn(|tap| columns[row].get(tap + 1).copied().unwrap_or(next[row]))
    })
}
