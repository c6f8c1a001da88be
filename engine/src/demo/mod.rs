//! Procedural street scenes with exact labels.
