//! The `atrous` application: window and command line.

pub mod cli;
pub mod embedded;
pub mod tune;
