//! Keys as the settings file has them.

use egui::KeyboardShortcut;
use serde::{Deserialize, Serialize};

use super::{Entry, Keymap, Preset, chord_text, parse_chord, refusal};
use crate::command::Command;

/// The part `[keys]` of the settings: a preset by name, and under `[keys.commands]` lines like
/// `next_image = ["D", "Right"]`; no keys at all is `[]`. What is not understood is left as it is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct KeySettings {
    /// The preset's name; empty is our own.
    pub preset: String,
    /// Keys by the command's name.
    pub commands: toml::Table,
}

impl KeySettings {
    /// The preset; our own, and a warning, where there is none of that name.
    pub(super) fn preset(&self, warnings: &mut Vec<String>) -> Preset {
        if self.preset.is_empty() {
            return Preset::default();
        }
        Preset::of_name(&self.preset).unwrap_or_else(|| {
            let names = Preset::ALL.map(Preset::name).join(", ");
            let found = &self.preset;
            warnings.push(format!(
                "expected a preset of keys ({names}), found {found:?}"
            ));
            Preset::default()
        })
    }

    /// The preset in force.
    pub fn chosen_preset(&self) -> Preset {
        Preset::of_name(&self.preset).unwrap_or_default()
    }

    /// The commands with keys of their own, in the table's order, and a warning for each line that
    /// makes no sense.
    pub(super) fn entries(&self, warnings: &mut Vec<String>) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (name, keys) in &self.commands {
            match entry(name, keys) {
                Ok(entry) => entries.push(entry),
                Err(reason) => warnings.push(reason),
            }
        }
        entries.sort_by_key(|(command, _)| *command as usize);
        entries
    }

    /// Gives `shortcut` to `command`, and takes it from any other.
    pub fn add(&mut self, command: Command, shortcut: KeyboardShortcut) {
        let keymap = Keymap::new(self).0;
        for (other, keys) in self.entries(&mut Vec::new()) {
            if other != command && keys.contains(&shortcut) {
                self.remove(other, shortcut);
            }
        }
        let mut keys = keymap.shortcuts(command).to_vec();
        keys.retain(|other| *other != shortcut);
        keys.push(shortcut);
        self.set(command, &keys);
    }

    /// Takes `shortcut` from `command`.
    pub fn remove(&mut self, command: Command, shortcut: KeyboardShortcut) {
        let keymap = Keymap::new(self).0;
        let mut keys = keymap.shortcuts(command).to_vec();
        keys.retain(|other| *other != shortcut);
        self.set(command, &keys);
    }

    /// Gives a command back the keys of the preset.
    pub fn reset(&mut self, command: Command) {
        self.commands.remove(&command.id());
    }

    /// Gives every command back the keys of the preset. What was not understood goes too.
    pub fn reset_all(&mut self) {
        self.commands.clear();
    }

    fn set(&mut self, command: Command, keys: &[KeyboardShortcut]) {
        self.reset(command);
        if Keymap::new(self).0.shortcuts(command) == keys {
            return;
        }
        let texts = keys.iter().map(|key| chord_text(key, false).into());
        let texts = toml::Value::Array(texts.collect());
        self.commands.insert(command.id(), texts);
    }
}

/// Reads one line: a command's name and a list of its keys.
pub(super) fn entry(name: &str, keys: &toml::Value) -> Result<Entry, String> {
    let command = Command::of_id(name)
        .ok_or_else(|| format!("keys are given to {name:?}, which is no command"))?;
    if command == Command::Cancel {
        return Err("the keys of \"cancel\" can't be changed".to_owned());
    }
    let expected =
        || format!("the keys of {name:?}: expected a list like [\"Ctrl+B\"], found {keys}");
    let list = keys.as_array().ok_or_else(expected)?;
    let mut shortcuts = Vec::new();
    for text in list {
        let text = text.as_str().ok_or_else(expected)?;
        let shortcut = parse_chord(text)
            .ok_or_else(|| format!("the keys of {name:?}: there is no key {text:?}"))?;
        if let Some(reason) = refusal(&shortcut) {
            return Err(format!("the keys of {name:?}: not {text}, {reason}"));
        }
        if !shortcuts.contains(&shortcut) {
            shortcuts.push(shortcut);
        }
    }
    Ok((command, shortcuts))
}
