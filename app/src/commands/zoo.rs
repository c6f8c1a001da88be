//! The published models: which are here, getting them, taking one.

use std::path::{Path, PathBuf};

use atrous_engine::zoo::{Entry, Presence, Zoo};
use atrous_widgets::toasts::Level;

use super::{App, model};
use crate::background::Fetched;
use crate::state::{Dialog, ModelChoice, Task};

/// Opens the Models panel as it was left.
pub(super) fn open_panel(app: &mut App) {
    super::editing::abort(app);
    app.state.dialog = Some(Dialog::Models(app.state.zoo.form.clone()));
    look(app);
}

/// Looks what is on this machine.
fn look(app: &App) {
    if let Some(zoo) = &app.state.zoo.zoo {
        app.background.look_at_zoo(zoo.clone());
    }
}

/// Takes over what is on this machine.
pub(super) fn looked(app: &mut App, presence: Vec<(String, Presence)>) {
    app.state.zoo.presence = presence.into_iter().collect();
}

/// Downloads a model, or goes on with its download.
pub(super) fn get(app: &mut App, name: &str) {
    fetch(app, name, None);
}

/// Whether a file is the archive of a published model; then it is taken into the cache.
pub(super) fn import(app: &mut App, path: &Path) -> bool {
    let zoo = app.state.zoo.zoo.as_ref();
    let name = path.file_name().and_then(|name| name.to_str());
    let entry = zoo
        .zip(name)
        .and_then(|(zoo, name)| zoo.catalogue.find_archive(name));
    let Some(name) = entry.map(|entry| entry.name.clone()) else {
        return false;
    };
    fetch(app, &name, Some(path.to_owned()));
    true
}

fn fetch(app: &mut App, name: &str, from: Option<PathBuf>) {
    if !app.is_free(Task::Download) {
        return;
    }
    if let Some((zoo, entry)) = find(app, name) {
        app.state.zoo.failed = None;
        app.state.zoo.coming = Some(entry.name.clone());
        let cancel = app.background.fetch_model(zoo, entry, from);
        app.state.jobs.start(Task::Download, cancel);
    }
}

/// Stops the download; what has come is kept.
pub(super) fn stop(app: &App) {
    app.state.jobs.cancel(Task::Download);
}

/// Shows how a download ended.
pub(super) fn fetched(app: &mut App, name: String, fetched: Fetched) {
    app.state.jobs.end(Task::Download);
    app.state.zoo.coming = None;
    let panel = matches!(app.state.dialog, Some(Dialog::Models(_)));
    match fetched {
        Fetched::Here if panel => {}
        Fetched::Here => app.toasts.add(Level::Success, format!("{name} is here")),
        Fetched::Stopped => {
            let text = format!("{name} was stopped; what has come is kept");
            app.toasts.add(Level::Info, text);
        }
        Fetched::Failed(reason) => {
            if !panel {
                app.toasts.add(Level::Error, reason.clone());
            }
            app.state.zoo.failed = Some((name, reason));
        }
    }
}

/// Predicts with a model that is here.
pub(super) fn take(app: &mut App, name: &str) {
    if let Some((zoo, entry)) = find(app, name) {
        close_panel(app);
        let name = entry.name;
        model::take(app, ModelChoice::Published { name, zoo });
    }
}

/// Removes a model's files from this machine.
pub(super) fn remove(app: &App, name: &str) {
    if let Some((zoo, entry)) = find(app, name) {
        app.background.remove_model(zoo, entry);
    }
}

/// Keeps what the panel shows for the next time.
pub(super) fn close_panel(app: &mut App) {
    if let Some(Dialog::Models(form)) = &app.state.dialog {
        app.state.zoo.form = form.clone();
        app.state.dialog = None;
    }
}

fn find(app: &App, name: &str) -> Option<(Zoo, Entry)> {
    let zoo = app.state.zoo.zoo.clone()?;
    let entry = zoo.catalogue.find(name)?.clone();
    Some((zoo, entry))
}
