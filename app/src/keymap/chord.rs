//! Keys pressed together: as people write them, and as they come from the keyboard.

use egui::{Key, KeyboardShortcut, ModifierNames, Modifiers};

/// A key press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pressed {
    /// What the key types.
    pub key: Key,
    /// Where the key lies, named after what it types on a US keyboard.
    pub physical: Key,
    /// What was held.
    pub modifiers: Modifiers,
}

impl Pressed {
    /// Whether these are the keys of a shortcut.
    ///
    /// Shift, Alt and Ctrl must be as in the shortcut, but for characters that need Shift to be
    /// typed. With Shift a digit's key types another character: there the place counts.
    pub fn is(&self, shortcut: &KeyboardShortcut) -> bool {
        let held = shortcut.modifiers;
        let key = shortcut.logical_key;
        let shift = is_typed_with_shift(key) || held.shift == self.modifiers.shift;
        let digit = held.shift && digit_of(key).is_some() && key == self.physical;
        (key == self.key || digit)
            && held.command == self.modifiers.command
            && held.alt == self.modifiers.alt
            && shift
    }

    /// The shortcut that these keys make, none for a key that is held with others.
    pub fn shortcut(&self) -> Option<KeyboardShortcut> {
        if is_modifier(self.key) {
            return None;
        }
        let digit = self.modifiers.shift && digit_of(self.physical).is_some();
        let key = if digit { self.physical } else { self.key };
        let modifiers = Modifiers {
            alt: self.modifiers.alt,
            shift: self.modifiers.shift,
            command: self.modifiers.command,
            ..Modifiers::NONE
        };
        Some(tidy(KeyboardShortcut::new(modifiers, key)))
    }

    /// The place of the class whose key this is, by where the key lies if Shift is held: 0 to 9 for
    /// 1 to 9 and 0, and ten more with Shift.
    pub fn class_place(&self) -> Option<usize> {
        let shift = self.modifiers.shift;
        place_of(if shift { self.physical } else { self.key }, shift)
    }
}

/// The place of the class whose key a shortcut is, as [`Pressed::class_place`] counts.
pub fn class_place(shortcut: &KeyboardShortcut) -> Option<usize> {
    place_of(shortcut.logical_key, shortcut.modifiers.shift)
}

fn place_of(key: Key, shift: bool) -> Option<usize> {
    let digit = usize::from(digit_of(key)?);
    let place = if digit == 0 { 9 } else { digit - 1 };
    Some(place + if shift { 10 } else { 0 })
}

/// Why these keys can't be a command's; none where they can.
pub fn refusal(shortcut: &KeyboardShortcut) -> Option<&'static str> {
    let plain = shortcut.modifiers == Modifiers::NONE;
    match shortcut.logical_key {
        Key::Tab if !shortcut.modifiers.command => Some("Tab moves the focus"),
        Key::Escape => Some("Esc always leaves what is under way"),
        Key::Space if plain => Some("Space held moves the view"),
        // Nothing tells that it was pressed while there is nothing to paste.
        Key::V if shortcut.modifiers == Modifiers::COMMAND => {
            Some("it is the system's for pasting")
        }
        key if is_modifier(key) => Some("press another key with it"),
        _ => None,
    }
}

/// A shortcut as people write it: "Ctrl+Shift+Z", "["; "Cmd" on a Mac.
pub fn chord_text(shortcut: &KeyboardShortcut, is_mac: bool) -> String {
    let modifiers = ModifierNames::NAMES.format(&shortcut.modifiers, is_mac);
    let key = match shortcut.logical_key {
        Key::OpenBracket => "[",
        Key::CloseBracket => "]",
        Key::OpenCurlyBracket => "{",
        Key::CloseCurlyBracket => "}",
        Key::Comma => ",",
        Key::Period => ".",
        Key::Slash => "/",
        Key::Backslash => "\\",
        Key::Semicolon => ";",
        Key::Colon => ":",
        Key::Quote => "'",
        Key::Backtick => "`",
        Key::Questionmark => "?",
        Key::Exclamationmark => "!",
        Key::Pipe => "|",
        Key::Plus => "+",
        Key::Minus => "-",
        Key::Equals => "=",
        Key::Escape => "Esc",
        other => other.name(),
    };
    if modifiers.is_empty() {
        key.to_owned()
    } else {
        format!("{modifiers}+{key}")
    }
}

/// Reads what [`chord_text`] writes; "Ctrl" is "Cmd" on a Mac. None where it makes no sense.
pub fn parse_chord(text: &str) -> Option<KeyboardShortcut> {
    let mut modifiers = Modifiers::NONE;
    let mut rest = text.trim();
    // A lone "+", and the one at the end of "Ctrl++", is a key.
    while let Some((name, tail)) = rest.split_once('+').filter(|(name, _)| !name.is_empty()) {
        match name.trim().to_ascii_lowercase().as_str() {
            "ctrl" | "cmd" | "command" => modifiers.command = true,
            "shift" => modifiers.shift = true,
            "alt" | "option" => modifiers.alt = true,
            _ => return None,
        }
        rest = tail.trim_start();
    }
    let key = Key::from_name(rest.trim())?;
    (!is_modifier(key)).then(|| tidy(KeyboardShortcut::new(modifiers, key)))
}

/// Without the Shift that typing the character takes anyway.
fn tidy(mut shortcut: KeyboardShortcut) -> KeyboardShortcut {
    if is_typed_with_shift(shortcut.logical_key) {
        shortcut.modifiers.shift = false;
    }
    shortcut
}

/// Characters that need Shift on one keyboard or another.
fn is_typed_with_shift(key: Key) -> bool {
    matches!(
        key,
        Key::Questionmark
            | Key::Exclamationmark
            | Key::Plus
            | Key::Pipe
            | Key::Colon
            | Key::OpenCurlyBracket
            | Key::CloseCurlyBracket
            | Key::Slash
    )
}

fn is_modifier(key: Key) -> bool {
    matches!(
        key,
        Key::ShiftLeft
            | Key::ShiftRight
            | Key::ControlLeft
            | Key::ControlRight
            | Key::AltLeft
            | Key::AltRight
            | Key::SuperLeft
            | Key::SuperRight
            | Key::CapsLock
            | Key::NumLock
            | Key::ScrollLock
            | Key::Fn
    )
}

fn digit_of(key: Key) -> Option<u8> {
    Some(match key {
        Key::Num0 => 0,
        Key::Num1 => 1,
        Key::Num2 => 2,
        Key::Num3 => 3,
        Key::Num4 => 4,
        Key::Num5 => 5,
        Key::Num6 => 6,
        Key::Num7 => 7,
        Key::Num8 => 8,
        Key::Num9 => 9,
        _ => return None,
    })
}
