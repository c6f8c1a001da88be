//! The list of classes: swatch, name, hotkey, share, and what hides, locks or isolates one.

use egui::{
    Align2, FontId, Id, Key, LayerId, Order, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use crate::fuzzy;
use crate::icons::{self, Icon};
use crate::list::{self, List, ListResponse};
use crate::paint;
use crate::theme::{self, Tokens};

/// A list longer than this has a search field, and shows the recent classes on top.
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
    /// A class that was dropped on another one, whose key it wants.
    pub key_of: Option<[u8; 2]>,
    /// The class under the pointer.
    pub hovered: Option<u8>,
}

/// A class that is being dragged, by its index.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dragged(pub u8);

/// A line of the list.
#[derive(Clone, Copy)]
enum Line<'a> {
    Heading(&'static str),
    Class(&'a ClassRow<'a>),
}

/// Shows the classes in what is left of `ui`. Those of `recent` (class indices, the last one first)
/// stand on top of a long list once more. The one that is `last` comes after the others and stays in
/// view when they are scrolled.
pub fn show(
    ui: &mut Ui,
    rows: &[ClassRow<'_>],
    last: Option<&ClassRow<'_>>,
    recent: &[u8],
) -> ClassListResponse {
    let tokens = theme::tokens(ui.ctx());
    let mut out = ClassListResponse::default();
    let search = if rows.len() > SEARCH_FROM {
        search_field(ui)
    } else {
        Search::default()
    };
    let lines = lines(rows, last, recent, &search.query);
    let last = last.filter(|_| search.query.is_empty());
    if search.entered
        && let Some(Line::Class(best)) = lines.first()
    {
        out.selected = Some(best.index);
    }
    if lines.is_empty() {
        ui.weak("No class has this name");
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let is_selected = |line: &Line<'_>| matches!(line, Line::Class(row) if row.selected);
    // Among the recent ones a class stands still while one walks through all of them.
    let selected = match last {
        Some(row) if row.selected => None,
        _ => lines.iter().rposition(is_selected),
    };
    let list = List {
        name: "Classes",
        count: lines.len(),
        row: tokens.space.row,
        selected,
        twin: lines.iter().position(is_selected),
        below: last.map_or(0.0, |_| tokens.space.row + 1.0),
    };
    let moved = list::show(ui, &list, |ui, place| match &lines[place] {
        Line::Heading(text) => heading(ui, tokens, text),
        Line::Class(row) => show_row(ui, tokens, row, selected == Some(place), &mut out),
    });
    if let Some(row) = last {
        last_row(ui, tokens, row, &moved, &mut out);
    }
    if moved.steps != 0 {
        out.selected = neighbour(&lines, last, selected, moved.steps).or(out.selected);
    }
    out
}

/// The row below the others, in view however they are scrolled.
fn last_row(
    ui: &mut Ui,
    tokens: &Tokens,
    row: &ClassRow<'_>,
    list: &ListResponse,
    out: &mut ClassListResponse,
) {
    let (line, _) = ui.allocate_exact_size(vec2(ui.available_width(), 1.0), Sense::hover());
    ui.painter().rect_filled(line, 0.0, tokens.color.separator);
    let rect = Rect::from_min_size(
        ui.cursor().min,
        vec2(ui.available_width(), tokens.space.row),
    );
    let id = show_row(ui, tokens, row, row.selected, out).accesskit_id();
    if let Some(list) = list.id.filter(|_| row.selected && list.focused) {
        paint::ring(ui, rect);
        ui.ctx().accesskit_node_builder(list, |node| {
            node.set_active_descendant(id);
        });
    }
}

/// What the list shows: what was searched, best first, else the recent classes and all of them.
fn lines<'a>(
    rows: &'a [ClassRow<'a>],
    last: Option<&'a ClassRow<'a>>,
    recent: &[u8],
    query: &str,
) -> Vec<Line<'a>> {
    let all: Vec<&ClassRow<'_>> = rows.iter().chain(last).collect();
    if !query.is_empty() {
        let found = fuzzy::rank(query, all.iter().map(|row| row.name));
        return found
            .iter()
            .map(|found| Line::Class(all[found.index]))
            .collect();
    }
    let mut lines = Vec::new();
    let known = |index: &u8| all.iter().find(|row| row.index == *index).copied();
    if rows.len() > SEARCH_FROM && !recent.is_empty() {
        lines.push(Line::Heading("Recent"));
        lines.extend(recent.iter().filter_map(known).map(Line::Class));
        lines.push(Line::Heading("All"));
    }
    lines.extend(rows.iter().map(Line::Class));
    lines
}

/// The class so many rows from the selected one, at most the last or first.
fn neighbour(
    lines: &[Line<'_>],
    last: Option<&ClassRow<'_>>,
    selected: Option<usize>,
    steps: isize,
) -> Option<u8> {
    // The recent ones are reached again further below.
    let heading = |line: &Line<'_>| matches!(line, Line::Heading(_));
    let first = lines.iter().rposition(heading).map_or(0, |place| place + 1);
    let rows = lines[first..].iter().filter_map(|line| match line {
        Line::Class(row) => Some(*row),
        Line::Heading(_) => None,
    });
    let rows: Vec<&ClassRow<'_>> = rows.chain(last).collect();
    let selected = match selected {
        Some(place) => place.checked_sub(first),
        None => rows.iter().rposition(|row| row.selected),
    };
    let place = selected.map_or(0, |place| {
        let most = rows.len().saturating_sub(1);
        place.saturating_add_signed(steps).min(most)
    });
    rows.get(place).map(|row| row.index)
}

/// What the search field says.
#[derive(Default)]
struct Search {
    /// The text to look for.
    query: String,
    /// Enter was pressed: the best class is taken, and the text is gone in the next frame.
    entered: bool,
}

/// The field; egui keeps its text between frames.
fn search_field(ui: &mut Ui) -> Search {
    let id = ui.make_persistent_id("class search");
    let mut query: String = ui.data_mut(|data| data.get_temp(id).unwrap_or_default());
    let field = id.with("field");
    let response = paint::search_field(ui, field, &mut query, "Search classes");
    let left = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    let entered = left && !query.is_empty();
    let kept = if entered {
        String::new()
    } else {
        query.clone()
    };
    ui.data_mut(|data| data.insert_temp(id, kept));
    Search { query, entered }
}

fn heading(ui: &mut Ui, tokens: &Tokens, text: &str) -> Id {
    let text = theme::strong(text).size(tokens.text.small);
    let room = vec2(ui.available_width(), tokens.space.row);
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    let label = ui.allocate_ui_with_layout(room, layout, |ui| {
        ui.label(text.color(tokens.color.text_weak))
    });
    label.inner.id
}

/// A row; `stop` says that its buttons are stops of the Tab key. Returns the row's widget.
fn show_row(
    ui: &mut Ui,
    tokens: &Tokens,
    row: &ClassRow<'_>,
    stop: bool,
    out: &mut ClassListResponse,
) -> Id {
    let size = vec2(ui.available_width(), tokens.space.row);
    let (rect, response) = ui.allocate_exact_size(size, Sense::CLICK | Sense::DRAG);
    response.widget_info(|| {
        WidgetInfo::selected(Role::ListBoxOption, ui.is_enabled(), row.selected, row.name)
    });
    // The row's buttons lie on it and take the pointer: it stays lit while they are hovered.
    let lit = ui.rect_contains_pointer(rect);
    paint::row_background(ui, tokens, rect, row.selected, lit);
    if response.clicked() {
        out.selected = Some(row.index);
    }
    if lit {
        out.hovered = Some(row.index);
    }
    drag(ui, tokens, rect, &response, row, out);
    let right = buttons(ui, tokens, rect, row, [lit, stop], out);
    texts(ui, tokens, rect.with_max_x(right), row);
    let id = response.id;
    response.context_menu(|ui| menu(ui, row, out));
    id
}

/// The row can be dragged onto a key or onto another row.
fn drag(
    ui: &Ui,
    tokens: &Tokens,
    rect: Rect,
    response: &egui::Response,
    row: &ClassRow<'_>,
    out: &mut ClassListResponse,
) {
    response.dnd_set_drag_payload(Dragged(row.index));
    if response.dragged()
        && let Some(pointer) = ui.ctx().pointer_interact_pos()
    {
        let layer = LayerId::new(Order::Tooltip, response.id);
        let painter = ui.ctx().layer_painter(layer);
        let size = vec2(180.0, tokens.space.row);
        let card = Rect::from_min_size(pointer + vec2(10.0, 4.0), size);
        painter.rect_filled(card, tokens.radius.widget, tokens.color.surface);
        let center = card.left_center() + vec2(15.0, 0.0);
        let swatch = paint::swatch(&painter, tokens, center, theme::class_color(row.color));
        let at = swatch.right_center() + vec2(tokens.space.item, 0.0);
        let font = FontId::proportional(tokens.text.body);
        let ink = tokens.color.text_strong;
        paint::line(
            &painter,
            at,
            Align2::LEFT_CENTER,
            row.name,
            font,
            ink,
            140.0,
        );
    }
    let Some(over) = response.dnd_hover_payload::<Dragged>() else {
        return;
    };
    if over.0 == row.index || row.key.is_none() {
        return;
    }
    let line = Stroke::new(2.0, tokens.color.focus);
    ui.painter().hline(rect.x_range(), rect.top(), line);
    if response.dnd_release_payload::<Dragged>().is_some() {
        out.key_of = Some([over.0, row.index]);
    }
}

/// What the row's buttons do, in words.
fn menu(ui: &mut Ui, row: &ClassRow<'_>, out: &mut ClassListResponse) {
    let hide = if row.hidden { "Show" } else { "Hide" };
    let lock = if row.locked { "Unlock" } else { "Lock" };
    let places = [
        (hide, &mut out.toggle_hidden),
        ("Only this class", &mut out.solo),
        (lock, &mut out.toggle_locked),
    ];
    for (text, place) in places {
        if ui.button(text).clicked() {
            *place = Some(row.index);
            ui.close();
        }
    }
}

/// The eye and the lock at the end of a row; returns where they begin.
fn buttons(
    ui: &Ui,
    tokens: &Tokens,
    row_rect: Rect,
    row: &ClassRow<'_>,
    [lit, stop]: [bool; 2],
    out: &mut ClassListResponse,
) -> f32 {
    let side = tokens.space.row;
    let lock = Rect::from_min_max(row_rect.right_top() - vec2(side, 0.0), row_rect.max);
    let eye = lock.translate(vec2(-side, 0.0));
    let button = |rect, on, off: (&str, Icon), turned: (&str, Icon)| {
        let (text, icon) = if on { turned } else { off };
        let name = format!("{text} {}", row.name);
        row_button(ui, tokens, rect, icon, &name, [lit, on, stop])
    };
    if button(eye, row.hidden, ("Hide", Icon::Eye), ("Show", Icon::EyeOff)) {
        if ui.input(|input| input.modifiers.alt) {
            out.solo = Some(row.index);
        } else {
            out.toggle_hidden = Some(row.index);
        }
    }
    if button(
        lock,
        row.locked,
        ("Lock", Icon::Unlock),
        ("Unlock", Icon::Lock),
    ) {
        out.toggle_locked = Some(row.index);
    }
    eye.left() - tokens.space.gap
}

/// An icon at the end of a row: faint until the row is hovered or it says that it is on.
fn row_button(
    ui: &Ui,
    tokens: &Tokens,
    rect: Rect,
    icon: Icon,
    name: &str,
    [lit, on, stop]: [bool; 3],
) -> bool {
    let sense = if stop { Sense::click() } else { Sense::CLICK };
    // Not by its name, which changes when it is pressed.
    let id = ui.scope_id().with(rect.left() as i32);
    let response = ui.interact(rect, id, sense);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
    let c = &tokens.color;
    let ink = if response.hovered() || response.has_focus() || on {
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
    let center = pos2(rect.left() + item + 7.0, y);
    let swatch = paint::swatch(painter, tokens, center, theme::class_color(row.color));

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
