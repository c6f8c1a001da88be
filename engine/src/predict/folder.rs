//! The images of a project, predicted one after the other; what is done stays done.

use std::path::PathBuf;

use super::{FolderReport, Prediction, Predictor, Sink, predict_images};
use crate::error::Result;
use crate::jobs::Monitor;
use crate::project::{ImageId, Project, Status};

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
    let mut wanted = Wanted {
        project,
        ids: Vec::new(),
    };
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut skipped = 0;
    for image in project.images()? {
        let is_wanted = match image.status {
            Status::Unlabelled => true,
            Status::Predicted => again,
            Status::Corrected | Status::Reviewed => false,
        };
        if is_wanted {
            paths.push(project.image_path(&image));
            wanted.ids.push(image.id);
        } else {
            skipped += 1;
        }
    }
    let report = predict_images(&paths, predictor, &wanted, project.limits(), monitor)?;
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
