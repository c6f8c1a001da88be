//! Long work: progress, the wish to stop, and the one thread that owns the tensors.
//!
//! Engine functions that take longer than a moment are handed a [`Monitor`] and call
//! [`Monitor::checkpoint`] between steps. The same function then runs under the command line, in a
//! test, or on the [`Worker`] behind the window, where a checkpoint also lets interactive work go first.

mod monitor;
mod seat;
#[cfg(test)]
mod tests;
mod worker;

pub use monitor::{Cancel, Monitor, Pace, Progress, Silent, Watch};
pub use seat::Context;
pub use worker::{JobEvent, JobStage, Priority, Worker};
