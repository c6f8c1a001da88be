//! A palette: the classes that a label map's indices stand for.

use serde::{Deserialize, Serialize};

use crate::error::PaletteError;
use crate::file::PaletteFile;
use crate::{ade20k, camvid, cityscapes, colormap, pascal_voc};

/// The index of pixels that belong to no class and count in no score.
pub const VOID: u8 = 255;

/// The most classes a palette can hold: indices 0 to 254.
pub const MAX_CLASSES: usize = VOID as usize;

/// One class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// What people call it. Unique in its palette, never empty.
    pub name: String,
    /// Its colour, red, green, blue. Not necessarily unique.
    pub color: [u8; 3],
    /// The number a dataset format writes for it, where that is not the class index.
    pub label_id: Option<i16>,
}

/// Classes with their colours; a class's index is its place in the list.
///
/// Serialised, and read back, in the form of a palette file (see [`Palette::from_toml`]), so
/// that a palette inside another file is checked like one of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "PaletteFile", into = "PaletteFile")]
pub struct Palette {
    /// What the palette is called: `pascal`, `cityscapes`, `ade20k`, `camvid`, or the person's own name.
    pub name: String,
    /// The classes, 1 to [`MAX_CLASSES`] of them, by class index.
    pub classes: Vec<Class>,
    /// The colour of [`VOID`].
    pub void_color: [u8; 3],
    /// The index of a class that is labelled but left out of scores: ADE20K's "unlabeled", 0.
    pub ignored: Option<u8>,
}

impl Palette {
    /// The names that [`Palette::by_name`] knows.
    pub const BUILT_IN: [&str; 4] = ["pascal", "cityscapes", "ade20k", "camvid"];

    /// PASCAL VOC 2012: background and 20 classes.
    pub fn pascal_voc() -> Self {
        pascal_voc::palette()
    }

    /// Cityscapes: the 19 train ids as class indices, `label_id` holding the label ids.
    pub fn cityscapes() -> Self {
        cityscapes::palette()
    }

    /// ADE20K SceneParse150: 150 classes from index 1, and the ignored "unlabeled" at 0.
    pub fn ade20k() -> Self {
        ade20k::palette()
    }

    /// CamVid in the 11 classes that SegNet made of its 32.
    pub fn camvid() -> Self {
        camvid::palette()
    }

    /// A built-in palette: `pascal`, `cityscapes`, `ade20k` or `camvid`.
    pub fn by_name(name: &str) -> Option<Self> {
        match name {
            "pascal" => Some(Self::pascal_voc()),
            "cityscapes" => Some(Self::cityscapes()),
            "ade20k" => Some(Self::ade20k()),
            "camvid" => Some(Self::camvid()),
            _ => None,
        }
    }

    /// A palette from class names alone, in index order, with the default colours.
    ///
    /// # Errors
    /// [`PaletteError`] for no names, too many, empty ones and duplicates.
    pub fn from_names<N: Into<String>>(
        name: impl Into<String>,
        names: impl IntoIterator<Item = N>,
    ) -> Result<Self, PaletteError> {
        let classes = names.into_iter().enumerate().map(|(index, name)| Class {
            name: name.into(),
            color: colormap::bit_shuffle(index),
            label_id: None,
        });
        let palette = Self {
            name: name.into(),
            classes: classes.collect(),
            void_color: colormap::bit_shuffle(VOID.into()),
            ignored: None,
        };
        palette.check()?;
        Ok(palette)
    }

    /// Reads a palette file:
    ///
    /// ```toml
    /// name = "street"
    /// void_color = "#e0e0c0"  # optional
    /// ignored = 0             # optional: a class left out of scores
    ///
    /// [[classes]]
    /// index = 0               # optional: the place in the file
    /// name = "road"
    /// color = "#804080"       # optional, or [128, 64, 128]: PASCAL VOC's colour of the index
    /// label_id = 7            # optional: a dataset format's own number
    /// ```
    ///
    /// # Errors
    /// [`PaletteError`] says what is wrong and where: syntax, unknown keys, bad colours, gaps,
    /// duplicates, more than [`MAX_CLASSES`] classes.
    pub fn from_toml(text: &str) -> Result<Self, PaletteError> {
        let file: PaletteFile =
            toml::from_str(text).map_err(|error| PaletteError::Syntax(error.to_string()))?;
        file.try_into()
    }

    /// Writes the palette as a palette file, which [`Palette::from_toml`] reads back unchanged.
    pub fn to_toml(&self) -> String {
        PaletteFile::from(self.clone()).to_toml()
    }

    /// How many classes there are.
    #[expect(
        clippy::len_without_is_empty,
        reason = "a palette has at least one class"
    )]
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// The class of `index`; `None` for [`VOID`] and for indices that no class has.
    pub fn class(&self, index: u8) -> Option<&Class> {
        self.classes.get(usize::from(index))
    }

    /// A colour for each of the 256 values of a label map.
    ///
    /// Values that no class has get the default colours, so that a stray one is seen.
    pub fn colors(&self) -> [[u8; 3]; 256] {
        let mut colors = std::array::from_fn(colormap::bit_shuffle);
        for (color, class) in colors.iter_mut().zip(&self.classes) {
            *color = class.color;
        }
        colors[usize::from(VOID)] = self.void_color;
        colors
    }

    /// Checks what a palette promises: see [`Palette::from_toml`].
    ///
    /// # Errors
    /// [`PaletteError`] names the first broken promise. Call this after changing the fields.
    pub fn check(&self) -> Result<(), PaletteError> {
        let last = match self.classes.len() {
            0 => return Err(PaletteError::NoClasses),
            count if count > MAX_CLASSES => return Err(PaletteError::TooManyClasses(count)),
            count => count - 1,
        };
        if self.name.trim().is_empty() {
            return Err(PaletteError::Unnamed);
        }
        for (second, class) in self.classes.iter().enumerate() {
            if class.name.trim().is_empty() {
                return Err(PaletteError::EmptyName(second));
            }
            let before = &self.classes[..second];
            if let Some(first) = before.iter().position(|other| other.name == class.name) {
                let name = class.name.clone();
                return Err(PaletteError::DuplicateName {
                    name,
                    first,
                    second,
                });
            }
            let Some(label_id) = class.label_id else {
                continue;
            };
            let same_id = |other: &Class| other.label_id == Some(label_id);
            if let Some(first) = before.iter().position(same_id) {
                return Err(PaletteError::DuplicateLabelId {
                    label_id,
                    first,
                    second,
                });
            }
        }
        match self.ignored {
            Some(ignored) if usize::from(ignored) > last => Err(PaletteError::IgnoredOutOfRange {
                ignored: ignored.into(),
                last,
            }),
            _ => Ok(()),
        }
    }
}
