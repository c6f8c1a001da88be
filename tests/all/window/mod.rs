//! The window, driven as a person would: pointer, keys and drops, without a display.

mod access;
mod commands;
mod corrections;
pub mod desk;
mod journey;
mod models;
mod snapshots;
mod tools;
