//! The image on the canvas.

use std::sync::Arc;

use atrous_engine::project::{ImageId, ImageRecord, Status};
use atrous_widgets::canvas::MapKind;

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
    let step = project.step_to(id);
    project.current = Some(id);
    let ahead = project.likely_next(step);
    let has_error = image.error.is_some();
    if has_error || fills_memory(&image, app.surface.canvas.size()) {
        take_off(app);
    }
    if !has_error {
        app.background.reopen(id);
        app.waits.image_wanted();
        load(app, image, ahead);
    }
    // After the wish: what is written for other programs is nothing to wait for.
    if let Some(left) = shown {
        app.background.write_label_file(left);
    }
}

fn load(app: &mut App, image: ImageRecord, ahead: Vec<ImageRecord>) {
    if let Some(open) = &mut app.state.project {
        open.wish = app.background.load_image(&open.project, image, ahead);
    }
}

/// Whether the image is so large that the one on the canvas has to go first. Where its size is not
/// known yet, it is taken to be as large as that one.
fn fills_memory(image: &ImageRecord, shown: Option<[u32; 2]>) -> bool {
    const PIXELS: u64 = 48_000_000;
    let known = [image.width, image.height];
    let [width, height] = if known.contains(&0) {
        shown.unwrap_or_default()
    } else {
        known
    };
    u64::from(width) * u64::from(height) > PIXELS
}

/// Takes the image off the canvas.
fn take_off(app: &mut App) {
    let document = app.state.document.take();
    let image = app.surface.canvas.clear();
    app.background.discard((document, image));
}

/// Reads the open image anew: its files have changed.
pub(super) fn reload(app: &mut App) {
    editing::abort(app);
    let Some(open) = &app.state.project else {
        return;
    };
    if let Some(image) = open.current.and_then(|id| open.image(id)).cloned() {
        let ahead = open.likely_next(1);
        load(app, image, ahead);
    }
}

/// Puts a loaded image on the canvas, if it is still wanted.
pub(super) fn loaded(
    app: &mut App,
    (id, wish): (ImageId, u64),
    result: Result<Box<Loaded>, String>,
) {
    let Some(project) = &mut app.state.project else {
        return;
    };
    if project.wish != wish {
        return;
    }
    project.granted = wish;
    if project.current != Some(id) {
        return;
    }
    // A gesture begun on the image before must not end on the one after; what it keeps counts.
    editing::abort(app);
    let Some(project) = &mut app.state.project else {
        return;
    };
    let touched = project
        .image(id)
        .is_some_and(|image| image.status.is_touched());
    let loaded = match result {
        Ok(loaded) => *loaded,
        Err(reason) => {
            project.change(id, |image| image.error = Some(reason));
            return take_off(app);
        }
    };
    app.waits.image_read();
    let shown = app.state.document.take();
    let size = loaded.image.size();
    let is_same = |document: &Document| document.id == id && document.size == size;
    let again = shown.as_ref().is_some_and(is_same);
    let scene = match &shown {
        Some(shown) if again && shown.file == loaded.file => {
            shown.scene.read_anew(loaded.image.clone())
        }
        _ => {
            app.state.asked = None;
            Scene::new(loaded.image.clone())
        }
    };
    // An image that is read anew while a person works on it keeps that work: what was read may be
    // older than the last stroke.
    let selection = shown.as_ref().filter(|_| again);
    let selection = selection.and_then(|shown| shown.selection.clone());
    let (labels, history, unwritten, before) = match shown {
        Some(shown) if again && touched => {
            (shown.labels, shown.history, shown.unwritten, shown.before)
        }
        Some(shown) if again => (loaded.labels, loaded.history, 0, shown.labels),
        other => {
            app.background.discard(other);
            let before = loaded.labels.clone();
            (loaded.labels, loaded.history, 0, before)
        }
    };
    let document = Document {
        snapped: None,
        id,
        file: loaded.file,
        size,
        scene,
        labels,
        before,
        history,
        prediction: loaded.prediction,
        confidence: loaded.confidence,
        selection,
        unwritten,
    };
    let canvas = &mut app.surface.canvas;
    let same = |image: &Arc<_>| Arc::ptr_eq(image, &loaded.image);
    if !canvas.image().is_some_and(same) {
        let former = canvas.set_image(loaded.image);
        app.background.discard(former);
    }
    app.state.document = Some(document);
    if !again {
        app.state.view.peek = None;
    }
    app.state.classes.counts.forget();
    for kind in [MapKind::Labels, MapKind::Reference, MapKind::Confidence] {
        app.surface.canvas.replaced(kind);
    }
    count_classes(app);
}

/// Has the classes of the open image counted. After that, edits say what they change.
pub(super) fn count_classes(app: &mut App) {
    if let Some(document) = &app.state.document {
        let ticket = app.background.count_classes(document.labels.clone());
        app.state.classes.counts.wait_for(ticket);
    }
}

/// Notes an image's status in what is shown.
pub(super) fn set_status(app: &mut App, id: ImageId, status: Status) {
    if let Some(project) = &mut app.state.project {
        project.change(id, |image| image.status = status);
    }
}
