//! The panels: each reads the state and sends actions.

mod canvas;
mod classes;
mod dialogs;
mod film_strip;
mod finder;
mod history;
mod inspector;
mod keys;
mod maps;
mod mask_operations;
mod model;
mod models;
mod shortcuts;
mod sight_overlay;
mod spots;
mod start;
mod status_bar;
mod tones;
mod tool_options;
mod tool_preview;
mod tool_strip;
mod top_bar;
mod tour;

pub use film_strip::StripView;

use atrous_widgets::canvas::Canvas;
use atrous_widgets::command_palette::Palette;
use atrous_widgets::theme;
use egui::{CentralPanel, Frame, Panel, Ui};

use crate::action::Actions;
use crate::command::Command;
use crate::state::State;

/// What widgets keep for themselves between frames.
pub struct Surface {
    /// The image, its labels on the GPU, and where the view is.
    pub canvas: Canvas,
    /// The command palette.
    pub commands: Palette,
    /// The class finder.
    pub classes: Palette,
    /// The class that the pointer is over in the class list: the canvas brings it out.
    pub hovered_class: Option<u8>,
    /// Where the film strip is, and its search field.
    pub strip: StripView,
}

impl Surface {
    /// Whether something over the window takes the keys.
    pub fn is_covered(&self, state: &State) -> bool {
        state.dialog.is_some() || self.commands.is_open() || self.classes.is_open()
    }
}

/// Draws the whole window.
pub fn show(ui: &mut Ui, state: &State, surface: &mut Surface, actions: &mut Actions) {
    spots::clear(ui.ctx());
    let tokens = theme::tokens(ui.ctx());
    let bar = Frame::new()
        .fill(tokens.color.bar)
        .inner_margin(egui::Margin::symmetric(8, 0));
    Panel::top("top bar")
        .exact_size(tokens.space.bar)
        .frame(bar)
        .show(ui, |ui| top_bar::show(ui, state, actions));
    Panel::bottom("status bar")
        .exact_size(tokens.space.row)
        .frame(bar)
        .show(ui, |ui| status_bar::show(ui, state, actions));
    if state.project.is_some() {
        project(ui, state, surface, actions);
    } else {
        CentralPanel::default()
            .frame(Frame::new().fill(tokens.color.canvas))
            .show(ui, |ui| start::show(ui, state, actions));
    }
    if !surface.is_covered(state) {
        tour::show(ui.ctx(), state, &surface.canvas, actions);
    }
    dialogs::show(ui.ctx(), state, actions);
    finder::show(ui.ctx(), state, surface, actions);
}

fn project(ui: &mut Ui, state: &State, surface: &mut Surface, actions: &mut Actions) {
    let tokens = theme::tokens(ui.ctx());
    let side = Frame::new().fill(tokens.color.panel);
    if state.settings.show_images {
        Panel::left("film strip")
            .default_size(220.0)
            .size_range(150.0..=420.0)
            .frame(side.inner_margin(tokens.space.gap))
            .show(ui, |ui| film_strip::show(ui, state, surface, actions));
    }
    if state.settings.show_side {
        Panel::right("side panel")
            .default_size(264.0)
            .size_range(220.0..=460.0)
            .frame(side.inner_margin(tokens.space.padding))
            .show(ui, |ui| side_panel(ui, state, surface, actions));
    }
    Panel::top("tool options")
        .resizable(false)
        .frame(
            Frame::new()
                .fill(tokens.color.panel)
                .inner_margin(egui::Margin {
                    left: 8,
                    right: 8,
                    top: 3,
                    bottom: 2,
                }),
        )
        .show(ui, |ui| tool_options::show(ui, state, actions));
    if state.operation.is_some() {
        Panel::top("mask operation")
            .exact_size(tokens.space.bar + 8.0)
            .resizable(false)
            .frame(
                Frame::new()
                    .fill(tokens.color.surface)
                    .inner_margin(egui::Margin::symmetric(8, 0)),
            )
            .show(ui, |ui| mask_operations::show(ui, state, actions));
    }
    Panel::left("tools")
        .exact_size(tokens.space.row + 4.0 + 2.0 * tokens.space.gap)
        .resizable(false)
        .frame(side.inner_margin(tokens.space.gap))
        .show(ui, |ui| tool_strip::show(ui, state, actions));
    // The canvas fills its own ground.
    let ground = Frame::new();
    let ground = match state.document {
        Some(_) => ground,
        None => ground.fill(tokens.color.canvas),
    };
    CentralPanel::default()
        .frame(ground)
        .show(ui, |ui| canvas::show(ui, state, surface, actions));
}

/// Classes above, model and inspector below: the lower part has its own height.
fn side_panel(ui: &mut Ui, state: &State, surface: &mut Surface, actions: &mut Actions) {
    Panel::bottom("model")
        .resizable(false)
        .frame(Frame::new())
        .show_separator_line(false)
        .show(ui, |ui| {
            inspector::show(ui, state, &surface.canvas);
            model::show(ui, state, actions);
        });
    CentralPanel::default().frame(Frame::new()).show(ui, |ui| {
        tabs(ui, state, actions);
        if state.view.history {
            surface.hovered_class = None;
            history::show(ui, state, actions);
        } else {
            surface.hovered_class = classes::show(ui, state, actions);
        }
    });
}

/// Classes or history.
fn tabs(ui: &mut Ui, state: &State, actions: &mut Actions) {
    ui.horizontal(|ui| {
        let history = Command::ToggleHistory;
        let tooltip = history.tooltip_with_keys(ui.ctx());
        for (text, shown) in [("Classes", false), (history.text(), true)] {
            let on = state.view.history == shown;
            let tab = ui.selectable_label(on, theme::strong(text));
            if tab.on_hover_text(&tooltip).clicked() && !on {
                actions.run(history);
            }
        }
    });
    ui.add_space(4.0);
}

/// What a command does, its keys, and why it can't be done now.
fn tooltip(context: &egui::Context, state: &State, command: Command) -> String {
    let tooltip = command.tooltip_with_keys(context);
    match state.why_not(command) {
        Some(reason) => format!("{tooltip}\n{reason}"),
        None => tooltip,
    }
}

/// A small heading over a part of a panel.
fn heading(ui: &mut Ui, text: &str) {
    ui.add_space(4.0);
    ui.label(theme::strong(text));
    ui.add_space(2.0);
}
