//! The images of a project, predicted one after the other; what is done stays done.

use std::path::PathBuf;

use super::{FolderReport, Prediction, Predictor, Sink, predict_images};
use crate::error::Result;
use crate::jobs::Monitor;
use crate::project::{ImageId, ImageRecord, Project, Status};

/// Predicts the images of a project that nobody has labelled: those without a prediction, or, if
/// `again`, all of them. Images that a person has corrected or reviewed are left alone.
///
/// Each prediction is in the project as soon as it is made, so that a run that was stopped is taken
/// up by calling this again. The report counts the images left alone as skipped, and lists those
/// that can't be read.
///
/// # Errors
/// As [`predict_images`], and [`Error::Index`](crate::Error::Index) when the project's index can't
/// be read.
pub fn predict_folder(
    project: &Project,
    predictor: &Predictor,
    again: bool,
    monitor: &mut dyn Monitor,
) -> Result<FolderReport> {
    let is_wanted = |image: &ImageRecord| match image.status {
        Status::Unlabelled => true,
        Status::Predicted => again,
        Status::Corrected | Status::Reviewed => false,
    };
    predict_those(project, &project.images()?, is_wanted, predictor, monitor)
}

/// Predicts these images of a project, again where they have a prediction. Images that a person has
/// corrected or reviewed are left alone and counted as skipped.
///
/// # Errors
/// As [`predict_folder`].
pub fn predict_selected(
    project: &Project,
    images: &[ImageId],
    predictor: &Predictor,
    monitor: &mut dyn Monitor,
) -> Result<FolderReport> {
    let images = images.iter().map(|id| project.image(*id));
    let images = images.collect::<Result<Vec<_>>>()?;
    let is_wanted = |image: &ImageRecord| !image.status.is_touched();
    predict_those(project, &images, is_wanted, predictor, monitor)
}

fn predict_those(
    project: &Project,
    images: &[ImageRecord],
    is_wanted: impl Fn(&ImageRecord) -> bool,
    predictor: &Predictor,
    monitor: &mut dyn Monitor,
) -> Result<FolderReport> {
    let all = images.len();
    let (wanted, paths): (Vec<ImageId>, Vec<PathBuf>) = images
        .iter()
        .filter(|image| is_wanted(image))
        .map(|image| (image.id, project.image_path(image)))
        .unzip();
    let skipped = all - wanted.len();
    let sink = Wanted {
        project,
        ids: wanted,
    };
    let report = predict_images(&paths, predictor, &sink, project.limits(), monitor)?;
    Ok(FolderReport { skipped, ..report })
}

/// The project's images that are being predicted, by their place in the line.
struct Wanted<'a> {
    project: &'a Project,
    ids: Vec<ImageId>,
}

impl Sink for Wanted<'_> {
    fn store(&self, index: usize, prediction: Prediction) -> Result<()> {
        // A label that a person changed in the meantime stays in force; that is no failure.
        self.project
            .store_prediction(self.ids[index], &prediction.as_new())
            .map(|_| ())
    }
}
