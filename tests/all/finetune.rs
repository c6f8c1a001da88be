//! Fine-tuning from end to end.
