//! What squeeze and excitation does to a map: means over it, and a factor for each channel.

use rayon::prelude::*;

use super::map::Map;

impl Map {
    /// The mean of each channel over each image, a map of single pixels.
    pub(crate) fn means(&self) -> Self {
        let mut means = Self::blank([self.images, 1, 1, self.channels]);
        let pixels = (self.height * self.width).max(1) as f32;
        let image = (self.height * self.row()).max(1);
        let images = self.values.par_chunks(image);
        means
            .values
            .par_chunks_mut(self.channels.max(1))
            .zip(images)
            .for_each(|(means, image)| {
                let rows = image.par_chunks(self.row().max(1));
                let nothing = || vec![0.0; means.len()];
                let sums = rows
                    .fold(nothing, |sums, row| {
                        row.chunks_exact(self.channels).fold(sums, added)
                    })
                    .reduce(nothing, |sums, more| added(sums, &more));
                let sums = sums.iter().zip(means);
                sums.for_each(|(sum, mean)| *mean = sum / pixels);
            });
        means
    }

    /// Multiplies each channel of each image by its value in `factors`, a map of single pixels.
    pub(crate) fn multiply(&mut self, factors: &Self) {
        let (row, rows) = (self.row().max(1), self.height.max(1));
        let factors = &factors.values;
        let channels = self.channels.max(1);
        let rows = self
            .values
            .par_chunks_mut(row)
            .enumerate()
            .map(|(index, row)| (index / rows, row));
        rows.for_each(|(image, row)| {
            let factors = &factors[image * channels..][..channels];
            for pixel in row.chunks_exact_mut(channels) {
                let values = pixel.iter_mut().zip(factors);
                values.for_each(|(value, factor)| *value *= factor);
            }
        });
    }
}

/// `sums` and `values`, one by one.
fn added(mut sums: Vec<f32>, values: &[f32]) -> Vec<f32> {
    let pairs = sums.iter_mut().zip(values);
    pairs.for_each(|(sum, value)| *sum += value);
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two images of 1 x 2 pixels of 3 channels.
    fn map() -> Map {
        Map {
            values: (0_u8..12).map(f32::from).collect(),
            images: 2,
            height: 1,
            width: 2,
            channels: 3,
        }
    }

    #[test]
    fn means_are_of_each_channel_of_each_image() {
        let means = map().means();
        assert_eq!(means.values, [1.5, 2.5, 3.5, 7.5, 8.5, 9.5]);
        assert_eq!([means.images, means.height, means.width], [2, 1, 1]);
        assert!(Map::default().means().values.is_empty());
    }

    #[test]
    fn factors_are_of_each_channel_of_each_image() {
        let mut map = map();
        let factors = Map {
            values: vec![1.0, 0.0, 2.0, 1.0, 0.5, 0.0],
            images: 2,
            height: 1,
            width: 1,
            channels: 3,
        };
        map.multiply(&factors);
        let expected = [0.0, 0.0, 4.0, 3.0, 0.0, 10.0, 6.0, 3.5, 0.0, 9.0, 5.0, 0.0];
        assert_eq!(map.values, expected);
    }
}
