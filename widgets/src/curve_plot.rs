//! Live curves of a fine-tuning: small plots above each other that share their x axis.

use egui::{Color32, FontId, Response, Role, TextStyle, Ui, Vec2b, WidgetInfo};
use egui_plot::{Line, MarkerShape, Plot, PlotPoints, Points};

use crate::theme::{self, Tokens};

/// The colour of a curve, by what it shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CurveKind {
    /// The training loss: many points, a plain line, from 0 up.
    Loss,
    /// A held-out score from 0 to 1: few points, each marked.
    Score,
}

impl CurveKind {
    fn color(self, tokens: &Tokens) -> Color32 {
        match self {
            Self::Loss => tokens.color.curve_loss,
            Self::Score => tokens.color.curve_score,
        }
    }
}

/// One curve.
#[derive(Clone, Copy, Debug)]
pub struct Curve<'a> {
    /// Its name, e.g. "Loss".
    pub name: &'a str,
    /// What it shows.
    pub kind: CurveKind,
    /// Points `[step, value]`, steps ascending.
    pub points: &'a [[f64; 2]],
}

/// Shows each curve in its own plot of `height` points. Their x axes and cursors are linked;
/// `salt` keeps several groups apart.
pub fn show(ui: &mut Ui, salt: &str, curves: &[Curve<'_>], height: f32) {
    let group = ui.scope_id().with(salt);
    for curve in curves {
        let response = ui.scope(|ui| show_one(ui, group, curve, height)).inner;
        response.widget_info(|| {
            let last = curve.points.last().map_or_else(
                || "no points yet".to_owned(),
                |[step, value]| format!("{value:.3} at step {step}"),
            );
            WidgetInfo::labeled(Role::Figure, true, format!("{}: {last}", curve.name))
        });
    }
}

fn show_one(ui: &mut Ui, group: egui::Id, curve: &Curve<'_>, height: f32) -> Response {
    let tokens = theme::tokens(ui.ctx());
    let color = curve.kind.color(tokens);
    heading(ui, tokens, curve, color);
    let mut plot = Plot::new(group.with(curve.name))
        .height(height)
        .link_axis(group, Vec2b::new(true, false))
        .link_cursor(group, Vec2b::new(true, false))
        .show_background(false)
        .grid_color(tokens.color.grid)
        .allow_drag(false)
        .allow_scroll(false)
        .allow_zoom(false)
        .allow_boxed_zoom(false)
        .y_axis_min_width(36.0)
        .include_x(0.0)
        .include_y(0.0);
    if curve.kind == CurveKind::Score {
        plot = plot.include_y(1.0);
    }
    // The axes take egui's body text; theirs is to be smaller.
    let small = FontId::proportional(tokens.text.small);
    ui.style_mut().text_styles.insert(TextStyle::Body, small);
    let points = || PlotPoints::from(curve.points.to_vec());
    plot.show(ui, |plot| {
        plot.line(Line::new(curve.name, points()).color(color).width(1.75));
        if curve.kind == CurveKind::Score {
            let marks = Points::new(curve.name, points());
            plot.points(marks.color(color).radius(2.5).shape(MarkerShape::Circle));
        }
    })
    .response
}

/// The curve's name and its latest value.
fn heading(ui: &mut Ui, tokens: &Tokens, curve: &Curve<'_>, color: Color32) {
    ui.horizontal(|ui| {
        ui.label(curve.name);
        if let Some([_, value]) = curve.points.last() {
            let text = match curve.kind {
                CurveKind::Loss => format!("{value:.3}"),
                CurveKind::Score => format!("{:.1} %", 100.0 * value),
            };
            ui.label(theme::strong(text).color(color));
        } else {
            let waiting = egui::RichText::new("no points yet").color(tokens.color.text_weak);
            ui.label(waiting);
        }
    });
}
