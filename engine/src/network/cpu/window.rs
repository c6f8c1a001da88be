//! What lies under a kernel.

/// Where a square kernel looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    /// Side of the kernel.
    pub side: usize,
    /// From one output's place to the next one's.
    pub stride: usize,
    /// From one tap to the next.
    pub rate: usize,
    /// Zeros before and behind the rows, and the columns.
    pub padding: [(usize, usize); 2],
}

impl Window {
    /// From the first tap to the last.
    pub(crate) fn reach(&self) -> usize {
        (self.side - 1) * self.rate
    }

    /// Height and width of what comes out of a map of `size`; none where the kernel does not fit.
    pub(crate) fn outputs(&self, size: [usize; 2]) -> Option<[usize; 2]> {
        let along = |axis: usize| {
            let (before, behind) = self.padding[axis];
            let left = (size[axis] + before + behind).checked_sub(self.reach() + 1)?;
            Some(left / self.stride + 1)
        };
        Some([along(0)?, along(1)?])
    }

    /// The row under each of the kernel's rows at the output row `row`; none where there are zeros.
    pub(crate) fn rows(&self, row: usize, height: usize) -> impl Iterator<Item = Option<usize>> {
        let (top, _) = self.padding[0];
        let (stride, rate) = (self.stride, self.rate);
        (0..self.side).map(move |tap| {
            let place = (row * stride + tap * rate).checked_sub(top)?;
            (place < height).then_some(place)
        })
    }
}
