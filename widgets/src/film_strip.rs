//! The film strip: one row an image, as many as there are; only the rows in view are drawn.

use std::ops::Range;

use egui::{
    Align2, Color32, CornerRadius, FontId, IdSalt, Rect, Response, Role, ScrollArea, Sense,
    TextureId, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

use crate::icons::{self, Icon};
use crate::paint;
use crate::theme::{self, Colors, Tokens};

/// How far along an image is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum StripStatus {
    /// No label map yet.
    Unlabelled,
    /// Labelled by a model only.
    Predicted,
    /// Corrected by hand.
    Corrected,
    /// Called done by a person.
    Reviewed,
    /// The file could not be read.
    Failed,
}

impl StripStatus {
    /// The status in words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unlabelled => "unlabelled",
            Self::Predicted => "predicted",
            Self::Corrected => "corrected",
            Self::Reviewed => "reviewed",
            Self::Failed => "failed",
        }
    }

    /// The status as a colour.
    #[must_use]
    pub fn color(self, colors: &Colors) -> Color32 {
        match self {
            Self::Unlabelled => colors.status_unlabelled,
            Self::Predicted => colors.status_predicted,
            Self::Corrected => colors.status_corrected,
            Self::Reviewed => colors.status_reviewed,
            Self::Failed => colors.status_failed,
        }
    }
}

/// One image in the strip.
#[derive(Clone, Copy, Debug)]
pub struct StripItem<'a> {
    /// The image's name.
    pub name: &'a str,
    /// How far along it is.
    pub status: StripStatus,
    /// How unsure the model is, 0 to 1; `None` where no model looked yet.
    pub uncertainty: Option<f32>,
    /// The thumbnail and its size in pixels; `None` until it is loaded.
    pub thumbnail: Option<(TextureId, Vec2)>,
    /// Whether it is chosen, together with others.
    pub chosen: bool,
    /// Whether exports leave it out.
    pub excluded: bool,
}

impl StripItem<'_> {
    /// What a screen reader says of it.
    fn spoken(&self) -> String {
        let mut spoken = format!("{}, {}", self.name, self.status.name());
        if let Some(uncertainty) = self.uncertainty {
            spoken += &format!(", uncertainty {:.0} %", 100.0 * uncertainty);
        }
        if self.excluded {
            spoken += ", excluded from export";
        }
        spoken
    }
}

/// What a click asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Click {
    /// This image.
    Only,
    /// This image too, or no longer: with Ctrl.
    Toggle,
    /// All images up to this one: with Shift.
    Range,
    /// The menu of this image: with the right button.
    Menu,
}

/// What happened in the strip.
#[derive(Clone, Debug)]
pub struct StripResponse {
    /// The row that was clicked, and how.
    pub clicked: Option<(usize, Click)>,
    /// The rows in view: those whose thumbnails are worth loading.
    pub visible: Range<usize>,
}

/// Height of a row, from the tokens.
fn row_height(tokens: &Tokens) -> f32 {
    tokens.space.thumbnail + tokens.space.gap * 2.0
}

/// Shows `len` rows in what is left of `ui`, asking `item` for those in view only. `menu` fills the
/// menu that the right button opens.
///
/// The row `scroll_to` comes into view, for a frame in which that is wanted.
pub fn show<'a>(
    ui: &mut Ui,
    len: usize,
    selected: Option<usize>,
    scroll_to: Option<usize>,
    mut item: impl FnMut(usize) -> StripItem<'a>,
    mut menu: impl FnMut(&mut Ui),
) -> StripResponse {
    let tokens = theme::tokens(ui.ctx());
    let height = row_height(tokens);
    let mut clicked = None;
    let mut area = ScrollArea::vertical()
        .id_salt("film strip")
        .auto_shrink(false);
    if let Some(row) = scroll_to {
        let id = ui.make_persistent_id(IdSalt::new("film strip"));
        if let Some(offset) = offset_to_show(ui, id, row, height) {
            area = area.vertical_scroll_offset(offset);
        }
    }
    let output = area.show_viewport(ui, |ui, viewport| {
        ui.set_height(height * len as f32);
        let first = (viewport.min.y / height).floor().max(0.0) as usize;
        let last = ((viewport.max.y / height).ceil() as usize).min(len);
        let visible = first.min(last)..last;
        let (top, left, width) = (
            ui.max_rect().top(),
            ui.max_rect().left(),
            ui.available_width(),
        );
        for index in visible.clone() {
            // Far down, an f32 has no room for parts of a pixel.
            let y = f64::from(top) + index as f64 * f64::from(height);
            let min = pos2(left, y as f32);
            let rect = Rect::from_min_size(min, vec2(width, height));
            let builder = UiBuilder::new().max_rect(rect).id_salt(index);
            let row = ui.new_child(builder);
            let response = show_row(&row, tokens, rect, item(index), selected == Some(index));
            clicked = click(ui, &response).map(|click| (index, click)).or(clicked);
            response.context_menu(&mut menu);
        }
        visible
    });
    StripResponse {
        clicked,
        visible: output.inner,
    }
}

fn click(ui: &Ui, response: &Response) -> Option<Click> {
    if response.secondary_clicked() {
        return Some(Click::Menu);
    }
    let modifiers = ui.input(|input| input.modifiers);
    if modifiers.any() && !response.clicked_by(egui::PointerButton::Primary) {
        // Enter with other keys is a command's, not a click on what has the focus.
        return None;
    }
    response.clicked().then_some(if modifiers.shift {
        Click::Range
    } else if modifiers.command {
        Click::Toggle
    } else {
        Click::Only
    })
}

/// The scroll offset that brings a row into view with the least movement; `None` if it is.
fn offset_to_show(ui: &Ui, id: egui::Id, row: usize, height: f32) -> Option<f32> {
    let state = egui::scroll_area::State::load(ui.ctx(), id).unwrap_or_default();
    let offset = state.unclamped_offset().y;
    let view = ui.available_height();
    let (top, bottom) = (row as f32 * height, (row + 1) as f32 * height);
    if top < offset {
        Some(top)
    } else if bottom > offset + view {
        Some(bottom - view)
    } else {
        None
    }
}

fn show_row(ui: &Ui, tokens: &Tokens, rect: Rect, item: StripItem<'_>, selected: bool) -> Response {
    let c = &tokens.color;
    let response = ui.interact(rect, ui.scope_id().with("row"), Sense::click());
    response.widget_info(|| {
        let lit = selected || item.chosen;
        WidgetInfo::selected(Role::ListBoxOption, ui.is_enabled(), lit, item.spoken())
    });
    paint::row_background(
        ui,
        tokens,
        rect,
        selected || item.chosen,
        response.hovered(),
    );
    if selected && item.chosen {
        // Among several that are lit, this is the one on the canvas.
        let edge = Rect::from_min_size(rect.min, vec2(3.0, rect.height()));
        ui.painter().rect_filled(edge, 1.5, c.accent);
    }
    paint::focus_ring(ui, &response, rect);

    let space = &tokens.space;
    let side = space.thumbnail;
    let frame = Rect::from_min_size(
        rect.min + Vec2::splat(space.gap),
        vec2(side * 4.0 / 3.0, side),
    );
    thumbnail(ui, tokens, frame, &item);
    if item.excluded {
        badge(ui, tokens, frame);
    }

    let left = frame.right() + space.item;
    let right = rect.right() - space.item;
    let ink = if selected { c.text_strong } else { c.text };
    let line = |y: f32, left: f32, text: &str, size: f32, color: Color32| {
        let font = FontId::proportional(size);
        let width = right - left;
        let pos = pos2(left, y);
        paint::line(
            ui.painter(),
            pos,
            Align2::LEFT_CENTER,
            text,
            font,
            color,
            width,
        );
    };
    let upper = rect.center().y - 9.0;
    let lower = rect.center().y + 9.0;
    line(upper, left, item.name, tokens.text.body, ink);
    let dot = pos2(left + 3.5, lower);
    ui.painter().circle_filled(dot, 3.5, item.status.color(c));
    let status_ink = if selected { c.text } else { c.text_weak };
    line(
        lower,
        left + 12.0,
        item.status.name(),
        tokens.text.small,
        status_ink,
    );
    if let Some(uncertainty) = item.uncertainty {
        let bar = Rect::from_min_max(pos2(right - 28.0, lower - 1.5), pos2(right, lower + 1.5));
        uncertainty_bar(ui, tokens, bar, uncertainty);
    }
    response.on_hover_ui(|ui| {
        ui.label(item.name);
        if let Some(uncertainty) = item.uncertainty {
            ui.weak(format!("Uncertainty {:.0} %", 100.0 * uncertainty));
        }
        if item.excluded {
            ui.weak("Excluded from export");
        }
    })
}

/// The thumbnail as large as it fits, centred in its frame.
fn thumbnail(ui: &Ui, tokens: &Tokens, frame: Rect, item: &StripItem<'_>) {
    let c = &tokens.color;
    let radius = CornerRadius::same(tokens.radius.widget);
    ui.painter().rect_filled(frame, radius, c.field);
    let Some((texture, size)) = item.thumbnail else {
        let (icon, ink) = match item.status {
            StripStatus::Failed => (Icon::Error, c.status_failed),
            _ => (Icon::Image, c.text_disabled),
        };
        icons::paint(ui.painter(), frame.center(), icon, tokens.space.icon, ink);
        return;
    };
    let scale = (frame.size() / size.max(Vec2::splat(1.0))).min_elem();
    let inner = Rect::from_center_size(frame.center(), size * scale);
    egui::Image::from_texture((texture, inner.size()))
        .corner_radius(radius)
        .paint_at(ui, inner);
    if item.excluded {
        let veil = c.field.gamma_multiply(0.6);
        ui.painter().rect_filled(inner, radius, veil);
    }
}

/// In the corner of the thumbnail: exports leave the image out.
fn badge(ui: &Ui, tokens: &Tokens, frame: Rect) {
    let c = &tokens.color;
    let side = tokens.space.icon + 2.0;
    let corner = Rect::from_min_max(frame.max - Vec2::splat(side), frame.max);
    let radius = CornerRadius {
        nw: tokens.radius.widget,
        ..CornerRadius::ZERO
    };
    ui.painter().rect_filled(corner, radius, c.surface);
    let ink = c.text_strong;
    icons::paint(ui.painter(), corner.center(), Icon::NoExport, 14.0, ink);
}

fn uncertainty_bar(ui: &Ui, tokens: &Tokens, bar: Rect, uncertainty: f32) {
    let c = &tokens.color;
    ui.painter().rect_filled(bar, 1.5, c.grid);
    let mut filled = bar;
    filled.set_width(bar.width() * uncertainty.clamp(0.0, 1.0));
    ui.painter().rect_filled(filled, 1.5, c.heat_high);
}
