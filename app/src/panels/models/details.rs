//! One published model: its figures, its terms, and what can be done with it.

use atrous_engine::jobs::Progress;
use atrous_engine::zoo::{Entry, Evaluation, Presence, Zoo};
use atrous_widgets::icons::Icon;
use atrous_widgets::{buttons, progress_chip, theme};
use egui::{Grid, ProgressBar, ScrollArea, Ui};

use crate::action::{Action, Actions};
use crate::state::{ModelChoice, State, Task};

/// Height of what stands below the facts, in points.
const BELOW: f32 = 132.0;

pub(super) fn show(ui: &mut Ui, state: &State, entry: &Entry, actions: &mut Actions) {
    ui.add(egui::Label::new(theme::strong(&entry.name)).wrap());
    ui.add_space(4.0);
    let height = (ui.available_height() - BELOW).max(80.0);
    ScrollArea::vertical()
        .id_salt("facts")
        .max_height(height)
        .min_scrolled_height(height)
        .auto_shrink([false, false])
        .show(ui, |ui| facts(ui, state, entry));
    ui.separator();
    if state.zoo.coming.as_ref() == Some(&entry.name) {
        coming(ui, state, actions);
    } else {
        doing(ui, state, entry, actions);
        failure(ui, state, entry);
    }
}

fn facts(ui: &mut Ui, state: &State, entry: &Entry) {
    Grid::new("facts")
        .num_columns(2)
        .spacing([12.0, 4.0])
        .show(ui, |ui| {
            let mut fact = |name: &str, value: String| {
                ui.weak(name);
                ui.add(egui::Label::new(value).wrap());
                ui.end_row();
            };
            fact("Trained on", entry.trained_on.join(", "));
            fact("Backbone", entry.backbone());
            fact("Head", entry.head());
            for evaluation in &entry.evaluations {
                fact("Score", score(evaluation));
            }
            if let Some(billions) = entry
                .evaluations
                .first()
                .and_then(|it| it.multiply_adds_billions)
            {
                fact("Multiply-adds", format!("{billions} billion"));
            }
            let size = entry.megabytes;
            fact(
                "Download",
                size.map_or("size unknown".to_owned(), |size| format!("{size} MB")),
            );
            if entry.is_backbone_only() {
                fact(
                    "Use",
                    "A start for training: it knows no classes".to_owned(),
                );
            }
            if let Some(zoo) = &state.zoo.zoo {
                terms(zoo, entry, &mut fact);
            }
            if !entry.note.is_empty() {
                fact("Note", entry.note.clone());
            }
        });
}

fn terms(zoo: &Zoo, entry: &Entry, fact: &mut impl FnMut(&str, String)) {
    fact("Licence", zoo.catalogue.licence.clone());
    if let Some(set) = zoo.catalogue.data_set(entry) {
        fact("Its images", format!("{}: {}", set.title, set.terms));
    }
}

/// "75.3 mIoU on val, stride 16".
fn score(evaluation: &Evaluation) -> String {
    let miou = evaluation
        .miou
        .map_or("unknown".to_owned(), |miou| format!("{miou} mIoU"));
    let split = evaluation.split.as_deref().unwrap_or("unknown images");
    let scales = match evaluation.scales.len() {
        0 | 1 => String::new(),
        scales => format!(", {scales} scales"),
    };
    let flip = if evaluation.flip { " and mirrored" } else { "" };
    format!(
        "{miou} on {split}, stride {}{scales}{flip}",
        evaluation.output_stride
    )
}

/// A download under way.
fn coming(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let progress = state.jobs.progress(Task::Download);
    let fraction = state.jobs.fraction(Task::Download);
    let (figures, note) =
        progress.map_or_else(Default::default, |it| (figures(it), it.note.clone()));
    ui.add(ProgressBar::new(fraction).desired_height(6.0));
    ui.horizontal(|ui| {
        ui.label(sentence(&note));
        ui.weak(figures);
    });
    ui.add_space(4.0);
    let stopping = state.jobs.is_stopping(Task::Download);
    ui.add_enabled_ui(!stopping, |ui| {
        if buttons::labeled(ui, Icon::Stop, "Stop download").clicked() {
            actions.send(Action::StopDownload);
        }
    });
}

/// "9.3 of 23.0 MB, 5.1 MB/s, 3 s left".
fn figures(progress: &Progress) -> String {
    let chip = progress_chip::Progress {
        label: "",
        done: progress.done,
        total: progress.total,
        rate: Some(progress.rate).filter(|rate| *rate > 0.0),
        eta: progress.eta,
        stopping: false,
        bytes: true,
    };
    chip.figures()
}

/// A note as a sentence begins.
fn sentence(note: &str) -> String {
    let mut letters = note.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// What can be done with a model that is not on its way.
fn doing(ui: &mut Ui, state: &State, entry: &Entry, actions: &mut Actions) {
    let name = || entry.name.clone();
    let free = !state.jobs.is_running(Task::Download);
    ui.horizontal(|ui| match state.zoo.presence_of(&entry.name) {
        Presence::Here { bytes } => {
            let used = matches!(&state.model.choice, ModelChoice::Published { name, .. } if *name == entry.name);
            let usable = !entry.is_backbone_only() && !state.jobs.is_running(Task::Model);
            ui.add_enabled_ui(usable && !used, |ui| {
                if buttons::primary(ui, Icon::Check, "Use this model").clicked() {
                    actions.send(Action::UseModel(name()));
                }
            });
            ui.add_enabled_ui(!used, |ui| {
                if ui.button("Remove").clicked() {
                    actions.send(Action::RemoveModel(name()));
                }
            });
            ui.weak(format!("{:.0} MB here", bytes as f64 / 1e6));
        }
        Presence::Begun { bytes } => {
            ui.add_enabled_ui(free, |ui| {
                if buttons::primary(ui, Icon::Import, "Go on downloading").clicked() {
                    actions.send(Action::GetModel(name()));
                }
            });
            ui.weak(format!("{:.1} MB have come", bytes as f64 / 1e6));
        }
        Presence::Absent => {
            ui.add_enabled_ui(free, |ui| {
                if buttons::primary(ui, Icon::Import, "Download").clicked() {
                    actions.send(Action::GetModel(name()));
                }
            });
        }
    });
}

/// Why the last download failed, and the way around it.
fn failure(ui: &mut Ui, state: &State, entry: &Entry) {
    let Some((name, reason)) = &state.zoo.failed else {
        return;
    };
    if *name != entry.name {
        return;
    }
    let tokens = theme::tokens(ui.ctx());
    ui.add_space(4.0);
    ScrollArea::vertical().id_salt("failure").show(ui, |ui| {
        ui.colored_label(tokens.color.warning, reason);
    });
}
