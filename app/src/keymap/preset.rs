//! Keys that hands know from other programs.

use egui::KeyboardShortcut;
use serde::Deserialize;

use super::Entry;
use super::settings::entry;

/// A set of keys: what it changes in the table of commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preset {
    /// Our own.
    #[default]
    Atrous,
    /// labelme's.
    Labelme,
    /// CVAT's.
    Cvat,
    /// Photoshop's.
    Photoshop,
}

impl Preset {
    /// Every preset, our own first.
    pub const ALL: [Self; 4] = [Self::Atrous, Self::Labelme, Self::Cvat, Self::Photoshop];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Atrous => "Atrous",
            Self::Labelme => "labelme",
            Self::Cvat => "CVAT",
            Self::Photoshop => "Photoshop",
        }
    }

    /// The preset of that name, in any case.
    pub fn of_name(name: &str) -> Option<Self> {
        let mut presets = Self::ALL.into_iter();
        presets.find(|preset| preset.name().eq_ignore_ascii_case(name))
    }

    /// The commands whose keys differ from the table, with their keys.
    pub fn entries(self) -> Vec<Entry> {
        let text = match self {
            Self::Atrous => return Vec::new(),
            Self::Labelme => include_str!("../../../assets/keys/labelme.toml"),
            Self::Cvat => include_str!("../../../assets/keys/cvat.toml"),
            Self::Photoshop => include_str!("../../../assets/keys/photoshop.toml"),
        };
        match read(text) {
            Ok(entries) => entries,
            // `every_preset_is_sound` has read them all.
            Err(reason) => unreachable!("an embedded preset does not parse: {reason}"),
        }
    }
}

/// A preset's file: a command's name and its keys a line.
#[derive(Deserialize)]
struct File {
    commands: toml::Table,
}

fn read(text: &str) -> Result<Vec<(crate::command::Command, Vec<KeyboardShortcut>)>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let entries = file.commands.iter();
    entries.map(|(name, keys)| entry(name, keys)).collect()
}
