//! How image and maps are shown, and the uniforms that say so to the shader.

use super::gpu::{self, Globals, flags};
use super::maps::Maps;
use crate::theme::Colors;

/// The pixel grid is seen beyond this zoom. The same is in `canvas.wgsl`.
const GRID_FROM: f32 = 8.0;

/// How the image's own colours are shown. Nothing but the eye gets them: no tool, no network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tone {
    /// Added to every colour, -1 to 1; 0 changes nothing.
    pub brightness: f32,
    /// Distance from the middle grey is multiplied with this; 1 changes nothing.
    pub contrast: f32,
    /// Above 1, shadows are lifted; 1 changes nothing.
    pub gamma: f32,
}

impl Default for Tone {
    fn default() -> Self {
        Self {
            brightness: 0.0,
            contrast: 1.0,
            gamma: 1.0,
        }
    }
}

/// How image and maps are shown: all of it is the shader's work.
#[derive(Clone, Debug, PartialEq)]
pub struct Appearance {
    /// The image's own colours.
    pub tone: Tone,
    /// Of the class colours, 0 to 1.
    pub opacity: f32,
    /// Of each class, 0 to 1; `opacity` is multiplied with it.
    pub class_opacity: [f32; 256],
    /// Whether the label map is shown at all.
    pub show_labels: bool,
    /// The reference is shown in place of the label map.
    pub show_reference: bool,
    /// Edges of classes instead of their areas.
    pub outline: bool,
    /// Where the model was unsure, instead of class areas; needs a confidence map.
    pub uncertainty: bool,
    /// Where the label map and the reference differ, instead of class areas.
    pub disagreement: bool,
    /// Lines between pixels, once they are large on the screen.
    pub pixel_grid: bool,
    /// The whole image in a corner while only a part of it is on the screen.
    pub minimap: bool,
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
            tone: Tone::default(),
            opacity: 0.5,
            class_opacity: [1.0; 256],
            show_labels: true,
            show_reference: false,
            outline: false,
            uncertainty: false,
            disagreement: false,
            pixel_grid: false,
            minimap: false,
            hidden: [false; 256],
            locked: [false; 256],
            hovered_class: None,
            pan_with_primary: false,
        }
    }
}

impl Appearance {
    /// As it can be with these maps and this zoom: what needs a map that is not there is off, and so
    /// is what can't be seen.
    pub(super) fn with(&self, maps: &Maps<'_>, zoom: f32) -> Self {
        let labels = self.show_labels && maps.labels.is_some();
        let reference = maps.reference.is_some();
        Self {
            show_reference: self.show_reference && reference,
            disagreement: self.disagreement && labels && reference && !self.show_reference,
            show_labels: labels || (self.show_labels && self.show_reference && reference),
            uncertainty: self.uncertainty && maps.confidence.is_some(),
            pixel_grid: self.pixel_grid && zoom > GRID_FROM,
            ..self.clone()
        }
    }

    /// Which maps the shader reads, in the order of [`MapKind::ALL`](super::maps::MapKind::ALL).
    pub(super) fn reads(&self) -> [bool; 3] {
        [
            self.show_labels,
            self.show_reference || self.disagreement,
            self.uncertainty,
        ]
    }

    /// A frame's uniforms.
    pub(super) fn globals(
        &self,
        viewport: [f32; 2],
        palette: &[[u8; 3]; 256],
        colors: &Colors,
    ) -> Globals {
        let flag = |on: bool, bit: u32| if on { bit } else { 0 };
        let Tone {
            brightness,
            contrast,
            gamma,
        } = self.tone;
        Globals {
            viewport,
            opacity: self.opacity.clamp(0.0, 1.0),
            flags: flag(self.show_labels, flags::SHOW_LABELS)
                | flag(self.show_reference, flags::REFERENCE)
                | flag(self.outline, flags::OUTLINE)
                | flag(self.uncertainty, flags::UNCERTAINTY)
                | flag(self.disagreement, flags::DISAGREEMENT)
                | flag(self.pixel_grid, flags::GRID),
            heat_low: straight(colors.heat_low),
            heat_high: straight(colors.heat_high),
            grid_light: straight(colors.ring),
            grid_dark: straight(colors.ring_shade),
            tone: [brightness, contrast.max(0.0), 1.0 / gamma.max(0.01)],
            hovered: self.hovered_class.map_or(Globals::NO_CLASS, u32::from),
            palette: std::array::from_fn(|class| self.entry(class, palette[class])),
            opacities: self.class_opacity.map(|part| (part * 255.0).round() as u8),
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
