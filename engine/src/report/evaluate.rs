//! Scoring a folder of predictions against a folder of truths.

use std::path::Path;

use atrous_palettes::Palette;
use rayon::prelude::*;

use super::score::{Counted, ScoreReport, Scorer};
use crate::dataset::folder::{Found, LabelFolder, has_label_ids};
use crate::dataset::mapping::{ValueMapping, describe_stray};
use crate::error::{Error, Result};
use crate::jobs::{Monitor, Pace};
use crate::limits::Limits;
use crate::mask::png_file;

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
    /// Limits on the files.
    pub limits: &'a Limits,
}

/// Scores the predictions: files are paired by their name without the ending.
///
/// A truth without a prediction, a listed image without either, two sizes, a broken file, a value
/// that is no class: each is noted in [`ScoreReport::failed`], and the rest is scored. Files named
/// as Cityscapes' `labelIds` are read as such. Images are counted on the pool.
///
/// # Errors
/// [`Error::Io`] when a folder can't be read, [`Error::Argument`] when there is nothing to score,
/// [`Error::Cancelled`] when `monitor` says so.
pub fn evaluate(evaluation: &Evaluation<'_>, monitor: &mut dyn Monitor) -> Result<ScoreReport> {
    let predictions = LabelFolder::scan(evaluation.predictions)?;
    let truths = LabelFolder::scan(evaluation.truth)?;
    for (name, folder, labels) in [
        ("predictions", evaluation.predictions, &predictions),
        ("truth", evaluation.truth, &truths),
    ] {
        if labels.is_empty() {
            return Err(Error::argument(
                name,
                "a folder with label maps as PNG files",
                format!("no PNG file in {}", folder.display()),
            ));
        }
    }
    let names: Vec<&str> = match evaluation.list {
        Some(list) => list.iter().map(String::as_str).collect(),
        None => truths.iter().map(|(key, _)| key).collect(),
    };
    let mut scorer = Scorer::new(evaluation.palette);
    let mut pace = Pace::new(names.len() as u64);
    // A few images a thread at a time: their label maps are in memory together.
    for (done, names) in (0..).zip(names.chunks(4 * rayon::current_num_threads())) {
        let counted: Vec<_> = names
            .par_iter()
            .map(|name| {
                let truth = one(&truths, name, evaluation.truth, "truth")?;
                let prediction = one(&predictions, name, evaluation.predictions, "prediction")?;
                count(evaluation, name, truth, prediction)
            })
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
fn count(
    evaluation: &Evaluation<'_>,
    name: &str,
    truth: &Path,
    prediction: &Path,
) -> Result<Counted, Refusal> {
    let (size, true_values) = read(evaluation, truth)?;
    let (predicted_size, predicted_values) = read(evaluation, prediction)?;
    if size != predicted_size {
        let reason = format!(
            "expected {} x {} pixels as in {}, found {} x {}. Predict at the image's own size",
            size[0],
            size[1],
            truth.display(),
            predicted_size[0],
            predicted_size[1],
        );
        return Err((prediction.to_owned(), reason));
    }
    let counted = Counted::new(
        evaluation.palette,
        name.to_owned(),
        &true_values,
        &predicted_values,
    );
    counted.map_err(|error| (prediction.to_owned(), error.to_string()))
}

/// Reads a label map: its size and its class indices.
fn read(evaluation: &Evaluation<'_>, path: &Path) -> Result<([u32; 2], Vec<u8>), Refusal> {
    let refuse = |reason: String| (path.to_owned(), reason);
    let map = png_file::read(path, evaluation.limits).map_err(|error| refuse(error.to_string()))?;
    let mapping = if has_label_ids(path) {
        ValueMapping::cityscapes_label_ids()
    } else {
        ValueMapping::class_indices(evaluation.palette)
    };
    let values = mapping.apply(&map.to_vec()).map_err(|stray| {
        refuse(format!(
            "expected class indices of the palette {} (0 to {}) or 255 for void, found {}. Check \
             that the palette is the right one",
            evaluation.palette.name,
            evaluation.palette.len() - 1,
            describe_stray(&stray)
        ))
    })?;
    Ok((map.size(), values))
}
