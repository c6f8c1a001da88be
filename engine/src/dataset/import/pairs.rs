//! Which label map belongs to which image.

use std::fs;
use std::path::{Path, PathBuf};

use super::ImportFormat;
use crate::dataset::folder::{Found, LabelFolder, files_below};
use crate::dataset::split::Split;
use crate::dataset::voc;
use crate::error::{Error, Result};
use crate::image_file::is_image_name;
use crate::limits::Limits;
use crate::report::Failure;

/// Folders of images, as datasets call them.
const IMAGE_FOLDERS: [&str; 5] = ["images", "image", "imgs", "img", "leftImg8bit"];

/// Folders of label maps beside them.
const LABEL_FOLDERS: [&str; 9] = [
    "masks",
    "mask",
    "annotations",
    "annotation",
    "labels",
    "label",
    "gt",
    "gtFine",
    "SegmentationClass",
];

/// What a folder of label maps has behind the name of its folder of images.
const LABEL_ENDINGS: [&str; 5] = ["annot", "_annot", "_labels", "_masks", "-truth"];

/// An image and its label map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The image.
    pub image: PathBuf,
    /// Its label map.
    pub labels: PathBuf,
    /// What the dataset has it for, where it says so.
    pub split: Option<Split>,
}

/// What a dataset's folder holds.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// The folder that all images lie below.
    pub images_root: PathBuf,
    /// The images that have a label map.
    pub pairs: Vec<Pair>,
    /// The images that have none, or several.
    pub failed: Vec<Failure>,
}

/// Looks through a dataset's folder.
pub(super) fn find(folder: &Path, format: ImportFormat, limits: &Limits) -> Result<Pairs> {
    match format {
        ImportFormat::Voc => listed(folder, limits),
        ImportFormat::Cityscapes => {
            let nested = folder.join("imgsFine/leftImg8bit");
            let images = if nested.is_dir() {
                nested
            } else {
                folder.join("leftImg8bit")
            };
            in_folders(images.clone(), &[(images, folder.join("gtFine"))])
        }
        ImportFormat::Ade20k => {
            let nested = folder.join("ADEChallengeData2016");
            let root = if nested.is_dir() {
                nested
            } else {
                folder.to_owned()
            };
            let images = root.join("images");
            in_folders(images.clone(), &[(images, root.join("annotations"))])
        }
        ImportFormat::CamVid | ImportFormat::Masks => side_by_side(folder),
    }
}

/// The pairs that VOC's lists name.
fn listed(folder: &Path, limits: &Limits) -> Result<Pairs> {
    let dataset = voc::read_back(folder, limits)?;
    let mut found = Pairs {
        images_root: dataset.root.join("JPEGImages"),
        ..Pairs::default()
    };
    for image in dataset.images {
        let missing = [&image.image, &image.labels]
            .into_iter()
            .find(|path| !path.is_file());
        match missing {
            Some(path) => found.failed.push(Failure {
                path: path.clone(),
                reason: "a list names it, but there is no such file".to_owned(),
            }),
            None => found.pairs.push(Pair {
                image: image.image,
                labels: image.labels,
                split: image.split,
            }),
        }
    }
    Ok(found)
}

/// Finds folders of images with a folder of label maps beside them.
fn side_by_side(folder: &Path) -> Result<Pairs> {
    let named = |names: &[&str]| {
        let folders = names.iter().map(|name| folder.join(name));
        folders.into_iter().find(|folder| folder.is_dir())
    };
    if let (Some(images), Some(labels)) = (named(&IMAGE_FOLDERS), named(&LABEL_FOLDERS)) {
        return in_folders(images.clone(), &[(images, labels)]);
    }
    if let Some(labels) = labels_of(folder) {
        return in_folders(folder.to_owned(), &[(folder.to_owned(), labels)]);
    }
    let mut folders: Vec<(PathBuf, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::io(folder, "listing the folder"))? {
        let images = entry
            .map_err(Error::io(folder, "listing the folder"))?
            .path();
        if let Some(labels) = labels_of(&images) {
            folders.push((images, labels));
        }
    }
    folders.sort();
    if folders.is_empty() {
        return Err(Error::file(
            folder,
            "a folder of images and one of masks: images and masks, or any name and it with annot",
            "no such two",
            "Rename the folders, or give the folder that holds them.",
        ));
    }
    in_folders(folder.to_owned(), &folders)
}

/// The folder of label maps beside a folder of images, by its name.
fn labels_of(images: &Path) -> Option<PathBuf> {
    let name = images.file_name()?.to_string_lossy().into_owned();
    let beside = LABEL_ENDINGS
        .iter()
        .map(|ending| images.with_file_name(format!("{name}{ending}")));
    beside.into_iter().find(|labels| labels.is_dir())
}

/// Pairs the files of folders of images with those of folders of label maps.
fn in_folders(images_root: PathBuf, folders: &[(PathBuf, PathBuf)]) -> Result<Pairs> {
    let mut found = Pairs {
        images_root,
        ..Pairs::default()
    };
    for (images, labels) in folders {
        for folder in [images, labels] {
            if !folder.is_dir() {
                return Err(Error::file(
                    folder,
                    "a folder",
                    "nothing",
                    "Give the folder that holds it.",
                ));
            }
        }
        let label_files = LabelFolder::scan(labels)?;
        for image in files_below(images, is_image_name)? {
            let relative = image.strip_prefix(images).unwrap_or(&image);
            let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
            match label_files.find(&parts.join("/")) {
                Found::One(labels) => found.pairs.push(Pair {
                    split: split_of(found.images_root.as_path(), &image),
                    labels: labels.to_owned(),
                    image,
                }),
                Found::None => found.failed.push(Failure {
                    reason: format!("there is no label map of this name in {}", labels.display()),
                    path: image,
                }),
                Found::Many(count) => found.failed.push(Failure {
                    reason: format!("{count} label maps in {} have this name", labels.display()),
                    path: image,
                }),
            }
        }
    }
    Ok(found)
}

/// What an image is for, by the folders it lies in: `train`, `training`, `val`, `validation`...
fn split_of(root: &Path, image: &Path) -> Option<Split> {
    let folders = image.parent()?.strip_prefix(root).ok()?;
    folders.iter().find_map(|part| {
        let part = part.to_string_lossy().to_lowercase();
        let named = |split: &Split| part.starts_with(split.name());
        Split::ALL.into_iter().find(named)
    })
}
