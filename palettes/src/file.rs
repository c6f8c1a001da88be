//! The form a palette has in a file.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::colormap::bit_shuffle;
use crate::error::PaletteError;
use crate::palette::{Class, MAX_CLASSES, Palette, VOID};

/// A palette as it is written: everything optional that has a default, nothing checked yet.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PaletteFile {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    void_color: Option<Color>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ignored: Option<i64>,
    #[serde(default)]
    classes: Vec<ClassEntry>,
}

/// One class as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassEntry {
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<i64>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<Color>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label_id: Option<i16>,
}

impl PaletteFile {
    /// The file's text. Written by hand: the fields in the order a person reads them.
    pub(crate) fn to_toml(&self) -> String {
        let mut text = format!("name = {}\n", quoted(&self.name));
        // Writing to a string can't fail.
        if let Some(color) = &self.void_color {
            let _ = writeln!(text, "void_color = \"{color}\"");
        }
        if let Some(ignored) = self.ignored {
            let _ = writeln!(text, "ignored = {ignored}");
        }
        for class in &self.classes {
            text.push_str("\n[[classes]]\n");
            if let Some(index) = class.index {
                let _ = writeln!(text, "index = {index}");
            }
            let _ = writeln!(text, "name = {}", quoted(&class.name));
            if let Some(color) = &class.color {
                let _ = writeln!(text, "color = \"{color}\"");
            }
            if let Some(label_id) = class.label_id {
                let _ = writeln!(text, "label_id = {label_id}");
            }
        }
        text
    }
}

/// A TOML string with its quotes and escapes.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

impl From<Palette> for PaletteFile {
    fn from(palette: Palette) -> Self {
        let entry = |(index, class): (i64, Class)| ClassEntry {
            index: Some(index),
            name: class.name,
            color: Some(Color(class.color)),
            label_id: class.label_id,
        };
        Self {
            name: palette.name,
            void_color: Some(Color(palette.void_color)),
            ignored: palette.ignored.map(i64::from),
            classes: (0..).zip(palette.classes).map(entry).collect(),
        }
    }
}

impl TryFrom<PaletteFile> for Palette {
    type Error = PaletteError;

    fn try_from(file: PaletteFile) -> Result<Self, PaletteError> {
        let count = file.classes.len();
        if count > MAX_CLASSES {
            return Err(PaletteError::TooManyClasses(count));
        }
        let mut places: Vec<Option<Class>> = vec![None; MAX_CLASSES];
        for (position, entry) in file.classes.into_iter().enumerate() {
            let (index, class) = entry.into_class(position)?;
            let place = &mut places[usize::from(index)];
            if let Some(first) = place {
                return Err(PaletteError::DuplicateIndex {
                    index,
                    first: first.name.clone(),
                    second: class.name,
                });
            }
            *place = Some(class);
        }
        let classes: Vec<Class> = places.into_iter().map_while(|place| place).collect();
        if classes.len() < count {
            return Err(PaletteError::MissingIndex {
                missing: classes.len(),
                classes: count,
            });
        }
        let ignored = file.ignored.map(|ignored| {
            u8::try_from(ignored).map_err(|_| PaletteError::IgnoredOutOfRange {
                ignored,
                last: count.saturating_sub(1),
            })
        });
        let palette = Self {
            name: file.name,
            classes,
            void_color: file
                .void_color
                .map_or(bit_shuffle(VOID.into()), |color| color.0),
            ignored: ignored.transpose()?,
        };
        palette.check()?;
        Ok(palette)
    }
}

impl ClassEntry {
    /// The class and its index, which is `position` where the entry gives none.
    fn into_class(self, position: usize) -> Result<(u8, Class), PaletteError> {
        let index = match self.index {
            Some(index) => u8::try_from(index).ok(),
            None => u8::try_from(position).ok(),
        };
        let Some(index) = index.filter(|index| *index != VOID) else {
            return Err(PaletteError::IndexOutOfRange {
                name: self.name,
                index: self.index.unwrap_or(position as i64),
            });
        };
        let class = Class {
            name: self.name,
            color: self
                .color
                .map_or(bit_shuffle(index.into()), |color| color.0),
            label_id: self.label_id,
        };
        Ok((index, class))
    }
}

/// A colour, written `"#804080"`; `[128, 64, 128]` is read too.
struct Color([u8; 3]);

impl fmt::Display for Color {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(formatter, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Serialize for Color {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Color {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ColorVisitor)
    }
}

/// Reads both forms of a colour.
struct ColorVisitor;

impl<'de> de::Visitor<'de> for ColorVisitor {
    type Value = Color;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a colour like \"#804080\" or [128, 64, 128]")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Color, E> {
        let bad = || E::invalid_value(de::Unexpected::Str(text), &self);
        let digits = text.strip_prefix('#').ok_or_else(bad)?;
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(bad());
        }
        let [_, red, green, blue] = u32::from_str_radix(digits, 16)
            .map_err(|_| bad())?
            .to_be_bytes();
        Ok(Color([red, green, blue]))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Color, A::Error> {
        let mut color = [0; 3];
        for (count, channel) in color.iter_mut().enumerate() {
            *channel = list
                .next_element()?
                .ok_or_else(|| de::Error::invalid_length(count, &self))?;
        }
        match list.next_element::<u8>()? {
            None => Ok(Color(color)),
            Some(_) => Err(de::Error::invalid_length(4, &self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Palette::from_toml(text).unwrap_err().to_string()
    }

    /// A palette file with one `[[classes]]` a line of `classes`.
    fn file(classes: &[&str]) -> String {
        classes
            .iter()
            .fold("name = \"p\"\n".to_owned(), |text, class| {
                format!("{text}[[classes]]\n{class}\n")
            })
    }

    #[test]
    fn the_built_in_palettes_survive_the_round_trip() {
        for name in Palette::BUILT_IN {
            let palette = Palette::by_name(name).unwrap();
            palette.check().unwrap();
            assert_eq!(Palette::from_toml(&palette.to_toml()).unwrap(), palette);
            let json = serde_json::to_string(&palette).unwrap();
            assert_eq!(serde_json::from_str::<Palette>(&json).unwrap(), palette);
        }
    }

    #[test]
    fn a_written_palette_reads_well() {
        let palette = Palette::from_names("my \"own\"", ["road"]).unwrap();
        assert_eq!(
            palette.to_toml(),
            "name = 'my \"own\"'\nvoid_color = \"#e0e0c0\"\n\n\
             [[classes]]\nindex = 0\nname = \"road\"\ncolor = \"#000000\"\n"
        );
    }

    #[test]
    fn indices_colours_and_void_have_defaults() {
        let palette = Palette::from_toml(&file(&["name = \"a\"", "name = \"b\""])).unwrap();
        assert_eq!(palette.class(1).unwrap().color, [128, 0, 0]);
        assert_eq!(palette.void_color, [224, 224, 192]);
        assert_eq!(palette.colors()[255], [224, 224, 192]);
        assert_eq!(palette.class(2), None);
    }

    #[test]
    fn classes_may_stand_in_any_order() {
        let palette = Palette::from_toml(&file(&[
            "index = 1\nname = \"b\"\ncolor = [1, 2, 3]",
            "index = 0\nname = \"a\"\ncolor = \"#0A0b0C\"",
        ]))
        .unwrap();
        assert_eq!(palette.class(0).unwrap().color, [10, 11, 12]);
        assert_eq!(palette.class(1).unwrap().color, [1, 2, 3]);
    }

    #[test]
    fn a_duplicate_index_names_both_classes() {
        let text = file(&["index = 0\nname = \"road\"", "index = 0\nname = \"sky\""]);
        assert_eq!(
            error(&text),
            "index 0 is given to both \"road\" and \"sky\"; give each class its own"
        );
    }

    #[test]
    fn a_gap_names_the_missing_index() {
        let text = file(&["index = 0\nname = \"road\"", "index = 2\nname = \"sky\""]);
        assert!(
            error(&text).contains("no class has index 1"),
            "{}",
            error(&text)
        );
    }

    #[test]
    fn a_bad_colour_names_its_line() {
        for bad in [
            "\"#12345\"",
            "\"red\"",
            "\"#12345g\"",
            "\"#+12345\"",
            "\"#\u{e9}1234\"",
            "[1, 2]",
            "[1, 2, 3, 4]",
            "[1, 2, 256]",
            "[1, 2, -1]",
            "7",
        ] {
            let message = error(&file(&[&format!("name = \"road\"\ncolor = {bad}")]));
            assert!(message.contains("line 4"), "{bad}: {message}");
        }
        let message = error(&file(&["name = \"road\"\ncolor = \"red\""]));
        assert!(message.contains("#804080"), "{message}");
    }

    #[test]
    fn at_most_255_classes() {
        let names = |count: usize| (0..count).map(|index| format!("class {index}"));
        assert_eq!(Palette::from_names("many", names(255)).unwrap().len(), 255);
        let classes: Vec<String> = names(256)
            .map(|name| format!("name = \"{name}\""))
            .collect();
        let classes: Vec<&str> = classes.iter().map(String::as_str).collect();
        assert_eq!(
            Palette::from_toml(&file(&classes)),
            Err(PaletteError::TooManyClasses(256))
        );
        assert!(error(&file(&["index = 255\nname = \"void\""])).contains("255 is void"));
        assert!(error(&file(&["index = -1\nname = \"x\""])).contains("index -1"));
    }

    #[test]
    fn names_are_unique_and_not_empty() {
        assert!(error(&file(&["name = \" \""])).contains("index 0 has no name"));
        assert_eq!(
            error(&file(&["name = \"a\"", "name = \"b\"", "name = \"a\""])),
            "the classes 0 and 2 are both called \"a\"; rename one"
        );
        assert_eq!(
            error(&file(&[
                "name = \"a\"\nlabel_id = 7",
                "name = \"b\"\nlabel_id = 7"
            ])),
            "the classes 0 and 1 both have label_id 7; change one"
        );
    }

    #[test]
    fn other_mistakes_are_named() {
        assert_eq!(
            Palette::from_toml("name = \"p\""),
            Err(PaletteError::NoClasses)
        );
        assert_eq!(
            Palette::from_toml("name = \"\"\n[[classes]]\nname = \"a\""),
            Err(PaletteError::Unnamed)
        );
        assert!(error("[[classes]]\nname = \"a\"").contains("missing field `name`"));
        assert!(error(&file(&["name = \"a\"\ncolour = \"#000000\""])).contains("colour"));
        assert!(error("name = ").contains("line 1"));
        for ignored in ["1", "-1", "300"] {
            let text = format!("ignored = {ignored}\n{}", file(&["name = \"a\""]));
            assert!(error(&text).contains(&format!("ignored = {ignored}")));
        }
    }
}
