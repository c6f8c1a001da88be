//! The tools and the canvas's switches, as one column of icons.

use atrous_widgets::buttons;
use atrous_widgets::icons::Icon;
use egui::{Layout, Ui};

use super::spots;
use crate::action::Actions;
use crate::command::Command;
use crate::state::State;

const TOOLS: [(Icon, Command); 11] = [
    (Icon::Move, Command::Select),
    (Icon::Brush, Command::Brush),
    (Icon::Eraser, Command::Eraser),
    (Icon::Polygon, Command::Polygon),
    (Icon::Lasso, Command::Lasso),
    (Icon::Rectangle, Command::Rectangle),
    (Icon::Fill, Command::Fill),
    (Icon::Wand, Command::Wand),
    (Icon::Superpixels, Command::Superpixels),
    (Icon::SmartClick, Command::SmartClick),
    (Icon::GrabCut, Command::GrabCut),
];
const EDITS: [(Icon, Command); 3] = [
    (Icon::MaskOperations, Command::MaskOperations),
    (Icon::Undo, Command::Undo),
    (Icon::Redo, Command::Redo),
];
const SWITCHES: [(Icon, Command); 5] = [
    (Icon::Eye, Command::ToggleLabels),
    (Icon::Outline, Command::ToggleOutline),
    (Icon::Confidence, Command::ToggleConfidence),
    (Icon::Disagreement, Command::ToggleDisagreement),
    (Icon::Tones, Command::Tones),
];
const ZOOMS: [(Icon, Command); 2] = [
    (Icon::Fit, Command::Fit),
    (Icon::ActualSize, Command::ActualSize),
];

pub(super) fn show(ui: &mut Ui, state: &State, actions: &mut Actions) {
    ui.with_layout(Layout::top_down(egui::Align::Center), |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        let groups: [&[(Icon, Command)]; 4] = [&TOOLS, &EDITS, &SWITCHES, &ZOOMS];
        for (index, group) in groups.into_iter().enumerate() {
            if index > 0 {
                ui.add(egui::Separator::default().horizontal().spacing(9.0));
            }
            for (icon, command) in group {
                button(ui, state, *icon, *command, actions);
            }
        }
    });
}

/// An icon that runs a command, with the command's own tooltip, switch and state.
pub(super) fn button(
    ui: &mut Ui,
    state: &State,
    icon: Icon,
    command: Command,
    actions: &mut Actions,
) {
    let allowed = state.allows(command);
    let response = buttons::icon(ui, icon, command.text(), state.is_on(command), allowed);
    spots::note(ui.ctx(), command, response.rect);
    let tooltip = super::tooltip(ui.ctx(), state, command);
    if response.on_hover_text(tooltip).clicked() {
        actions.run(command);
    }
}
