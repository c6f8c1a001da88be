//! Sizes, paddings, strides and rates.

/// `size` pixels scaled with the corners aligned: trunc((size - 1) * scale + 1).
pub fn scale_dimension(size: usize, scale: f64) -> usize {
    (size.saturating_sub(1) as f64 * scale + 1.0) as usize
}

/// Zeros before and after one dimension so that ceil(size / stride) outputs come out: TensorFlow's
/// SAME, where an odd zero goes to the end. The kernel spans `(kernel - 1) * rate + 1` pixels.
pub(crate) fn same_padding(
    size: usize,
    kernel: usize,
    stride: usize,
    rate: usize,
) -> (usize, usize) {
    let span = (kernel - 1) * rate + 1;
    let covered = (size.div_ceil(stride) - 1) * stride + span;
    let total = covered.saturating_sub(size);
    (total / 2, total - total / 2)
}

/// How zeros are put around a map before a convolution or a pooling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Padding {
    /// TensorFlow's SAME: see [`same_padding`].
    Same,
    /// `conv2d_same`, `fixed_padding` of research/slim: with a stride, half the kernel's reach on
    /// both sides whatever the size, the odd zero at the end; without one, SAME.
    Explicit,
    /// PyTorch's usual padding: half the kernel's reach on both sides, stride or not.
    Symmetric,
}

impl Padding {
    /// Zeros before and after one dimension of `size` pixels.
    pub(crate) fn zeros(
        self,
        size: usize,
        kernel: usize,
        stride: usize,
        rate: usize,
    ) -> (usize, usize) {
        let reach = (kernel - 1) * rate;
        match self {
            Self::Explicit if stride > 1 => (reach / 2, reach - reach / 2),
            Self::Symmetric => (reach / 2, reach / 2),
            Self::Same | Self::Explicit => same_padding(size, kernel, stride, rate),
        }
    }
}

/// Which stride and which rate each unit of a backbone runs at, walking from its input.
///
/// Once the strides multiply to the wanted output stride, a unit's stride becomes 1 and the units
/// *after* it run at a rate larger by that stride.
#[derive(Debug)]
pub(crate) struct AtrousWalk {
    target: usize,
    stride: usize,
    rate: usize,
    early: bool,
}

impl AtrousWalk {
    /// A walk towards `target`, the output stride still to be made by the units to come.
    pub(crate) fn new(target: usize) -> Self {
        Self {
            target,
            stride: 1,
            rate: 1,
            early: false,
        }
    }

    /// If `early`, a unit that loses its stride runs at the larger rate itself already.
    pub(crate) fn with_early_rates(self, early: bool) -> Self {
        Self { early, ..self }
    }

    /// The stride and the rate of the next unit, whose stride is `stride` on paper.
    pub(crate) fn step(&mut self, stride: usize) -> (usize, usize) {
        let rate = self.rate;
        if self.stride == self.target {
            self.rate *= stride;
            (1, if self.early { self.rate } else { rate })
        } else {
            self.stride *= stride;
            (stride, rate)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_with_corners_aligned() {
        assert_eq!(scale_dimension(513, 1.0 / 16.0), 33);
        assert_eq!(scale_dimension(513, 0.25), 129);
        assert_eq!(scale_dimension(97, 1.5), 145);
        assert_eq!(scale_dimension(64, 1.0 / 16.0), 4);
        assert_eq!(scale_dimension(1, 0.5), 1);
    }

    #[test]
    fn pads_as_tensorflow_does() {
        assert_eq!(same_padding(65, 3, 2, 1), (1, 1));
        assert_eq!(same_padding(64, 3, 2, 1), (0, 1));
        assert_eq!(same_padding(33, 3, 1, 18), (18, 18));
        assert_eq!(same_padding(7, 1, 2, 1), (0, 0));
        assert_eq!(same_padding(8, 5, 2, 1), (1, 2));
    }

    #[test]
    fn paddings_differ_where_a_stride_meets_an_even_size() {
        let of = |padding: Padding, size, stride| padding.zeros(size, 3, stride, 1);
        assert_eq!(of(Padding::Same, 64, 2), (0, 1));
        assert_eq!(of(Padding::Explicit, 64, 2), (1, 1));
        assert_eq!(of(Padding::Symmetric, 64, 2), (1, 1));
        for padding in [Padding::Same, Padding::Explicit, Padding::Symmetric] {
            assert_eq!(of(padding, 64, 1), (1, 1));
        }
        assert_eq!(Padding::Explicit.zeros(64, 2, 2, 1), (0, 1));
    }

    #[test]
    fn rates_grow_after_the_unit_that_lost_its_stride() {
        let strides = [2, 1, 2, 1, 2, 1, 2, 1, 2, 1];
        let walk = |target| {
            let mut walk = AtrousWalk::new(target);
            strides.map(|stride| walk.step(stride))
        };
        let at_8 = [2, 1, 2, 1, 2, 1, 1, 1, 1, 1];
        let rates_8 = [1, 1, 1, 1, 1, 1, 1, 2, 2, 4];
        assert_eq!(walk(8).map(|(stride, _)| stride), at_8);
        assert_eq!(walk(8).map(|(_, rate)| rate), rates_8);
        assert_eq!(walk(32).map(|(stride, _)| stride), strides);
        assert_eq!(walk(32).map(|(_, rate)| rate), [1; 10]);
    }
    #[test]
    fn early_rates_grow_at_that_unit() {
        let mut walk = AtrousWalk::new(4).with_early_rates(true);
        let steps = [2, 2, 1, 2, 1].map(|stride| walk.step(stride));
        assert_eq!(steps, [(2, 1), (2, 1), (1, 1), (1, 2), (1, 2)]);
    }
}
