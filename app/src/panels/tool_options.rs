//! One strip over the canvas: what the tool in the hand can be set to.

use atrous_engine::mask::wand::MAX_TOLERANCE;
use atrous_widgets::theme;
use egui::{ScrollArea, Slider, Ui};

use super::inspector::class_name;
use crate::action::{Action, Actions};
use crate::command::{Command, with_keys};
use crate::state::{LARGEST_BRUSH, OpenProject, SUPERPIXEL_SIDES, State};
use crate::tools::{Relabels, ToolKind, ToolOptions};

/// The length of sliders, in points, and the width of the strip below which they are shorter, so
/// that all of it stays in one row.
const SLIDER: f32 = 100.0;
const SHORT_SLIDER: f32 = 56.0;
const ROOMY: f32 = 860.0;

/// The height of a row, whatever stands in it: the canvas must not move with the tool.
const ROW: f32 = 26.0;

/// The choices of what a click of the fill tool relabels.
const RELABELS: [(Relabels, &str, &str); 3] = [
    (
        Relabels::Component,
        "Component",
        "The pixels of one class that hang together",
    ),
    (
        Relabels::Class,
        "Class",
        "Every pixel of the class, in the selection where there is one",
    ),
    (Relabels::Selection, "Selection", "Every pixel selected"),
];

pub(super) fn show(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let roomy = ui.available_width() >= ROOMY;
    ui.spacing_mut().slider_width = if roomy { SLIDER } else { SHORT_SLIDER };
    ui.spacing_mut().interact_size.y = ROW;
    // In a narrow window there is a second row.
    ui.horizontal_wrapped(|ui| {
        ui.label(theme::strong(name(state.tool.kind())));
        ui.add_space(8.0);
        let mut options = state.settings.tools.clone();
        match state.tool.kind() {
            ToolKind::Brush | ToolKind::Eraser => {
                brush_size(ui, state, actions);
                brush(ui, &mut options);
            }
            ToolKind::Polygon => {
                magnetic(ui, &mut options);
                shape(ui, &mut options);
            }
            ToolKind::Lasso | ToolKind::Rectangle => shape(ui, &mut options),
            ToolKind::Fill => fill(ui, &mut options),
            ToolKind::Wand => wand(ui, state, actions),
            ToolKind::Superpixels => superpixels(ui, state, actions),
            ToolKind::SmartClick => brush_size(ui, state, actions),
            ToolKind::Select | ToolKind::GrabCut => {}
        }
        if options != state.settings.tools {
            actions.send(Action::ToolOptions(options));
        }
        if let Some(project) = &state.project {
            over(ui, state, project, actions);
        }
        opacity(ui, state, actions);
    });
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

fn brush_size(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let mut size = state.settings.brush;
    let label = ui.weak("Size").id;
    let slider = Slider::new(&mut size, 1..=LARGEST_BRUSH)
        .logarithmic(true)
        .suffix(" px");
    let response = ui.add(slider).labelled_by(label);
    let keys = [Command::BrushSmaller, Command::BrushLarger];
    let tooltip = with_keys(
        "The brush's diameter; also Alt and the wheel, Shift and a drag",
        &keys,
        ui.ctx(),
    );
    if response.on_hover_text(tooltip).changed() {
        actions.send(Action::BrushSize(size));
    }
    ui.add_space(8.0);
}

fn brush(ui: &mut Ui, options: &mut ToolOptions) {
    let square = &mut options.square_brush;
    ui.selectable_value(square, false, "Round");
    ui.selectable_value(square, true, "Square");
    ui.checkbox(&mut options.pen_pressure, "Pen pressure")
        .on_hover_text("A pen that presses lightly paints a narrower stroke");
    ui.add_space(8.0);
}

fn magnetic(ui: &mut Ui, options: &mut ToolOptions) {
    let tooltip = Command::Magnetic.tooltip_with_keys(ui.ctx());
    ui.checkbox(&mut options.magnetic, "Magnetic")
        .on_hover_text(tooltip);
    ui.add_space(8.0);
}

fn shape(ui: &mut Ui, options: &mut ToolOptions) {
    ui.selectable_value(&mut options.selects, false, "Fill area")
        .on_hover_text("Give the current class to what is inside");
    ui.selectable_value(&mut options.selects, true, "Select area")
        .on_hover_text("Limit mask operations and relabelling to what is inside");
    ui.add_space(8.0);
}

fn fill(ui: &mut Ui, options: &mut ToolOptions) {
    for (relabels, text, tooltip) in RELABELS {
        ui.selectable_value(&mut options.relabels, relabels, text)
            .on_hover_text(tooltip);
    }
    ui.checkbox(&mut options.corners, "Over corners")
        .on_hover_text("Pixels that touch at a corner hang together too");
    ui.add_space(8.0);
}

/// What may be painted over: a menu of all classes.
fn over(ui: &mut Ui, state: &State, project: &OpenProject, actions: &mut Actions) {
    let text = match &state.classes.only_over {
        None => "Over everything".to_owned(),
        Some(over) => {
            let mut classes =
                super::classes::indices(project).filter(|class| over[usize::from(*class)]);
            match (classes.next(), classes.next()) {
                (None, _) => "Over nothing".to_owned(),
                (Some(class), None) => format!("Over {}", class_name(&project.palette, class)),
                (Some(_), Some(_)) => format!("Over {} classes", 2 + classes.count()),
            }
        }
    };
    let button = ui.menu_button(text, |ui| {
        ui.set_min_width(180.0);
        let everything = state.classes.only_over.is_none();
        if ui.selectable_label(everything, "Everything").clicked() {
            actions.send(Action::OverEverything);
        }
        ui.separator();
        ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
            for class in super::classes::indices(project) {
                let over = state.classes.only_over;
                let mut open = over.is_none_or(|over| over[usize::from(class)]);
                let name = class_name(&project.palette, class);
                if ui.checkbox(&mut open, name).changed() {
                    actions.send(Action::ToggleOnlyOver(class));
                }
            }
        });
    });
    let tooltip = "What tools may paint over";
    let tooltip = with_keys(tooltip, &[Command::OnlyOver], ui.ctx());
    button.response.on_hover_text(tooltip);
    ui.add_space(8.0);
}

fn opacity(ui: &mut Ui, state: &State, actions: &mut Actions) {
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
}

fn name(kind: ToolKind) -> &'static str {
    match kind {
        ToolKind::Select => "Select",
        ToolKind::Brush => "Brush",
        ToolKind::Eraser => "Eraser",
        ToolKind::Polygon => "Polygon",
        ToolKind::Lasso => "Lasso",
        ToolKind::Rectangle => "Rectangle",
        ToolKind::Fill => "Fill",
        ToolKind::Wand => "Magic wand",
        ToolKind::Superpixels => "Superpixels",
        ToolKind::SmartClick => "Smart click",
        ToolKind::GrabCut => "GrabCut",
    }
}
