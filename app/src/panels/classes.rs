//! The classes: which one is painted, which are hidden or locked.

use atrous_widgets::class_list::{self, ClassRow};
use egui::Ui;

use crate::action::{Action, Actions};
use crate::keyboard::class_key;
use crate::state::State;

/// Returns the class that the pointer is over.
pub(super) fn show(ui: &mut Ui, state: &State, actions: &mut Actions) -> Option<u8> {
    let project = state.project.as_ref()?;
    super::heading(ui, "Classes");
    let classes = &state.classes;
    let rows: Vec<ClassRow<'_>> = (0..=u8::MAX)
        .zip(&project.palette.classes)
        .map(|(index, class)| ClassRow {
            index,
            name: &class.name,
            color: class.color,
            key: class_key(index),
            selected: index == classes.current,
            hidden: classes.hidden[usize::from(index)],
            locked: classes.locked[usize::from(index)],
            share: classes.share(index),
        })
        .collect();
    let response = class_list::show(ui, &rows);
    let chosen = [
        response.selected.map(Action::Class),
        response.toggle_hidden.map(Action::ToggleHidden),
        response.toggle_locked.map(Action::ToggleLocked),
        response.solo.map(Action::Solo),
    ];
    for action in chosen.into_iter().flatten() {
        actions.send(action);
    }
    response.hovered
}
