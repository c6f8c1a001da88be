//! The command palette and the class finder.

use atrous_widgets::command_palette::Entry;
use egui::Context;

use super::Surface;
use crate::action::{Action, Actions};
use crate::command::Command;
use crate::keyboard::class_key;
use crate::state::State;

pub(super) fn show(context: &Context, state: &State, surface: &mut Surface, actions: &mut Actions) {
    if surface.commands.is_open() {
        let entries: Vec<Entry<'_>> = Command::ALL
            .iter()
            .map(|command| Entry {
                text: command.text(),
                tooltip: command.tooltip(),
                shortcut: command.keys(context),
                enabled: state.allows(*command),
            })
            .collect();
        let picked = surface.commands.show(context, &entries);
        if let Some(command) = picked.and_then(|place| Command::ALL.get(place)) {
            actions.run(*command);
        }
    }
    if let Some(project) = state.project.as_ref().filter(|_| surface.classes.is_open()) {
        let entries: Vec<Entry<'_>> = (0..=u8::MAX)
            .zip(&project.palette.classes)
            .map(|(index, class)| Entry {
                text: &class.name,
                tooltip: "Paint this class",
                shortcut: class_key(index).unwrap_or_default().to_owned(),
                enabled: true,
            })
            .collect();
        let picked = surface.classes.show(context, &entries);
        if let Some(class) = picked.and_then(|place| u8::try_from(place).ok()) {
            actions.send(Action::Class(class));
        }
    }
}
