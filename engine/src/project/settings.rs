//! `project.toml`.

use std::fs;
use std::path::{Path, PathBuf};

use atrous_palettes::Palette;
use serde::{Deserialize, Serialize};

use crate::atomic_file::write_bytes;
use crate::error::{Error, Result};

/// The form of `project.toml` that this version writes, and the newest it reads.
const FORMAT: u32 = 1;

const HEADER: &str = "# An Atrous project. Edit it by hand while Atrous is closed.\n\
# images: the folder of images, from here. model: a file under models/, or a path.\n\
# split: the part of the labelled images that is held out, and the seed of the choice.\n\n";

/// What `project.toml` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The version of the form.
    format: u32,
    /// The folder of images, absolute or from the project's folder.
    pub images: PathBuf,
    /// The model that labels: a file under `models/`, a path, or a catalogue name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How images are held out.
    #[serde(default)]
    pub split: Split,
    /// The classes that the label maps' values stand for.
    pub palette: Palette,
}

/// How images are held out from training.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Split {
    /// The part of the labelled images that is held out, from 0 to 1.
    pub held_out: f64,
    /// The seed of the choice.
    pub seed: u64,
}

impl Default for Split {
    fn default() -> Self {
        Self {
            held_out: 0.2,
            seed: 0,
        }
    }
}

impl Settings {
    /// The settings of a new project.
    pub fn new(images: PathBuf, palette: Palette) -> Self {
        Self {
            format: FORMAT,
            images,
            model: None,
            split: Split::default(),
            palette,
        }
    }

    /// Reads a settings file.
    ///
    /// # Errors
    /// [`Error::Io`] when it can't be read; [`Error::File`], with the line, when it makes no sense.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(Error::io(path, "reading"))?;
        let settings: Self = toml::from_str(&text).map_err(|error| {
            let advice = "Mend the line, or restore the file from a copy.";
            Error::file(path, "the settings of a project", error.to_string(), advice)
        })?;
        if settings.format > FORMAT {
            return Err(Error::file(
                path,
                format!("format {FORMAT} or older"),
                format!("format {}", settings.format),
                "A newer Atrous made this project: use that one.",
            ));
        }
        if !(0.0..=1.0).contains(&settings.split.held_out) {
            return Err(Error::file(
                path,
                "split.held_out between 0 and 1",
                settings.split.held_out.to_string(),
                "Mend the line.",
            ));
        }
        Ok(settings)
    }

    /// Writes a settings file, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Io`] when it can't be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = toml::to_string(self).map_err(|error| {
            Error::argument("settings", "what TOML can hold", error.to_string())
        })?;
        write_bytes(path, format!("{HEADER}{text}").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_and_faults_name_file_and_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("project.toml");
        let mut settings = Settings::new("..".into(), Palette::cityscapes());
        settings.model = Some("models/street.safetensors".to_owned());
        settings.write(&path).unwrap();
        assert_eq!(Settings::read(&path).unwrap(), settings);

        let text = fs::read_to_string(&path).unwrap();
        let faults = [
            ("seed = 0", "seed = \"none\"", "line"),
            ("held_out = 0.2", "held_out = 7.5", "7.5"),
            ("format = 1", "format = 99", "newer"),
            ("name = \"road\"", "name = \"sidewalk\"", "sidewalk"),
        ];
        for (good, bad, hint) in faults {
            assert!(text.contains(good), "{good} in {text}");
            fs::write(&path, text.replacen(good, bad, 1)).unwrap();
            let message = Settings::read(&path).unwrap_err().to_string();
            assert!(
                message.contains("project.toml") && message.contains(hint),
                "{message}"
            );
        }
    }
}
