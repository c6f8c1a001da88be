//! What is done with several images at once.

use atrous_engine::project::{Deletion, DeletionId, ImageId, Status};
use atrous_widgets::toasts::Level;

use super::{App, editing, film_strip, images, predicting};
use crate::background::BatchDone;
use crate::command::Command;
use crate::state::{Exclusion, Task};

/// Marks the chosen images as reviewed, or takes that back.
pub(super) fn mark_reviewed(app: &mut App, reviewed: bool) {
    editing::abort(app);
    let Some(open) = &app.state.project else {
        return;
    };
    let targets = open.targets();
    let cancel = app
        .background
        .mark_reviewed(&open.project, targets, reviewed);
    app.state.jobs.start(Task::Batch, cancel);
}

/// Predicts the chosen images that nobody touched.
pub(super) fn predict(app: &mut App) {
    let Some(open) = &app.state.project else {
        return;
    };
    let untouched = |id: &ImageId| {
        let image = open.image(*id);
        image.is_some_and(|image| !image.status.is_touched() && image.error.is_none())
    };
    let targets: Vec<ImageId> = open.targets().into_iter().filter(untouched).collect();
    if targets.is_empty() {
        let text = "You have touched all of these images: predictions leave them alone";
        return app.toasts.add(Level::Info, text);
    }
    predicting::some(app, targets);
}

/// Deletes the labels of the chosen images, so that it can be taken back.
pub(super) fn delete_labels(app: &mut App) {
    editing::abort(app);
    let Some(open) = &app.state.project else {
        return;
    };
    let targets = open.targets();
    let shown = app.state.document.as_ref().map(|document| document.id);
    if shown.is_some_and(|id| targets.contains(&id)) {
        // A stroke between now and then would be made on labels that are gone.
        app.state.document = None;
    }
    let Some(open) = &app.state.project else {
        return;
    };
    let cancel = app.background.delete_labels(&open.project, targets);
    app.state.jobs.start(Task::Batch, cancel);
}

/// Brings back the labels that were deleted last.
pub(super) fn restore_labels(app: &mut App) {
    editing::abort(app);
    let Some(open) = &app.state.project else {
        return;
    };
    let Some(deletion) = open.deletion else {
        return;
    };
    app.state.document = None;
    let cancel = app.background.restore_labels(&open.project, deletion);
    app.state.jobs.start(Task::Batch, cancel);
}

/// Leaves the chosen images out of exports, or takes them in again.
pub(super) fn exclude(app: &mut App, excluded: bool) {
    let Some(open) = &app.state.project else {
        return;
    };
    let wish = Exclusion {
        images: open.targets(),
        excluded,
    };
    let cancel = app.background.exclude(&open.project, wish, false);
    app.state.jobs.start(Task::Batch, cancel);
}

/// Takes back what was last excluded from exports, or taken in again.
pub(super) fn undo_exclusion(app: &mut App) {
    let Some(open) = &mut app.state.project else {
        return;
    };
    let Some(last) = open.exclusions.pop() else {
        return;
    };
    let contrary = Exclusion {
        excluded: !last.excluded,
        ..last
    };
    let cancel = app.background.exclude(&open.project, contrary, true);
    app.state.jobs.start(Task::Batch, cancel);
}

/// Shows what exports leave out now, and offers to take it back unless it was that.
fn excluded(app: &mut App, exclusion: Exclusion, taken_back: bool) {
    let Exclusion { images, excluded } = &exclusion;
    let (count, excluded) = (images.len(), *excluded);
    let subject = match count {
        1 => "1 image is".to_owned(),
        count => format!("{count} images are"),
    };
    let text = match (excluded, count) {
        (true, 0) => "Already excluded from export".to_owned(),
        (false, 0) => "Exports have them already".to_owned(),
        (true, _) => format!("{subject} excluded from export"),
        (false, _) => format!("{subject} included in export"),
    };
    let Some(open) = &mut app.state.project else {
        return;
    };
    for id in images {
        open.change(*id, |image| image.excluded = excluded);
    }
    if count == 0 || taken_back {
        return app.toasts.add(Level::Info, text);
    }
    open.note_exclusion(exclusion);
    app.offer(text, "Undo", Command::UndoExclusion);
}

/// Says what came of it and shows it.
pub(super) fn done(app: &mut App, result: Result<BatchDone, String>) {
    app.state.jobs.end(Task::Batch);
    match result {
        Ok(BatchDone::Marked) => {}
        Ok(BatchDone::Excluded(exclusion, taken_back)) => excluded(app, exclusion, taken_back),
        Ok(BatchDone::Deleted(deletion)) => {
            forget_labels(app, &deletion);
            deleted(app, &deletion);
        }
        Ok(BatchDone::Restored(deletion, former)) => {
            forget_labels(app, &deletion);
            restored(app, &deletion, former);
        }
        Err(reason) => app.toasts.add(Level::Error, reason),
    }
    film_strip::list(app);
    if app.state.document.is_none() {
        images::reload(app);
    }
}

/// An image that was brought to the canvas meanwhile may show labels that are others now.
fn forget_labels(app: &mut App, deletion: &Deletion) {
    let open = app.state.project.as_ref();
    let wanted = open.and_then(|open| open.current);
    let shown = app.state.document.as_ref().map(|document| document.id);
    if [wanted, shown]
        .into_iter()
        .flatten()
        .any(|id| deletion.images.contains(&id))
    {
        editing::abort(app);
        app.state.document = None;
    }
}

fn deleted(app: &mut App, deletion: &Deletion) {
    if let Some(open) = &mut app.state.project {
        for id in &deletion.images {
            open.change(*id, |image| image.status = Status::Unlabelled);
        }
        if !deletion.images.is_empty() {
            open.deletion = Some(deletion.id);
        }
    }
    let text = match deletion.images.len() {
        0 => "There were no labels to delete".to_owned(),
        1 => "Labels of 1 image deleted".to_owned(),
        count => format!("Labels of {count} images deleted"),
    };
    if deletion.images.is_empty() {
        app.toasts.add(Level::Info, text);
    } else {
        app.offer(text, "Undo", Command::RestoreLabels);
    }
    failed(app, deletion);
}

fn restored(app: &mut App, deletion: &Deletion, former: Option<DeletionId>) {
    if let Some(open) = &mut app.state.project {
        open.deletion = former;
    }
    let text = match deletion.images.len() {
        1 => "Labels of 1 image restored".to_owned(),
        count => format!("Labels of {count} images restored"),
    };
    app.toasts.add(Level::Success, text);
    failed(app, deletion);
}

fn failed(app: &mut App, deletion: &Deletion) {
    if let Some((path, reason)) = deletion.failed.first() {
        let text = format!(
            "{} images could not be changed, the first is {}: {reason}",
            deletion.failed.len(),
            path.display()
        );
        app.toasts.add(Level::Warning, text);
    }
}
