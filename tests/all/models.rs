//! Real model files.
