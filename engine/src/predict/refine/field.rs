//! Values of several classes at each pixel.

/// Values for each class at each pixel of a window.
///
/// Classes lie in groups of `L`, so that a group's values at a pixel are one short vector. A row
/// holds its groups one after the other.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field<const L: usize> {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) groups: usize,
    /// `[height, groups, width]` of `L` values each.
    pub(super) values: Vec<[f32; L]>,
}

impl<const L: usize> Field<L> {
    /// A field for `classes` classes, all of `value`; `size` is `[height, width]`.
    pub(super) fn filled([height, width]: [usize; 2], classes: usize, value: f32) -> Self {
        let groups = classes.div_ceil(L);
        Self {
            width,
            height,
            groups,
            values: vec![[value; L]; height * groups * width],
        }
    }

    /// A field from `[pixels, classes]`, with `missing` in the places of the last group that no
    /// class has.
    pub(super) fn from_pixels(
        size: [usize; 2],
        classes: usize,
        pixels: &[f32],
        missing: f32,
    ) -> Self {
        let mut field = Self::filled(size, classes, missing);
        let row = field.row_len().max(1);
        let pixels = pixels.chunks_exact((classes * field.width).max(1));
        for (values, pixels) in field.values.chunks_exact_mut(row).zip(pixels) {
            for (x, pixel) in pixels.chunks_exact(classes).enumerate() {
                for (class, value) in pixel.iter().enumerate() {
                    values[class / L * field.width + x][class % L] = *value;
                }
            }
        }
        field
    }

    /// The part in these rows and columns as `[pixels, classes]`.
    pub(super) fn to_pixels(
        &self,
        [rows, columns]: [std::ops::Range<usize>; 2],
        classes: usize,
    ) -> Vec<f32> {
        let mut pixels = Vec::with_capacity(rows.len() * columns.len() * classes);
        for y in rows {
            for x in columns.clone() {
                let value = |class: usize| self.row(y, class / L)[x][class % L];
                pixels.extend((0..classes).map(value));
            }
        }
        pixels
    }

    /// A row of one group.
    pub(super) fn row(&self, y: usize, group: usize) -> &[[f32; L]] {
        &self.values[(y * self.groups + group) * self.width..][..self.width]
    }

    /// Entries of a row with all its groups.
    pub(super) fn row_len(&self) -> usize {
        self.groups * self.width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_come_back() {
        let pixels: Vec<f32> = (0..2 * 3 * 5).map(|value| value as f32).collect();
        let field = Field::<4>::from_pixels([2, 3], 5, &pixels, -1.0);
        assert_eq!((field.groups, field.row_len()), (2, 6));
        assert_eq!(field.row(1, 0)[2], [25.0, 26.0, 27.0, 28.0]);
        assert_eq!(field.row(1, 1)[2], [29.0, -1.0, -1.0, -1.0]);
        assert_eq!(field.to_pixels([0..2, 0..3], 5), pixels);
        assert_eq!(field.to_pixels([1..2, 2..3], 5), pixels[25..]);
    }
}
