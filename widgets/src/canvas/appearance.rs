//! How the label map is shown, and the uniforms that say so to the shader.

use super::gpu::{self, Globals, flags};
use crate::theme::Colors;

/// No class is hovered.
const NO_CLASS: u32 = 256;

/// How the label map is shown: all of it is the shader's work.
#[derive(Clone, Debug, PartialEq)]
pub struct Appearance {
    /// Of the class colours, 0 to 1.
    pub opacity: f32,
    /// Whether the label map is shown at all.
    pub show_labels: bool,
    /// Edges of classes instead of their areas.
    pub outline: bool,
    /// Where the model was unsure, instead of class areas; needs a confidence map.
    pub uncertainty: bool,
    /// Class indices that are not painted.
    pub hidden: [bool; 256],
    /// Class indices that cannot be painted over: they are striped.
    pub locked: [bool; 256],
    /// The class to bring out, e.g. the one hovered in the class list.
    pub hovered_class: Option<u8>,
    /// The primary button pans, as it does while Space is held.
    pub pan_with_primary: bool,
}

impl Default for Appearance {
    fn default() -> Self {
        Self {
            opacity: 0.5,
            show_labels: true,
            outline: false,
            uncertainty: false,
            hidden: [false; 256],
            locked: [false; 256],
            hovered_class: None,
            pan_with_primary: false,
        }
    }
}

/// Which maps there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shows {
    pub labels: bool,
    pub confidence: bool,
}

impl Appearance {
    /// A frame's uniforms.
    pub(super) fn globals(
        &self,
        viewport: [f32; 2],
        shows: Shows,
        palette: &[[u8; 3]; 256],
        colors: &Colors,
    ) -> Globals {
        let flag = |on: bool, bit: u32| if on { bit } else { 0 };
        Globals {
            viewport,
            opacity: self.opacity.clamp(0.0, 1.0),
            flags: flag(self.show_labels && shows.labels, flags::SHOW_LABELS)
                | flag(self.outline, flags::OUTLINE)
                | flag(self.uncertainty && shows.confidence, flags::UNCERTAINTY),
            heat_low: straight(colors.heat_low),
            heat_high: straight(colors.heat_high),
            hovered: self.hovered_class.map_or(NO_CLASS, u32::from),
            padding: [0; 3],
            palette: std::array::from_fn(|class| self.entry(class, palette[class])),
        }
    }

    /// A palette entry: red, green, blue and flags from the lowest byte up.
    fn entry(&self, class: usize, [r, g, b]: [u8; 3]) -> u32 {
        let mut class_flags = 0;
        if self.hidden[class] {
            class_flags |= gpu::HIDDEN;
        }
        if self.locked[class] {
            class_flags |= gpu::LOCKED;
        }
        u32::from_le_bytes([r, g, b, class_flags])
    }
}

/// A token with straight alpha, 0 to 1.
fn straight(color: egui::Color32) -> [f32; 4] {
    color.to_srgba_unmultiplied().map(|v| f32::from(v) / 255.0)
}
