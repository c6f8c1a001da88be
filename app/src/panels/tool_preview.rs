//! What the tool in the hand shows over the image, and the pointer's form.

use atrous_engine::mask::{BrushShape, Point};
use atrous_widgets::canvas::{CanvasResponse, View, overlay};
use atrous_widgets::theme;
use egui::{Color32, CursorIcon, Painter, Pos2, Ui, pos2};

use super::sight_overlay;
use crate::state::State;
use crate::tools::{Cursor, Figure, Hand, Tool, ToolKind};

pub(super) fn show(ui: &Ui, state: &State, response: &CanvasResponse, reach: f32) {
    let pointer = response.pointer.filter(|_| !response.panning);
    let hand = Hand {
        pointer: pointer.map(|at| [at.x, at.y]),
        reach,
        brush: state.settings.brush(),
    };
    let painter = ui.painter_at(response.response.rect);
    let color = tool_color(ui, state);
    if let Some(selection) = state.selection() {
        let rings: Vec<Vec<Pos2>> = selection.rings.iter().map(|ring| line(ring)).collect();
        overlay::selection(&painter, &response.view, &rings);
    }
    if state.operation.is_some() {
        return;
    }
    for figure in state.tool.preview(&hand) {
        draw(&painter, &response.view, &figure, color);
    }
    match &state.tool {
        Tool::Wand(wand) => sight_overlay::wand(ui, wand, response),
        Tool::Superpixels(_) => sight_overlay::superpixels(ui, state, response, color),
        Tool::SmartClick(click) => sight_overlay::click(ui, click, response),
        Tool::GrabCut(cut) => sight_overlay::grab_cut(ui, cut, response),
        _ => {}
    }
    if pointer.is_some() && state.tool.kind() != ToolKind::Select {
        ui.ctx().set_cursor_icon(icon(state.tool.cursor()));
    }
}

fn draw(painter: &Painter, view: &View, figure: &Figure, color: Color32) {
    match figure {
        Figure::Brush { at, brush } => match brush.shape {
            BrushShape::Round => overlay::brush_ring(painter, view, pos(*at), brush.radius, color),
            BrushShape::Square => {
                overlay::brush_square(painter, view, pos(*at), brush.radius, color);
            }
        },
        Figure::Rings {
            rings,
            closed,
            hovered,
        } => {
            let rings: Vec<Vec<Pos2>> = rings.iter().map(|ring| line(ring)).collect();
            overlay::rings(painter, view, &rings, *closed, *hovered, color);
        }
        Figure::Area(points) => overlay::enclosed(painter, view, &line(points), color),
        Figure::Line(points) => overlay::line(painter, view, &line(points), color),
    }
}

fn pos([x, y]: Point) -> Pos2 {
    pos2(x, y)
}

fn line(points: &[Point]) -> Vec<Pos2> {
    points.iter().map(|point| pos(*point)).collect()
}

fn icon(cursor: Cursor) -> CursorIcon {
    match cursor {
        Cursor::Arrow => CursorIcon::Default,
        Cursor::Cross => CursorIcon::Crosshair,
        Cursor::Hidden => CursorIcon::None,
        Cursor::Move => CursorIcon::Move,
        Cursor::Resize => CursorIcon::ResizeHorizontal,
        Cursor::Pick => CursorIcon::PointingHand,
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
