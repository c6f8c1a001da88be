//! How an image comes to the size that the network is fed.

use image::RgbImage;

use super::Prepared;
use super::resize::{ResizeRange, size_in_range};
use crate::error::{Error, Result};
use crate::network::Config;

/// Preparing images as the original's exported graphs do (`export_model.py`): resized only where a
/// range is given, then padded at the bottom and right with the mean pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExportedFit {
    /// Height and width that images are padded to (`crop_size`); `None` is the model's own. An
    /// image that is larger once resized is refused.
    pub crop_size: Option<[usize; 2]>,
    /// What images are resized to before that; `None` leaves them as they are.
    pub resize: Option<ResizeRange>,
}

/// How an image comes to the size that the network is fed. Sizes are `[height, width]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// Resized to fit into a frame, then padded to it.
    Within([usize; 2]),
    /// As [`Fit::Within`] the frame of a data set whose images are one pixel smaller: an image of
    /// that size is padded alone.
    DataSet([usize; 2]),
    /// As an exported graph does, padded to the crop.
    Exported {
        crop: [usize; 2],
        resize: Option<ResizeRange>,
    },
}

impl Fit {
    /// What the options ask for: `exported`, or a square of `input_size`, or else the model's own.
    pub(super) fn new(
        exported: Option<ExportedFit>,
        input_size: Option<usize>,
        own: [usize; 2],
    ) -> Self {
        match (exported, input_size) {
            (Some(exported), _) => Self::Exported {
                crop: exported.crop_size.unwrap_or(own),
                resize: exported.resize,
            },
            (None, Some(side)) => Self::Within([side; 2]),
            (None, None) if own[0] != own[1] => Self::DataSet(own),
            (None, None) => Self::Within(own),
        }
    }

    /// Height and width of what the network is fed.
    pub(super) fn frame(&self) -> [usize; 2] {
        match *self {
            Self::Within(frame) | Self::DataSet(frame) | Self::Exported { crop: frame, .. } => {
                frame
            }
        }
    }

    /// Prepares an image.
    ///
    /// # Errors
    /// [`Error::Argument`] where an exported graph could not take it: it is larger than the crop.
    pub(super) fn prepare(&self, image: &RgbImage, mean_pixel: [f32; 3]) -> Result<Prepared> {
        let size = [image.height() as usize, image.width() as usize];
        let frame = self.frame();
        let content = match *self {
            Self::Within(frame) => content_within(size, frame),
            Self::DataSet(frame) if size.map(|side| side + 1) == frame => size,
            Self::DataSet(frame) => content_within(size, frame),
            Self::Exported { resize, .. } => {
                resize.map_or(size, |range| size_in_range(size, range))
            }
        };
        if content[0] > frame[0] || content[1] > frame[1] {
            return Err(Error::argument(
                "crop_size",
                format!(
                    "at least the size of each image as the network sees it, here {} x {} (height x \
                     width); min_resize_value and max_resize_value make images smaller",
                    content[0], content[1]
                ),
                format!("{} x {}", frame[0], frame[1]),
            ));
        }
        Ok(Prepared::new(image, content, frame, mean_pixel))
    }
}

/// The largest size in proportion to `size` that fits into `frame`; sides are rounded, and no side
/// is lost.
pub(super) fn content_within(size: [usize; 2], frame: [usize; 2]) -> [usize; 2] {
    let [height, width] = size.map(|side| side.max(1));
    let (to, from) = if height * frame[1] >= width * frame[0] {
        (frame[0], height)
    } else {
        (frame[1], width)
    };
    size.map(|side| ((side * to + from / 2) / from).max(1))
}

/// Height and width that a model's images are fitted into unless told otherwise: its crop where that
/// is no square, as for Cityscapes; else a square of `input_size`.
pub fn own_frame(config: &Config, input_size: usize) -> [usize; 2] {
    match config.crop_size {
        Some([height, width]) if height != width && height.max(width) == input_size => {
            [height, width]
        }
        _ => [input_size; 2],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(fit: Fit, height: u32, width: u32) -> Result<Prepared> {
        fit.prepare(&RgbImage::new(width, height), [127.5; 3])
    }

    #[test]
    fn the_tighter_side_of_the_frame_decides() {
        let within = |size| content_within(size, [1025, 2049]);
        assert_eq!(within([1080, 1920]), [1025, 1822]);
        assert_eq!(within([480, 2000]), [492, 2049]);
        assert_eq!(within([1025, 2049]), [1025, 2049]);
        assert_eq!(within([1, 5000]), [1, 2049]);
        assert_eq!(within([3000, 0]), [1025, 1]);
    }

    #[test]
    fn images_of_a_data_set_keep_their_pixels_in_its_own_frame() {
        let own = Fit::new(None, None, [1025, 2049]);
        let content = |fit, height, width| prepared(fit, height, width).unwrap().content();
        assert_eq!(content(own, 1024, 2048), [1024, 2048]);
        assert_eq!(content(own, 512, 1024), [1025, 2049]);
        assert_eq!(prepared(own, 512, 1024).unwrap().size(), [1025, 2049]);
        let asked = Fit::new(None, Some(2049), [1025, 2049]);
        assert_eq!(content(asked, 1024, 2048), [1025, 2049]);
        assert_eq!(prepared(asked, 1024, 2048).unwrap().size(), [2049, 2049]);
        let square = Fit::new(None, None, [513, 513]);
        assert_eq!(content(square, 512, 512), [513, 513]);
    }

    #[test]
    fn an_exported_graph_resizes_only_if_told_and_takes_nothing_larger() {
        let padded = Fit::new(Some(ExportedFit::default()), None, [65, 65]);
        let small = prepared(padded, 50, 60).unwrap();
        assert_eq!((small.content(), small.size()), ([50, 60], [65, 65]));
        let error = prepared(padded, 80, 90).unwrap_err().to_string();
        assert!(
            error.contains("80 x 90") && error.contains("65 x 65"),
            "{error}"
        );
        let resized = ExportedFit {
            crop_size: Some([65, 97]),
            resize: Some(ResizeRange {
                min: 65,
                max: Some(65),
                factor: Some(16),
            }),
        };
        let resized = prepared(Fit::new(Some(resized), None, [9, 9]), 100, 140).unwrap();
        assert_eq!((resized.content(), resized.size()), ([49, 65], [65, 97]));
    }

    #[test]
    fn a_models_own_frame_is_its_crop_where_that_is_no_square() {
        let of = |crop_size, input_size| {
            let config = Config {
                crop_size,
                ..Config::default()
            };
            own_frame(&config, input_size)
        };
        assert_eq!(of(Some([1025, 2049]), 2049), [1025, 2049]);
        assert_eq!(of(Some([1025, 2049]), 513), [513, 513]);
        assert_eq!(of(Some([513, 513]), 513), [513, 513]);
        assert_eq!(of(None, 257), [257, 257]);
    }
}
