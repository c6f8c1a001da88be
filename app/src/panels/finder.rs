//! The command palette and the class finder.

use atrous_widgets::command_palette::Entry;
use egui::Context;

use super::Surface;
use crate::action::{Action, Actions};
use crate::command::Command;
use crate::state::State;

pub(super) fn show(context: &Context, state: &State, surface: &mut Surface, actions: &mut Actions) {
    if surface.commands.is_open() {
        let commands = recent_first(state);
        let entries: Vec<Entry<'_>> = commands
            .iter()
            .map(|command| Entry {
                text: command.text(),
                tooltip: command.tooltip(),
                shortcut: command.keys(context),
                disabled: state.why_not(*command),
            })
            .collect();
        let picked = surface.commands.show(context, &entries);
        if let Some(command) = picked.and_then(|place| commands.get(place)) {
            actions.send(Action::Found(*command));
        }
    }
    if let Some(project) = state.project.as_ref().filter(|_| surface.classes.is_open()) {
        let entries: Vec<Entry<'_>> = (0..=u8::MAX)
            .zip(&project.palette.classes)
            .map(|(index, class)| Entry {
                text: &class.name,
                tooltip: "Paint this class",
                shortcut: state.classes.slots.key_of(index).unwrap_or_default(),
                disabled: None,
            })
            .collect();
        let picked = surface.classes.show(context, &entries);
        if let Some(class) = picked.and_then(|place| u8::try_from(place).ok()) {
            actions.send(Action::Class(class));
        }
    }
}

/// The commands taken last, then all others in the order of the menus.
fn recent_first(state: &State) -> Vec<Command> {
    let recent = state.settings.recent_commands.iter();
    let mut commands: Vec<Command> = recent.filter_map(|id| Command::of_id(id)).collect();
    let others = Command::ALL.iter().copied();
    let others: Vec<Command> = others.filter(|other| !commands.contains(other)).collect();
    commands.extend(others);
    commands
}
