//! Changing labels: gestures, undo and redo, the brush.

use std::time::SystemTime;

use atrous_engine::mask::{Edit, Rect, Span};
use atrous_engine::project::{ImageId, Status};
use atrous_widgets::canvas::PixelRect;
use atrous_widgets::toasts::Level;

use super::{App, images, masks, relabelling, sight};
use crate::command::Command;
use crate::state::LARGEST_BRUSH;
use crate::tools::{
    Bench, Input, Outcome, Relabels, Tool, ToolKind, ToolOptions, WandOptions, fill,
};

/// One step changes the brush by this part of its size.
const BRUSH_STEP: f32 = 0.1;

/// Takes a tool into the hand. A gesture of the one before is taken back, unless it keeps what it
/// shows.
pub(super) fn take_tool(app: &mut App, kind: ToolKind) {
    abort(app);
    if app.state.tool.kind() != kind {
        app.state.tool = Tool::new(kind);
    }
}

/// Takes the gesture under way back, if there is one that does not keep what it shows, and leaves
/// whatever else is being done to the labels: others come, or others change them.
pub(super) fn abort(app: &mut App) {
    masks::leave(app);
    keep_shown(app);
    tool(app, &[Input::Abort], 0.0);
    app.state.tool.labels_changed();
}

/// Keeps what a gesture shows, where that stays when the hand turns to something else.
pub(super) fn keep_shown(app: &mut App) {
    let tool_in_hand = &app.state.tool;
    // What is still looked for stays as soon as it is found, with the class that it was begun with.
    let looks = tool_in_hand.kind() == ToolKind::SmartClick && tool_in_hand.is_busy();
    if looks || tool_in_hand.machine().keeps() {
        tool(app, &[Input::Confirm], 0.0);
    }
}

/// Hands input to the tool and takes over what comes of it.
pub(super) fn tool(app: &mut App, inputs: &[Input], reach: f32) {
    for input in inputs {
        work(app, reach, |tool, bench| tool.handle(*input, bench));
    }
}

/// Hands what was found in the image to the tool that had it looked for.
pub(super) fn found(app: &mut App, spans: Vec<Span>, last: bool) {
    work(app, 0.0, |tool, bench| tool.found(spans, last, bench));
}

/// Gives what lies under the pointer, or the selection, the current class.
pub(super) fn relabel(app: &mut App, command: Command, what: Relabels) {
    let [x, y] = app.state.view.pixel.unwrap_or_default();
    let at = [x as f32 + 0.5, y as f32 + 0.5];
    work(app, 0.0, |tool, bench| {
        tool.labels_changed();
        let class = bench.class;
        let outcome = fill::relabel(bench, what, at, class);
        Outcome {
            edit: outcome.edit.map(|edit| edit.named(command.text())),
            relabelling: outcome.relabelling.map(|what| what.named(command.text())),
            ..outcome
        }
    });
}

/// Lets the tool do something, and takes over what comes of it.
fn work(app: &mut App, reach: f32, act: impl FnOnce(&mut Tool, &mut Bench<'_>) -> Outcome) {
    let Some(document) = &mut app.state.document else {
        return;
    };
    let protection = app.state.classes.protection();
    let settings = &app.state.settings;
    let mut bench = Bench {
        labels: &mut document.labels,
        protection: &protection,
        class: app.state.classes.current,
        brush: settings.brush(),
        wand: WandOptions {
            tolerance: settings.wand_tolerance,
            contiguous: settings.wand_contiguous,
        },
        scene: &document.scene,
        selection: document.selection.as_ref(),
        options: &settings.tools,
        reach,
    };
    let outcome = act(&mut app.state.tool, &mut bench);
    take_over(app, outcome);
}

fn take_over(app: &mut App, outcome: Outcome) {
    draw_again(app, outcome.dirty);
    if let Some(class) = outcome.picked {
        app.state.classes.take(class);
    }
    if let Some(tolerance) = outcome.tolerance {
        sight::tolerance(app, tolerance);
    }
    if let (Some(selection), Some(document)) = (outcome.selection, &mut app.state.document) {
        document.selection = selection;
    }
    if let Some(size) = outcome.brush {
        brush_size(app, size);
    }
    if let Some(edit) = outcome.edit {
        let name = app.state.tool_name();
        let named = !edit.name().is_empty();
        keep(app, if named { edit } else { edit.named(name) });
    }
    if let Some(what) = outcome.relabelling {
        relabelling::ask(app, what);
    }
    if let Some(search) = outcome.search {
        sight::search(app, search);
    }
    if !app.state.tool.is_busy() {
        app.state.searches.forget();
    }
}

/// Takes the selection away.
pub(super) fn deselect(app: &mut App) {
    if let Some(document) = &mut app.state.document {
        document.selection = None;
    }
}

/// A finished edit: into the history, and to the journal. What it is called the history shows: a
/// tool's edit is named after the tool unless it has a name, everything else names its own.
pub(super) fn keep(app: &mut App, edit: Edit) {
    let Some(document) = &mut app.state.document else {
        return;
    };
    let edit = std::sync::Arc::new(edit.made_at(SystemTime::now()));
    app.state.classes.counts.applied(&edit);
    document.history.push(edit.clone());
    document.unwritten += 1;
    let id = document.id;
    let labels = document.labels.clone();
    app.background.record_edit(id, edit, labels);
    images::set_status(app, id, Status::Corrected);
}

/// Takes the last edit of this image back, or what is shown and would be one.
pub(super) fn undo(app: &mut App) {
    if app.state.tool.machine().keeps() {
        return tool(app, &[Input::Abort], 0.0);
    }
    if let Some(document) = &app.state.document {
        let (done, _) = document.history.depths();
        jump(app, done.saturating_sub(1));
    }
}

/// Makes the edit that was taken back last again.
pub(super) fn redo(app: &mut App) {
    if let Some(document) = &app.state.document {
        let (done, _) = document.history.depths();
        jump(app, done + 1);
    }
}

/// Undoes or redoes until `depth` edits of this image are done; not in the middle of a gesture or
/// of a mask operation, which both hold on to the labels as they are.
pub(super) fn jump(app: &mut App, depth: usize) {
    if !app.state.is_at_rest() {
        return;
    }
    let Some(document) = &mut app.state.document else {
        return;
    };
    let (before, _) = document.history.depths();
    let dirty = document.history.go_to(&mut document.labels, depth);
    let (after, _) = document.history.depths();
    if before == after {
        return;
    }
    let counts = &mut app.state.classes.counts;
    let steps = document.history.edits().skip(before.min(after));
    for edit in steps.take(before.abs_diff(after)) {
        if after > before {
            counts.applied(edit);
        } else {
            counts.reverted(edit);
        }
    }
    document.unwritten += 1;
    let id = document.id;
    let labels = document.labels.clone();
    app.background
        .record_step(id, after as i64 - before as i64, labels);
    app.state.tool.labels_changed();
    draw_again(app, dirty);
    images::set_status(app, id, Status::Corrected);
}

/// Tells the canvas that labels changed in a rectangle.
pub(super) fn draw_again(app: &mut App, dirty: Rect) {
    let rect = PixelRect {
        x: dirty.x,
        y: dirty.y,
        w: dirty.width,
        h: dirty.height,
    };
    app.surface.canvas.changed(rect);
}

/// Notes that a change is on disk, or says that it is not.
pub(super) fn recorded(app: &mut App, id: ImageId, result: Result<(), String>) {
    let open = app.state.document.as_mut();
    if let Some(document) = open.filter(|document| document.id == id) {
        document.unwritten = document.unwritten.saturating_sub(1);
    }
    if let Err(reason) = result {
        app.toasts.add(Level::Error, reason);
    }
}

/// Sets the tools.
pub(super) fn tool_options(app: &mut App, options: ToolOptions) {
    app.state.settings.tools = options;
    app.save_settings();
}

/// Lets the polygon follow the edges of the image, or no longer.
pub(super) fn toggle_magnetic(app: &mut App) {
    app.state.settings.tools.magnetic ^= true;
    app.save_settings();
}

/// Sets the brush's diameter in image pixels.
pub(super) fn brush_size(app: &mut App, size: u32) {
    app.state.settings.brush = size.clamp(1, LARGEST_BRUSH);
    app.save_settings();
}

/// Changes the brush by `steps` parts of its size, at least one pixel each; of tools that have none,
/// what they are set by.
pub(super) fn brush_step(app: &mut App, steps: i32) {
    if sight::step(app, steps) {
        return;
    }
    let step = (app.state.settings.brush as f32 * BRUSH_STEP).max(1.0);
    brush_by(app, steps * step.round() as i32);
}

/// Changes the brush by so many pixels.
pub(super) fn brush_by(app: &mut App, pixels: i32) {
    if sight::by(app, pixels) {
        return;
    }
    let size = app.state.settings.brush.saturating_add_signed(pixels);
    brush_size(app, size);
}
