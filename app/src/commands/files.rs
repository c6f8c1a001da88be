//! Opening and closing projects.

use std::path::{Path, PathBuf};

use atrous_widgets::toasts::Level;

use super::{App, editing, images};
use crate::background::{Opened, Purpose};
use crate::state::{Classes, Cuts, OpenProject, Queue, Selection, Strip, Task, Thumbnails};

/// Asks for a folder to open.
pub(super) fn choose(app: &App) {
    let start = app.state.settings.recent.first();
    let start = start.and_then(|folder| folder.parent());
    let choice = app.system.choose_folder("Open a folder of images", start);
    app.background.wait_for_choice(Purpose::OpenFolder, choice);
}

/// Opens a folder of images, or the folder of a dropped image.
pub(super) fn open(app: &mut App, context: &egui::Context, path: PathBuf) {
    if !app.is_free(Task::Open) {
        return;
    }
    close(app, context);
    if app.state.jobs.is_running(Task::Model) {
        app.state.waiting = Some(path);
        return;
    }
    // A new project takes the classes of the model that will label it.
    let palette = app.state.model.card.as_ref();
    let palette = palette.map(|card| card.palette.as_ref().clone());
    let cancel = app.background.open_project(path, palette);
    app.state.jobs.start(Task::Open, cancel);
}

/// Opens the folder that waited for the model, if one did.
pub(super) fn open_waiting(app: &mut App, context: &egui::Context) {
    if let Some(path) = app.state.waiting.take() {
        open(app, context, path);
    }
}

/// Shows a project that has been opened.
pub(super) fn opened(app: &mut App, context: &egui::Context, result: Result<Box<Opened>, String>) {
    app.state.jobs.end(Task::Open);
    let opened = match result {
        Ok(opened) => *opened,
        Err(reason) => return app.toasts.add(Level::Error, reason),
    };
    let project = opened.project;
    let folder = project.images_dir().to_owned();
    app.state.settings.remember(&folder);
    app.save_settings();
    let palette = project.palette();
    app.surface.canvas.set_palette(&palette.colors());
    app.state.classes = Classes::of(&palette, &app.state.settings);
    if let Err(error) = app.background.take_up(&project, opened.listed) {
        app.toasts.add(Level::Warning, error.to_string());
    }
    let mut shown = OpenProject {
        project,
        folder,
        palette: palette.into(),
        images: opened.listing.images,
        revision: opened.listing.revision,
        strip: Strip::default(),
        queue: Queue::default(),
        current: None,
        wish: 0,
        granted: 0,
        selection: Selection::default(),
        thumbnails: Thumbnails::default(),
        deletion: opened.deletion,
        exclusions: Vec::new(),
    };
    shown.arrange(app.state.settings.order);
    if let Some(wish) = app.background.survey_wish() {
        app.state.jobs.start(Task::Survey, wish);
    }
    title(context, Some(&shown.name()));
    let wanted = opened.wanted.and_then(|name| {
        let mut images = shown.images.iter();
        images
            .find(|image| image.path == name)
            .map(|image| image.id)
    });
    let first = wanted.or_else(|| shown.at(0).map(|image| image.id));
    app.state.project = Some(shown);
    match first {
        Some(id) => images::show(app, id),
        None => app
            .toasts
            .add(Level::Info, "There are no images in this folder"),
    }
}

/// Goes back to the start page. What runs for the project is stopped.
pub(super) fn close(app: &mut App, context: &egui::Context) {
    editing::abort(app);
    for task in [
        Task::PredictImage,
        Task::PredictFolder,
        Task::FineTune,
        Task::Export,
        Task::Report,
        Task::Superpixels,
        Task::AskNetwork,
        Task::Snap,
    ] {
        app.state.jobs.cancel(task);
    }
    // The worker tells when its jobs are over; what the pool tells of a closed project is not heard.
    for task in [
        Task::Export,
        Task::Survey,
        Task::Batch,
        Task::Superpixels,
        Task::Snap,
    ] {
        app.state.jobs.cancel(task);
        app.state.jobs.end(task);
    }
    app.state.cuts = Cuts::default();
    app.state.asked = None;
    app.background.let_go();
    app.surface.canvas.clear();
    app.state.document = None;
    app.state.project = None;
    app.state.run = None;
    app.state.stopped_run = None;
    app.state.dialog = None;
    title(context, None);
}

/// The window's title names the project.
fn title(context: &egui::Context, project: Option<&str>) {
    let title = project.map_or_else(|| "Atrous".to_owned(), |name| format!("{name} - Atrous"));
    context.send_viewport_cmd(egui::ViewportCommand::Title(title));
}

/// Draws the demo, if it is not there yet, and opens it.
pub(super) fn open_demo(app: &mut App) {
    if app.is_free(Task::Demo) {
        let cancel = app.background.draw_demo(app.places.demo.clone());
        app.state.jobs.start(Task::Demo, cancel);
    }
}

/// Opens the demo that has been drawn.
pub(super) fn demo_drawn(app: &mut App, context: &egui::Context, result: Result<PathBuf, String>) {
    app.state.jobs.end(Task::Demo);
    match result {
        Ok(folder) => open(app, context, folder),
        Err(reason) => app.toasts.add(Level::Error, reason),
    }
}

/// Has everything written now. It is also written as the person works.
pub(super) fn save(app: &mut App) {
    editing::keep_shown(app);
    if let Some(document) = &app.state.document {
        app.background.write_label_file(document.id);
    }
    app.toasts.add(Level::Success, "Saved");
}

/// Shows a file or folder with the system's own application.
pub(super) fn reveal(app: &mut App, path: &Path) {
    if let Err(error) = app.system.reveal(path) {
        app.toasts.add(
            Level::Warning,
            format!("{} could not be shown: {error}", path.display()),
        );
    }
}
