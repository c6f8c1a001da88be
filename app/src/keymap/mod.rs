//! The keys in force: the table of commands, a preset over it, and what the person changed.
//!
//! Each layer takes its keys away from the ones below, so that a key never means two things and a
//! command that comes later never breaks the keys a person chose.

mod chord;
mod preset;
mod settings;

use std::collections::HashMap;
use std::sync::Arc;

use egui::{Context, Id, KeyboardShortcut};

pub use chord::{Pressed, chord_text, class_place, parse_chord, refusal};
pub use preset::Preset;
pub use settings::KeySettings;

use crate::command::Command;

/// A command and its keys.
type Entry = (Command, Vec<KeyboardShortcut>);

/// Which keys each command has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    keys: HashMap<Command, Vec<KeyboardShortcut>>,
    /// The commands whose keys the person chose.
    changed: Vec<Command>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self::new(&KeySettings::default()).0
    }
}

impl Keymap {
    /// The keys that the settings lead to, and what in the settings was ignored and why.
    pub fn new(settings: &KeySettings) -> (Self, Vec<String>) {
        let mut warnings = Vec::new();
        let own = settings.entries(&mut warnings);
        let changed = own.iter().map(|(command, _)| *command).collect();
        let preset = settings.preset(&mut warnings);
        let table = Command::ALL
            .iter()
            .map(|command| (*command, command.shortcuts().to_vec()));
        let mut map = Layers::default();
        map.add(own, &mut |chord, command, other| {
            warnings.push(format!(
                "{} is given to both {} and {}: it stays with the second",
                chord_text(&chord, false),
                command.text(),
                other.text()
            ));
        });
        map.add(preset.entries(), &mut |_, _, _| {});
        map.add(table, &mut |_, _, _| {});
        let keys = map.keys;
        (Self { keys, changed }, warnings)
    }

    /// The command's keys; the first is the one shown.
    pub fn shortcuts(&self, command: Command) -> &[KeyboardShortcut] {
        self.keys.get(&command).map_or(&[], Vec::as_slice)
    }

    /// The command of a key press, if the keys are those of one.
    pub fn command_of(&self, pressed: &Pressed) -> Option<Command> {
        let has = |command: &Command| {
            let mut shortcuts = self.shortcuts(*command).iter();
            shortcuts.any(|shortcut| pressed.is(shortcut))
        };
        Command::ALL.iter().copied().find(has)
    }

    /// The command that has these keys.
    pub fn owner(&self, shortcut: &KeyboardShortcut) -> Option<Command> {
        let has = |command: &Command| self.shortcuts(*command).contains(shortcut);
        Command::ALL.iter().copied().find(has)
    }

    /// Whether the person chose this command's keys.
    pub fn is_changed(&self, command: Command) -> bool {
        self.changed.contains(&command)
    }
}

/// A keymap in the making.
#[derive(Default)]
struct Layers {
    keys: HashMap<Command, Vec<KeyboardShortcut>>,
    taken: HashMap<KeyboardShortcut, Command>,
}

impl Layers {
    /// Adds a layer under those that are there. `clash` hears of keys that the layer itself gives
    /// to two commands.
    fn add(
        &mut self,
        layer: impl IntoIterator<Item = Entry>,
        clash: &mut dyn FnMut(KeyboardShortcut, Command, Command),
    ) {
        let above = self.taken.clone();
        for (command, shortcuts) in layer {
            if self.keys.contains_key(&command) {
                continue;
            }
            let mut free = Vec::new();
            for shortcut in shortcuts {
                match self.taken.get(&shortcut) {
                    Some(other) if !above.contains_key(&shortcut) => {
                        clash(shortcut, command, *other);
                    }
                    Some(_) => {}
                    None => {
                        self.taken.insert(shortcut, command);
                        free.push(shortcut);
                    }
                }
            }
            self.keys.insert(command, free);
        }
    }
}

/// Makes a keymap the one in force in this context.
pub fn install(context: &Context, keymap: &Arc<Keymap>) {
    context.data_mut(|data| data.insert_temp(place(), keymap.clone()));
}

/// The keymap in force; the table of commands where none was installed.
pub fn in_force(context: &Context) -> Arc<Keymap> {
    context.data_mut(|data| data.get_temp_mut_or_default::<Arc<Keymap>>(place()).clone())
}

fn place() -> Id {
    Id::unique("keymap")
}
