//! One strip over the canvas: what the tool in the hand can be set to, and its hint.

use atrous_widgets::theme;
use egui::{Align, Layout, Slider, Ui};

use crate::action::{Action, Actions};
use crate::state::{LARGEST_BRUSH, State};
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
            if response
                .on_hover_text("The brush's diameter ([ and ])")
                .changed()
            {
                actions.send(Action::BrushSize(size));
            }
            ui.add_space(8.0);
        }
        let mut opacity = (state.settings.opacity * 100.0).round();
        let label = ui.weak("Opacity").id;
        let slider = Slider::new(&mut opacity, 0.0..=100.0)
            .step_by(5.0)
            .suffix(" %");
        let response = ui.add(slider).labelled_by(label);
        if response
            .on_hover_text("How opaque the labels are (, and .)")
            .changed()
        {
            actions.send(Action::Opacity(opacity / 100.0));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add(egui::Label::new(egui::RichText::new(state.tool.hint()).weak()).truncate());
        });
    });
}

fn name(kind: ToolKind) -> &'static str {
    match kind {
        ToolKind::Select => "Select",
        ToolKind::Brush => "Brush",
        ToolKind::Eraser => "Eraser",
        ToolKind::Polygon => "Polygon",
    }
}
