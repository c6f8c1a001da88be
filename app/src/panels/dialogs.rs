//! The dialogs. Each works on a copy of its form and sends it back as it is filled in.

use atrous_engine::dataset::Only;
use atrous_engine::finetune::Layers;
use atrous_widgets::theme;
use egui::{Context, DragValue, Grid, Id, Modal, ScrollArea, Ui};

use crate::action::{Action, Actions};
use crate::command::{Command, Group, keys_text};
use crate::state::{Dialog, ExportForm, OpenProject, ResultCard, State, TrainForm};

pub(super) fn show(context: &Context, state: &State, actions: &mut Actions) {
    let Some(dialog) = &state.dialog else { return };
    let frame = egui::Frame::popup(&context.global_style()).inner_margin(16);
    let modal = Modal::new(Id::unique("dialog")).frame(frame);
    let response = modal.show(context, |ui| match dialog {
        Dialog::Export(form) => export(ui, form, actions),
        Dialog::FineTune(form) => fine_tune(ui, state, *form, actions),
        Dialog::Models(form) => super::models::show(ui, state, form, actions),
        Dialog::Result(card) => result(ui, card, actions),
        Dialog::Shortcuts => shortcuts(ui, actions),
    });
    if response.backdrop_response.clicked() {
        actions.send(Action::CloseDialog);
    }
}

fn title(ui: &mut Ui, text: &str) {
    ui.heading(text);
    ui.add_space(8.0);
}

/// The buttons at the end: the one that acts, and the one that leaves. True when to act.
fn ending(ui: &mut Ui, act: &str, enabled: bool, actions: &mut Actions) -> bool {
    ui.add_space(12.0);
    ui.horizontal(|ui| {
        let tokens = theme::tokens(ui.ctx());
        let text = egui::RichText::new(act).color(tokens.color.text_on_accent);
        let button = egui::Button::new(text).fill(tokens.color.accent);
        let acted = ui.add_enabled(enabled, button).clicked();
        if ui.button("Cancel").clicked() {
            actions.send(Action::CloseDialog);
        }
        acted
    })
    .inner
}

fn export(ui: &mut Ui, form: &ExportForm, actions: &mut Actions) {
    ui.set_width(460.0);
    title(ui, "Export as PASCAL VOC");
    ui.weak("Images, indexed label PNGs, raw class indices and the lists train.txt and val.txt.");
    ui.add_space(8.0);
    let mut edited = form.clone();
    Grid::new("export").num_columns(2).show(ui, |ui| {
        ui.label("Folder");
        ui.horizontal(|ui| {
            let path = form.out.display().to_string();
            ui.add(egui::Label::new(path).truncate());
            if ui.button("Change...").clicked() {
                actions.send(Action::ChooseExportFolder);
            }
        });
        ui.end_row();
        ui.label("Images");
        ui.horizontal(|ui| {
            for (only, text, tooltip) in ONLY {
                ui.selectable_value(&mut edited.only, only, text)
                    .on_hover_text(tooltip);
            }
        });
        ui.end_row();
        let label = ui.label("For training");
        ui.add(
            DragValue::new(&mut edited.train_percent)
                .range(0..=100)
                .suffix(" %"),
        )
        .labelled_by(label.id);
        ui.end_row();
    });
    if edited != *form {
        actions.send(Action::Edit(Dialog::Export(edited.clone())));
    }
    if ending(ui, "Export", true, actions) {
        actions.send(Action::Export(edited));
    }
}

/// The choices of what is exported.
const ONLY: [(Only, &str, &str); 3] = [
    (Only::Labelled, "All labelled", "Predictions too"),
    (
        Only::Corrected,
        "Corrected",
        "What a person corrected or reviewed",
    ),
    (Only::Reviewed, "Reviewed", "What a person says is right"),
];

/// The choices of what learns.
const LAYERS: [(Layers, &str, &str); 3] = [
    (
        Layers::Head,
        "Head",
        "Only the last layers learn: quick, for a handful of images",
    ),
    (
        Layers::Decoder,
        "Decoder",
        "Head and decoder learn: sharper borders",
    ),
    (
        Layers::All,
        "All layers",
        "The whole network learns: slowest, and it adapts most",
    ),
];

fn fine_tune(ui: &mut Ui, state: &State, form: TrainForm, actions: &mut Actions) {
    ui.set_width(460.0);
    title(ui, "Fine-tune");
    let touched = state.project.as_ref().map_or(0, OpenProject::touched);
    ui.weak(format!(
        "The model learns from the images that you corrected or reviewed, {touched} so far. Some \
         of them are held out for the score and never learned from. Afterwards the images you \
         have not touched are predicted again."
    ));
    ui.add_space(8.0);
    let mut edited = form;
    Grid::new("fine-tune").num_columns(2).show(ui, |ui| {
        ui.label("Layers");
        ui.horizontal(|ui| {
            for (layers, text, tooltip) in LAYERS {
                ui.selectable_value(&mut edited.layers, layers, text)
                    .on_hover_text(tooltip);
            }
        });
        ui.end_row();
        number(ui, "Steps", &mut edited.steps, 1..=100_000);
        number(ui, "Images a step", &mut edited.batch, 1..=64);
        number(ui, "Crop side in pixels", &mut edited.crop, 33..=1025);
    });
    if edited != form {
        actions.send(Action::Edit(Dialog::FineTune(edited)));
    }
    let enough = touched >= 2;
    if !enough {
        ui.add_space(8.0);
        let tokens = theme::tokens(ui.ctx());
        ui.colored_label(
            tokens.color.warning,
            "Correct or review at least two images first: one to learn from, one to score with.",
        );
    }
    if ending(ui, "Start", enough, actions) {
        actions.send(Action::FineTune(edited));
    }
}

fn number(ui: &mut Ui, name: &str, value: &mut u32, range: std::ops::RangeInclusive<u32>) {
    let label = ui.label(name);
    ui.add(DragValue::new(value).range(range))
        .labelled_by(label.id);
    ui.end_row();
}

fn result(ui: &mut Ui, card: &ResultCard, actions: &mut Actions) {
    ui.set_width(460.0);
    title(ui, &card.title);
    Grid::new("result").num_columns(2).show(ui, |ui| {
        for (name, value) in &card.facts {
            ui.weak(name);
            ui.label(value);
            ui.end_row();
        }
    });
    if !card.failed.is_empty() {
        ui.add_space(8.0);
        let tokens = theme::tokens(ui.ctx());
        ui.colored_label(
            tokens.color.warning,
            format!("{} files were left out", card.failed.len()),
        );
        ScrollArea::vertical().max_height(120.0).show(ui, |ui| {
            for (path, reason) in &card.failed {
                ui.label(format!("{}: {reason}", path.display()));
            }
        });
    }
    ui.add_space(12.0);
    ui.horizontal(|ui| {
        if ui.button("Open").clicked() {
            actions.send(Action::Reveal(card.target.clone()));
        }
        if ui.button("Close").clicked() {
            actions.send(Action::CloseDialog);
        }
    });
}

fn shortcuts(ui: &mut Ui, actions: &mut Actions) {
    title(ui, "Keyboard shortcuts");
    ScrollArea::vertical()
        .max_height(ui.ctx().content_rect().height() * 0.7)
        .show(ui, |ui| {
            ui.horizontal_top(|ui| {
                let columns: [&[Group]; 3] = [
                    &[Group::File, Group::Image, Group::Help],
                    &[Group::Edit, Group::Tool],
                    &[Group::View, Group::Model],
                ];
                for groups in columns {
                    ui.vertical(|ui| {
                        ui.set_width(230.0);
                        for group in groups {
                            shortcut_group(ui, *group);
                        }
                    });
                }
            });
        });
    ui.weak("1 to 9 and 0 take the first ten classes, with Shift the next ten. Hold C to see the prediction, Space to move the view.");
    ui.add_space(8.0);
    if ui.button("Close").clicked() {
        actions.send(Action::CloseDialog);
    }
}

fn shortcut_group(ui: &mut Ui, group: Group) {
    ui.label(theme::strong(group.title()));
    Grid::new(group.title())
        .num_columns(2)
        .min_col_width(100.0)
        .show(ui, |ui| {
            for command in group.commands().filter(|command| has_keys(*command)) {
                ui.label(command.text().trim_end_matches('.'));
                let keys: Vec<String> = command
                    .shortcuts()
                    .iter()
                    .map(|shortcut| keys_text(ui.ctx(), shortcut))
                    .collect();
                ui.weak(keys.join(", "));
                ui.end_row();
            }
        });
    ui.add_space(8.0);
}

fn has_keys(command: Command) -> bool {
    !command.shortcuts().is_empty()
}
