//! The classes: which one is painted, which are hidden or locked, and their keys.

use atrous_palettes::VOID;
use atrous_widgets::class_keys::{self, ClassKey};
use atrous_widgets::class_list::{self, ClassRow};
use egui::Ui;

use crate::action::{Action, Actions};
use crate::state::{OpenProject, SLOTS, State, key_text};

/// The values that label maps of the project can have: its classes, and void at the end.
pub(super) fn indices(project: &OpenProject) -> impl Iterator<Item = u8> + use<> {
    let classes = u8::try_from(project.palette.len()).unwrap_or(VOID);
    (0..classes).chain([VOID])
}

/// Returns the class that the pointer is over.
pub(super) fn show(ui: &mut Ui, state: &State, actions: &mut Actions) -> Option<u8> {
    let project = state.project.as_ref()?;
    keys(ui, state, project, actions);
    ui.add_space(6.0);
    let classes = &state.classes;
    let palette = &project.palette;
    let keys: Vec<Option<String>> = indices(project)
        .map(|index| {
            classes
                .slots
                .key_of(index)
                .map(|key| key.replace("Shift+", "\u{21e7}"))
        })
        .collect();
    let rows: Vec<ClassRow<'_>> = indices(project)
        .zip(&keys)
        .map(|(index, key)| (index, palette.class(index), key))
        .map(|(index, class, key)| ClassRow {
            index,
            name: class.map_or("void", |class| &class.name),
            color: class.map_or(palette.void_color, |class| class.color),
            key: key.as_deref(),
            selected: index == classes.current,
            hidden: classes.hidden[usize::from(index)],
            locked: classes.locked[usize::from(index)],
            share: classes.share(index),
        })
        .collect();
    // Void is the last one.
    let (last, rows) = rows
        .split_last()
        .map_or((None, &[][..]), |(last, rows)| (Some(last), rows));
    let response = class_list::show(ui, rows, last, &classes.recent);
    let chosen = [
        response.selected.map(Action::Class),
        response.toggle_hidden.map(Action::ToggleHidden),
        response.toggle_locked.map(Action::ToggleLocked),
        response.solo.map(Action::Solo),
        response
            .key_of
            .map(|[class, other]| Action::ClassKeyOf { class, other }),
    ];
    for action in chosen.into_iter().flatten() {
        actions.send(action);
    }
    response.hovered
}

/// The keys of classes: a second row, with Shift, where there are so many classes.
fn keys(ui: &mut Ui, state: &State, project: &OpenProject, actions: &mut Actions) {
    let palette = &project.palette;
    let count = if palette.len() > 10 { SLOTS } else { 10 };
    let texts: Vec<String> = (0..count).map(key_text).collect();
    let keys: Vec<ClassKey<'_>> = texts
        .iter()
        .enumerate()
        .map(|(slot, key)| {
            let class = state.classes.slots.class(slot);
            let known = class.and_then(|class| palette.class(class));
            ClassKey {
                key,
                class: known.map(|class| (class.name.as_str(), class.color)),
                selected: class == Some(state.classes.current),
            }
        })
        .collect();
    let response = class_keys::show(ui, &keys);
    let clicked = response
        .clicked
        .and_then(|slot| state.classes.slots.class(slot));
    if let Some(class) = clicked {
        actions.send(Action::Class(class));
    }
    if let Some((class, slot)) = response.dropped {
        actions.send(Action::ClassKey { class, slot });
    }
}
