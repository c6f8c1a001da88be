//! Choosing, hiding and locking classes.

use super::App;

/// Paints `class` from now on.
pub(super) fn take(app: &mut App, class: u8) {
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
    if known {
        app.state.classes.take(previous);
    }
}

/// Takes the class under the pointer.
pub(super) fn pick(app: &mut App) {
    if let Some(class) = under_pointer(app) {
        app.state.classes.take(class);
    }
}

/// Locks or unlocks the class under the pointer.
pub(super) fn lock(app: &mut App) {
    if let Some(class) = under_pointer(app) {
        app.state.classes.toggle_locked(class);
    }
}

/// The class under the pointer; none over void.
fn under_pointer(app: &App) -> Option<u8> {
    let [x, y] = app.state.view.pixel?;
    let value = app.state.document.as_ref()?.labels.get(x, y)?;
    (value != atrous_palettes::VOID).then_some(value)
}
