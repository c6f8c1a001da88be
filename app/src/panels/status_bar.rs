//! The bar at the bottom: where the pointer is, what is saved, what the hand can do, what runs.

use std::borrow::Cow;
use std::time::Duration;

use atrous_widgets::icons::Icon;
use atrous_widgets::{progress_chip, status_bar};
use egui::{Align, Label, Layout, RichText, Ui};

use super::inspector::class_name;
use super::mask_operations;
use crate::action::Actions;
use crate::command::Command;
use crate::state::{Document, Running, State, Task};
use crate::tools::ToolKind;

pub(super) fn show(ui: &mut Ui, state: &State, actions: &mut Actions) {
    ui.horizontal_centered(|ui| {
        if let Some(document) = &state.document {
            facts(ui, state, document);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let device = state.device.as_deref().unwrap_or("Opening the device");
            status_bar::item(ui, None, "Compute device", device);
            if let Some(running) = state.jobs.shown() {
                status_bar::separator(ui);
                job(ui, running, actions);
            }
            if state.document.is_some() {
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    status_bar::separator(ui);
                    ui.add(Label::new(RichText::new(hint(state)).weak()).truncate());
                });
            }
        });
    });
}

fn facts(ui: &mut Ui, state: &State, document: &Document) {
    let zoom = format!("{:.0} %", state.view.zoom * 100.0);
    status_bar::item(ui, None, "Zoom", &zoom);
    let [width, height] = document.size;
    status_bar::item(ui, None, "Image size", &format!("{width} x {height}"));
    status_bar::separator(ui);
    let (place, class) = match (state.view.pixel, &state.project) {
        (Some([x, y]), Some(project)) => (
            format!("{x}, {y}"),
            document
                .labels
                .get(x, y)
                .map(|value| class_name(&project.palette, value))
                .unwrap_or_default(),
        ),
        _ => ("-".to_owned(), "-".to_owned()),
    };
    status_bar::item(ui, None, "Pixel under the pointer", &place);
    status_bar::item(ui, None, "Class under the pointer", &class);
    status_bar::separator(ui);
    let brush = format!("{} px", state.settings.brush);
    status_bar::item(ui, Some(Icon::Brush), "Brush size", &brush);
    let saved = if document.unwritten == 0 {
        "Saved"
    } else {
        "Saving"
    };
    status_bar::item(ui, Some(Icon::Check), "Saved state", saved);
}

/// What the hand can do now, or what it has to wait for.
fn hint(state: &State) -> Cow<'static, str> {
    let computing = state.jobs.is_running(Task::Superpixels);
    if let Some(operation) = &state.operation {
        let result = mask_operations::result(operation);
        return format!("{result}; Enter applies it, Esc leaves").into();
    }
    if computing && state.tool.kind() == ToolKind::Superpixels {
        return "Computing superpixels...".into();
    }
    state.tool.hint()
}

fn job(ui: &mut Ui, running: &Running, actions: &mut Actions) {
    let progress = running.progress.as_ref();
    let shown = progress_chip::Progress {
        label: running.task.name(),
        done: progress.map_or(0, |progress| progress.done),
        total: progress.map_or(0, |progress| progress.total),
        rate: progress
            .map(|progress| progress.rate)
            .filter(|rate| *rate > 0.0),
        eta: progress.and_then(|progress| progress.eta.map(whole_seconds)),
        stopping: running.cancel.is_cancelled(),
        bytes: running.task == Task::Download,
    };
    if progress_chip::show(ui, &shown) {
        actions.run(Command::Stop);
    }
}

/// Parts of a second only flicker.
fn whole_seconds(time: Duration) -> Duration {
    Duration::from_secs(time.as_secs())
}
