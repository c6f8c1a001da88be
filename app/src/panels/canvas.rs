//! The image, its labels, and the tool's work on them.

use atrous_widgets::canvas::{Appearance, CanvasEvent, CanvasResponse};
use atrous_widgets::theme;
use egui::{Id, Key, PointerButton, Ui};

use super::{Surface, maps, tones, tool_preview};
use crate::action::{Action, Actions};
use crate::state::{Peek, State};
use crate::tools::{Button, Held, Input, ToolKind};

/// How near the pointer must be to grab a vertex, in points on the screen.
const REACH: f32 = 7.0;

pub(super) fn show(ui: &mut Ui, state: &State, surface: &mut Surface, actions: &mut Actions) {
    let Some(project) = &state.project else {
        return;
    };
    let Some(document) = &state.document else {
        let failed = project
            .current
            .and_then(|id| project.image(id))
            .and_then(|image| image.error.as_deref());
        waiting(ui, failed, project.current.is_some());
        return;
    };
    let selecting = state.tool.kind() == ToolKind::Select;
    let typing = ui.ctx().text_edit_focused();
    let space = !typing && ui.input(|input| input.key_down(Key::Space));
    let appearance = Appearance {
        pan_with_primary: selecting || space || state.operation.is_some(),
        hovered_class: surface.hovered_class,
        ..appearance(state)
    };
    let peek = state.view.peek;
    let response = maps::with(state.shown_labels(document), document, peek, |maps| {
        surface.canvas.show(ui, &appearance, maps)
    });
    let reach = REACH / response.view.scale();
    hover(state, &response, actions);
    let mut inputs = if selecting {
        clicks(&response)
    } else {
        response.events.iter().filter_map(input).collect()
    };
    inputs.extend(hovering(ui, state, &response));
    if !inputs.is_empty() && peek.is_none() && state.operation.is_none() {
        actions.send(Action::Tool(inputs, reach));
    }
    alt_wheel(ui, state, &response, actions);
    tool_preview::show(ui, state, &response, reach);
    if let Some(peek) = peek {
        note(ui, &response, peek);
    }
    tones::show(ui, state, response.response.rect, actions);
}

/// How the person wants to see image and maps.
fn appearance(state: &State) -> Appearance {
    let (view, settings, classes) = (&state.view, &state.settings, &state.classes);
    let peeking = view.peek.is_some();
    Appearance {
        tone: view.tone,
        opacity: settings.opacity,
        class_opacity: classes.opacity,
        show_labels: view.labels || peeking,
        show_reference: peeking,
        outline: settings.outline,
        uncertainty: view.confidence && !peeking,
        disagreement: view.disagreement,
        pixel_grid: settings.pixel_grid,
        minimap: settings.minimap,
        hidden: classes.hidden,
        locked: classes.locked,
        ..Appearance::default()
    }
}

fn waiting(ui: &mut Ui, failed: Option<&str>, loading: bool) {
    ui.centered_and_justified(|ui| {
        match failed {
            Some(reason) => ui.label(reason),
            None if loading => ui.weak("Reading the image"),
            None => ui.weak("Choose an image"),
        };
    });
}

fn hover(state: &State, response: &CanvasResponse, actions: &mut Actions) {
    let zoom = response.view.zoom();
    if response.pixel != state.view.pixel || (zoom - state.view.zoom).abs() > f32::EPSILON {
        actions.send(Action::Hover {
            pixel: response.pixel,
            zoom,
        });
    }
}

/// The canvas moves the view with the primary button; what is left of it is a click.
fn clicks(response: &CanvasResponse) -> Vec<Input> {
    match response.pointer {
        Some(at) if response.response.clicked() => {
            vec![Input::press([at.x, at.y], Button::Primary), Input::Release]
        }
        _ => Vec::new(),
    }
}

fn input(event: &CanvasEvent) -> Option<Input> {
    Some(match event {
        CanvasEvent::Press {
            pos,
            button,
            modifiers,
            pressure,
        } => Input::Press {
            at: [pos.x, pos.y],
            button: match button {
                PointerButton::Primary => Button::Primary,
                PointerButton::Secondary => Button::Secondary,
                _ => return None,
            },
            held: Held {
                shift: modifiers.shift,
                alt: modifiers.alt,
                command: modifiers.command,
            },
            pressure: *pressure,
        },
        CanvasEvent::Move { pos, pressure } => Input::Move {
            at: [pos.x, pos.y],
            pressure: *pressure,
        },
        CanvasEvent::Release { .. } => Input::Release,
        CanvasEvent::DoubleClick { .. } => Input::Confirm,
    })
}

/// Where the pointer went with no button down, for tools that want to know.
fn hovering(ui: &Ui, state: &State, response: &CanvasResponse) -> Option<Input> {
    let moved =
        ui.input(|input| input.pointer.delta() != egui::Vec2::ZERO && !input.pointer.any_down());
    let at = response.pointer.filter(|_| moved && state.tool.hovers())?;
    Some(Input::Hover { at: [at.x, at.y] })
}

/// Alt and the wheel change what the brush's keys change: its size, that of superpixels, or the
/// wand's tolerance.
fn alt_wheel(ui: &Ui, state: &State, response: &CanvasResponse, actions: &mut Actions) {
    if !response.response.hovered() {
        return;
    }
    let steps = ui.input(|input| {
        if input.modifiers.alt {
            input.smooth_scroll_delta().y
        } else {
            0.0
        }
    });
    if steps.abs() <= f32::EPSILON {
        return;
    }
    let factor = (steps / 200.0).exp();
    let settings = &state.settings;
    match (state.tool.kind(), &state.document) {
        (ToolKind::Wand, _) => {
            let tolerance = f32::from(settings.wand_tolerance);
            // From 0 on it would not grow.
            let turned = turned(ui, tolerance + 1.0, factor) - 1.0;
            actions.send(Action::WandTolerance(turned as u8));
        }
        (ToolKind::Superpixels, Some(document)) => {
            let side = settings.superpixel_side(document.size) as f32;
            let turned = turned(ui, side, factor);
            actions.send(Action::SuperpixelSide(turned as u32));
        }
        _ => {
            let turned = turned(ui, settings.brush as f32, factor);
            actions.send(Action::BrushSize(turned as u32));
        }
    }
}

/// A whole number `factor` times as large, at least 1. A wheel turns smoothly, a little a frame:
/// what is less than 1 is kept for the next frame.
fn turned(ui: &Ui, number: f32, factor: f32) -> f32 {
    let id = Id::unique("turned by the wheel");
    let kept = ui.data(|data| data.get_temp::<f32>(id));
    let exact = kept.filter(|kept| kept.round() == number);
    let exact = (exact.unwrap_or(number) * factor).max(1.0);
    ui.data_mut(|data| data.insert_temp(id, exact));
    exact.round()
}

/// Says what is shown in place of the labels.
fn note(ui: &Ui, response: &CanvasResponse, peek: Peek) {
    let tokens = theme::tokens(ui.ctx());
    let at = response.response.rect.left_top() + egui::vec2(12.0, 12.0);
    let painter = ui.painter_at(response.response.rect);
    let text = painter.layout_no_wrap(
        match peek {
            Peek::Prediction => "What the model said",
            Peek::Before => "The labels before",
        }
        .to_owned(),
        egui::FontId::proportional(tokens.text.body),
        tokens.color.text_strong,
    );
    let rect = egui::Rect::from_min_size(at, text.size()).expand(6.0);
    painter.rect_filled(rect, tokens.radius.widget, tokens.color.surface);
    painter.galley(at, text, tokens.color.text_strong);
}
