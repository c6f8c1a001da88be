//! The model: what it is, how training goes, what it brought.

use atrous_engine::finetune::{Record, Score};
use atrous_widgets::buttons;
use atrous_widgets::curve_plot::{self, Curve, CurveKind};
use atrous_widgets::icons::Icon;
use egui::{Grid, Ui};

use crate::action::Actions;
use crate::command::Command;
use crate::state::{ModelCard, Run, State, Task};

/// Height of a curve in points.
const PLOT: f32 = 60.0;

pub(super) fn show(ui: &mut Ui, state: &State, actions: &mut Actions) {
    super::heading(ui, "Model");
    match &state.model.card {
        Some(card) => about(ui, card),
        None if state.jobs.is_running(Task::Model) => {
            ui.weak("Reading the model");
        }
        None => {
            ui.weak("No model");
        }
    }
    ui.add_space(4.0);
    refine(ui, state, actions);
    ui.horizontal_wrapped(|ui| buttons(ui, state, actions));
    if let Some(run) = &state.run {
        show_run(ui, run);
    }
    ui.add_space(4.0);
}

fn about(ui: &mut Ui, card: &ModelCard) {
    let details = format!(
        "{}\nClasses: {}\nSource: {}\nLicence: {}",
        card.network, card.palette.name, card.source, card.licence
    );
    ui.add(egui::Label::new(&card.name).truncate())
        .on_hover_text(details);
    ui.add(egui::Label::new(egui::RichText::new(&card.network).weak()).truncate());
}

/// How predictions are made.
fn refine(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let command = Command::ToggleCrf;
    let mut on = state.settings.crf;
    let switch = ui.checkbox(&mut on, command.text());
    if switch.on_hover_text(command.tooltip()).clicked() {
        actions.run(command);
    }
}

fn buttons(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let choose = Command::Models;
    let allowed = state.allows(choose);
    let button = egui::Button::new(choose.text()).min_size(egui::vec2(0.0, 28.0));
    let button = ui.add_enabled(allowed, button);
    if button
        .on_hover_text(choose.tooltip_with_keys(ui.ctx()))
        .clicked()
    {
        actions.run(choose);
    }
    if state.jobs.is_running(Task::FineTune) {
        if buttons::labeled(ui, Icon::Stop, "Stop training").clicked() {
            actions.run(Command::Stop);
        }
    } else {
        let tune = Command::FineTune;
        ui.add_enabled_ui(state.allows(tune), |ui| {
            let button = buttons::labeled(ui, Icon::FineTune, tune.text());
            let tooltip = super::tooltip(ui.ctx(), state, tune);
            if button
                .on_hover_text(&tooltip)
                .on_disabled_hover_text(&tooltip)
                .clicked()
            {
                actions.run(tune);
            }
        });
    }
}

fn show_run(ui: &mut Ui, run: &Run) {
    ui.add_space(4.0);
    curve_plot::show(
        ui,
        "run",
        &[
            Curve {
                name: "Loss",
                kind: CurveKind::Loss,
                points: &run.loss,
            },
            Curve {
                name: "Held-out mIoU",
                kind: CurveKind::Score,
                points: &run.held_out,
            },
        ],
        PLOT,
    );
    if let Some(record) = &run.record {
        outcome(ui, record);
    }
    if run.stopped {
        ui.weak("Stopped early; the best model so far is kept");
    }
}

/// Held-out scores before and after, with what they were measured on.
fn outcome(ui: &mut Ui, record: &Record) {
    let grid = Grid::new("run").num_columns(2).min_row_height(18.0);
    grid.spacing([12.0, 2.0]).show(ui, |ui| {
        for (name, score) in [("Before", &record.before), ("After", &record.after)] {
            ui.weak(name);
            ui.label(score_text(score.as_ref()));
            ui.end_row();
        }
        ui.weak("Images");
        let [learned, held_out] = [record.train.len(), record.held_out.len()];
        ui.label(format!("{learned} learned, {held_out} held out"));
        ui.end_row();
    });
}

/// "62.1 mIoU (58.0 to 66.2)"
fn score_text(score: Option<&Score>) -> String {
    let Some((score, miou)) = score.and_then(|score| Some((score, score.miou? * 100.0))) else {
        return "no evidence".to_owned();
    };
    match score.interval {
        Some([low, high]) => {
            format!("{miou:.1} mIoU ({:.1} to {:.1})", low * 100.0, high * 100.0)
        }
        None => format!("{miou:.1} mIoU"),
    }
}
