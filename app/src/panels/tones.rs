//! A card over the canvas: how the image's own colours are shown, and how opaque the current class
//! is. It stays while one works, until it is closed.

use atrous_widgets::buttons;
use atrous_widgets::canvas::Tone;
use atrous_widgets::icons::Icon;
use atrous_widgets::theme;
use egui::{Align, Align2, Area, Frame, Grid, Id, Layout, Order, Rect, Slider, Ui, vec2};

use crate::action::{Action, Actions};
use crate::command::Command;
use crate::state::State;

/// Shows the card in the lower left corner of the canvas, if it is wanted.
pub(super) fn show(ui: &Ui, state: &State, canvas: Rect, actions: &mut Actions) {
    if !state.view.tones_shown {
        return;
    }
    let corner = canvas.left_bottom() + vec2(12.0, -12.0);
    let area = Area::new(Id::unique("image tones"))
        .order(Order::Middle)
        .pivot(Align2::LEFT_BOTTOM)
        .fixed_pos(corner)
        .constrain_to(canvas)
        .fade_in(false);
    area.show(ui.ctx(), |ui| {
        Frame::window(ui.style()).show(ui, |ui| card(ui, state, actions));
    });
}

fn card(ui: &mut Ui, state: &State, actions: &mut Actions) {
    ui.set_width(252.0);
    ui.horizontal(|ui| {
        ui.label(theme::strong("Image tones"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if buttons::icon(ui, Icon::Close, "Close image tones", None, true).clicked() {
                actions.run(Command::Tones);
            }
        });
    });
    ui.weak("For the eye only: labels and predictions stay.");
    let Tone {
        mut brightness,
        mut contrast,
        mut gamma,
    } = state.view.tone;
    Grid::new("tones").num_columns(2).show(ui, |ui| {
        let mut changed = row(
            ui,
            "Brightness",
            Slider::new(&mut brightness, -0.8..=0.8).fixed_decimals(2),
        );
        changed |= row(
            ui,
            "Contrast",
            Slider::new(&mut contrast, 0.2..=5.0)
                .logarithmic(true)
                .fixed_decimals(2),
        );
        changed |= row(
            ui,
            "Gamma",
            Slider::new(&mut gamma, 0.2..=5.0)
                .logarithmic(true)
                .fixed_decimals(2),
        );
        if changed {
            actions.send(Action::Tone(Tone {
                brightness,
                contrast,
                gamma,
            }));
        }
    });
    let changed = state.view.tone != Tone::default();
    let reset = ui.add_enabled(changed, egui::Button::new("Reset"));
    let tooltip = Command::ResetTones.tooltip_with_keys(ui.ctx());
    if reset.on_hover_text(tooltip).clicked() {
        actions.run(Command::ResetTones);
    }
    class_opacity(ui, state, actions);
}

/// The current class's own opacity.
fn class_opacity(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let current = state.classes.current;
    let project = state.project.as_ref();
    let Some(class) = project.and_then(|project| project.palette.class(current)) else {
        return;
    };
    ui.separator();
    let mut percent = (state.classes.opacity[usize::from(current)] * 100.0).round();
    let slider = Slider::new(&mut percent, 0.0..=100.0)
        .step_by(5.0)
        .fixed_decimals(0)
        .suffix(" %");
    let label = ui.label(format!("Opacity of {}", class.name)).id;
    if ui.add(slider).labelled_by(label).changed() {
        actions.send(Action::ClassOpacity(current, percent / 100.0));
    }
}

/// A slider under its name. Returns whether it was moved.
fn row(ui: &mut Ui, name: &str, slider: Slider<'_>) -> bool {
    let label = ui.label(name).id;
    let changed = ui.add(slider).labelled_by(label).changed();
    ui.end_row();
    changed
}
