//! What the person set the tools to, remembered between starts.

use atrous_engine::mask::Connectivity;
use serde::{Deserialize, Serialize};

use super::Relabels;

/// Settings of all tools.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ToolOptions {
    /// The brush is a square along the axes, not a disc.
    pub square_brush: bool,
    /// A pen's pressure narrows the brush.
    pub pen_pressure: bool,
    /// Outlines select what is in them, and don't fill it.
    pub selects: bool,
    /// The polygon follows the edges of the image from click to click.
    pub magnetic: bool,
    /// What a click of the fill tool relabels.
    pub relabels: Relabels,
    /// Pixels hang together over corners too.
    pub corners: bool,
}

impl ToolOptions {
    /// Which pixels hang together.
    pub fn connectivity(&self) -> Connectivity {
        if self.corners {
            Connectivity::Corners
        } else {
            Connectivity::Sides
        }
    }
}
