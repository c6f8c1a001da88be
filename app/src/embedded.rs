//! The model inside the binary, so that everything can be tried at once, offline.

use std::path::Path;

use atrous_engine::Result;
use atrous_engine::device::ComputeDevice;
use atrous_engine::weights::{self, LoadOptions, Model};

/// What it is.
pub const NAME: &str = "demo streets, MobileNetV2 0.5";

/// What it is good for, and what is better.
pub const ADVICE: &str = "It knows the streets of `atrous demo` and little else: for photos, give a \
                          published or fine-tuned model with --model";

/// The model file. `atrous train --out FILE` with nothing else makes one like it; the 4,000 steps
/// of this one were a run of 2,000 whose end was put off three times, so that its rate rose again.
static FILE: &[u8] = include_bytes!("../../assets/model/demo-mobilenet-v2-05.safetensors");

/// Puts the embedded model on a device.
///
/// # Errors
/// When the device fails.
pub fn load(device: &ComputeDevice) -> Result<Model> {
    let path = Path::new("(embedded)/demo-mobilenet-v2-05.safetensors");
    weights::from_bytes(path, FILE, &LoadOptions::default(), &device.device)
}
