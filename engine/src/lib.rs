//! Everything Atrous does without a window: DeepLab networks, weights, prediction, fine-tuning,
//! the mask engine, projects on disk, datasets, metrics and reports.
//!
//! Nothing in this crate knows egui, winit or a window.

pub mod atomic_file;
pub mod dataset;
pub mod demo;
pub mod device;
pub mod error;
pub mod finetune;
pub mod image_file;
pub mod jobs;
pub mod limits;
pub mod mask;
pub mod metrics;
pub mod network;
pub mod predict;
pub mod project;
pub mod report;
pub mod weights;
pub mod zoo;

pub use error::{Error, Result};
pub use limits::Limits;
