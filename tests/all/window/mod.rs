//! The window, driven as a person would: pointer, keys and drops, without a display.

mod access;
mod commands;
pub mod desk;
mod journey;
mod snapshots;
mod tools;
