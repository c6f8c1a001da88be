//! What the window remembers between starts: theme, recent projects, how things look.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use atrous_engine::mask::{Brush, BrushShape};
use atrous_engine::predict::refine::SnapOptions;
use atrous_engine::{Error, Limits, Result, atomic_file};
use serde::{Deserialize, Serialize};

use super::{CERTAINTIES, CERTAINTY, Order};
use crate::command::Command;
use crate::keymap::KeySettings;
use crate::tools::ToolOptions;

/// The largest brush, in image pixels.
pub const LARGEST_BRUSH: u32 = 2000;

/// The smallest and the largest side of superpixels, in pixels.
pub const SUPERPIXEL_SIDES: [u32; 2] = [4, 200];

/// So many projects are remembered.
const RECENT: usize = 8;
/// So many commands are remembered.
const RECENT_COMMANDS: usize = 6;

/// The look of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// Light text on dark panels.
    #[default]
    Dark,
    /// Dark text on light panels.
    Light,
}

/// Settings of the person at this machine, kept in one readable file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Light or dark.
    pub look: Look,
    /// Folders of images opened before, the last one first.
    pub recent: Vec<PathBuf>,
    /// How opaque labels lie over the image, from 0 to 1.
    pub opacity: f32,
    /// Outlines instead of areas.
    pub outline: bool,
    /// Lines between the image's pixels, once they are large on the screen.
    pub pixel_grid: bool,
    /// The whole image in a corner, while only a part of it is on the screen.
    pub minimap: bool,
    /// The brush's diameter in image pixels.
    pub brush: u32,
    /// How much a colour may differ for the wand, 0 to 254.
    pub wand_tolerance: u8,
    /// Whether the wand takes only what hangs together.
    pub wand_contiguous: bool,
    /// The size of superpixels: 1 is what suits the image's size.
    pub superpixels: f32,
    /// What comes first in the film strip.
    pub order: Order,
    /// Whether the film strip is shown.
    pub show_images: bool,
    /// Whether classes, inspector and model are shown.
    pub show_side: bool,
    /// The model file to predict with; none is the embedded model.
    pub model: Option<PathBuf>,
    /// Whether predictions are refined along the image's edges by the dense CRF.
    pub crf: bool,
    /// How sure labels are when their borders move to edges, in per cent.
    pub snap_certainty: u8,
    /// The published model to predict with, by its name; it goes before the file.
    pub published_model: Option<String>,
    /// Whether the tour was shown.
    pub tour_seen: bool,
    /// The commands taken from the palette, the last one first, by name.
    pub recent_commands: Vec<String>,
    /// The keys of classes, by the palette's name: classes by name under "1", "Shift+1".
    pub class_keys: BTreeMap<String, BTreeMap<String, String>>,
    /// Keys other than ours.
    pub keys: KeySettings,
    /// What the tools are set to.
    pub tools: ToolOptions,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            look: Look::Dark,
            recent: Vec::new(),
            opacity: 0.55,
            outline: false,
            pixel_grid: true,
            minimap: true,
            brush: 24,
            wand_tolerance: 24,
            wand_contiguous: true,
            superpixels: 1.0,
            order: Order::Name,
            show_images: true,
            show_side: true,
            model: None,
            crf: false,
            snap_certainty: CERTAINTY,
            published_model: None,
            tour_seen: false,
            recent_commands: Vec::new(),
            class_keys: BTreeMap::new(),
            keys: KeySettings::default(),
            tools: ToolOptions::default(),
        }
    }
}

impl Settings {
    /// Reads the settings; defaults where there is no file yet.
    ///
    /// # Errors
    /// [`Error::Io`] when the file can't be read, [`Error::File`] when it is no settings file.
    pub fn read(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Ok(Self::default());
        }
        let size = std::fs::metadata(path)
            .map_err(Error::io(path, "reading"))?
            .len();
        let limit = Limits::default().file_bytes;
        if size > limit {
            return Err(Error::Limit {
                path: path.to_owned(),
                what: "the settings' size in bytes",
                found: size,
                limit,
            });
        }
        let text = std::fs::read_to_string(path).map_err(Error::io(path, "reading"))?;
        toml::from_str(&text).map_err(|error| {
            Error::file(
                path,
                "settings",
                error.message().to_owned(),
                "Correct the file or delete it; until then defaults are used.",
            )
        })
    }

    /// Writes the settings, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Io`] when the file can't be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = toml::to_string(self)
            .map_err(|error| Error::argument("settings", "plain values", error.to_string()))?;
        atomic_file::write_bytes(path, text.as_bytes())
    }

    /// The side of superpixels for an image of `size`, in its pixels. It grows with the root of the
    /// image's sides: twice as large an image shows more things, and each of them larger.
    pub fn superpixel_side(&self, size: [u32; 2]) -> u32 {
        let side = (self.superpixels * suitable_side(size)).round();
        (side as u32).clamp(SUPERPIXEL_SIDES[0], SUPERPIXEL_SIDES[1])
    }

    /// Chooses superpixels that have this side on an image of `size`.
    pub fn set_superpixel_side(&mut self, side: u32, size: [u32; 2]) {
        let side = side.clamp(SUPERPIXEL_SIDES[0], SUPERPIXEL_SIDES[1]);
        self.superpixels = side as f32 / suitable_side(size);
    }

    /// How borders move to the edges of the image.
    pub fn snap_options(&self) -> SnapOptions {
        let certainty = self.snap_certainty.clamp(CERTAINTIES[0], CERTAINTIES[1]);
        SnapOptions {
            certainty: f64::from(certainty) / 100.0,
            ..SnapOptions::default()
        }
    }

    /// The brush as tools use it.
    pub fn brush(&self) -> Brush {
        let shape = if self.tools.square_brush {
            BrushShape::Square
        } else {
            BrushShape::Round
        };
        Brush {
            shape,
            radius: self.brush as f32 / 2.0,
        }
    }

    /// Puts `folder` first among the recent projects.
    pub fn remember(&mut self, folder: &Path) {
        self.recent.retain(|other| other != folder);
        self.recent.insert(0, folder.to_owned());
        self.recent.truncate(RECENT);
    }

    /// Puts `command` first among those taken from the palette.
    pub fn remember_command(&mut self, command: Command) {
        let id = command.id();
        self.recent_commands.retain(|other| *other != id);
        self.recent_commands.insert(0, id);
        self.recent_commands.truncate(RECENT_COMMANDS);
    }
}

/// The side of superpixels that suits an image.
fn suitable_side([width, height]: [u32; 2]) -> f32 {
    0.55 * (width.max(height).max(1) as f32).sqrt()
}
