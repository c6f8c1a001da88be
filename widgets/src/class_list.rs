//! The list of classes: swatch, name, hotkey, share, and what hides, locks or isolates one.

use egui::{Align2, FontId, Rect, Role, ScrollArea, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::fuzzy;
use crate::icons::{self, Icon};
use crate::paint;
use crate::theme::{self, Tokens};

/// A list longer than this has a search field.
const SEARCH_FROM: usize = 24;

/// One class.
#[derive(Clone, Copy, Debug)]
pub struct ClassRow<'a> {
    /// The class index, as it is in label maps.
    pub index: u8,
    /// Its name.
    pub name: &'a str,
    /// Its colour.
    pub color: [u8; 3],
    /// The key that picks it.
    pub key: Option<&'a str>,
    /// It is what tools paint now.
    pub selected: bool,
    /// It is not shown.
    pub hidden: bool,
    /// It cannot be painted over.
    pub locked: bool,
    /// Its share of the image's pixels, 0 to 1.
    pub share: Option<f32>,
}

/// What the user did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ClassListResponse {
    /// The class that was picked.
    pub selected: Option<u8>,
    /// The class to hide or show again.
    pub toggle_hidden: Option<u8>,
    /// The class to lock or unlock.
    pub toggle_locked: Option<u8>,
    /// The class to show alone: its eye was clicked with Alt.
    pub solo: Option<u8>,
    /// The class under the pointer.
    pub hovered: Option<u8>,
}

/// Shows the classes in what is left of `ui`.
pub fn show(ui: &mut Ui, rows: &[ClassRow<'_>]) -> ClassListResponse {
    let tokens = theme::tokens(ui.ctx());
    let mut out = ClassListResponse::default();
    let query = if rows.len() > SEARCH_FROM {
        search_field(ui)
    } else {
        String::new()
    };
    let shown: Vec<&ClassRow<'_>> = if query.is_empty() {
        rows.iter().collect()
    } else {
        let found = fuzzy::rank(&query, rows.iter().map(|row| row.name));
        found.iter().map(|found| &rows[found.index]).collect()
    };
    if shown.is_empty() {
        ui.weak("No class has this name");
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical()
        .id_salt("classes")
        .auto_shrink([false, true])
        .show_rows(ui, tokens.space.row, shown.len(), |ui, range| {
            for row in &shown[range] {
                show_row(ui, tokens, row, &mut out);
            }
        });
    out
}

/// The text to look for, kept by egui between frames.
fn search_field(ui: &mut Ui) -> String {
    let id = ui.make_persistent_id("class search");
    let mut query: String = ui.data_mut(|data| data.get_temp(id).unwrap_or_default());
    let field = id.with("field");
    if paint::search_field(ui, field, &mut query, "Search classes").changed() {
        ui.data_mut(|data| data.insert_temp(id, query.clone()));
    }
    query
}

fn show_row(ui: &mut Ui, tokens: &Tokens, row: &ClassRow<'_>, out: &mut ClassListResponse) {
    let size = vec2(ui.available_width(), tokens.space.row);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| {
        WidgetInfo::selected(Role::ListBoxOption, ui.is_enabled(), row.selected, row.name)
    });
    // The row's buttons lie on it and take the pointer: it stays lit while they are hovered.
    let lit = ui.rect_contains_pointer(rect);
    paint::row_background(ui, tokens, rect, row.selected, lit);
    paint::focus_ring(ui, &response, rect);
    if response.clicked() {
        out.selected = Some(row.index);
    }
    if lit {
        out.hovered = Some(row.index);
    }
    let right = buttons(ui, tokens, rect, row, lit, out);
    texts(ui, tokens, rect.with_max_x(right), row);
}

/// The eye and the lock at the end of a row; returns where they begin.
fn buttons(
    ui: &Ui,
    tokens: &Tokens,
    row_rect: Rect,
    row: &ClassRow<'_>,
    lit: bool,
    out: &mut ClassListResponse,
) -> f32 {
    let side = tokens.space.row;
    let mut rect = Rect::from_min_size(row_rect.right_top(), Vec2::splat(side));
    let mut button = |what: &str, icon: Icon, on: bool| {
        rect = rect.translate(vec2(-side, 0.0));
        let name = format!("{what} {}", row.name);
        row_button(ui, tokens, rect, icon, &name, lit, on)
    };
    let lock_clicked = if row.locked {
        button("Unlock", Icon::Lock, true)
    } else {
        button("Lock", Icon::Unlock, false)
    };
    let eye_clicked = if row.hidden {
        button("Show", Icon::EyeOff, true)
    } else {
        button("Hide", Icon::Eye, false)
    };
    if lock_clicked {
        out.toggle_locked = Some(row.index);
    }
    if eye_clicked {
        if ui.input(|input| input.modifiers.alt) {
            out.solo = Some(row.index);
        } else {
            out.toggle_hidden = Some(row.index);
        }
    }
    rect.left() - tokens.space.gap
}

/// An icon at the end of a row: faint until the row is hovered or it says that it is on.
fn row_button(
    ui: &Ui,
    tokens: &Tokens,
    rect: Rect,
    icon: Icon,
    name: &str,
    lit: bool,
    on: bool,
) -> bool {
    let response = ui.interact(rect, ui.scope_id().with(name), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
    let c = &tokens.color;
    let ink = if response.hovered() || on {
        c.text_strong
    } else if lit {
        c.text_weak
    } else {
        c.text_disabled
    };
    icons::paint(ui.painter(), rect.center(), icon, 14.0, ink);
    paint::focus_ring(ui, &response, rect);
    response.on_hover_text(name).clicked()
}

/// Swatch and name from the left, share and key from the right.
fn texts(ui: &Ui, tokens: &Tokens, rect: Rect, row: &ClassRow<'_>) {
    let c = &tokens.color;
    let item = tokens.space.item;
    let painter = ui.painter();
    let y = rect.center().y;
    let swatch = Rect::from_center_size(pos2(rect.left() + item + 7.0, y), Vec2::splat(14.0));
    painter.rect_filled(swatch, 3.0, theme::class_color(row.color));

    let share = row.share.map(share_text).unwrap_or_default();
    let mut right = rect.right();
    for (text, width) in [(share.as_str(), 44.0), (row.key.unwrap_or_default(), 24.0)] {
        let font = FontId::proportional(tokens.text.small);
        let at = pos2(right, y);
        let align = Align2::RIGHT_CENTER;
        paint::line(painter, at, align, text, font, c.text_weak, width);
        right -= width;
    }
    let ink = match (row.hidden, row.selected) {
        (true, _) => c.text_disabled,
        (false, true) => c.text_strong,
        (false, false) => c.text,
    };
    let left = swatch.right() + item;
    paint::line(
        painter,
        pos2(left, y),
        Align2::LEFT_CENTER,
        row.name,
        FontId::proportional(tokens.text.body),
        ink,
        right - left,
    );
}

/// A share of the pixels, as short as it can be and still be true.
fn share_text(share: f32) -> String {
    let percent = 100.0 * share;
    if share <= 0.0 {
        String::new()
    } else if percent < 0.1 {
        "<0.1 %".to_owned()
    } else if percent < 10.0 {
        format!("{percent:.1} %")
    } else {
        format!("{percent:.0} %")
    }
}

#[cfg(test)]
mod tests {
    use super::share_text;

    #[test]
    fn shares_are_short_and_true() {
        for (share, text) in [
            (0.0, ""),
            (0.000_01, "<0.1 %"),
            (0.0123, "1.2 %"),
            (0.5049, "50 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(share_text(share), text);
        }
    }
}
