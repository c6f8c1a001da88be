//! Moving the borders of the labels to the edges of the image.

use atrous_engine::project::ImageId;
use atrous_widgets::toasts::Level;

use super::{App, editing};
use crate::background::Snapped;
use crate::command::Command;
use crate::state::Task;

/// Has the borders of the open image's labels moved, behind the window.
pub(super) fn start(app: &mut App) {
    editing::abort(app);
    let protection = app.state.classes.protection();
    let Some(document) = &app.state.document else {
        return;
    };
    let image = (document.id, document.scene.clone());
    let labels = document.labels.clone();
    let options = app.state.settings.snap_options();
    let cancel = app
        .background
        .snap_to_edges(image, (labels, protection), options);
    app.state.jobs.start(Task::Snap, cancel);
}

/// Takes over where the borders should lie, or says why they stay.
pub(super) fn arrived(app: &mut App, id: ImageId, result: Result<Option<Box<Snapped>>, String>) {
    app.state.jobs.end(Task::Snap);
    match result {
        Ok(Some(snapped)) => {
            let open = app.state.document.as_mut();
            match open.filter(|document| document.id == id) {
                Some(document) => document.snapped = Some(snapped),
                None => {
                    let text = "The labels stay as they are: another image was opened meanwhile";
                    app.toasts.add(Level::Info, text);
                }
            }
        }
        Ok(None) => {
            let text = format!("{} was stopped", Task::Snap.name());
            app.toasts.add(Level::Info, text);
        }
        Err(reason) => app.toasts.add(Level::Error, reason),
    }
}

/// Makes the edit that arrived, once the hand rests: a gesture goes before.
pub(super) fn land(app: &mut App) {
    if app.state.tool.is_busy() || app.state.operation.is_some() {
        return;
    }
    let Some(document) = &mut app.state.document else {
        return;
    };
    let Some(snapped) = document.snapped.take() else {
        return;
    };
    let protection = app.state.classes.protection();
    if document.labels != snapped.before || protection != snapped.protection {
        let (id, now) = (document.id, document.labels.clone());
        app.background.carry_over(id, snapped, now, protection);
        return;
    }
    let Some(edit) = snapped.edit else {
        let text = "The borders lie on the edges already";
        app.toasts.add(Level::Info, text);
        return;
    };
    let dirty = edit.apply(&mut document.labels);
    app.state.tool.labels_changed();
    editing::draw_again(app, dirty);
    editing::keep(app, edit.named(Command::SnapToEdges.text()));
}
