//! What the tools that look at the image show on top of it: borders of superpixels, clicks, a
//! rectangle, the wand's tolerance.

use std::ops::Range;

use atrous_engine::mask::{Mark, Superpixels};
use atrous_widgets::canvas::{CanvasResponse, overlay};
use egui::{Color32, Painter, Pos2, Rect, Ui, pos2};

use crate::state::State;
use crate::tools::{GrabCut, SmartClick, Wand};

/// From this zoom on the borders of superpixels are drawn one by one, exactly.
const EXACT_ZOOM: f32 = 3.0;

/// The borders of superpixels, and the one under the pointer.
pub(super) fn superpixels(ui: &Ui, state: &State, response: &CanvasResponse, color: Color32) {
    let Some(document) = &state.document else {
        return;
    };
    let side = state.settings.superpixel_side(document.size);
    let Some(cut) = state.cuts.get(document.cut_key(side)) else {
        return;
    };
    let painter = ui.painter_at(response.response.rect);
    let view = &response.view;
    if view.zoom() < EXACT_ZOOM {
        overlay::picture(&painter, view, document.size, &cut.borders);
    } else {
        let lines = borders(&cut.superpixels, shown(response, document.size));
        overlay::lines(&painter, view, &lines);
    }
    let under = response.pixel.filter(|_| !response.panning);
    if let Some(region) = under.and_then(|[x, y]| cut.superpixels.at(x, y)) {
        let spans = cut.superpixels.spans(region);
        let rows = spans.iter().map(|span| {
            Rect::from_min_max(
                pos2(span.start as f32, span.y as f32),
                pos2(span.end as f32, span.y as f32 + 1.0),
            )
        });
        overlay::area(&painter, view, rows, color);
    }
}

/// The part of the image that is on the screen: columns and rows.
fn shown(response: &CanvasResponse, size: [u32; 2]) -> [[u32; 2]; 2] {
    let rect = response.response.rect;
    let [min, max] = [rect.min, rect.max].map(|corner| response.view.to_image(corner));
    let clip = |value: f32, side: u32| value.clamp(0.0, side as f32) as u32;
    [
        [clip(min.x, size[0]), clip(max.x + 1.0, size[0])],
        [clip(min.y, size[1]), clip(max.y + 1.0, size[1])],
    ]
}

/// The sides of pixels that lie between two superpixels, those of a row joined.
fn borders(superpixels: &Superpixels, [columns, rows]: [[u32; 2]; 2]) -> Vec<[Pos2; 2]> {
    let mut lines = Vec::new();
    let mut line = |x0: u32, y0: u32, x1: u32, y1: u32| {
        lines.push([pos2(x0 as f32, y0 as f32), pos2(x1 as f32, y1 as f32)]);
    };
    let row = |y: u32| -> Vec<_> { superpixels.pieces(y, columns[0]..columns[1]).collect() };
    let mut above: Vec<(Range<u32>, u32)> = Vec::new();
    for y in rows[0]..rows[1] {
        let here = row(y);
        for (piece, _) in here.iter().skip(1) {
            line(piece.start, y, piece.start, y + 1);
        }
        let mut others = above.iter().peekable();
        for (piece, region) in &here {
            while let Some((other, of)) = others.peek() {
                let (start, end) = (piece.start.max(other.start), piece.end.min(other.end));
                if start < end && of != region {
                    line(start, y, end, y);
                }
                if other.end > piece.end {
                    break;
                }
                others.next();
            }
        }
        above = here;
    }
    lines
}

/// The places that were clicked.
pub(super) fn click(ui: &Ui, click: &SmartClick, response: &CanvasResponse) {
    marks(
        &ui.painter_at(response.response.rect),
        click.marks(),
        response,
    );
}

/// The rectangle, and what was drawn in it.
pub(super) fn grab_cut(ui: &Ui, cut: &GrabCut, response: &CanvasResponse) {
    let painter = ui.painter_at(response.response.rect);
    if let Some(corners) = cut.corners() {
        let [a, b] = corners.map(|[x, y]| pos2(x, y));
        overlay::rectangle(&painter, &response.view, Rect::from_two_pos(a, b));
    }
    marks(&painter, cut.marks(), response);
}

fn marks(painter: &Painter, marks: &[Mark], response: &CanvasResponse) {
    for mark in marks {
        let at = pos2(mark.at[0], mark.at[1]);
        overlay::mark(painter, &response.view, at, mark.inside);
    }
}

/// The tolerance beside the pointer, while it is dragged.
pub(super) fn wand(ui: &Ui, wand: &Wand, response: &CanvasResponse) {
    if let (Some(tolerance), Some(at)) = (wand.trying(), response.pointer) {
        let painter = ui.painter_at(response.response.rect);
        let text = format!("Tolerance {tolerance}");
        overlay::note(&painter, response.view.to_screen(at), text);
    }
}
