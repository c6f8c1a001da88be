//! Scores of label maps against the truth: the confusion matrix, IoU, and how sure they are.

mod bootstrap;
mod confusion;

pub use bootstrap::{Interval, RESAMPLES, Tally, bootstrap_gain, bootstrap_miou};
pub use confusion::ConfusionMatrix;
