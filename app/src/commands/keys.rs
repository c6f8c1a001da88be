//! Choosing other keys.

use std::sync::Arc;

use atrous_widgets::toasts::Level;
use egui::KeyboardShortcut;

use super::App;
use crate::action::KeyChange;
use crate::keymap::{self, Keymap};
use crate::state::{Dialog, KeyConflict, KeyOwner, KeysForm};

/// Brings the keys of the settings into force, and says what of them makes no sense.
pub(super) fn apply(app: &mut App, context: &egui::Context) {
    let (keymap, warnings) = Keymap::new(&app.state.settings.keys);
    app.state.keymap = Arc::new(keymap);
    keymap::install(context, &app.state.keymap);
    for warning in warnings {
        let file = app.places.settings.display();
        let text = format!("{file}: {warning}; this is ignored");
        app.toasts.add(Level::Warning, text);
    }
}

/// Opens the keys dialog.
pub(super) fn open_dialog(app: &mut App) {
    app.state.dialog = Some(Dialog::Keys(KeysForm::default()));
}

/// Keys were pressed for the command that waits for some: it has them now, or it is asked whether
/// to take them from another, or told why not.
pub(super) fn pressed(app: &mut App, context: &egui::Context, shortcut: KeyboardShortcut) {
    let Some(Dialog::Keys(form)) = &mut app.state.dialog else {
        return;
    };
    let Some(command) = form.waiting else {
        return;
    };
    if let Some(reason) = keymap::refusal(&shortcut) {
        let text = keymap::chord_text(&shortcut, context.os().is_mac());
        form.refused = Some(format!("{text} can't be chosen: {reason}"));
        return;
    }
    form.waiting = None;
    form.refused = None;
    match owner(&app.state.keymap, &shortcut) {
        Some(KeyOwner::Command(owner)) if owner == command => {}
        Some(owner) => {
            form.conflict = Some(KeyConflict {
                shortcut,
                command,
                owner,
            });
        }
        None => change(app, context, KeyChange::Add(command, shortcut)),
    }
}

/// What these keys do: a command, or what digits do that no command has.
fn owner(keymap: &Keymap, shortcut: &KeyboardShortcut) -> Option<KeyOwner> {
    let command = keymap.owner(shortcut).map(KeyOwner::Command);
    command.or_else(|| {
        let place = keymap::class_place(shortcut)?;
        Some(if shortcut.modifiers.alt {
            KeyOwner::GiveKey(place)
        } else {
            KeyOwner::Class(place)
        })
    })
}

/// Changes keys, for now and for the next start.
pub(super) fn change(app: &mut App, context: &egui::Context, change: KeyChange) {
    let keys = &mut app.state.settings.keys;
    match change {
        KeyChange::Take(preset) => keys.preset = preset.name().to_owned(),
        KeyChange::Add(command, shortcut) => keys.add(command, shortcut),
        KeyChange::Remove(command, shortcut) => keys.remove(command, shortcut),
        KeyChange::Reset(command) => keys.reset(command),
        KeyChange::ResetAll => keys.reset_all(),
    }
    if let Some(Dialog::Keys(form)) = &mut app.state.dialog {
        form.conflict = None;
    }
    apply(app, context);
    app.save_settings();
}

/// Leaves the question that the dialog asks, if it asks one.
pub(super) fn leave_question(app: &mut App) -> bool {
    let Some(Dialog::Keys(form)) = &mut app.state.dialog else {
        return false;
    };
    let asked = form.waiting.is_some() || form.conflict.is_some();
    form.waiting = None;
    form.conflict = None;
    form.refused = None;
    asked
}
