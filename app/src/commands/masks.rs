//! Changing label maps as a whole: mask operations, seen before they are applied, and the labels of
//! the image before.

use std::sync::Arc;

use atrous_engine::jobs::{Cancel, Progress};
use atrous_engine::mask::{Edit, LabelMap, Rect, Scope};
use atrous_engine::project::ImageId;
use atrous_palettes::VOID;
use atrous_widgets::toasts::Level;

use super::{App, editing};
use crate::background::{CopiedLabels, Operated, Work};
use crate::command::Command;
use crate::state::{MaskOperation, OperationForm, OperationKind, Task};

/// Opens the mask operations, or leaves them.
pub(super) fn toggle(app: &mut App) {
    if app.state.operation.is_some() {
        return leave(app);
    }
    editing::abort(app);
    let current = app.state.classes.current;
    let last = app.state.operation_form;
    let project = app.state.project.as_ref();
    // The last operation may have been on a project of more classes.
    let known = last.other == VOID
        || project.is_some_and(|project| project.palette.class(last.other).is_some());
    let form = OperationForm {
        class: last.class.map(|_| current),
        other: if known { last.other } else { 0 },
        in_selection: app.state.selection().is_some(),
        certainty: app.state.settings.snap_certainty,
        ..last
    };
    app.state.operation = Some(MaskOperation {
        form,
        ticket: 0,
        protection: app.state.classes.protection(),
        cancel: Cancel::default(),
        working: false,
        preview: None,
        wanted: false,
    });
    compute(app);
}

/// Takes over what was filled in, and has it computed.
pub(super) fn fill_in(app: &mut App, mut form: OperationForm) {
    let Some(operation) = &mut app.state.operation else {
        return;
    };
    if form.kind == OperationKind::Swap && operation.form.kind != OperationKind::Swap {
        // The class in the hand and the one before it are most likely meant.
        form.class = Some(app.state.classes.current);
        form.other = app.state.classes.previous;
    }
    operation.form = form;
    app.state.operation_form = form;
    if form.certainty != app.state.settings.snap_certainty {
        app.state.settings.snap_certainty = form.certainty;
        app.save_settings();
    }
    compute(app);
}

/// Has the operation computed behind the window. An earlier computation is stopped.
fn compute(app: &mut App) {
    let (Some(operation), Some(document)) = (&mut app.state.operation, &app.state.document) else {
        return;
    };
    operation.cancel.cancel();
    app.state.jobs.end(Task::MaskOperation);
    operation.ticket = app.background.next_ticket();
    operation.working = true;
    operation.protection = app.state.classes.protection();
    operation.form.in_selection &= document.selection.is_some();
    let form = operation.form;
    let region = document.selection.as_ref();
    let region = region.filter(|_| form.in_selection);
    let scope = Scope {
        class: form.class,
        region: region.map(|selection| selection.region.clone()),
        connectivity: app.state.settings.tools.connectivity(),
    };
    let snap = || {
        let options = Box::new(app.state.settings.snap_options());
        Work::Snap(options, document.scene.clone())
    };
    let work = form.operation().map_or_else(snap, Work::Mask);
    operation.cancel = app.background.operate(
        operation.ticket,
        document.labels.clone(),
        (work, scope),
        operation.protection.clone(),
    );
}

/// Says how far an operation is that takes long.
pub(super) fn goes_on(app: &mut App, ticket: u64, progress: Progress) {
    let operation = app.state.operation.as_ref();
    let Some(operation) = operation.filter(|it| it.ticket == ticket && it.working) else {
        return;
    };
    let jobs = &mut app.state.jobs;
    if !jobs.is_running(Task::MaskOperation) {
        jobs.start(Task::MaskOperation, operation.cancel.clone());
    }
    jobs.report(Task::MaskOperation, progress);
}

/// Has the operation computed anew once classes were locked or the selection went away meanwhile.
pub(super) fn follow(app: &mut App) {
    let Some(operation) = &app.state.operation else {
        return;
    };
    let deselected = operation.form.in_selection && app.state.selection().is_none();
    if deselected || operation.protection != app.state.classes.protection() {
        compute(app);
    }
}

/// Shows what an operation would change. What was stopped is not waited for any more.
pub(super) fn operated(app: &mut App, ticket: u64, result: Result<Option<Operated>, String>) {
    let operation = app.state.operation.as_mut();
    let Some(operation) = operation.filter(|operation| operation.ticket == ticket) else {
        return;
    };
    app.state.jobs.end(Task::MaskOperation);
    let change = match result {
        Ok(Some(change)) => change,
        Ok(None) => {
            leave(app);
            let text = format!("{} was stopped", Task::MaskOperation.name());
            return app.toasts.add(Level::Info, text);
        }
        Err(reason) => {
            leave(app);
            return app.toasts.add(Level::Error, reason);
        }
    };
    operation.working = false;
    let wanted = operation.wanted;
    let rect = |change: &Operated| {
        let edit = change.as_ref().map(|(edit, _)| edit);
        edit.map_or(Rect::EMPTY, |edit| edit.rect())
    };
    let dirty = rect(&operation.preview).union(rect(&change));
    operation.preview = change;
    editing::draw_again(app, dirty);
    if wanted {
        apply(app);
    }
}

/// Makes what is shown one edit. While it is still computed, it waits for that.
pub(super) fn apply(app: &mut App) {
    follow(app);
    let Some(operation) = &mut app.state.operation else {
        return;
    };
    if operation.working {
        operation.wanted = true;
        return;
    }
    let edit = operation.preview.take();
    let name = operation.form.kind.name();
    app.state.operation = None;
    match edit {
        Some((edit, _)) => make(app, Arc::unwrap_or_clone(edit).named(name)),
        None => app.toasts.add(Level::Info, "Nothing to change"),
    }
}

/// Makes an edit on the labels of the open image.
pub(super) fn make(app: &mut App, edit: Edit) {
    let Some(document) = &mut app.state.document else {
        return;
    };
    let dirty = edit.apply(&mut document.labels);
    app.state.tool.labels_changed();
    editing::draw_again(app, dirty);
    editing::keep(app, edit);
}

/// Leaves the mask operations; the labels are shown as they are.
pub(super) fn leave(app: &mut App) {
    let Some(operation) = app.state.operation.take() else {
        return;
    };
    operation.cancel.cancel();
    app.state.jobs.end(Task::MaskOperation);
    if let Some((edit, _)) = operation.preview {
        editing::draw_again(app, edit.rect());
    }
}

/// Takes over the labels of the image before this one in the film strip.
pub(super) fn copy_previous(app: &mut App) {
    editing::abort(app);
    let (Some(previous), Some(project), Some(document)) = (
        app.state.previous(),
        &app.state.project,
        &app.state.document,
    ) else {
        return;
    };
    app.background.copy_labels(
        &project.project,
        previous.id,
        (document.id, document.labels.clone()),
        app.state.classes.protection(),
    );
}

/// Makes the copied labels one edit, if nothing else came in between.
pub(super) fn copied(app: &mut App, id: ImageId, result: Result<CopiedLabels, String>) {
    let copied = match result {
        Ok(copied) => copied,
        Err(reason) => return app.toasts.add(Level::Error, reason),
    };
    let protected = *copied.protection == app.state.classes.protection();
    let as_asked = |labels: &LabelMap| protected && labels.shares_all_with(&copied.onto);
    let document = app.state.document.as_ref();
    if !document.is_some_and(|document| document.id == id && as_asked(&document.labels)) {
        let text = "Labels or locks changed meanwhile: nothing was copied";
        return app.toasts.add(Level::Info, text);
    }
    match copied.edit {
        Some(edit) => {
            editing::abort(app);
            make(app, edit.named(Command::CopyPrevious.text()));
        }
        None => app
            .toasts
            .add(Level::Info, "The labels are the same already"),
    }
}
