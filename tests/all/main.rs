//! Journeys and goldens that cross the crates, in one binary.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_lines
)]

mod backbones;
mod cli;
mod conversion;
mod crash;
mod dataset;
mod exported;
mod finetune;
mod fuzz;
mod golden;
mod labels;
mod metrics;
mod mobile;
mod models;
mod panoptic;
mod prediction;
mod project;
mod refine;
mod tensorflow;
mod tiles;
mod torch;
mod train_step;
mod widgets;
mod window;
mod zoo;
