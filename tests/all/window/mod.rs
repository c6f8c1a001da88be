//! The window, driven as a person would: pointer, keys and drops, without a display.

mod access;
mod commands;
mod desk;
mod journey;
mod snapshots;
mod tools;
