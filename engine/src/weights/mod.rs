//! Models: networks with their weights and classes, our own files of them, and foreign ones.
//!
//! Every reader yields a [`TensorSet`] under TensorFlow's names and in TensorFlow's layouts;
//! [`assign`] puts it into a network and accounts for every tensor.

mod assign;
mod collect;
mod coreml;
mod fold;
mod format;
mod frozen_graph;
mod graph;
mod load;
mod load_named;
mod load_pytorch;
mod model;
mod model_file;
mod numbers;
mod protobuf;
mod pytorch;
mod structure;
mod tensor_file;
mod tensor_set;
mod tensorflow_types;
mod tf_checkpoint;
mod tflite;

pub use assign::{Accounting, assign};
pub use collect::collect;
pub use fold::fold;
pub use format::{Format, formats_in_words, model_endings};
pub use load::{LoadOptions, format_of, from_bytes, load};
pub use model::{Model, ModelInfo, palette_for};
pub use model_file::Storage;
pub use structure::infer_config;
pub use tensor_set::{NamedTensor, TensorSet};
