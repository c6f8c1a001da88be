//! One row of a depthwise convolution.

use super::Isa;
use super::isa::Set;
use super::lanes::{Lanes, Portable};
#[cfg(target_arch = "x86_64")]
use super::x86::{Avx2, Avx512};

/// The largest side of a kernel.
pub(crate) const LARGEST_KERNEL: usize = 7;

/// Outputs of a row that are computed together.
const ABREAST: usize = 4;

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
    /// What the sums are limited to, from below and from above.
    pub limits: [f32; 2],
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

    /// Which outputs have all taps inside the row; empty at the end of `outs` if none has.
    fn interior(&self, outs: usize) -> (usize, usize) {
        let reach = (self.weights.side - 1) * self.rate;
        let first = self.left.div_ceil(self.stride);
        let beyond = match (self.width + self.left).checked_sub(reach + 1) {
            Some(last) => last / self.stride + 1,
            None => 0,
        };
        let first = first.min(outs);
        (first, beyond.clamp(first, outs))
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
    let weights = job.weights;
    let channels = weights.channels;
    let padded = weights.biases.len();
    unsafe {
        let values = weights.values.as_ptr().add(first);
        let tap = |i: usize, j: usize| L::load(values.add((i * SIDE + j) * padded));
        let bias = L::load(weights.biases.as_ptr().add(first));
        let [low, high] = job.limits.map(|limit| L::splat(limit));
        let rows: [*const f32; SIDE] =
            std::array::from_fn(|i| job.rows[i].as_ptr().wrapping_add(first));
        let write = |sum: L, x: usize| {
            let (value, to) = (sum.clamp(low, high), out.add(x * channels + first));
            if WHOLE {
                value.store(to);
            } else {
                value.store_part(to, count);
            }
        };
        let read = |from: *const f32| {
            if WHOLE {
                L::load(from)
            } else {
                L::load_part(from, count)
            }
        };
        let (begin, end) = job.interior(outs);
        for x in (0..begin).chain(end..outs) {
            let mut sum = bias;
            for (j, place) in (0..SIDE).map(|j| (j, x * job.stride + j * job.rate)) {
                if place < job.left || place - job.left >= job.width {
                    continue;
                }
                let offset = (place - job.left) * channels;
                for (i, row) in rows.iter().enumerate() {
                    sum = read(row.add(offset)).mul_add(tap(i, j), sum);
                }
            }
            write(sum, x);
        }
        let taps: [[L; SIDE]; SIDE] = std::array::from_fn(|i| std::array::from_fn(|j| tap(i, j)));
        let apart = job.rate * channels;
        let mut next = begin;
        if job.stride == 1 {
            // Outputs `rate` apart look at the same columns: `ABREAST` of them share their reads.
            let block = ABREAST * job.rate;
            while next + block <= end {
                for x in next..next + job.rate {
                    let offset = (x - job.left) * channels;
                    let mut sums = [bias; ABREAST];
                    for (row, taps) in rows.iter().zip(&taps) {
                        let from = row.add(offset);
                        let columns: [L; LARGEST_KERNEL + ABREAST - 1] =
                            std::array::from_fn(|column| {
                                if column < SIDE + ABREAST - 1 {
                                    read(from.add(column * apart))
                                } else {
                                    bias
                                }
                            });
                        for (output, sum) in sums.iter_mut().enumerate() {
                            for (value, tap) in columns[output..].iter().zip(taps) {
                                *sum = value.mul_add(*tap, *sum);
                            }
                        }
                    }
                    for (output, sum) in sums.into_iter().enumerate() {
                        write(sum, x + output * job.rate);
                    }
                }
                next += block;
            }
        }
        for x in next..end {
            let from = (x * job.stride - job.left) * channels;
            let mut sum = bias;
            for (row, taps) in rows.iter().zip(&taps) {
                for (j, tap) in taps.iter().enumerate() {
                    sum = read(row.add(from + j * apart)).mul_add(*tap, sum);
                }
            }
            write(sum, x);
        }
    }
}
