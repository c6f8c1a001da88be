//! Prediction: from an image to a label map and how sure it is.
//!
//! An image is [prepared](Predictor::prepare) (resized, padded), [run](Predictor::run) through the
//! network on the thread that owns the device, and [finished](Predictor::finish) (upsampled,
//! classified, taken back to its size). The first and the last step need no device, so that
//! [`predict_images`] does them on the pool while the network is at work.
//!
//! The arithmetic is that of research/deeplab (`model.py`, `export_model.py`): bilinear resizing
//! with aligned corners, padding at the bottom and right with the mean pixel, softmax and argmax of
//! the upsampled logits, label maps taken back by nearest with aligned corners.

mod classify;
mod exp;
mod fit;
mod folder;
mod images;
mod logits;
mod options;
mod pixel_probabilities;
mod prediction;
mod predictor;
mod prepare;
mod probabilities;
pub mod refine;
pub mod resize;
mod tiles;

pub use fit::{ExportedFit, own_frame};
pub use folder::{predict_folder, predict_selected};
pub use images::{FolderReport, Sink, predict_images};
pub use logits::Logits;
pub(crate) use options::LARGEST_INPUT;
pub use options::PredictOptions;
pub use pixel_probabilities::PixelProbabilities;
pub use prediction::{Prediction, Timings};
pub use predictor::{Passes, Predictor};
pub use prepare::Prepared;
pub use probabilities::Probabilities;
pub use refine::CrfOptions;
pub use tiles::{Tiles, Tiling};
