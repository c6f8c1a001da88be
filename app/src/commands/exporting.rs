//! Exports and reports.

use std::path::PathBuf;

use atrous_engine::dataset::split::Split;
use atrous_engine::dataset::{ExportReport, Only};
use atrous_widgets::toasts::Level;

use super::{App, editing, files, model};
use crate::background::{Purpose, Reported};
use crate::state::{Dialog, ExportForm, OpenProject, ResultCard, Task};

/// Asks what to export and where to.
pub(super) fn open_dialog(app: &mut App) {
    editing::abort(app);
    if let Some(open) = &app.state.project {
        app.state.dialog = Some(Dialog::Export(ExportForm {
            out: beside(open),
            only: Only::Labelled,
            train_percent: 80,
        }));
    }
}

/// A folder beside the images: inside, its files would count as images of the project.
fn beside(open: &OpenProject) -> PathBuf {
    open.folder.with_file_name(format!("{}-voc", open.name()))
}

/// Asks for the folder to export to.
pub(super) fn choose_folder(app: &App) {
    let start = match &app.state.dialog {
        Some(Dialog::Export(form)) => form.out.parent(),
        _ => None,
    };
    let choice = app.system.choose_folder("Export to", start);
    app.background
        .wait_for_choice(Purpose::ExportFolder, choice);
}

/// Fills the chosen folder in.
pub(super) fn chosen(app: &mut App, path: Option<PathBuf>) {
    if let (Some(Dialog::Export(form)), Some(path)) = (&mut app.state.dialog, path) {
        form.out = path;
    }
}

/// Exports.
pub(super) fn export(app: &mut App, form: ExportForm) {
    app.state.dialog = None;
    if let Some(open) = &app.state.project {
        let cancel = app.background.export(&open.project, form);
        app.state.jobs.start(Task::Export, cancel);
    }
}

/// Shows what was exported.
pub(super) fn exported(app: &mut App, result: Result<ExportReport, String>) {
    app.state.jobs.end(Task::Export);
    let exported = match result {
        Ok(exported) => exported,
        Err(reason) => return app.toasts.add(Level::Error, reason),
    };
    let count = |split| exported.count(split).to_string();
    let mut facts = vec![
        ("Folder".to_owned(), exported.folder.display().to_string()),
        ("For training".to_owned(), count(Split::Train)),
        ("For validation".to_owned(), count(Split::Val)),
    ];
    if exported.excluded > 0 {
        facts.push(("Excluded".to_owned(), exported.excluded.to_string()));
    }
    facts.push((
        "Check".to_owned(),
        "Read back, every label equal".to_owned(),
    ));
    app.state.dialog = Some(Dialog::Result(ResultCard {
        title: "Exported and checked".to_owned(),
        facts,
        failed: Vec::new(),
        target: exported.folder,
    }));
}

/// Has the model predict what the person corrected, scores that, and writes the report.
pub(super) fn report(app: &mut App) {
    if let Some(reason) = model::mismatch(app) {
        return app.toasts.add(Level::Warning, reason);
    }
    let run = app.state.run.as_ref().and_then(|run| run.record.clone());
    let with = app.state.predict_with();
    let Some(open) = &app.state.project else {
        return;
    };
    match app.background.report(&open.project, with, run) {
        Ok(cancel) => app.state.jobs.start(Task::Report, cancel),
        Err(error) => app.toasts.add(Level::Error, error.to_string()),
    }
}

/// Shows the report's main figures, and the page itself.
pub(super) fn reported(app: &mut App, reported: Reported) {
    let percent = |value: Option<f64>| {
        value.map_or_else(
            || "no evidence".to_owned(),
            |value| format!("{:.1} %", value * 100.0),
        )
    };
    let matrix = &reported.report.matrix;
    let kind = if reported.held_out_only {
        "held out, never learned from"
    } else {
        "corrected or reviewed"
    };
    let images = format!("{}, {kind}", reported.report.images.len());
    files::reveal(app, &reported.page);
    app.state.dialog = Some(Dialog::Result(ResultCard {
        title: "Report written".to_owned(),
        facts: vec![
            ("mIoU".to_owned(), percent(matrix.miou())),
            (
                "Pixel accuracy".to_owned(),
                percent(matrix.pixel_accuracy()),
            ),
            ("Images".to_owned(), images),
            ("Page".to_owned(), reported.page.display().to_string()),
        ],
        failed: reported
            .report
            .failed
            .into_iter()
            .map(|failure| (failure.path, failure.reason))
            .collect(),
        target: reported.page,
    }));
}
