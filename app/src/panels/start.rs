//! The start page: one place to drop a folder, and the projects opened before.

use std::path::Path;

use atrous_widgets::buttons;
use atrous_widgets::drop_card;
use atrous_widgets::icons::Icon;
use atrous_widgets::theme;
use egui::{Align, Layout, Ui, UiBuilder, Vec2};

use super::spots;
use crate::action::{Action, Actions};
use crate::command::Command;
use crate::state::State;

/// Width of the list of recent projects, in points.
const WIDTH: f32 = 460.0;
/// Height of the drop card and what is above the list, in points.
const CARD: f32 = 244.0;

pub(super) fn show(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let hovered = ui.input(|input| !input.raw.hovered_files.is_empty());
    let recent = state.settings.recent.len() as f32 * 28.0;
    let spare = ui.available_height() - CARD - recent - 40.0;
    ui.add_space((spare / 2.0).max(0.0));
    let below = Vec2::new(ui.available_width(), CARD);
    let card = egui::Rect::from_min_size(ui.cursor().min, below);
    let middle = UiBuilder::new()
        .max_rect(card)
        .layout(Layout::top_down(Align::Center));
    ui.scope_builder(middle, |ui| {
        drop_card::show(
            ui,
            "Drop a folder of images",
            "Labels go to .atrous inside it; your images are only read",
            hovered,
            |ui| buttons(ui, state, actions),
        );
    });
    if !state.settings.recent.is_empty() {
        recent_projects(ui, state, actions);
    }
}

fn buttons(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let open = buttons::primary(ui, Icon::Folder, "Open folder");
    spots::note(ui.ctx(), Command::OpenFolder, open.rect);
    let tooltip = Command::OpenFolder.tooltip_with_keys(ui.ctx());
    if open.on_hover_text(tooltip).clicked() {
        actions.run(Command::OpenFolder);
    }
    ui.add_enabled_ui(state.allows(Command::OpenDemo), |ui| {
        let demo = buttons::labeled(ui, Icon::Demo, "Open demo");
        spots::note(ui.ctx(), Command::OpenDemo, demo.rect);
        let tooltip = Command::OpenDemo.tooltip_with_keys(ui.ctx());
        if demo.on_hover_text(tooltip).clicked() {
            actions.run(Command::OpenDemo);
        }
    });
}

fn recent_projects(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let left = (ui.available_width() - WIDTH).max(0.0) / 2.0;
    ui.horizontal(|ui| {
        ui.add_space(left);
        ui.vertical(|ui| {
            ui.set_width(WIDTH);
            ui.label(theme::strong("Recent projects"));
            for folder in &state.settings.recent {
                if recent_row(ui, folder) {
                    actions.send(Action::Open(folder.clone()));
                }
            }
        });
    });
}

fn recent_row(ui: &mut Ui, folder: &Path) -> bool {
    let name = folder
        .file_name()
        .map_or_else(|| folder.to_string_lossy(), |name| name.to_string_lossy());
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        let clicked = ui.link(name.as_ref()).clicked();
        let parent = folder.parent().unwrap_or(folder).display().to_string();
        ui.add(egui::Label::new(egui::RichText::new(parent).weak()).truncate());
        clicked
    })
    .inner
}
