//! Options that prepare images as the original's exported graphs do.

use anyhow::{Result, bail};
use atrous_engine::predict::ExportedFit;
use atrous_engine::predict::resize::ResizeRange;
use clap::Args;

/// Where the help lists these options. Each says so itself: a heading of the whole group would go on
/// over the options that a command has behind it.
const HEADING: &str = "As the original's exported graphs";

/// Preparing images as the original's exported graphs do, under its flags' names.
#[derive(Debug, Args)]
pub struct ExportedOptions {
    /// Don't fit images into a square: pad them at the bottom and right to this size, once or as
    /// height,width. A larger image fails. Without it, the model's own size with the options below.
    #[arg(
        long,
        alias = "crop_size",
        help_heading = HEADING,
        value_name = "H,W",
        value_delimiter = ',',
        conflicts_with_all = ["input_size", "tile"]
    )]
    pub crop_size: Vec<usize>,
    /// Resize images before that so that the shorter side is N.
    #[arg(
        long,
        alias = "min_resize_value",
        help_heading = HEADING,
        value_name = "N",
        conflicts_with_all = ["input_size", "tile"]
    )]
    pub min_resize_value: Option<usize>,
    /// But no side is longer than N.
    #[arg(
        long,
        alias = "max_resize_value",
        help_heading = HEADING,
        value_name = "N",
        requires = "min_resize_value"
    )]
    pub max_resize_value: Option<usize>,
    /// And sides are a multiple of N, plus 1.
    #[arg(
        long,
        alias = "resize_factor",
        help_heading = HEADING,
        value_name = "N",
        requires = "min_resize_value"
    )]
    pub resize_factor: Option<usize>,
}

impl ExportedOptions {
    /// As the engine wants them; `None` where images are to be fitted into a square.
    ///
    /// # Errors
    /// When the crop has more than two sides.
    pub fn to_engine(&self) -> Result<Option<ExportedFit>> {
        let crop_size = match self.crop_size[..] {
            [] => None,
            [side] => Some([side; 2]),
            [height, width] => Some([height, width]),
            _ => bail!(
                "--crop-size: expected one number, or height and width, found {} numbers",
                self.crop_size.len()
            ),
        };
        let resize = self.min_resize_value.map(|min| ResizeRange {
            min,
            max: self.max_resize_value,
            factor: self.resize_factor,
        });
        let wanted = crop_size.is_some() || resize.is_some();
        Ok(wanted.then_some(ExportedFit { crop_size, resize }))
    }
}
