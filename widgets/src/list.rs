//! A long list: only the rows in view are made, and the whole is one stop of the Tab key.

use egui::{
    EventFilter, Id, Key, Modifiers, Rect, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, vec2,
};

use crate::paint;

/// What a list needs to know.
pub(crate) struct List<'a> {
    /// Its accessible name, unique in its panel.
    pub name: &'a str,
    /// How many rows there are.
    pub count: usize,
    /// A row's height in points.
    pub row: f32,
    /// The selected row: it comes into view when it changes.
    pub selected: Option<usize>,
    /// Where the selected row stands a second time: to the pointer it is in view with either.
    pub twin: Option<usize>,
    /// The height to leave free below it, in points.
    pub below: f32,
}

/// What the keys did.
#[derive(Default)]
pub(crate) struct ListResponse {
    /// The list as a widget.
    pub id: Option<Id>,
    /// It has the focus.
    pub focused: bool,
    /// Up and Down, while the list has the focus: so many rows on, below 0 back.
    pub steps: isize,
}

/// Shows the rows in what is left of `ui`; `row` makes one, in a `ui` of the row's size, and says
/// which widget it is.
pub(crate) fn show(
    ui: &mut Ui,
    list: &List<'_>,
    mut row: impl FnMut(&mut Ui, usize) -> Id,
) -> ListResponse {
    let id = ui.make_persistent_id(list.name);
    let focused = ui.memory(|memory| memory.has_focus(id));
    let steps = if focused { steps(ui) } else { 0 };
    let follow = has_changed(ui, id, list.selected);
    ScrollArea::vertical()
        .id_salt(list.name)
        .auto_shrink([false, true])
        .max_height((ui.available_height() - list.below).max(list.row))
        .show_viewport(ui, |ui, viewport| {
            let size = vec2(ui.available_width(), list.row * list.count as f32);
            ui.set_min_size(size);
            let top_left = ui.max_rect().min;
            let at = |place: usize| {
                let down = vec2(0.0, place as f32 * list.row);
                Rect::from_min_size(top_left + down, vec2(size.x, list.row))
            };
            let shown = viewport
                .translate(top_left.to_vec2())
                .intersect(ui.clip_rect());
            stop(ui, id, list, shown);
            let first = (viewport.min.y / list.row).floor().max(0.0) as usize;
            let last = (viewport.max.y / list.row).ceil().max(0.0) as usize;
            for place in first..last.min(list.count) {
                let inside = UiBuilder::new().id_salt(place).max_rect(at(place));
                let made = ui.scope_builder(inside, |ui| row(ui, place)).inner;
                if list.selected == Some(place) {
                    let made = made.accesskit_id();
                    ui.ctx().accesskit_node_builder(id, |node| {
                        node.set_active_descendant(made);
                    });
                    if focused {
                        paint::ring(ui, at(place));
                    }
                }
            }
            let twin = list.twin.filter(|_| !focused);
            let twin_seen = twin.is_some_and(|place| shown.contains_rect(at(place)));
            if let Some(place) = list.selected.filter(|_| follow && !twin_seen) {
                ui.scroll_to_rect(at(place), None);
            }
        });
    ListResponse {
        id: Some(id),
        focused,
        steps,
    }
}

/// The list as a widget that takes the focus, and keeps it while Up and Down are pressed.
fn stop(ui: &Ui, id: Id, list: &List<'_>, rect: Rect) {
    let response = ui.interact(rect, id, Sense::focusable_noninteractive());
    response.widget_info(|| WidgetInfo::labeled(Role::ListBox, ui.is_enabled(), list.name));
    let rows = EventFilter {
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, rows));
    if list.selected.is_none() {
        paint::focus_ring(ui, &response, rect);
    }
}

/// How far the arrow keys go this frame.
fn steps(ui: &Ui) -> isize {
    [(Key::ArrowUp, -1), (Key::ArrowDown, 1)]
        .into_iter()
        .map(|(key, step)| {
            let pressed = ui.input_mut(|input| input.count_and_consume_key(Modifiers::NONE, key));
            step * pressed as isize
        })
        .sum()
}

/// Whether the selected row is another one than in the frame before.
fn has_changed(ui: &Ui, id: Id, selected: Option<usize>) -> bool {
    ui.data_mut(|data| {
        let before = data.get_temp_mut_or_default::<Option<usize>>(id);
        let changed = *before != selected;
        *before = selected;
        changed
    })
}
