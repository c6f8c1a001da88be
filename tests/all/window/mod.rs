//! The window, driven as a person would: pointer, keys and drops, without a display.

mod access;
mod broken;
mod classes;
mod commands;
mod corrections;
pub mod desk;
mod exclusion;
mod flow;
mod history;
mod journey;
mod keys;
mod large;
mod looking;
mod magnet;
mod masks;
mod models;
mod queue;
mod reading;
mod resume;
mod snapping;
mod snapshots;
mod tools;
mod tour;
