//! The image, its labels, and the tool's work on them.

use atrous_engine::mask::ClassSet;
use atrous_palettes::VOID;
use atrous_widgets::canvas::{Appearance, CanvasEvent, CanvasResponse, overlay};
use atrous_widgets::theme;
use egui::{Color32, Key, PointerButton, Pos2, Ui, pos2};

use super::{Surface, maps, sight_overlay, tones};
use crate::action::{Action, Actions};
use crate::state::{Peek, State};
use crate::tools::{Button, Input, Polygon, Tool, ToolKind};

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
        pan_with_primary: selecting || space,
        hovered_class: surface.hovered_class,
        ..appearance(state)
    };
    let peek = state.view.peek;
    let response = maps::with(document, peek, |maps| {
        surface.canvas.show(ui, &appearance, maps)
    });
    let reach = REACH / response.view.scale();
    hover(state, &response, actions);
    let inputs = if selecting {
        clicks(&response)
    } else {
        response.events.iter().filter_map(input).collect()
    };
    if !inputs.is_empty() && peek.is_none() {
        actions.send(Action::Tool(inputs, reach));
    }
    alt_wheel(ui, state, &response, actions);
    draw_tool(ui, state, &response, reach);
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
        hidden: hidden(state),
        locked: classes.locked,
        ..Appearance::default()
    }
}

/// Void has no colour: what nobody labelled shows the image itself.
fn hidden(state: &State) -> ClassSet {
    let mut hidden = state.classes.hidden;
    hidden[usize::from(VOID)] = true;
    hidden
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
        Some(at) if response.response.clicked() => vec![
            Input::Press {
                at: [at.x, at.y],
                button: Button::Primary,
                straight: false,
            },
            Input::Release,
        ],
        _ => Vec::new(),
    }
}

fn input(event: &CanvasEvent) -> Option<Input> {
    Some(match event {
        CanvasEvent::Press {
            pos,
            button,
            modifiers,
        } => Input::Press {
            at: [pos.x, pos.y],
            button: match button {
                PointerButton::Primary => Button::Primary,
                PointerButton::Secondary => Button::Secondary,
                _ => return None,
            },
            straight: modifiers.shift,
        },
        CanvasEvent::Move { pos } => Input::Move { at: [pos.x, pos.y] },
        CanvasEvent::Release { .. } => Input::Release,
        CanvasEvent::DoubleClick { .. } => Input::Confirm,
    })
}

/// Alt and the wheel change the brush's size.
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
    if steps.abs() > f32::EPSILON {
        let size = state.settings.brush as f32 * (steps / 200.0).exp();
        actions.send(Action::BrushSize(size.round().max(1.0) as u32));
    }
}

fn draw_tool(ui: &Ui, state: &State, response: &CanvasResponse, reach: f32) {
    let painter = ui.painter_at(response.response.rect);
    let color = tool_color(ui, state);
    match &state.tool {
        Tool::Paint(_) => {
            if let Some(pointer) = response.pointer.filter(|_| !response.panning) {
                let radius = state.settings.brush as f32 / 2.0;
                overlay::brush_ring(&painter, &response.view, pointer, radius, color);
            }
        }
        Tool::Polygon(polygon) => draw_polygon(&painter, color, polygon, response, reach),
        Tool::Wand(wand) => sight_overlay::wand(ui, wand, response),
        Tool::Superpixels(_) => sight_overlay::superpixels(ui, state, response, color),
        Tool::SmartClick(click) => sight_overlay::click(ui, click, response),
        Tool::GrabCut(cut) => sight_overlay::grab_cut(ui, cut, response),
        Tool::Select(_) => {}
    }
}

/// The colour of what the tool would paint.
fn tool_color(ui: &Ui, state: &State) -> Color32 {
    let project = state.project.as_ref();
    let class = project.and_then(|project| project.palette.class(state.classes.current));
    match class {
        Some(class) if state.tool.kind() != ToolKind::Eraser => theme::class_color(class.color),
        _ => theme::tokens(ui.ctx()).color.ring,
    }
}

fn draw_polygon(
    painter: &egui::Painter,
    color: Color32,
    polygon: &Polygon,
    response: &CanvasResponse,
    reach: f32,
) {
    let vertices: Vec<Pos2> = polygon
        .vertices()
        .iter()
        .map(|[x, y]| pos2(*x, *y))
        .collect();
    if vertices.is_empty() {
        return;
    }
    let hovered = response
        .pointer
        .and_then(|at| polygon.vertex_near([at.x, at.y], reach));
    let closed = vertices.len() > 2;
    overlay::polygon(painter, &response.view, &vertices, closed, hovered, color);
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
