//! The `atrous` application: window and command line.

pub mod cli;
pub mod embedded;
pub mod tune;

mod action;
pub mod background;
pub mod command;
mod commands;
mod keyboard;
pub mod keymap;
mod panels;
pub mod state;
pub mod system;
pub mod tools;
mod waits;
mod window;

pub use window::{App, Setup, run_window};
