//! Fills and relabelling where they take longer than a frame: computed behind the window, one after
//! the other, and made once the hand rests. Labels that changed meanwhile are computed with anew.

use atrous_engine::project::ImageId;
use atrous_widgets::toasts::Level;

use super::{App, masks};
use crate::background::Relabelled;
use crate::state::{AskedRelabelling, Task};
use crate::tools::Relabelling;

/// Said once a person stopped it.
pub(super) const STOPPED: &str = "Relabelling was stopped";

/// Has something relabelled in the open image.
pub(super) fn ask(app: &mut App, relabelling: Relabelling) {
    let Some(image) = app.state.document.as_ref().map(|document| document.id) else {
        return;
    };
    let asked = AskedRelabelling {
        image,
        name: relabelling.name().unwrap_or(app.state.tool_name()),
        relabelling,
    };
    app.state.relabellings.queue.push_back(asked);
    if app.state.relabellings.queue.len() == 1 {
        compute(app);
    }
}

/// Has the first of what is to be done computed for the labels as they are now.
fn compute(app: &mut App) {
    let (Some(document), Some(asked)) = (&app.state.document, app.state.relabellings.queue.front())
    else {
        return;
    };
    let ticket = app.background.next_ticket();
    let cancel = app.background.relabel(
        ticket,
        asked.relabelling.clone(),
        document.labels.clone(),
        app.state.classes.protection(),
    );
    app.state.jobs.start(Task::Relabel, cancel.clone());
    app.state.relabellings.running = Some((ticket, cancel));
}

/// Keeps what was computed until the hand rests, or says why there is nothing.
pub(super) fn arrived(app: &mut App, ticket: u64, answer: Result<Option<Relabelled>, String>) {
    let relabellings = &mut app.state.relabellings;
    if relabellings.running.as_ref().map(|running| running.0) != Some(ticket) {
        return;
    }
    relabellings.running = None;
    app.state.jobs.end(Task::Relabel);
    match answer {
        Ok(Some(relabelled)) => {
            relabellings.computed = Some(Box::new(relabelled));
            land(app);
        }
        Ok(None) => {
            stop(app);
            app.toasts.add(Level::Info, STOPPED);
        }
        Err(reason) => {
            stop(app);
            app.toasts.add(Level::Error, reason);
        }
    }
}

/// Makes what was computed one edit, once the hand rests. At each frame.
pub(super) fn land(app: &mut App) {
    leave_other_images(app);
    if app.state.tool.is_busy() || app.state.operation.is_some() {
        return;
    }
    let Some(relabelled) = app.state.relabellings.computed.take() else {
        return;
    };
    let Some(document) = &app.state.document else {
        return;
    };
    let protected = *relabelled.protection == app.state.classes.protection();
    if !protected || !document.labels.shares_all_with(&relabelled.onto) {
        return again(app);
    }
    let asked = app.state.relabellings.queue.pop_front();
    if let (Some(asked), Some(edit)) = (asked, relabelled.edit) {
        masks::make(app, edit.named(asked.name));
    }
    compute(app);
}

/// The labels are others than those that were computed with.
fn again(app: &mut App) {
    let document = app.state.document.as_ref();
    let asked = app.state.relabellings.queue.front();
    let same = |(document, asked): (&crate::state::Document, &AskedRelabelling)| {
        asked.relabelling.means_the_same(&document.labels)
    };
    if !document.zip(asked).is_some_and(same) {
        app.state.relabellings.queue.pop_front();
        let text = "What was to be relabelled is another class by now: it stays as it is";
        app.toasts.add(Level::Info, text);
    }
    compute(app);
}

/// What was asked for in an image that is no longer open is not done.
fn leave_other_images(app: &mut App) {
    let open: Option<ImageId> = app.state.document.as_ref().map(|document| document.id);
    let asked = app.state.relabellings.queue.front();
    if asked.is_some_and(|asked| Some(asked.image) != open) {
        stop(app);
        let text = "Another image was opened: nothing was relabelled in the one before";
        app.toasts.add(Level::Info, text);
    }
}

/// Gives up what is still to be done; whether there was something.
pub(super) fn stop(app: &mut App) -> bool {
    let relabellings = std::mem::take(&mut app.state.relabellings);
    if let Some((_, cancel)) = &relabellings.running {
        cancel.cancel();
        app.state.jobs.end(Task::Relabel);
    }
    relabellings.is_busy()
}
