//! Where the buttons of commands are in this frame, for what points at them.

use std::collections::HashMap;

use egui::{Context, Id, Rect};

use crate::command::{Command, Group};

#[derive(Debug, Clone, Default)]
struct Spots {
    buttons: HashMap<Command, Rect>,
    menus: HashMap<Group, Rect>,
}

/// Forgets all of them: a frame begins.
pub(super) fn clear(context: &Context) {
    context.data_mut(|data| data.insert_temp(place(), Spots::default()));
}

/// A command's button is here.
pub(super) fn note(context: &Context, command: Command, rect: Rect) {
    context.data_mut(|data| {
        let spots = data.get_temp_mut_or_default::<Spots>(place());
        spots.buttons.insert(command, rect);
    });
}

/// A menu's button is here.
pub(super) fn note_menu(context: &Context, group: Group, rect: Rect) {
    context.data_mut(|data| {
        let spots = data.get_temp_mut_or_default::<Spots>(place());
        spots.menus.insert(group, rect);
    });
}

/// Where a command is: its button, else its menu.
pub(super) fn of(context: &Context, command: Command) -> Option<Rect> {
    let spots: Spots = context.data(|data| data.get_temp(place()))?;
    let menu = spots.menus.get(&command.group());
    spots.buttons.get(&command).or(menu).copied()
}

fn place() -> Id {
    Id::unique("spots")
}
