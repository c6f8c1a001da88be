//! Working memory that vector registers are read from and written to in whole cache lines.

/// Floats that start at a cache line.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    values: Vec<f32>,
}

/// Floats in a cache line.
const LINE: usize = 16;

impl Buffer {
    /// `len` floats of whatever was there before, zeros where nothing was.
    pub(crate) fn floats(&mut self, len: usize) -> &mut [f32] {
        if self.values.len() < len + LINE {
            self.values.resize(len + LINE, 0.0);
        }
        let start = self.values.as_ptr().align_offset(LINE * size_of::<f32>());
        // `align_offset` may give up; the place is then a slow one, not a wrong one.
        let start = if start < LINE { start } else { 0 };
        &mut self.values[start..][..len]
    }

    /// `len` zeros, where nothing but zeros was ever wanted.
    pub(crate) fn zeros(&mut self, len: usize) -> &[f32] {
        self.floats(len)
    }
}
