//! Checking a dataset before anything is taken in.

use std::fs;
use std::path::{Path, PathBuf};

use atrous_palettes::{Palette, VOID};
use rayon::prelude::*;

use super::ImportFormat;
use super::pairs::{self, Pair, Pairs};
use crate::dataset::folder::has_label_ids;
use crate::dataset::mapping::{ValueMapping, describe_stray};
use crate::error::{Error, Result};
use crate::image_file;
use crate::jobs::{Monitor, Pace};
use crate::limits::Limits;
use crate::mask::{LabelMap, png_file};
use crate::report::Failure;

/// How to import.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// The layout.
    pub format: ImportFormat,
    /// The classes; the format's own where it is `None`, or one class a value for masks.
    pub palette: Option<Palette>,
    /// A value that is void beside 255.
    pub void: Option<u8>,
    /// Limits on the files.
    pub limits: Limits,
}

/// A dataset that was found and checked.
#[derive(Debug)]
pub struct ImportPlan {
    /// The classes that the labels will be in.
    pub palette: Palette,
    /// The images and label maps that fit together.
    pub pairs: Vec<Pair>,
    /// What will be left out, and why.
    pub failed: Vec<Failure>,
    /// The values of the label files and what they become.
    pub values: Vec<ValueCount>,
    pub(super) images_root: PathBuf,
    pub(super) mapping: Mapping,
    pub(super) limits: Limits,
}

/// A value of the label files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueCount {
    /// The value.
    pub value: u8,
    /// Whether the files that have it hold Cityscapes' label ids.
    pub label_ids: bool,
    /// The class index or void that it becomes.
    pub becomes: u8,
    /// How many pixels have it.
    pub pixels: u64,
}

/// What the values mean, for the two kinds of files that a dataset can hold.
#[derive(Debug)]
pub(super) struct Mapping {
    indices: ValueMapping,
    label_ids: ValueMapping,
}

impl Mapping {
    fn of(&self, labels: &Path) -> &ValueMapping {
        if has_label_ids(labels) {
            &self.label_ids
        } else {
            &self.indices
        }
    }

    /// Reads a label file as class indices of the palette.
    pub fn read(&self, labels: &Path, limits: &Limits) -> Result<LabelMap> {
        let map = png_file::read(labels, limits)?;
        let [width, height] = map.size();
        let values = self.of(labels).apply(&map.to_vec());
        let values = values.map_err(|stray| stray_values(labels, &stray))?;
        LabelMap::from_vec(width, height, &values)
    }
}

/// Finds the images and label maps below `folder` and reads every label map.
///
/// What can't be used is in [`ImportPlan::failed`]: a label map without an image, of another size,
/// broken, or in colours. Nothing is written.
///
/// # Errors
/// [`Error::File`] when the layout is not there, when nothing fits together, or when label files
/// hold values that mean nothing in the palette: how many pixels of which is said.
/// [`Error::Io`] when a folder can't be read, [`Error::Cancelled`] when `monitor` says so.
pub fn plan(
    folder: &Path,
    options: &ImportOptions,
    monitor: &mut dyn Monitor,
) -> Result<ImportPlan> {
    // Without links and dots, so that folders can be compared and have names.
    let folder = &fs::canonicalize(folder).map_err(Error::io(folder, "opening the folder"))?;
    let Pairs {
        images_root,
        pairs,
        mut failed,
    } = pairs::find(folder, options.format, &options.limits)?;
    let mut counts = Counts::default();
    let mut fitting = Vec::new();
    let mut pace = Pace::new(pairs.len() as u64);
    for pairs in pairs.chunks(4 * rayon::current_num_threads()) {
        let checked: Vec<_> = pairs
            .par_iter()
            .map(|pair| histogram(pair, &options.limits))
            .collect();
        for (pair, histogram) in pairs.iter().zip(checked) {
            match histogram {
                Ok(histogram) => {
                    counts.add(&pair.labels, &histogram);
                    fitting.push(pair.clone());
                }
                Err(failure) => failed.push(failure),
            }
        }
        let done = (fitting.len() + failed.len()) as u64;
        let last = pairs.last().map(|pair| pair.labels.display().to_string());
        monitor.checkpoint(&pace.at(done, last.unwrap_or_default()))?;
    }
    if fitting.is_empty() {
        let reason = failed.first().map(|failure| {
            format!(
                "none; the first: {}: {}",
                failure.path.display(),
                failure.reason
            )
        });
        return Err(Error::file(
            folder,
            "images with label maps",
            reason.unwrap_or_else(|| "none".to_owned()),
            "Check the folder and the format.",
        ));
    }
    let void = options.void.or(options.format.void());
    let palette = options.palette.clone().or_else(|| options.format.palette());
    let palette = palette.map_or_else(|| counts.palette(void), Ok)?;
    let mut indices = ValueMapping::class_indices(&palette);
    let mut label_ids = ValueMapping::cityscapes_label_ids();
    if let Some(void) = void {
        indices = indices.with_void(void);
        label_ids = label_ids.with_void(void);
    }
    let mapping = Mapping { indices, label_ids };
    Ok(ImportPlan {
        values: counts.explained(&mapping, folder)?,
        palette,
        pairs: fitting,
        failed,
        images_root,
        mapping,
        limits: options.limits.clone(),
    })
}

/// The values of one label file, if it is as large as its image.
fn histogram(pair: &Pair, limits: &Limits) -> Result<[u64; 256], Failure> {
    let fail = |path: &Path, reason: String| Failure {
        path: path.to_owned(),
        reason,
    };
    let labels = png_file::read(&pair.labels, limits)
        .map_err(|error| fail(&pair.labels, error.to_string()))?;
    let (width, height) = image_file::dimensions(&pair.image, limits)
        .map_err(|error| fail(&pair.image, error.to_string()))?;
    if labels.size() == [width, height] {
        return Ok(labels.histogram());
    }
    let [label_width, label_height] = labels.size();
    let reason = format!(
        "expected {width} x {height} pixels as in {}, found {label_width} x {label_height}",
        pair.image.display()
    );
    Err(fail(&pair.labels, reason))
}

/// Pixels by value, for class indices and for label ids.
struct Counts {
    indices: [u64; 256],
    label_ids: [u64; 256],
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            indices: [0; 256],
            label_ids: [0; 256],
        }
    }
}

impl Counts {
    fn add(&mut self, labels: &Path, histogram: &[u64; 256]) {
        let counts = if has_label_ids(labels) {
            &mut self.label_ids
        } else {
            &mut self.indices
        };
        for (count, pixels) in counts.iter_mut().zip(histogram) {
            *count += pixels;
        }
    }

    /// A palette with one class for each value up to the highest, for masks that come without.
    fn palette(&self, void: Option<u8>) -> Result<Palette> {
        let is_class = |value: &u8| *value != VOID && Some(*value) != void;
        let highest = (0..=VOID)
            .rev()
            .filter(is_class)
            .find(|value| self.indices[usize::from(*value)] > 0)
            .unwrap_or(0);
        let names = (0..=highest).map(|value| format!("class {value}"));
        Palette::from_names("imported", names)
            .map_err(|error| Error::argument("palette", "classes", error.to_string()))
    }

    /// What each value becomes.
    fn explained(&self, mapping: &Mapping, folder: &Path) -> Result<Vec<ValueCount>> {
        let mut values = Vec::new();
        let mut stray = Vec::new();
        for (label_ids, counts, mapping) in [
            (false, &self.indices, &mapping.indices),
            (true, &self.label_ids, &mapping.label_ids),
        ] {
            for (value, pixels) in (0..=255).zip(*counts).filter(|(_, pixels)| *pixels > 0) {
                match mapping.get(value) {
                    Some(becomes) => values.push(ValueCount {
                        value,
                        label_ids,
                        becomes,
                        pixels,
                    }),
                    None => stray.push((value, pixels)),
                }
            }
        }
        if stray.is_empty() {
            Ok(values)
        } else {
            Err(stray_values(folder, &stray))
        }
    }
}

fn stray_values(path: &Path, stray: &[(u8, u64)]) -> Error {
    Error::file(
        path,
        "values that are class indices of the palette, or 255 for void",
        describe_stray(stray),
        "Choose the palette of the dataset; if one value means void, say which (--void).",
    )
}
