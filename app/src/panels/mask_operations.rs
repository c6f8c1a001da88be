//! The strip of a mask operation: what, to which class, where, how much. The canvas shows what it
//! would do.

use atrous_engine::mask::operation::LARGEST_RADIUS;
use atrous_widgets::{buttons, icons::Icon, theme};
use egui::{Align, ComboBox, DragValue, Layout, Response, Slider, Ui};

use super::inspector::class_name;
use crate::action::{Action, Actions};
use crate::command::Command;
use crate::state::{CERTAINTIES, MaskOperation, OpenProject, OperationForm, OperationKind, State};

/// High enough that no kind of operation has to be scrolled to, in points.
const KINDS_HEIGHT: f32 = 400.0;

pub(super) fn show(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let (Some(operation), Some(project)) = (&state.operation, &state.project) else {
        return;
    };
    ui.horizontal_centered(|ui| {
        ui.label(theme::strong("Mask operation"));
        ui.add_space(8.0);
        let mut form = operation.form;
        kind(ui, &mut form);
        classes(ui, project, &mut form);
        place(ui, state, &mut form);
        amount(ui, &mut form);
        if form != operation.form {
            actions.send(Action::Operation(form));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.button("Leave").on_hover_text("Esc").clicked() {
                actions.run(Command::Cancel);
            }
            let apply = buttons::primary(ui, Icon::Check, "Apply");
            if apply.on_hover_text("Enter").clicked() {
                actions.run(Command::Confirm);
            }
        });
    });
}

fn kind(ui: &mut Ui, form: &mut OperationForm) {
    let combo = ComboBox::from_id_salt("operation")
        .selected_text(form.kind.name())
        .height(KINDS_HEIGHT)
        .show_ui(ui, |ui| {
            for kind in OperationKind::ALL {
                ui.selectable_value(&mut form.kind, kind, kind.name());
            }
        });
    name_choice(ui, &combo.response, "Operation");
    combo
        .response
        .on_hover_text(form.kind.says(form.class.is_none()));
}

/// Tells a screen reader what a choice without a label is for.
fn name_choice(ui: &Ui, choice: &Response, name: &'static str) {
    let describe = |node: &mut egui::accesskit::Node| node.set_label(name);
    ui.ctx().accesskit_node_builder(choice.id, describe);
}

/// Which class, or all of them; and the other one where it matters.
fn classes(ui: &mut Ui, project: &OpenProject, form: &mut OperationForm) {
    let name = |class| class_name(&project.palette, class);
    let chosen = form.class.map_or_else(|| "All classes".to_owned(), name);
    let combo = ComboBox::from_id_salt("operation class")
        .selected_text(chosen)
        .show_ui(ui, |ui| {
            if form.kind != OperationKind::Swap {
                ui.selectable_value(&mut form.class, None, "All classes");
            }
            for class in super::classes::indices(project) {
                ui.selectable_value(&mut form.class, Some(class), name(class));
            }
        });
    name_choice(ui, &combo.response, "Class to change");
    if form.kind.has_other() {
        let word = if form.kind == OperationKind::Swap {
            "with"
        } else {
            "as"
        };
        ui.weak(word);
        let combo = ComboBox::from_id_salt("operation other class")
            .selected_text(name(form.other))
            .show_ui(ui, |ui| {
                for class in super::classes::indices(project) {
                    ui.selectable_value(&mut form.other, class, name(class));
                }
            });
        name_choice(ui, &combo.response, "Other class");
    }
}

/// In the whole image, or in the selection.
fn place(ui: &mut Ui, state: &State, form: &mut OperationForm) {
    let selected = state.selection().is_some();
    ui.add_space(8.0);
    ui.selectable_value(&mut form.in_selection, false, "Whole image");
    ui.add_enabled_ui(selected, |ui| {
        ui.selectable_value(&mut form.in_selection, true, "Selection")
            .on_disabled_hover_text("Select something first: lasso, rectangle and polygon can");
    });
    ui.add_space(8.0);
}

fn amount(ui: &mut Ui, form: &mut OperationForm) {
    if form.kind.has_radius() {
        let label = ui.weak("Radius").id;
        let value = DragValue::new(&mut form.radius)
            .range(0..=LARGEST_RADIUS)
            .speed(0.2)
            .suffix(" px");
        ui.add(value).labelled_by(label);
    }
    if form.kind == OperationKind::Snap {
        certainty(ui, form);
    }
    if form.kind.has_pixels() {
        let (text, tooltip) = if form.kind == OperationKind::FillHoles {
            ("Up to", "Larger holes stay")
        } else {
            ("Below", "Larger pieces stay")
        };
        let label = ui.weak(text).id;
        let speed = form.pixels as f32 / 50.0;
        let value = DragValue::new(&mut form.pixels)
            .range(1..=100_000_000)
            .speed(speed)
            .suffix(" pixels");
        ui.add(value).labelled_by(label).on_hover_text(tooltip);
    }
}

/// How sure the labels are that are to move.
fn certainty(ui: &mut Ui, form: &mut OperationForm) {
    let label = ui.weak("Certainty").id;
    let [least, most] = CERTAINTIES;
    let slider = Slider::new(&mut form.certainty, least..=most).suffix(" %");
    ui.add(slider).labelled_by(label).on_hover_text(
        "How sure your labels are. The lower, the farther borders move to an edge, and the sooner \
         small pieces give way; the higher, the more the labels stay as you drew them.",
    );
}

/// What the canvas shows, in words.
pub(super) fn result(operation: &MaskOperation) -> String {
    match &operation.preview {
        _ if operation.working => "Computing".to_owned(),
        None => "Nothing to change".to_owned(),
        Some((edit, _)) if edit.changed() == 1 => "1 pixel changes".to_owned(),
        Some((edit, _)) => format!("{} pixels change", thousands(edit.changed())),
    }
}

/// A number in groups of three digits.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<String> = groups
        .map(|group| String::from_utf8_lossy(group).into_owned())
        .collect();
    groups.join(",")
}
