//! A field to type a query into: it marks the word that makes no sense and offers what could be
//! typed.

use std::ops::Range;
use std::sync::Arc;

use egui::text::{CCursor, CCursorRange, LayoutJob, TextFormat};
use egui::{
    Area, Context, FontId, Frame, Galley, Id, Key, Margin, Modifiers, Order, Rect, Role, Sense,
    Stroke, TextBuffer, TextEdit, Ui, WidgetInfo, pos2, text_edit::TextEditState, vec2,
};

use crate::paint;
use crate::theme::{self, Tokens};

/// Something that can be typed.
#[derive(Clone, Copy, Debug)]
pub struct Offer<'a> {
    /// The word.
    pub text: &'a str,
    /// What it is for; may be empty.
    pub hint: &'a str,
}

/// What a query is made of at the moment.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    /// What is typed.
    pub text: &'a str,
    /// Shown where nothing is typed; the field's accessible name.
    pub hint: &'a str,
    /// The word that makes no sense, in bytes, and what was expected.
    pub fault: Option<(&'a Range<usize>, &'a str)>,
    /// What the word at the cursor could become.
    pub offers: &'a [Offer<'a>],
    /// The word that an offer takes the place of, in bytes.
    pub word: &'a Range<usize>,
}

/// What the field keeps between frames.
#[derive(Clone, Debug, Default)]
pub struct QueryField {
    /// Where the cursor is, in bytes.
    cursor: usize,
    /// The offer that Enter takes.
    marked: Option<usize>,
    focused: bool,
    /// Whether the field is to take the keyboard.
    wanted: bool,
    /// Whether the button that took an offer is still down.
    held: bool,
}

impl QueryField {
    /// Gives the field the keyboard, with all of its text selected.
    pub fn focus(&mut self) {
        self.wanted = true;
    }

    /// Where the cursor is, in bytes: offers are for the word that ends there.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Whether the field has the keyboard: only then are offers shown.
    pub fn is_focused(&self) -> bool {
        self.focused
    }

    /// Shows the field, as wide as there is room. Returns the text where it changed; Escape empties
    /// it.
    pub fn show(&mut self, ui: &mut Ui, query: &Query<'_>) -> Option<String> {
        let tokens = theme::tokens(ui.ctx());
        let id = ui.make_persistent_id("query");
        let taken = self.keys(ui, query);
        // Tab leaves the field where nothing is typed that could be completed.
        let completes = self.completes(query);
        let mut text = query.text.to_owned();
        let mut layout = |ui: &Ui, text: &dyn TextBuffer, _width: f32| {
            galley(ui, tokens, text.as_str(), query.fault)
        };
        let response = ui
            .scope(|ui| {
                let faulty = query.fault.is_some() && !self.focused;
                // egui rings the focused field with this.
                ui.visuals_mut().selection.stroke.color = tokens.color.focus;
                let edge = if faulty {
                    tokens.color.error
                } else {
                    tokens.color.field_edge
                };
                let widgets = &mut ui.visuals_mut().widgets;
                widgets.inactive.bg_stroke = Stroke::new(1.0, edge);
                widgets.hovered.bg_stroke = Stroke::new(1.0, edge);
                let edit = TextEdit::singleline(&mut text)
                    .id(id)
                    .hint_text(query.hint)
                    .margin(Margin::symmetric(8, 5))
                    .desired_width(f32::INFINITY)
                    .layouter(&mut layout)
                    .lock_focus(completes);
                ui.add(edit)
            })
            .inner;
        // egui takes the hint away once there is text.
        ui.ctx()
            .accesskit_node_builder(response.id, |node| node.set_label(query.hint));
        if std::mem::take(&mut self.wanted) {
            response.request_focus();
            let end = CCursor::new(text.chars().count());
            select(ui.ctx(), id, CCursorRange::two(CCursor::new(0), end));
        }
        self.focused = response.has_focus();
        self.read_cursor(ui.ctx(), id, &text);
        if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Escape)) {
            text.clear();
        }
        let pointed = self.offers(ui, response.rect, query);
        self.held |= pointed.is_some();
        if self.held && !ui.input(|input| input.pointer.primary_down()) {
            // Letting the button go beside the field has just taken the keyboard from it.
            self.held = false;
            response.request_focus();
        }
        if let Some(offer) = taken.or(pointed).and_then(|at| query.offers.get(at)) {
            self.take(ui.ctx(), id, &mut text, query, offer);
            response.request_focus();
        }
        (text != query.text).then_some(text)
    }

    /// Whether Tab takes an offer.
    fn completes(&self, query: &Query<'_>) -> bool {
        let begun = !query.word.is_empty() || self.marked.is_some();
        self.focused && !query.offers.is_empty() && begun
    }

    /// Arrows go through the offers, Tab and Enter take one. Returns the one that is taken.
    fn keys(&mut self, ui: &Ui, query: &Query<'_>) -> Option<usize> {
        let offers = query.offers.len();
        if !self.focused || offers == 0 {
            self.marked = None;
            return None;
        }
        let marked = self.marked.filter(|marked| *marked < offers);
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        self.marked = marked;
        if pressed(Key::ArrowDown) {
            self.marked = Some(marked.map_or(0, |marked| (marked + 1) % offers));
        } else if pressed(Key::ArrowUp) {
            self.marked = Some((marked.unwrap_or(0) + offers - 1) % offers);
        } else if self.completes(query) && pressed(Key::Tab) {
            return Some(marked.unwrap_or(0));
        } else if marked.is_some() && pressed(Key::Enter) {
            return marked;
        }
        None
    }

    /// Puts an offer in the place of the word at the cursor.
    fn take(
        &mut self,
        context: &Context,
        id: Id,
        text: &mut String,
        query: &Query<'_>,
        offer: &Offer<'_>,
    ) {
        let Some(before) = query.text.get(..query.word.start) else {
            return;
        };
        let after = query.text.get(query.word.end..).unwrap_or_default();
        // A word that goes on is not finished by a space.
        let finished = !offer.text.ends_with([':', '>']) && !after.starts_with(' ');
        let space = if finished { " " } else { "" };
        let typed = format!("{before}{}{space}", offer.text);
        let at = CCursor::new(typed.chars().count());
        self.cursor = typed.len();
        self.marked = None;
        *text = typed + after;
        select(context, id, CCursorRange::one(at));
    }

    fn read_cursor(&mut self, context: &Context, id: Id, text: &str) {
        let range = TextEditState::load(context, id).and_then(|state| state.cursor.char_range());
        if let Some(range) = range {
            let letters = text.char_indices().map(|(at, _)| at);
            let mut places = letters.chain([text.len()]);
            self.cursor = places.nth(range.primary.index.0).unwrap_or(text.len());
        }
    }

    /// Shows what is wrong and what could be typed, below the field. Returns the offer that was
    /// clicked.
    fn offers(&self, ui: &Ui, field: Rect, query: &Query<'_>) -> Option<usize> {
        if !self.focused || query.offers.is_empty() {
            return None;
        }
        let tokens = theme::tokens(ui.ctx());
        let mut clicked = None;
        Area::new(Id::unique("query offers"))
            .order(Order::Foreground)
            .fixed_pos(field.left_bottom() + vec2(0.0, 2.0))
            .show(ui.ctx(), |ui| {
                let frame = Frame::popup(ui.style()).inner_margin(4);
                frame.show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    for (at, offer) in query.offers.iter().enumerate() {
                        let marked = self.marked == Some(at);
                        if row(ui, tokens, offer, marked, field.width().max(320.0)) {
                            clicked = Some(at);
                        }
                    }
                });
            });
        clicked
    }
}

/// One offer; says whether the pointer takes it. That is when the button goes down: once it is up
/// the field has lost the keyboard, and the offers are gone.
fn row(ui: &mut Ui, tokens: &Tokens, offer: &Offer<'_>, marked: bool, width: f32) -> bool {
    let c = &tokens.color;
    let size = vec2(width - 10.0, tokens.space.row);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, marked, offer.text));
    paint::row_background(ui, tokens, rect, marked, response.hovered());
    let body = FontId::proportional(tokens.text.body);
    let small = FontId::proportional(tokens.text.small);
    let at = pos2(rect.left() + tokens.space.item, rect.center().y);
    let align = egui::Align2::LEFT_CENTER;
    let text = paint::line(
        ui.painter(),
        at,
        align,
        offer.text,
        body,
        c.text_strong,
        width,
    );
    let at = pos2(text.right() + tokens.space.item, rect.center().y);
    let room = rect.right() - tokens.space.gap - at.x;
    paint::line(
        ui.painter(),
        at,
        align,
        offer.hint,
        small,
        c.text_weak,
        room,
    );
    let pressed = ui.input(|input| input.pointer.primary_pressed());
    response.clicked() || response.contains_pointer() && pressed
}

fn select(context: &Context, id: Id, range: CCursorRange) {
    let mut state = TextEditState::load(context, id).unwrap_or_default();
    state.cursor.set_char_range(Some(range));
    state.store(context, id);
}

/// The text with the word that makes no sense underlined.
fn galley(
    ui: &Ui,
    tokens: &Tokens,
    text: &str,
    fault: Option<(&Range<usize>, &str)>,
) -> Arc<Galley> {
    let font = FontId::proportional(tokens.text.body);
    let plain = TextFormat::simple(font, tokens.color.text);
    let wrong = TextFormat {
        underline: Stroke::new(1.0, tokens.color.error),
        color: tokens.color.error,
        ..plain.clone()
    };
    let mut job = LayoutJob::default();
    // The fault is of the text of the last frame, which may have been longer.
    let span = fault.map(|(span, _)| span.clone());
    let span = span.filter(|span| text.get(span.clone()).is_some());
    let span = span.unwrap_or(text.len()..text.len());
    for (part, format) in [
        (&text[..span.start], &plain),
        (&text[span.clone()], &wrong),
        (&text[span.end..], &plain),
    ] {
        job.append(part, 0.0, format.clone());
    }
    ui.painter().layout_job(job)
}
