//! Finding the label file that belongs to an image.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::image_file::is_image_name;

/// Folders deeper than this are not entered.
const MAX_DEPTH: usize = 16;

/// What follows the shared name in a Cityscapes image or label file.
const CITYSCAPES_ENDINGS: [&str; 7] = [
    "_leftImg8bit",
    "_gtFine_labelTrainIds",
    "_gtFine_labelIds",
    "_gtFine_instanceIds",
    "_gtCoarse_labelTrainIds",
    "_gtCoarse_labelIds",
    "_gtCoarse_instanceIds",
];

/// What follows a label map's name in the name of its confidence map.
const CONFIDENCE: &str = ".confidence";

/// Endings of PNG files that lie beside label maps and are none.
const NO_LABEL_MAPS: [&str; 5] = [
    CONFIDENCE,
    "_gtFine_instanceIds",
    "_gtFine_color",
    "_gtCoarse_instanceIds",
    "_gtCoarse_color",
];

/// What the PNG files of a folder are wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A class index, or a label id, a pixel.
    LabelMaps,
    /// An instance id a pixel; label maps where there is none.
    InstanceIds,
    /// A confidence a pixel.
    Confidence,
}

/// All files below `folder` that `wanted` accepts, sorted; links to folders are not followed, and
/// hidden folders (a project's own, for one) are left out.
///
/// # Errors
/// [`Error::Io`] when a folder can't be read.
pub fn files_below(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(Error::io(&folder, "listing the folder"))? {
            let entry = entry.map_err(Error::io(&folder, "listing the folder"))?;
            let kind = entry
                .file_type()
                .map_err(Error::io(entry.path(), "reading"))?;
            if !kind.is_dir() {
                files.push(entry.path());
            } else if depth < MAX_DEPTH && !is_hidden(&entry) {
                folders.push((entry.path(), depth + 1));
            }
        }
    }
    files.retain(|path| wanted(path));
    files.sort();
    Ok(files)
}

fn is_hidden(entry: &fs::DirEntry) -> bool {
    entry.file_name().to_string_lossy().starts_with('.')
}

/// Whether a file is called like a PNG.
pub fn is_png(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("png"))
}

/// The name that an image shares with its label files: no folder, no ending, no format's suffix.
///
/// `a.b.png` and `a.b.jpg.png` belong to the image `a.b.jpg`.
pub fn shared_stem(file_name: &str) -> &str {
    let stem = without_ending(file_name);
    let stem = without_ending(stem);
    CITYSCAPES_ENDINGS
        .iter()
        .find_map(|ending| stem.strip_suffix(ending))
        .unwrap_or(stem)
}

/// `name` without the ending of an image file, if it has one.
fn without_ending(name: &str) -> &str {
    let is_image = is_image_name(Path::new(name));
    match name.rsplit_once('.') {
        Some((stem, _)) if is_image && !stem.is_empty() => stem,
        _ => name,
    }
}

/// The label files below a folder, found by the name they share with their image.
#[derive(Debug, Default)]
pub struct LabelFolder {
    /// By path below the folder, with `/` between, without the ending `.png`.
    by_path: BTreeMap<String, PathBuf>,
    /// The paths by what they become when the last part is cut to the shared stem.
    by_key: BTreeMap<String, Vec<String>>,
    /// The paths by the shared stem alone.
    by_stem: BTreeMap<String, Vec<String>>,
}

/// What [`LabelFolder::find`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'a> {
    /// The one file.
    One(&'a Path),
    /// No such file.
    None,
    /// Several files of this name: it can't be told which is meant.
    Many(usize),
}

impl LabelFolder {
    /// Lists the PNG files below `folder` that may be label maps.
    ///
    /// Where Cityscapes' label ids and train ids lie side by side, the train ids are taken.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder can't be read.
    pub fn scan(folder: &Path) -> Result<Self> {
        Self::scan_for(folder, Wanted::LabelMaps)
    }

    /// Lists the PNG files below `folder` that may be what is wanted.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder can't be read.
    pub fn scan_for(folder: &Path, wanted: Wanted) -> Result<Self> {
        let mut labels = Self::default();
        for path in files_below(folder, |path| wanted.accepts(path))? {
            let name = path_below(folder, &path);
            let name = name.strip_suffix(CONFIDENCE).unwrap_or(&name);
            labels.by_path.insert(name.to_owned(), path);
        }
        let paths: Vec<String> = labels.by_path.keys().cloned().collect();
        for path in paths {
            if wanted.has_better(&path, &labels.by_path) {
                labels.by_path.remove(&path);
                continue;
            }
            let key = key(&path);
            let stem = last_part(&key).to_owned();
            labels.by_stem.entry(stem).or_default().push(path.clone());
            labels.by_key.entry(key).or_default().push(path);
        }
        Ok(labels)
    }

    /// The file of an image: by its whole path below the folder, with or without endings, else by
    /// its stem alone where only one file has it.
    pub fn find(&self, name: &str) -> Found<'_> {
        let exact = name.strip_suffix(".png").unwrap_or(name);
        if let Some(path) = self.by_path.get(exact) {
            return Found::One(path);
        }
        let key = key(name);
        let paths = self
            .by_key
            .get(&key)
            .or_else(|| self.by_stem.get(last_part(&key)));
        match paths.map(Vec::as_slice) {
            None | Some([]) => Found::None,
            Some([path]) => self
                .by_path
                .get(path)
                .map_or(Found::None, |path| Found::One(path)),
            Some(paths) => Found::Many(paths.len()),
        }
    }

    /// All label files, in order: their paths below the folder without the ending, and whole.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.by_path
            .iter()
            .map(|(name, path)| (name.as_str(), path.as_path()))
    }

    /// Whether no label file was found.
    pub fn is_empty(&self) -> bool {
        self.by_path.is_empty()
    }
}

/// Whether a file holds Cityscapes' label ids, by its name; also those of instances.
pub fn has_label_ids(path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    stem.ends_with("_labelIds") || stem.ends_with("_instanceIds")
}

/// The path of a file below `folder`, with `/` between its parts, without the ending `.png`.
fn path_below(folder: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(folder).unwrap_or(path).with_extension("");
    let parts: Vec<_> = relative
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

/// A path with `/` between its parts, its last part cut to the shared stem.
fn key(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((folders, name)) => format!("{folders}/{}", shared_stem(name)),
        None => shared_stem(path).to_owned(),
    }
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

impl Wanted {
    /// Whether a file may be what is wanted, by its name.
    fn accepts(self, path: &Path) -> bool {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let beside = |ends: &[&str]| ends.iter().any(|end| stem.ends_with(end));
        let is_it = match self {
            Self::LabelMaps => !beside(&NO_LABEL_MAPS),
            Self::InstanceIds => !beside(&NO_LABEL_MAPS) || stem.ends_with("_instanceIds"),
            Self::Confidence => stem.ends_with(CONFIDENCE),
        };
        is_png(path) && !stem.starts_with('.') && is_it
    }

    /// Whether a file of `paths` says better what is wanted than the one at `path`.
    fn has_better(self, path: &str, paths: &BTreeMap<String, PathBuf>) -> bool {
        let better: &[(&str, &str)] = match self {
            Self::LabelMaps => &[("_labelIds", "_labelTrainIds")],
            Self::InstanceIds => &[
                ("_labelIds", "_instanceIds"),
                ("_labelTrainIds", "_instanceIds"),
                ("_labelIds", "_labelTrainIds"),
            ],
            Self::Confidence => &[],
        };
        better.iter().any(|(worse, better)| {
            let common = path.strip_suffix(worse);
            common.is_some_and(|common| paths.contains_key(&format!("{common}{better}")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shared_stem() {
        for (name, stem) in [
            ("2007_000032.png", "2007_000032"),
            ("2007_000032.jpg", "2007_000032"),
            ("IMG.JPG.png", "IMG"),
            ("v1.2.final.png", "v1.2.final"),
            (".png", ".png"),
            ("a_000000_000019_leftImg8bit.png", "a_000000_000019"),
            ("a_000000_000019_gtFine_labelIds.png", "a_000000_000019"),
            ("\u{e9}t\u{e9}.jpeg", "\u{e9}t\u{e9}"),
        ] {
            assert_eq!(shared_stem(name), stem, "{name}");
        }
    }

    #[test]
    fn labels_are_found_by_path_then_by_stem() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in [
            "train/a.png",
            "val/a.png",
            "val/b.jpg.png",
            "val/c.jpg.png",
            "val/c.tif.png",
            "b.confidence.png",
            "val/notes.txt",
            "city/x_gtFine_labelIds.png",
            "city/x_gtFine_labelTrainIds.png",
            "city/x_gtFine_instanceIds.png",
            "city/x_gtFine_color.png",
        ] {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let labels = LabelFolder::scan(root).unwrap();
        assert_eq!(
            labels.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            [
                "city/x_gtFine_labelTrainIds",
                "train/a",
                "val/a",
                "val/b.jpg",
                "val/c.jpg",
                "val/c.tif"
            ]
        );
        let names = |wanted| -> Vec<String> {
            let labels = LabelFolder::scan_for(root, wanted).unwrap();
            labels.iter().map(|(name, _)| name.to_owned()).collect()
        };
        assert_eq!(names(Wanted::Confidence), ["b"]);
        assert_eq!(names(Wanted::InstanceIds)[0], "city/x_gtFine_instanceIds");
        assert_eq!(names(Wanted::InstanceIds).len(), 6);
        let found = |name: &str| match labels.find(name) {
            Found::One(path) => path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned(),
            other => format!("{other:?}"),
        };
        assert_eq!(found("train/a"), "train/a.png");
        assert_eq!(found("val/a.png"), "val/a.png");
        assert_eq!(found("a"), "Many(2)");
        assert_eq!(found("b"), "val/b.jpg.png");
        assert_eq!(found("elsewhere/b.png"), "val/b.jpg.png");
        assert_eq!(found("val/c.tif"), "val/c.tif.png");
        assert_eq!(found("val/c"), "Many(2)");
        assert_eq!(found("d"), "None");
        assert_eq!(
            found("x_leftImg8bit.png"),
            "city/x_gtFine_labelTrainIds.png"
        );
    }
}
