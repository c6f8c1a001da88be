//! Scoring a folder of predictions against a folder of truths.

use std::path::Path;

use atrous_palettes::Palette;
use rayon::prelude::*;

use super::measures::{Measured, Measures};
use super::score::{Counted, ScoreReport, Scorer};
use crate::dataset::folder::{Found, LabelFolder, Wanted, has_label_ids};
use crate::dataset::instance_ids::{InstanceMapping, Instances};
use crate::dataset::mapping::{ValueMapping, describe_stray};
use crate::error::{Error, Result};
use crate::jobs::{Monitor, Pace};
use crate::limits::{Limits, read_file};
use crate::mask::png_file;
use crate::metrics::Segment;

/// What is to be scored against what.
#[derive(Debug, Clone, Copy)]
pub struct Evaluation<'a> {
    /// The folder of predicted label maps: grey or indexed PNGs.
    pub predictions: &'a Path,
    /// The folder of true label maps: grey or indexed PNGs, 255 void.
    pub truth: &'a Path,
    /// The classes that both are in.
    pub palette: &'a Palette,
    /// The images to score; all that have a truth where it is `None`.
    pub list: Option<&'a [String]>,
    /// What to score beside the classes' IoU.
    pub measures: Measures<'a>,
    /// Limits on the files.
    pub limits: &'a Limits,
}

/// Scores the predictions: files are paired by their name without the ending.
///
/// A truth without a prediction, a listed image without either, two sizes, a broken file, a value
/// that is no class: each is noted in [`ScoreReport::failed`], and the rest is scored. Files named
/// as Cityscapes' `labelIds` or `instanceIds` are read as such. Images are counted on the pool.
///
/// # Errors
/// [`Error::Io`] when a folder can't be read, [`Error::Argument`] when there is nothing to score,
/// [`Error::Cancelled`] when `monitor` says so.
pub fn evaluate(evaluation: &Evaluation<'_>, monitor: &mut dyn Monitor) -> Result<ScoreReport> {
    let wanted = if evaluation.measures.panoptic {
        Wanted::InstanceIds
    } else {
        Wanted::LabelMaps
    };
    let folders = Folders {
        predictions: scan("predictions", evaluation.predictions, wanted)?,
        truths: scan("truth", evaluation.truth, wanted)?,
        confidences: match evaluation.measures.confidence {
            Some(folder) => Some(scan("confidence", folder, Wanted::Confidence)?),
            None => None,
        },
    };
    let names: Vec<&str> = match evaluation.list {
        Some(list) => list.iter().map(String::as_str).collect(),
        None => folders.truths.iter().map(|(key, _)| key).collect(),
    };
    let mut scorer = Scorer::measuring(evaluation.palette, &evaluation.measures);
    let mut pace = Pace::new(names.len() as u64);
    // A few images a thread at a time: their label maps are in memory together.
    for (done, names) in (0..).zip(names.chunks(4 * rayon::current_num_threads())) {
        let counted: Vec<_> = names
            .par_iter()
            .map(|name| count(evaluation, &folders, name))
            .collect();
        for outcome in counted {
            match outcome {
                Ok(counted) => scorer.add_counted(counted)?,
                Err((path, reason)) => scorer.fail(&path, reason),
            }
        }
        let done = (done * 4 * rayon::current_num_threads() + names.len()) as u64;
        monitor.checkpoint(&pace.at(done, names.last().copied().unwrap_or_default()))?;
    }
    Ok(scorer.finish(format!("{}", evaluation.predictions.display())))
}

/// The files that belong together.
struct Folders {
    predictions: LabelFolder,
    truths: LabelFolder,
    confidences: Option<LabelFolder>,
}

/// The files of a folder, which must have some.
fn scan(name: &str, folder: &Path, wanted: Wanted) -> Result<LabelFolder> {
    let labels = LabelFolder::scan_for(folder, wanted)?;
    if labels.is_empty() {
        let what = match wanted {
            Wanted::LabelMaps => "a folder with label maps as PNG files",
            Wanted::InstanceIds => "a folder with instance ids as PNG files",
            Wanted::Confidence => "a folder with confidence maps, *.confidence.png",
        };
        let found = format!("no PNG file in {}", folder.display());
        return Err(Error::argument(name, what, found));
    }
    Ok(labels)
}

/// A file that could not be scored, and why.
type Refusal = (std::path::PathBuf, String);

/// The one label file of an image.
fn one<'a>(
    labels: &'a LabelFolder,
    name: &str,
    folder: &Path,
    kind: &str,
) -> Result<&'a Path, Refusal> {
    match labels.find(name) {
        Found::One(path) => Ok(path),
        Found::None => Err((
            folder.join(name),
            format!("there is no {kind} of this name"),
        )),
        Found::Many(count) => Err((
            folder.join(name),
            format!("{count} files have this name; give the path below the {kind}s' folder"),
        )),
    }
}

/// Reads and counts one image.
fn count(evaluation: &Evaluation<'_>, folders: &Folders, name: &str) -> Result<Counted, Refusal> {
    let measures = &evaluation.measures;
    let truth_path = one(&folders.truths, name, evaluation.truth, "truth")?;
    let path = one(
        &folders.predictions,
        name,
        evaluation.predictions,
        "prediction",
    )?;
    let truth = read(evaluation, truth_path, true)?;
    let prediction = read(evaluation, path, false)?;
    must_be_as_large(path, prediction.size, truth_path, truth.size)?;
    let refused = |error: Error| (path.to_owned(), error.to_string());
    let palette = evaluation.palette;
    let mut counted = Counted::new(
        palette,
        name.to_owned(),
        &truth.classes,
        &prediction.classes,
    )
    .map_err(refused)?;
    let mut measured = Measured::new(palette, measures);
    if let Some(panoptic) = &mut measured.panoptic {
        let added = panoptic.add(&truth.segments, &prediction.segments);
        added.map_err(refused)?;
    }
    if let Some(boundary) = &mut measured.boundary {
        let [width, height] = truth.size.map(|side| side as usize);
        let added = boundary.add(&truth.classes, &prediction.classes, [height, width]);
        added.map_err(refused)?;
    }
    if let (Some(calibration), Some(files), Some(folder)) = (
        &mut measured.calibration,
        &folders.confidences,
        measures.confidence,
    ) {
        let path = one(files, name, folder, "confidence map")?;
        let map = png_file::read(path, evaluation.limits)
            .map_err(|error| (path.to_owned(), error.to_string()))?;
        must_be_as_large(path, map.size(), truth_path, truth.size)?;
        let added = calibration.add(&truth.classes, &prediction.classes, &map.to_vec());
        added.map_err(refused)?;
    }
    counted.measured = measured;
    Ok(counted)
}

/// Refuses a file whose `[width, height]` is not that of the truth.
fn must_be_as_large(
    path: &Path,
    size: [u32; 2],
    truth: &Path,
    true_size: [u32; 2],
) -> Result<(), Refusal> {
    if size == true_size {
        return Ok(());
    }
    let reason = format!(
        "expected {} x {} pixels as in {}, found {} x {}. Predict at the image's own size",
        true_size[0],
        true_size[1],
        truth.display(),
        size[0],
        size[1],
    );
    Err((path.to_owned(), reason))
}

/// A file's `[width, height]`, the class index of each pixel, and, where segments are scored, what
/// each belongs to.
struct Labels {
    size: [u32; 2],
    classes: Vec<u8>,
    segments: Vec<Segment>,
}

/// Reads a label map, or instance ids where segments are scored.
fn read(evaluation: &Evaluation<'_>, path: &Path, truth: bool) -> Result<Labels, Refusal> {
    let refuse = |reason: String| (path.to_owned(), reason);
    let failed = |error: Error| refuse(error.to_string());
    let palette = evaluation.palette;
    let unknown = |stray: String| {
        refuse(format!(
            "expected class indices of the palette {} (0 to {}) or 255 for void, found {stray}. \
             Check that the palette is the right one",
            palette.name,
            palette.len() - 1,
        ))
    };
    if evaluation.measures.panoptic {
        let bytes = read_file(path, evaluation.limits).map_err(failed)?;
        let (size, values) =
            png_file::decode_wide(&bytes, path, evaluation.limits).map_err(failed)?;
        let mapping = InstanceMapping::new(palette, has_label_ids(path));
        let Instances { classes, segments } = mapping
            .apply(&values, truth)
            .map_err(|stray| unknown(describe_stray(&stray)))?;
        return Ok(Labels {
            size,
            classes,
            segments,
        });
    }
    let map = png_file::read(path, evaluation.limits).map_err(failed)?;
    let mapping = if has_label_ids(path) {
        ValueMapping::cityscapes_label_ids()
    } else {
        ValueMapping::class_indices(palette)
    };
    let classes = mapping.apply(&map.to_vec());
    Ok(Labels {
        size: map.size(),
        classes: classes.map_err(|stray| unknown(describe_stray(&stray)))?,
        segments: Vec::new(),
    })
}
