//! From key presses to commands and classes.

use egui::{Context, Event, Key, Modifiers};

use crate::action::{Action, Actions};
use crate::command::Command;
use crate::keymap::Pressed;
use crate::state::{Dialog, State};

/// Turns this frame's key presses into actions, but for those that a text field or a focused
/// widget needs.
pub fn read(context: &Context, state: &State, modal: bool, actions: &mut Actions) {
    let typing = context.text_edit_focused();
    let focused = context.memory(|memory| memory.focused().is_some());
    let pressed = presses(context);
    if is_choosing_keys(state) {
        choose_keys(context, &pressed, actions);
        return;
    }
    for press in pressed {
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
        if let Some(action) = action_of(state, &press) {
            actions.send(action);
        }
    }
    compare_while_held(context, state, typing || modal, actions);
}

fn presses(context: &Context) -> Vec<Pressed> {
    context.input(|input| {
        let presses = input.events.iter().filter_map(|event| match event {
            Event::Key {
                key,
                physical_key,
                pressed: true,
                modifiers,
                ..
            } => Some(Pressed {
                key: *key,
                physical: physical_key.unwrap_or(*key),
                modifiers: *modifiers,
            }),
            _ => None,
        });
        presses.collect()
    })
}

/// Whether the keys dialog waits for the keys of a command.
fn is_choosing_keys(state: &State) -> bool {
    matches!(&state.dialog, Some(Dialog::Keys(form)) if form.waiting.is_some())
}

/// The keys are for the keys dialog, and for nothing else that would hear them.
fn choose_keys(context: &Context, pressed: &[Pressed], actions: &mut Actions) {
    context.input_mut(|input| {
        let is_of_keys = |event: &Event| {
            let key = matches!(event, Event::Key { .. } | Event::Text(_));
            key || matches!(event, Event::Copy | Event::Cut | Event::Paste(_))
        };
        input.events.retain(|event| !is_of_keys(event));
    });
    for press in pressed {
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
        return state.allows(command).then_some(Action::Run(command));
    }
    let slot = slot_of(press)?;
    if press.modifiers.alt {
        let current = state.project.as_ref().map(|_| state.classes.current);
        return current.map(|class| Action::ClassKey { class, slot });
    }
    state.classes.slots.class(slot).map(Action::Class)
}

/// 1 to 9 and 0 are the first ten classes, with Shift the next ones.
fn slot_of(press: &Pressed) -> Option<usize> {
    let digit = usize::from(press.digit()?);
    let place = if digit == 0 { 9 } else { digit - 1 };
    Some(place + if press.modifiers.shift { 10 } else { 0 })
}

/// Keys that move the focus or press the focused widget.
fn steers_focus(key: Key, modifiers: Modifiers) -> bool {
    let arrow = matches!(
        key,
        Key::ArrowLeft | Key::ArrowRight | Key::ArrowUp | Key::ArrowDown
    );
    let moves = matches!(key, Key::Tab | Key::Enter | Key::Space);
    !modifiers.command && (moves || arrow && !modifiers.shift)
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

/// C shows the prediction in place of the labels for as long as it is held.
fn compare_while_held(context: &Context, state: &State, busy: bool, actions: &mut Actions) {
    let held = !busy
        && context.input(|input| input.key_down(Key::C) && input.modifiers == Modifiers::NONE);
    if held != state.view.comparing {
        actions.send(Action::Compare(held));
    }
}
