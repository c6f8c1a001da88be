//! From key presses to commands and classes.

use egui::{Context, Event, Key, Modifiers};

use crate::action::{Action, Actions};
use crate::command::Command;
use crate::keymap::Pressed;
use crate::state::{Dialog, Peek, State};

/// Turns this frame's key presses into actions, but for those that a text field or a focused
/// widget needs.
pub fn read(context: &Context, state: &State, modal: bool, actions: &mut Actions) {
    let typing = context.text_edit_focused();
    let focused = context.memory(|memory| memory.focused().is_some());
    let pressed = presses(context);
    let others = actions.len();
    if is_choosing_keys(state) {
        choose_keys(context, &pressed, actions);
        return;
    }
    for (press, repeat) in pressed {
        if modal {
            if press.key == Key::Escape {
                actions.run(Command::Cancel);
            }
            continue;
        }
        let plain = !press.modifiers.command && !press.modifiers.alt;
        let for_text = typing && (plain && !is_function_key(press.key) || edits_text(press.key));
        if for_text || (focused && steers_focus(press.key, press.modifiers)) {
            continue;
        }
        match action_of(state, &press) {
            // A switch does not flicker while its key is held.
            Some(Action::Run(command)) if repeat && state.is_on(command).is_some() => {}
            Some(Action::Run(Command::ToggleLabels)) if state.document.is_some() => {
                actions.send(Action::LabelsKeyPressed);
            }
            Some(action) => actions.send(action),
            None => {}
        }
    }
    if !typing && actions.len() > others {
        // A text field that opens now does not take the keys that opened it for text.
        context.input_mut(|input| {
            let is_text = |event: &Event| matches!(event, Event::Text(_));
            input.events.retain(|event| !is_text(event));
        });
    }
    end_looks(context, state, actions);
}

/// The keys that went down, and whether each only repeats because it is held.
fn presses(context: &Context) -> Vec<(Pressed, bool)> {
    context.input(|input| {
        let presses = input.events.iter().filter_map(|event| match event {
            Event::Key {
                key,
                physical_key,
                pressed: true,
                modifiers,
                repeat,
            } => {
                let press = Pressed {
                    key: *key,
                    physical: physical_key.unwrap_or(*key),
                    modifiers: *modifiers,
                };
                Some((press, *repeat))
            }
            // The system's keys for these come as what they mean.
            Event::Copy => Some((with_command(Key::C), false)),
            Event::Cut => Some((with_command(Key::X), false)),
            _ => None,
        });
        presses.collect()
    })
}

fn with_command(key: Key) -> Pressed {
    Pressed {
        key,
        physical: key,
        modifiers: Modifiers::COMMAND,
    }
}

/// Whether the keys dialog waits for the keys of a command.
fn is_choosing_keys(state: &State) -> bool {
    matches!(&state.dialog, Some(Dialog::Keys(form)) if form.waiting.is_some())
}

/// The keys are for the keys dialog, and for nothing else that would hear them.
fn choose_keys(context: &Context, pressed: &[(Pressed, bool)], actions: &mut Actions) {
    context.input_mut(|input| {
        let is_of_keys = |event: &Event| {
            let key = matches!(event, Event::Key { .. } | Event::Text(_));
            key || matches!(event, Event::Copy | Event::Cut | Event::Paste(_))
        };
        input.events.retain(|event| !is_of_keys(event));
    });
    for (press, _) in pressed {
        if press.key == Key::Escape {
            return actions.run(Command::Cancel);
        }
        if let Some(shortcut) = press.shortcut() {
            return actions.send(Action::KeysPressed(shortcut));
        }
    }
}

fn action_of(state: &State, press: &Pressed) -> Option<Action> {
    if let Some(command) = state.keymap.command_of(press) {
        return state.allows(command).then_some(match command {
            Command::PeekPrediction => Action::Peek(Some(Peek::Prediction)),
            Command::PeekBefore => Action::Peek(Some(Peek::Before)),
            _ => Action::Run(command),
        });
    }
    let slot = press.class_place()?;
    if press.modifiers.alt {
        let current = state.project.as_ref().map(|_| state.classes.current);
        return current.map(|class| Action::ClassKey { class, slot });
    }
    state.classes.slots.class(slot).map(Action::Class)
}

/// Keys that move the focus or press the focused widget.
fn steers_focus(key: Key, modifiers: Modifiers) -> bool {
    let arrow = matches!(
        key,
        Key::ArrowLeft | Key::ArrowRight | Key::ArrowUp | Key::ArrowDown
    );
    let moves = matches!(key, Key::Tab | Key::Enter | Key::Space);
    !modifiers.command && !modifiers.alt && (moves || arrow && !modifiers.shift)
}

/// Keys that a text field answers to with Ctrl.
fn edits_text(key: Key) -> bool {
    matches!(
        key,
        Key::A
            | Key::C
            | Key::V
            | Key::X
            | Key::Y
            | Key::Z
            | Key::Backspace
            | Key::Delete
            | Key::ArrowLeft
            | Key::ArrowRight
            | Key::ArrowUp
            | Key::ArrowDown
            | Key::Home
            | Key::End
    )
}

fn is_function_key(key: Key) -> bool {
    (Key::F1..=Key::F12).contains(&key)
}

/// Looks last as long as their key is held: at the prediction, at the labels before, and at the
/// image without labels.
fn end_looks(context: &Context, state: &State, actions: &mut Actions) {
    let released = context.input(|input| {
        let events = input.events.iter();
        let keys = events.filter_map(|event| match event {
            Event::Key {
                key,
                pressed: false,
                ..
            } => Some(*key),
            _ => None,
        });
        keys.collect::<Vec<_>>()
    });
    let is_key_of = |command: Command, key: Key| {
        let mut shortcuts = state.keymap.shortcuts(command).iter();
        shortcuts.any(|shortcut| shortcut.logical_key == key)
    };
    for key in released {
        let peeks = [Command::PeekPrediction, Command::PeekBefore];
        if peeks.into_iter().any(|command| is_key_of(command, key)) {
            actions.send(Action::Peek(None));
        }
        if is_key_of(Command::ToggleLabels, key) && state.document.is_some() {
            actions.send(Action::LabelsKeyReleased);
        }
    }
}
