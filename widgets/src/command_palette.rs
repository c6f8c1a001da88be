//! The command palette: every action of the application, found by a few of its letters.

use egui::text::{LayoutJob, TextFormat};
use egui::{
    Align, Align2, Area, Context, FontId, Frame, Id, Key, Modifiers, Order, Role, ScrollArea,
    Sense, Ui, WidgetInfo, pos2, vec2,
};

use crate::fuzzy::{self, Found};
use crate::paint;
use crate::theme::{self, Tokens};

/// Rows in view at once.
const ROWS: f32 = 12.0;

/// One action.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// What it does.
    pub text: &'a str,
    /// The same at more length.
    pub tooltip: &'a str,
    /// Its keys in words, empty if it has none.
    pub shortcut: String,
    /// Why it can't be done now; none where it can.
    pub disabled: Option<String>,
}

/// Whether the palette is open, and what was typed.
#[derive(Clone, Debug, Default)]
pub struct Palette {
    open: bool,
    query: String,
    selected: usize,
    /// It was shown before: until then a click elsewhere is the one that opened it.
    shown: bool,
}

impl Palette {
    /// Opens it with nothing typed, or closes it.
    pub fn toggle(&mut self) {
        *self = Self {
            open: !self.open,
            ..Self::default()
        };
    }

    /// Whether it is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Shows it if it is open; returns the position of the entry that was picked, after which it
    /// is closed. Esc and a click elsewhere close it too.
    pub fn show(&mut self, ctx: &Context, entries: &[Entry<'_>]) -> Option<usize> {
        if !self.open {
            return None;
        }
        let tokens = theme::tokens(ctx);
        let move_by = keys(ctx);
        let found = fuzzy::rank(&self.query, entries.iter().map(|entry| entry.text));
        let last = found.len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(move_by).min(last);
        let enter = consume(ctx, Key::Enter);
        let width = tokens
            .space
            .palette_width
            .min(ctx.content_rect().width() - 32.0);

        let mut picked = None;
        let area = Area::new(Id::unique("command palette"))
            .order(Order::Foreground)
            .anchor(Align2::CENTER_TOP, vec2(0.0, 72.0))
            .show(ctx, |ui| {
                Frame::popup(ui.style()).inner_margin(8.0).show(ui, |ui| {
                    ui.set_width(width - 16.0);
                    self.search_field(ui);
                    ui.add_space(4.0);
                    picked = self.rows(ui, tokens, entries, &found, move_by != 0);
                });
            });
        if enter {
            picked = found
                .get(self.selected)
                .map(|found| found.index)
                .filter(|index| entries[*index].disabled.is_none());
        }
        let elsewhere = self.shown && area.response.clicked_elsewhere();
        self.shown = true;
        let closed = consume(ctx, Key::Escape) || elsewhere;
        if picked.is_some() || closed {
            self.open = false;
        }
        picked
    }

    fn search_field(&mut self, ui: &mut Ui) {
        let response = paint::search_field(ui, field_id(), &mut self.query, "Search commands");
        if response.changed() {
            self.selected = 0;
        }
        response.request_focus();
    }

    fn rows(
        &self,
        ui: &mut Ui,
        tokens: &Tokens,
        entries: &[Entry<'_>],
        found: &[Found],
        moved: bool,
    ) -> Option<usize> {
        if found.is_empty() {
            ui.weak("No command has these letters");
            return None;
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut picked = None;
        ScrollArea::vertical()
            .max_height(ROWS * row_height(tokens))
            .auto_shrink([false, true])
            .show(ui, |ui| {
                for (position, found) in found.iter().enumerate() {
                    let entry = &entries[found.index];
                    let selected = position == self.selected;
                    let response = row(ui, tokens, entry, found, selected);
                    if selected && moved {
                        response.scroll_to_me(None);
                    }
                    if selected {
                        announce(ui, &response);
                    }
                    if response.clicked() && entry.disabled.is_none() {
                        picked = Some(found.index);
                    }
                }
            });
        picked
    }
}

fn field_id() -> Id {
    Id::unique("command palette field")
}

/// Tells a screen reader which row the keys are on, while the field keeps the focus.
fn announce(ui: &Ui, row: &egui::Response) {
    let id = row.id.accesskit_id();
    let point_to = |node: &mut egui::accesskit::Node| node.set_active_descendant(id);
    ui.ctx().accesskit_node_builder(field_id(), point_to);
}

fn row_height(tokens: &Tokens) -> f32 {
    tokens.space.row + tokens.space.gap
}

fn row(
    ui: &mut Ui,
    tokens: &Tokens,
    entry: &Entry<'_>,
    found: &Found,
    selected: bool,
) -> egui::Response {
    let c = &tokens.color;
    let size = vec2(ui.available_width(), row_height(tokens));
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let enabled = entry.disabled.is_none();
    response.widget_info(|| WidgetInfo::selected(Role::MenuItem, enabled, selected, entry.text));
    if let Some(reason) = &entry.disabled {
        let describe = |node: &mut egui::accesskit::Node| node.set_description(reason.as_str());
        ui.ctx().accesskit_node_builder(response.id, describe);
    }
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let hovered = response.hovered() && enabled;
    paint::row_background(ui, tokens, rect, selected, hovered);
    let painter = ui.painter();
    let y = rect.center().y;
    let small = FontId::proportional(tokens.text.small);
    let mut right = rect.right() - tokens.space.item;
    // What a greyed one waits for is worth more than its keys.
    let note = entry.disabled.as_ref().unwrap_or(&entry.shortcut);
    if !note.is_empty() {
        let at = pos2(right, y);
        let shown = paint::line(
            painter,
            at,
            Align2::RIGHT_CENTER,
            note,
            small,
            c.text_weak,
            280.0,
        );
        right = shown.left();
    }
    let ink = match (enabled, selected) {
        (false, _) => c.text_disabled,
        (true, true) => c.text_strong,
        (true, false) => c.text,
    };
    let mut job = highlighted(tokens, entry, found, ink);
    let left = rect.left() + tokens.space.item;
    job.wrap = egui::text::TextWrapping::truncate_at_width(right - 16.0 - left);
    let galley = painter.layout_job(job);
    painter.galley(pos2(left, y - galley.size().y / 2.0), galley, ink);
    if entry.tooltip.is_empty() {
        response
    } else {
        response.on_hover_text(entry.tooltip)
    }
}

/// The entry's text with the letters that matched in another colour.
fn highlighted(tokens: &Tokens, entry: &Entry<'_>, found: &Found, ink: egui::Color32) -> LayoutJob {
    let mut job = LayoutJob::default();
    for (position, letter) in entry.text.chars().enumerate() {
        let hit = entry.disabled.is_none() && found.matched.binary_search(&position).is_ok();
        let color = if hit { tokens.color.match_text } else { ink };
        let format = TextFormat {
            font_id: FontId::proportional(tokens.text.body),
            color,
            valign: Align::Center,
            ..TextFormat::default()
        };
        job.append(letter.encode_utf8(&mut [0; 4]), 0.0, format);
    }
    job
}

/// How far the arrow keys move the selection this frame.
fn keys(ctx: &Context) -> isize {
    let steps = [
        (Key::ArrowDown, 1),
        (Key::ArrowUp, -1),
        (Key::PageDown, ROWS as isize),
        (Key::PageUp, -(ROWS as isize)),
    ];
    steps
        .into_iter()
        .filter(|(key, _)| consume(ctx, *key))
        .map(|(_, step)| step)
        .sum()
}

fn consume(ctx: &Context, key: Key) -> bool {
    ctx.input_mut(|input| input.consume_key(Modifiers::NONE, key))
}
