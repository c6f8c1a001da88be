//! Having the model label images.

use std::time::{Duration, Instant};

use atrous_engine::mask::{History, LabelMap};
use atrous_engine::predict::FolderReport;
use atrous_engine::project::{ImageId, Status};
use atrous_widgets::canvas::MapKind;
use atrous_widgets::toasts::Level;

use super::{App, editing, film_strip, images, model};
use crate::background::PredictedImage;
use crate::state::Task;

/// While the folder is predicted, the film strip is brought up to date this often.
const LIST_EVERY: Duration = Duration::from_secs(1);

/// Predicts the open image.
pub(super) fn image(app: &mut App) {
    if refuse_other_classes(app) {
        return;
    }
    let Some(open) = &app.state.project else {
        return;
    };
    let Some(image) = open.current.and_then(|id| open.image(id)).cloned() else {
        return;
    };
    // What is on the canvas is not decoded again.
    let document = app.state.document.as_ref();
    let document = document.filter(|document| document.id == image.id);
    let scene = document.map(|document| document.scene.clone());
    let with = app.state.predict_with();
    match app
        .background
        .predict_image(&open.project, image, scene, with)
    {
        Ok(cancel) => app.state.jobs.start(Task::PredictImage, cancel),
        Err(error) => app.toasts.add(Level::Error, error.to_string()),
    }
}

/// Predicts every image that nobody touched and that has no prediction yet.
pub(super) fn folder(app: &mut App) {
    if !refuse_other_classes(app) {
        start_folder(app, false);
    }
}

/// Predicts the folder; with `again` also where there is a prediction.
pub(super) fn start_folder(app: &mut App, again: bool) {
    let Some(open) = &app.state.project else {
        return;
    };
    let with = app.state.predict_with();
    match app.background.predict_folder(&open.project, with, again) {
        Ok(cancel) => app.state.jobs.start(Task::PredictFolder, cancel),
        Err(error) => app.toasts.add(Level::Error, error.to_string()),
    }
}

/// Refines predictions along the image's edges from now on, or no longer.
pub(super) fn toggle_crf(app: &mut App) {
    app.state.settings.crf ^= true;
    app.save_settings();
}

/// Predicts some images that nobody touched, whether they have a prediction or not.
pub(super) fn some(app: &mut App, images: Vec<ImageId>) {
    if refuse_other_classes(app) {
        return;
    }
    let Some(open) = &app.state.project else {
        return;
    };
    let with = app.state.predict_with();
    match app.background.predict_some(&open.project, with, images) {
        Ok(cancel) => app.state.jobs.start(Task::PredictFolder, cancel),
        Err(error) => app.toasts.add(Level::Error, error.to_string()),
    }
}

/// A prediction with other classes would be nonsense.
fn refuse_other_classes(app: &mut App) -> bool {
    match model::mismatch(app) {
        Some(reason) => {
            app.toasts.add(Level::Warning, reason);
            true
        }
        None => false,
    }
}

/// Takes over the prediction of an image. Labels that a person made stay.
pub(super) fn predicted(app: &mut App, id: ImageId, prediction: PredictedImage) {
    let open = app.state.document.as_ref();
    if open.is_some_and(|document| document.id == id) {
        // What a gesture shows and keeps is a correction too.
        editing::keep_shown(app);
    }
    let Some(project) = &mut app.state.project else {
        return;
    };
    let Some(image) = project.image(id) else {
        return;
    };
    // The window may not know yet what was marked as reviewed, nor the disk of the last stroke.
    let touched = image.status.is_touched() || !prediction.followed;
    if !touched {
        project.change(id, |image| {
            image.status = Status::Predicted;
            image.uncertainty = Some(prediction.uncertainty);
        });
    }
    list(app);
    let open = app.state.document.as_mut();
    let Some(document) = open.filter(|document| document.id == id) else {
        return;
    };
    document.prediction = Some(prediction.labels.clone());
    document.confidence = Some(prediction.confidence);
    document.before = document.labels.clone();
    for kind in [MapKind::Reference, MapKind::Confidence] {
        app.surface.canvas.replaced(kind);
    }
    document.scene.probabilities = Some(prediction.probabilities.clone());
    if touched {
        app.toasts.add(
            Level::Info,
            "Your corrections stay; hold C to see the prediction",
        );
    } else {
        follow(app, prediction.labels);
    }
}

/// The labels of an untouched image are the prediction.
fn follow(app: &mut App, labels: LabelMap) {
    editing::abort(app);
    let Some(document) = &mut app.state.document else {
        return;
    };
    document.labels = labels;
    document.history = History::default();
    app.surface.canvas.replaced(MapKind::Labels);
    images::count_classes(app);
}

/// Brings the film strip up to date now and then while the folder is predicted.
pub(super) fn folder_goes_on(app: &mut App) {
    if app.listed_at.elapsed() >= LIST_EVERY {
        list(app);
    }
}

/// Says what came of predicting the folder, and shows it.
pub(super) fn folder_done(app: &mut App, report: &FolderReport) {
    list(app);
    let text = format!("{} images predicted", report.done);
    if report.failed.is_empty() {
        app.toasts.add(Level::Success, text);
    } else {
        let first = &report.failed[0];
        let text = format!(
            "{text}, {} failed, the first is {}: {}",
            report.failed.len(),
            first.0.display(),
            first.1
        );
        app.toasts.add(Level::Warning, text);
    }
}

fn list(app: &mut App) {
    app.listed_at = Instant::now();
    film_strip::list(app);
}
