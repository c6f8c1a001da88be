//! The model inside the binary, so that everything can be tried at once, offline.

/// What it is.
pub const NAME: &str = "demo streets, MobileNetV2 0.5";
