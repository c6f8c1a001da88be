//! One strip over the canvas: what the tool in the hand can be set to, and its hint.

use atrous_engine::mask::wand::MAX_TOLERANCE;
use atrous_widgets::theme;
use egui::{Align, Layout, Slider, Ui};

use crate::action::{Action, Actions};
use crate::command::{Command, with_keys};
use crate::state::{LARGEST_BRUSH, SUPERPIXEL_SIDES, State, Task};
use crate::tools::{Tool, ToolKind};

pub(super) fn show(ui: &mut Ui, state: &State, actions: &mut Actions) {
    ui.horizontal_centered(|ui| {
        ui.label(theme::strong(name(state.tool.kind())));
        ui.add_space(8.0);
        if matches!(state.tool, Tool::Paint(_)) {
            let mut size = state.settings.brush;
            let label = ui.weak("Size").id;
            let slider = Slider::new(&mut size, 1..=LARGEST_BRUSH)
                .logarithmic(true)
                .suffix(" px");
            let response = ui.add(slider).labelled_by(label);
            let keys = [Command::BrushSmaller, Command::BrushLarger];
            let tooltip = with_keys("The brush's diameter", &keys, ui.ctx());
            if response.on_hover_text(tooltip).changed() {
                actions.send(Action::BrushSize(size));
            }
            ui.add_space(8.0);
        }
        match state.tool.kind() {
            ToolKind::Wand => wand(ui, state, actions),
            ToolKind::Superpixels => superpixels(ui, state, actions),
            _ => {}
        }
        let mut opacity = (state.settings.opacity * 100.0).round();
        let label = ui.weak("Opacity").id;
        let slider = Slider::new(&mut opacity, 0.0..=100.0)
            .step_by(5.0)
            .suffix(" %");
        let response = ui.add(slider).labelled_by(label);
        let keys = [Command::LessOpacity, Command::MoreOpacity];
        let tooltip = with_keys("How opaque the labels are", &keys, ui.ctx());
        if response.on_hover_text(tooltip).changed() {
            actions.send(Action::Opacity(opacity / 100.0));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add(egui::Label::new(egui::RichText::new(hint(state)).weak()).truncate());
        });
    });
}

/// What the hand can do now, or what it has to wait for.
fn hint(state: &State) -> &'static str {
    let computing = state.jobs.is_running(Task::Superpixels);
    if computing && state.tool.kind() == ToolKind::Superpixels {
        return "Computing superpixels...";
    }
    state.tool.hint()
}

fn wand(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let mut tolerance = state.settings.wand_tolerance;
    let label = ui.weak("Tolerance").id;
    let slider = Slider::new(&mut tolerance, 0..=MAX_TOLERANCE);
    let response = ui.add(slider).labelled_by(label);
    let keys = [Command::BrushSmaller, Command::BrushLarger];
    let help = "How much red, green and blue may differ from the clicked pixel's";
    let help = with_keys(help, &keys, ui.ctx());
    if response.on_hover_text(help).changed() {
        actions.send(Action::WandTolerance(tolerance));
    }
    let mut contiguous = state.settings.wand_contiguous;
    let response = ui.checkbox(&mut contiguous, "Contiguous");
    let help = "Only what hangs together with the clicked pixel, or all of the image";
    if response.on_hover_text(help).changed() {
        actions.send(Action::WandContiguous(contiguous));
    }
    ui.add_space(8.0);
}

fn superpixels(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let Some(document) = &state.document else {
        return;
    };
    let mut side = state.settings.superpixel_side(document.size);
    let label = ui.weak("Size").id;
    let slider = Slider::new(&mut side, SUPERPIXEL_SIDES[0]..=SUPERPIXEL_SIDES[1])
        .logarithmic(true)
        .suffix(" px");
    let response = ui.add(slider).labelled_by(label);
    let keys = [Command::BrushSmaller, Command::BrushLarger];
    let help = with_keys("The side of a superpixel on average", &keys, ui.ctx());
    if response.on_hover_text(help).changed() {
        actions.send(Action::SuperpixelSide(side));
    }
    ui.add_space(8.0);
}

fn name(kind: ToolKind) -> &'static str {
    match kind {
        ToolKind::Select => "Select",
        ToolKind::Brush => "Brush",
        ToolKind::Eraser => "Eraser",
        ToolKind::Polygon => "Polygon",
        ToolKind::Wand => "Magic wand",
        ToolKind::Superpixels => "Superpixels",
        ToolKind::SmartClick => "Smart click",
        ToolKind::GrabCut => "GrabCut",
    }
}
