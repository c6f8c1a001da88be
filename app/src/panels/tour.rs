//! The tour's card: it points at the real button, says what it is for, and never stands in the way.

use atrous_widgets::canvas::Canvas;
use atrous_widgets::theme::{self, Tokens};
use egui::{
    Align, Area, Button, Context, Frame, Id, Layout, Order, Pos2, Rect, Response, RichText, Role,
    Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::spots;
use crate::action::{Action, Actions};
use crate::state::{State, TourStep};

/// The card's width, in points: that of the panels beside the canvas, so that it finds room there.
const WIDTH: f32 = 256.0;
/// Around what the card says, in points.
const MARGIN: f32 = 12.0;
/// Between the card and what it points at, in points.
const GAP: f32 = 14.0;

pub(super) fn show(context: &Context, state: &State, canvas: &Canvas, actions: &mut Actions) {
    let Some(tour) = &state.tour else {
        context.data_mut(|data| data.remove_temp::<usize>(focused_step()));
        return;
    };
    let tokens = theme::tokens(context);
    let target = spots::of(context, tour.step.command());
    if let Some(target) = target {
        ring(context, tokens, target);
    }
    // Its height is that of the frame before.
    let id = Id::unique("tour");
    let height = context
        .memory(|memory| memory.area_rect(id))
        .map_or(160.0, |rect| rect.height());
    let mut room = context.content_rect().shrink(8.0);
    room.max.y -= tokens.space.row;
    let at = beside(room, target, vec2(WIDTH, height), image(state, canvas));
    Area::new(id)
        .order(Order::Foreground)
        .fixed_pos(at)
        .show(context, |ui| {
            let frame = Frame::popup(ui.style())
                .inner_margin(MARGIN as i8)
                .stroke(Stroke::new(1.0, tokens.color.focus));
            frame.show(ui, |ui| card(ui, tour.step, actions));
        });
}

fn card(ui: &mut Ui, step: TourStep, actions: &mut Actions) {
    ui.set_width(WIDTH - 2.0 * MARGIN);
    ui.horizontal(|ui| {
        ui.label(theme::strong(step.title()).size(15.0));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.weak(format!("{} of {}", step.place() + 1, TourStep::ALL.len()));
        });
    });
    ui.add_space(2.0);
    ui.label(step.text());
    let keys = step.command().keys(ui.ctx());
    if !keys.is_empty() {
        ui.weak(format!("{}: {keys}", step.command().title()));
    }
    ui.add_space(6.0);
    ui.horizontal(|ui| {
        if ui.link("Skip the tour").clicked() {
            actions.send(Action::EndTour);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            next(ui, step, actions);
            let back = Button::new("Back");
            if ui.add_enabled(step.place() > 0, back).clicked() {
                actions.send(Action::Tour(-1));
            }
        });
    });
}

/// The button to go on. It has the focus when the stop begins, and tells a screen reader the text.
fn next(ui: &mut Ui, step: TourStep, actions: &mut Actions) {
    let tokens = theme::tokens(ui.ctx());
    let last = step.neighbour(1).is_none();
    let text = if last { "Done" } else { "Next" };
    let button = Button::new(RichText::new(text).color(tokens.color.text_on_accent));
    let response = ui.add(button.fill(tokens.color.accent));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, text));
    let spoken = format!("{}. {}", step.title(), step.text());
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_description(spoken);
    });
    focus_once(ui, &response, step);
    if response.clicked() {
        actions.send(if last {
            Action::EndTour
        } else {
            Action::Tour(1)
        });
    }
}

/// Where it is kept which stop's button got the focus.
fn focused_step() -> Id {
    Id::unique("tour step")
}

fn focus_once(ui: &Ui, response: &Response, step: TourStep) {
    let id = focused_step();
    let focused = ui.data(|data| data.get_temp::<usize>(id));
    if focused != Some(step.place()) {
        ui.data_mut(|data| data.insert_temp(id, step.place()));
        response.request_focus();
    }
}

/// A ring around what the stop is about.
fn ring(context: &Context, tokens: &Tokens, target: Rect) {
    let layer = egui::LayerId::new(Order::Foreground, Id::unique("tour ring"));
    let painter = context.layer_painter(layer);
    let stroke = Stroke::new(2.0, tokens.color.focus);
    let rect = target.expand(3.0);
    painter.rect_stroke(rect, tokens.radius.window, stroke, StrokeKind::Outside);
}

/// Where the image is on the screen; nowhere without one.
fn image(state: &State, canvas: &Canvas) -> Rect {
    let (Some(document), Some(view)) = (&state.document, canvas.view()) else {
        return Rect::NOTHING;
    };
    let [width, height] = document.size.map(|side| side as f32);
    let ends = [pos2(0.0, 0.0), pos2(width, height)].map(|end| view.to_screen(end));
    Rect::from_two_pos(ends[0], ends[1]).intersect(view.rect())
}

/// Where a card of that size stands: below the target, else beside or above it, or in a lower
/// corner, wherever it covers least of the image; in the middle without a target.
fn beside(room: Rect, target: Option<Rect>, size: egui::Vec2, image: Rect) -> Pos2 {
    let Some(target) = target else {
        return room.center() - size / 2.0;
    };
    let centered = pos2(
        target.center().x - size.x / 2.0,
        target.center().y - size.y / 2.0,
    );
    let candidates = [
        pos2(centered.x, target.bottom() + GAP),
        pos2(target.right() + GAP, target.top()),
        pos2(target.left() - GAP - size.x, target.top()),
        pos2(centered.x, target.top() - GAP - size.y),
        pos2(room.left(), room.bottom() - size.y),
        pos2(room.right() - size.x, room.bottom() - size.y),
    ];
    let clamped = candidates.map(|at| {
        let x =
            at.x.clamp(room.left(), (room.right() - size.x).max(room.left()));
        let y =
            at.y.clamp(room.top(), (room.bottom() - size.y).max(room.top()));
        pos2(x, y)
    });
    let is_clear = |at: &Pos2| !Rect::from_min_size(*at, size).intersects(target);
    // Narrow things at an edge of the window: beside them, so that nothing below is covered.
    let narrow = target.width() < 48.0 && target.center().x < room.left() + 320.0;
    let mut order = clamped;
    if narrow {
        order.swap(0, 1);
    }
    let covered = |at: &Pos2| {
        let both = Rect::from_min_size(*at, size).intersect(image);
        both.width().max(0.0) * both.height().max(0.0)
    };
    let clear = order.into_iter().filter(is_clear);
    let best = clear.min_by(|a, b| covered(a).total_cmp(&covered(b)));
    best.unwrap_or(clamped[0])
}
