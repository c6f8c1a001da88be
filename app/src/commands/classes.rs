//! Choosing, hiding and locking classes.

use atrous_palettes::VOID;
use atrous_widgets::toasts::Level;

use super::{App, editing};
use crate::state::key_text;

/// Paints `class` from now on.
pub(super) fn take(app: &mut App, class: u8) {
    editing::keep_shown(app);
    app.state.classes.take(class);
}

/// Takes the class that was current before.
pub(super) fn swap(app: &mut App) {
    let previous = app.state.classes.previous;
    let known = app
        .state
        .project
        .as_ref()
        .is_some_and(|project| usize::from(previous) < project.palette.len());
    if known || previous == VOID {
        take(app, previous);
    }
}

/// Takes the class under the pointer.
pub(super) fn pick(app: &mut App) {
    if let Some(class) = under_pointer(app) {
        take(app, class);
    }
}

/// Locks or unlocks the class under the pointer, or the current one while the pointer is elsewhere.
pub(super) fn lock(app: &mut App) {
    let elsewhere = app.state.view.pixel.is_none();
    let current = elsewhere.then_some(app.state.classes.current);
    if let Some(class) = under_pointer(app).or(current) {
        app.state.classes.toggle_locked(class);
    }
}

/// Gives a class the key of a place.
pub(super) fn give_key(app: &mut App, class: u8, slot: usize) {
    app.state.classes.slots.give(class, slot);
    keep_keys(app);
    let Some(project) = &app.state.project else {
        return;
    };
    if let Some(class) = project.palette.class(class) {
        let text = format!("{} is {} now", key_text(slot), class.name);
        app.toasts.add(Level::Info, text);
    }
}

/// Gives a class the key of another.
pub(super) fn give_key_of(app: &mut App, class: u8, other: u8) {
    app.state.classes.slots.give_key_of(class, other);
    keep_keys(app);
}

/// Keeps the keys of classes for the next project with this palette.
fn keep_keys(app: &mut App) {
    let Some(project) = &app.state.project else {
        return;
    };
    let palette = &project.palette;
    let keys = &mut app.state.settings.class_keys;
    match app.state.classes.slots.kept(palette) {
        Some(kept) => keys.insert(palette.name.clone(), kept),
        None => keys.remove(&palette.name),
    };
    app.save_settings();
}

/// Lets tools change a class, or no longer.
pub(super) fn toggle_only_over(app: &mut App, class: u8) {
    let project = app.state.project.as_ref();
    let classes = project.map_or(0, |project| project.palette.len());
    app.state.classes.toggle_only_over(class, classes);
}

/// Has tools change only the class under the pointer, or everything again.
pub(super) fn only_over(app: &mut App) {
    if let Some(class) = under_pointer(app) {
        app.state.classes.toggle_alone_over(class);
    }
}

/// The class under the pointer, void too.
fn under_pointer(app: &App) -> Option<u8> {
    let [x, y] = app.state.view.pixel?;
    app.state.document.as_ref()?.labels.get(x, y)
}
