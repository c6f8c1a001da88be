//! Prediction on real images.
