//! From key presses to commands and classes.

use egui::{Event, Key, Modifiers};

use crate::action::{Action, Actions};
use crate::command::Command;
use crate::state::State;

/// Turns this frame's key presses into actions, but for those that a text field or a focused
/// widget needs.
pub fn read(context: &egui::Context, state: &State, modal: bool, actions: &mut Actions) {
    let typing = context.text_edit_focused();
    let focused = context.memory(|memory| memory.focused().is_some());
    let pressed = context.input(|input| {
        input
            .events
            .iter()
            .filter_map(|event| match event {
                Event::Key {
                    key,
                    physical_key,
                    pressed: true,
                    modifiers,
                    ..
                } => Some((*key, physical_key.unwrap_or(*key), *modifiers)),
                _ => None,
            })
            .collect::<Vec<_>>()
    });
    for (key, physical, modifiers) in pressed {
        if modal {
            if key == Key::Escape {
                actions.run(Command::Cancel);
            }
            continue;
        }
        let plain = !modifiers.command && !modifiers.alt;
        if (typing && plain && !is_function_key(key)) || (focused && steers_focus(key, modifiers)) {
            continue;
        }
        if let Some(action) = action_of(state, key, physical, modifiers) {
            actions.send(action);
        }
    }
    compare_while_held(context, state, typing || modal, actions);
}

fn action_of(state: &State, key: Key, physical: Key, modifiers: Modifiers) -> Option<Action> {
    // With Shift a digit's key types another character: where the key lies says what is meant.
    let digit = if modifiers.shift { physical } else { key };
    if let Some(class) = class_of(digit, modifiers) {
        let known = state
            .project
            .as_ref()
            .is_some_and(|project| usize::from(class) < project.palette.len());
        return known.then_some(Action::Class(class));
    }
    let command = Command::of_key(key, modifiers)?;
    state.allows(command).then_some(Action::Run(command))
}

/// Keys that move the focus or press the focused widget.
fn steers_focus(key: Key, modifiers: Modifiers) -> bool {
    let moves = matches!(
        key,
        Key::Tab
            | Key::Enter
            | Key::Space
            | Key::ArrowLeft
            | Key::ArrowRight
            | Key::ArrowUp
            | Key::ArrowDown
    );
    moves && !modifiers.command
}

fn is_function_key(key: Key) -> bool {
    matches!(key, Key::F1)
}

/// 1 to 9 and 0 are the first ten classes, with Shift the next ones.
fn class_of(key: Key, modifiers: Modifiers) -> Option<u8> {
    if modifiers.command || modifiers.alt {
        return None;
    }
    let digit = match key {
        Key::Num1 => 0,
        Key::Num2 => 1,
        Key::Num3 => 2,
        Key::Num4 => 3,
        Key::Num5 => 4,
        Key::Num6 => 5,
        Key::Num7 => 6,
        Key::Num8 => 7,
        Key::Num9 => 8,
        Key::Num0 => 9,
        _ => return None,
    };
    Some(if modifiers.shift { digit + 10 } else { digit })
}

/// The plain key of a class, where it has one.
pub fn class_key(class: u8) -> Option<&'static str> {
    const KEYS: [&str; 10] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"];
    KEYS.get(usize::from(class)).copied()
}

/// C shows the prediction in place of the labels for as long as it is held.
fn compare_while_held(context: &egui::Context, state: &State, busy: bool, actions: &mut Actions) {
    let held = !busy
        && context.input(|input| input.key_down(Key::C) && input.modifiers == Modifiers::NONE);
    if held != state.view.comparing {
        actions.send(Action::Compare(held));
    }
}
