//! The image on the canvas.

use atrous_engine::project::{ImageId, Status};
use atrous_widgets::toasts::Level;

use super::{App, editing};
use crate::background::Loaded;
use crate::state::Document;
use crate::tools::Scene;

/// Brings an image to the canvas. What is on it stays until the next one is read.
pub(super) fn show(app: &mut App, id: ImageId) {
    editing::abort(app);
    let Some(project) = &mut app.state.project else {
        return;
    };
    let Some(image) = project.image(id).cloned() else {
        return;
    };
    let shown = app.state.document.as_ref().map(|document| document.id);
    if project.current == Some(id) && shown == Some(id) {
        return;
    }
    project.current = Some(id);
    if let Some(left) = shown {
        app.background.write_label_file(left);
    }
    if image.error.is_some() {
        app.state.document = None;
        app.surface.canvas.clear();
    } else {
        app.background.reopen(id);
        app.waits.image_wanted();
        app.background.load_image(&project.project, image);
    }
}

/// Reads the open image anew: its files have changed.
pub(super) fn reload(app: &mut App) {
    editing::abort(app);
    let Some(open) = &app.state.project else {
        return;
    };
    if let Some(image) = open.current.and_then(|id| open.image(id)).cloned() {
        app.background.load_image(&open.project, image);
    }
}

/// Puts a loaded image on the canvas, if it is still wanted.
pub(super) fn loaded(app: &mut App, id: ImageId, result: Result<Box<Loaded>, String>) {
    let Some(project) = &mut app.state.project else {
        return;
    };
    if project.current != Some(id) {
        return;
    }
    let loaded = match result {
        Ok(loaded) => *loaded,
        Err(reason) => {
            project
                .images
                .change(id, |image| image.error = Some(reason));
            app.state.document = None;
            return app.surface.canvas.clear();
        }
    };
    app.waits.image_read();
    let touched = project
        .image(id)
        .is_some_and(|image| image.status.is_touched());
    editing::abort(app);
    let shown = app.state.document.take();
    let shown = shown.filter(|document| document.id == id);
    let former = shown.as_ref().and_then(|shown| {
        let same = shown.prediction == loaded.prediction;
        let former = if same {
            &shown.former
        } else {
            &shown.prediction
        };
        former.clone()
    });
    let scene = match &shown {
        Some(shown) => shown.scene.read_anew(loaded.image.clone()),
        None => Scene::new(loaded.image.clone()),
    };
    // An image that is read anew while a person works on it keeps that work: what was read may be
    // older than the last stroke.
    let (labels, history, unwritten) = match shown {
        Some(shown) if touched => (shown.labels, shown.history, shown.unwritten),
        _ => (loaded.labels, loaded.history, 0),
    };
    let document = Document {
        snapped: None,
        id,
        size: loaded.image.size(),
        scene,
        labels,
        history,
        prediction: loaded.prediction,
        former,
        confidence: loaded.confidence,
        unwritten,
    };
    app.surface.canvas.set_image(loaded.image);
    let labels = document.labels.clone();
    let confidence = document.confidence.clone();
    app.state.document = Some(document);
    app.state.view.comparing = false;
    app.state.classes.pixels = None;
    put_labels(app, labels.to_vec());
    put_confidence(app, confidence.as_deref().cloned());
    app.background.count_classes(id, labels);
}

/// Gives the canvas a whole label map.
pub(super) fn put_labels(app: &mut App, labels: Vec<u8>) {
    if let Err(error) = app.surface.canvas.set_labels(labels) {
        app.toasts.add(Level::Error, error.to_string());
    }
}

/// Gives the canvas a confidence map, or takes it away.
pub(super) fn put_confidence(app: &mut App, confidence: Option<Vec<u8>>) {
    if let Err(error) = app.surface.canvas.set_confidence(confidence) {
        app.toasts.add(Level::Error, error.to_string());
    }
}

/// Notes how many pixels each class has in the open image.
pub(super) fn counted(app: &mut App, id: ImageId, pixels: Box<[u64; 256]>) {
    if app
        .state
        .document
        .as_ref()
        .is_some_and(|open| open.id == id)
    {
        app.state.classes.pixels = Some(pixels);
    }
}

/// Notes an image's status in what is shown.
pub(super) fn set_status(app: &mut App, id: ImageId, status: Status) {
    if let Some(project) = &mut app.state.project {
        project.images.change(id, |image| image.status = status);
    }
}
