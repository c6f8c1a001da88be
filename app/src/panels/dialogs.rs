//! The dialogs. Each works on a copy of its form and sends it back as it is filled in.

use atrous_engine::dataset::Only;
use atrous_engine::finetune::{Layers, StoppedRun};
use atrous_widgets::theme;
use egui::{Context, DragValue, Grid, Id, Modal, ScrollArea, Ui};

use crate::action::{Action, Actions};
use crate::state::{Dialog, ExportForm, OpenProject, ResultCard, State, TrainForm};

pub(super) fn show(context: &Context, state: &State, actions: &mut Actions) {
    let Some(dialog) = &state.dialog else { return };
    let frame = egui::Frame::popup(&context.global_style()).inner_margin(16);
    let modal = Modal::new(Id::unique("dialog")).frame(frame);
    let response = modal.show(context, |ui| match dialog {
        Dialog::Export(form) => export(ui, state, form, actions),
        Dialog::FineTune(form) => fine_tune(ui, state, *form, actions),
        Dialog::Models(form) => super::models::show(ui, state, form, actions),
        Dialog::Result(card) => result(ui, card, actions),
        Dialog::Shortcuts => super::shortcuts::show(ui, actions),
        Dialog::Keys(form) => super::keys::show(ui, state, form, actions),
    });
    if response.backdrop_response.clicked() {
        actions.send(Action::CloseDialog);
    }
}

pub(super) fn title(ui: &mut Ui, text: &str) {
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

fn export(ui: &mut Ui, state: &State, form: &ExportForm, actions: &mut Actions) {
    ui.set_width(460.0);
    title(ui, "Export as PASCAL VOC");
    ui.weak("Images, indexed label PNGs, raw class indices and the lists train.txt and val.txt.");
    ui.add_space(8.0);
    let mut edited = form.clone();
    let project = state.project.as_ref();
    let counts = project.map_or([0, 0], |project| project.images.exported(form.only));
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
        ui.label("");
        export_counts(ui, counts, actions);
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
    if ending(ui, "Export", counts[0] > 0, actions) {
        actions.send(Action::Export(edited));
    }
}

/// How many images there are to export, and how many a person excluded.
fn export_counts(ui: &mut Ui, [exported, excluded]: [usize; 2], actions: &mut Actions) {
    ui.horizontal(|ui| {
        let images = if exported == 1 { "image" } else { "images" };
        if excluded == 0 {
            ui.weak(format!("{exported} {images}"));
            return;
        }
        ui.weak(format!("{exported} {images}, {excluded} excluded"));
        let show = ui.link("Show them");
        if show
            .on_hover_text("The film strip shows what exports leave out")
            .clicked()
        {
            actions.send(Action::CloseDialog);
            actions.send(Action::Filter("export:no".to_owned()));
        }
    });
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
    if let Some(stopped) = state.stopped_run.as_deref().filter(|_| enough) {
        stopped_run(ui, &stopped.run, edited, actions);
    }
    if ending(ui, "Start", enough, actions) {
        actions.send(Action::FineTune(edited));
    }
}

/// Offers to go on with a run that was stopped.
fn stopped_run(ui: &mut Ui, run: &StoppedRun, form: TrainForm, actions: &mut Actions) {
    ui.add_space(8.0);
    ui.horizontal_wrapped(|ui| {
        let StoppedRun { step, options } = run;
        if form.goes_on_with(run) {
            ui.label(format!(
                "A run with these settings was stopped at step {step}."
            ));
            if ui.button(format!("Go on from step {step}")).clicked() {
                actions.send(Action::GoOnTraining(form));
            }
        } else {
            ui.label(format!(
                "A run was stopped at step {step} of {}.",
                options.steps
            ));
            if ui.button("Use its settings").clicked() {
                let form = TrainForm::of_run(run);
                actions.send(Action::Edit(Dialog::FineTune(form)));
            }
        }
    });
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
