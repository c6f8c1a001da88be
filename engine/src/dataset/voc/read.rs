//! Reading the layout, whoever wrote it.

use std::fs;
use std::path::{Path, PathBuf};

use super::Layout;
use crate::dataset::split::Split;
use crate::error::{Error, Result};
use crate::limits::Limits;

/// A folder in the layout.
#[derive(Debug, Clone)]
pub struct VocDataset {
    /// The folder that holds `JPEGImages`.
    pub root: PathBuf,
    /// The images that the lists name, in the order of the lists, each once.
    pub images: Vec<VocImage>,
}

/// An image that a list names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VocImage {
    /// Its name in the list.
    pub stem: String,
    /// What it is for: the first of the lists of train, val and test that has it; `None` where
    /// only `trainval` does.
    pub split: Option<Split>,
    /// Its file, whether it is there or not.
    pub image: PathBuf,
    /// Its label map, whether it is there or not.
    pub labels: PathBuf,
}

/// Reads the lists of a folder in the layout, or of the one `VOC20..` folder below it.
///
/// # Errors
/// [`Error::File`] when it is no such folder, or when the lists name nothing; [`Error::Io`].
pub fn read_back(folder: &Path, limits: &Limits) -> Result<VocDataset> {
    let layout = Layout::new(&root_of(folder)?);
    let mut images: Vec<VocImage> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let splits = Split::ALL.map(|split| (split.name(), Some(split)));
    for (list, split) in splits.into_iter().chain([("trainval", None)]) {
        for stem in stems(&layout.list(list), limits)? {
            if seen.insert(stem.clone()) {
                images.push(VocImage {
                    image: layout.image(&stem),
                    labels: layout.class(&stem),
                    split,
                    stem,
                });
            }
        }
    }
    if images.is_empty() {
        return Err(Error::file(
            layout.root.join("ImageSets/Segmentation"),
            "train.txt, val.txt or trainval.txt with one name a line",
            "no names",
            "Check that this is the segmentation part of a VOC folder.",
        ));
    }
    Ok(VocDataset {
        root: layout.root,
        images,
    })
}

/// The folder with `JPEGImages` in it: this one, or `VOC20..` or `VOCdevkit/VOC20..` below.
fn root_of(folder: &Path) -> Result<PathBuf> {
    let mut candidates = vec![folder.to_owned()];
    for parent in [folder.to_owned(), folder.join("VOCdevkit")] {
        let Ok(entries) = fs::read_dir(&parent) else {
            continue;
        };
        let mut years: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                name.starts_with("VOC20")
            })
            .collect();
        years.sort();
        // The newest year holds all images of those before.
        candidates.extend(years.into_iter().rev());
    }
    let is_root = |path: &PathBuf| {
        path.join("JPEGImages").is_dir() && path.join("ImageSets/Segmentation").is_dir()
    };
    candidates.into_iter().find(is_root).ok_or_else(|| {
        Error::file(
            folder,
            "a folder with JPEGImages and ImageSets/Segmentation",
            "neither here nor in VOCdevkit/VOC20..",
            "Give the folder that holds JPEGImages.",
        )
    })
}

/// The names of one list; none where there is no such list.
fn stems(path: &Path, limits: &Limits) -> Result<Vec<String>> {
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let names = crate::dataset::list::names(path, limits)?;
    // A name is a part of a path here: it must not lead out of the folder.
    match names
        .iter()
        .find(|name| name.contains(['/', '\\']) || *name == "..")
    {
        None => Ok(names),
        Some(bad) => Err(Error::file(
            path,
            "names without folders",
            format!("{bad:?}"),
            "Mend the line.",
        )),
    }
}
