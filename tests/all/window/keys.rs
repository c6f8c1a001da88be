//! Keys: presets, choosing others, conflicts, and where keys are shown.

use std::collections::{BTreeMap, HashMap};

use atrous::command::Command;
use atrous::keymap::{KeySettings, Keymap, Preset, Pressed, chord_text, parse_chord, refusal};
use atrous::state::{Dialog, Settings};
use atrous::tools::ToolKind;
use egui::accesskit::Role;
use egui::{Key, KeyboardShortcut, Modifiers};
use egui_kittest::kittest::Queryable as _;

use super::desk::{Desk, Room};

/// The letters of a keyboard as they lie.
const ROWS: [&str; 3] = ["QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM"];

fn keymap(preset: Preset) -> Keymap {
    let settings = KeySettings {
        preset: preset.name().to_owned(),
        ..KeySettings::default()
    };
    let (keymap, warnings) = Keymap::new(&settings);
    assert_eq!(warnings, Vec::<String>::new(), "{preset:?}");
    keymap
}

/// Where a plain letter lies, in keys from the left and rows from the top.
fn place(shortcut: &KeyboardShortcut) -> Option<[f32; 2]> {
    let name = shortcut.logical_key.name();
    let plain = shortcut.modifiers.is_none() && name.len() == 1;
    let (row, keys) = ROWS
        .iter()
        .enumerate()
        .find(|(_, keys)| keys.contains(name))?;
    let column = keys.find(name)? as f32 + row as f32 * 0.5;
    plain.then_some([column, row as f32])
}

fn are_neighbours(a: &KeyboardShortcut, b: &KeyboardShortcut) -> bool {
    let (Some(a), Some(b)) = (place(a), place(b)) else {
        return false;
    };
    (a[0] - b[0]).abs() <= 1.0 && (a[1] - b[1]).abs() <= 1.0
}

fn destroys(command: Command) -> bool {
    let words = ["Clear", "Delete", "Discard", "Remove"];
    words.iter().any(|word| command.text().starts_with(word))
}

#[test]
fn every_preset_is_sound() {
    let key = |text| parse_chord(text).unwrap();
    assert!(are_neighbours(&key("S"), &key("D")) && are_neighbours(&key("W"), &key("S")));
    assert!(!are_neighbours(&key("A"), &key("D")) && !are_neighbours(&key("S"), &key("Ctrl+D")));
    for preset in Preset::ALL {
        let keymap = keymap(preset);
        let mut seen = HashMap::new();
        for command in Command::ALL {
            for shortcut in keymap.shortcuts(*command) {
                let other = seen.insert(*shortcut, command);
                assert_eq!(other, None, "{preset:?}: {shortcut:?} is taken twice");
                assert_eq!(keymap.owner(shortcut), Some(*command));
                if *command != Command::Cancel {
                    assert_eq!(refusal(shortcut), None, "{preset:?} {command:?}");
                }
            }
        }
        for (command, shortcuts) in preset.entries() {
            assert_eq!(
                keymap.shortcuts(command),
                shortcuts,
                "{preset:?} {command:?}"
            );
        }
        // Where other programs clear, hands expect to redo.
        for chord in ["Ctrl+Shift+Z", "Ctrl+Y"] {
            let owner = keymap.owner(&key(chord));
            assert!(
                owner.is_none_or(|owner| owner == Command::Redo),
                "{preset:?} {chord}"
            );
        }
        // A slip from one image to the next destroys nothing.
        let walk = [Command::NextImage, Command::PreviousImage];
        let walk = walk.iter().flat_map(|command| keymap.shortcuts(*command));
        for step in walk {
            for command in Command::ALL.iter().filter(|command| destroys(**command)) {
                let near = |other: &&KeyboardShortcut| are_neighbours(step, other);
                let slip = keymap.shortcuts(*command).iter().find(near);
                assert_eq!(slip, None, "{preset:?}: {command:?} lies beside {step:?}");
            }
        }
    }
}

#[test]
fn presets_do_what_hands_expect() {
    let cases = [
        (Preset::Atrous, "D", Command::NextImage),
        (Preset::Atrous, "Ctrl+Y", Command::Redo),
        (Preset::Labelme, "D", Command::NextImage),
        (Preset::Labelme, "Ctrl+N", Command::Polygon),
        (Preset::Labelme, "Ctrl+F", Command::Fit),
        (Preset::Cvat, "D", Command::PreviousImage),
        (Preset::Cvat, "F", Command::NextImage),
        (Preset::Photoshop, "H", Command::Select),
        (Preset::Photoshop, "Ctrl+0", Command::Fit),
        (Preset::Photoshop, "X", Command::SwapClass),
    ];
    for (preset, chord, command) in cases {
        let owner = keymap(preset).owner(&parse_chord(chord).unwrap());
        assert_eq!(owner, Some(command), "{preset:?} {chord}");
    }
    let free = parse_chord("Ctrl+1").unwrap();
    assert_eq!(
        keymap(Preset::Cvat).owner(&free),
        None,
        "Ctrl+1 takes a class there"
    );
}

#[test]
fn keys_are_written_as_they_are_read() {
    for preset in Preset::ALL {
        let keymap = keymap(preset);
        for command in Command::ALL {
            for shortcut in keymap.shortcuts(*command) {
                let text = chord_text(shortcut, false);
                assert_eq!(parse_chord(&text), Some(*shortcut), "{text}");
                let pressed = Pressed {
                    key: shortcut.logical_key,
                    physical: shortcut.logical_key,
                    modifiers: shortcut.modifiers,
                };
                assert_eq!(keymap.command_of(&pressed), Some(*command), "{text}");
            }
        }
    }
    for nonsense in [
        "",
        "Ctrl",
        "Ctrl+",
        "Hyper+B",
        "Ctrl+Nix",
        "Shift",
        "Ctrl+Shift",
    ] {
        assert_eq!(parse_chord(nonsense), None, "{nonsense:?}");
    }
    // Shift is part of typing "?" but not of a shifted digit, which types another character.
    let pressed = |key, physical, modifiers| Pressed {
        key,
        physical,
        modifiers,
    };
    let question = pressed(Key::Questionmark, Key::Slash, Modifiers::SHIFT);
    assert_eq!(question.shortcut(), parse_chord("?"));
    let one = pressed(Key::Exclamationmark, Key::Num1, Modifiers::SHIFT);
    assert_eq!(one.shortcut(), parse_chord("Shift+1"));
    assert!(one.is(&parse_chord("Shift+1").unwrap()));
    let alone = pressed(Key::ControlLeft, Key::ControlLeft, Modifiers::COMMAND);
    assert_eq!(alone.shortcut(), None);
}

#[test]
fn every_command_has_a_name_in_files() {
    let names: BTreeMap<String, Command> = Command::ALL.iter().map(|it| (it.id(), *it)).collect();
    assert_eq!(names.len(), Command::ALL.len());
    assert_eq!(names.get("next_image"), Some(&Command::NextImage));
    for (name, command) in names {
        assert_eq!(Command::of_id(&name), Some(command));
    }
}

#[test]
fn what_the_settings_say_is_taken_and_nonsense_is_told_and_kept() {
    let room = Room::new(2);
    let path = room.path("settings.toml");
    let mut text = std::fs::read_to_string(&path).unwrap();
    text.push_str(
        "[keys]\npreset = \"emacs\"\n[keys.commands]\nnext_image = [\"Z\"]\nfly = [\"F9\"]\n\
         eraser = 5\nbrush = [\"Ctrl+Nix\"]\n",
    );
    std::fs::write(&path, text).unwrap();
    let mut desk = room.start();
    let notes: Vec<String> = desk.harness.state().notes().map(str::to_owned).collect();
    for word in ["emacs", "fly", "eraser", "Ctrl+Nix"] {
        let told = notes
            .iter()
            .any(|note| note.contains(word) && note.contains("settings.toml"));
        assert!(told, "{word} in {notes:?}");
    }
    desk.open(&room.streets());
    let first = desk.state().project.as_ref().unwrap().current;
    desk.press(Key::D);
    assert_eq!(desk.state().project.as_ref().unwrap().current, first);
    desk.press(Key::Z);
    assert_ne!(desk.state().project.as_ref().unwrap().current, first);
    desk.press(Key::E);
    assert_eq!(
        desk.state().tool.kind(),
        ToolKind::Eraser,
        "its keys are as ever"
    );
    desk.close();
    let kept = Settings::read(&path).unwrap().keys;
    assert!(kept.commands.contains_key("fly") && kept.preset == "emacs");
}

/// Opens the dialog and finds a command in it.
fn find(desk: &mut Desk, text: &str) {
    desk.command(Command::CustomiseKeys);
    desk.harness
        .get_by_role_and_label(Role::TextInput, "Find a command or keys")
        .focus();
    desk.settle();
    desk.harness.event(egui::Event::Text(text.to_owned()));
    desk.settle();
}

#[test]
fn keys_are_chosen_by_pressing_them_and_stay_for_the_next_start() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.open(&room.streets());
    find(&mut desk, "polyg");
    assert!(desk.sees("Remove P from Polygon") && !desk.sees("Add keys for Brush"));
    desk.click("Add keys for Polygon");
    // Neither a key of the window nor one that the focus follows does anything else now.
    desk.chord(Modifiers::COMMAND, Key::J);
    assert!(desk.sees("Remove Ctrl+J from Polygon"));
    desk.click("Add keys for Polygon");
    desk.press(Key::Tab);
    assert!(desk.sees("Tab can't be chosen: Tab moves the focus"));
    desk.press(Key::Escape);
    assert!(matches!(&desk.state().dialog, Some(Dialog::Keys(form)) if form.waiting.is_none()));
    desk.click("Remove P from Polygon");
    desk.press(Key::Escape);
    assert_eq!(desk.state().dialog, None);
    desk.press(Key::P);
    assert_ne!(desk.state().tool.kind(), ToolKind::Polygon);
    desk.chord(Modifiers::COMMAND, Key::J);
    assert_eq!(desk.state().tool.kind(), ToolKind::Polygon);
    desk.close();

    let text = std::fs::read_to_string(room.path("settings.toml")).unwrap();
    assert!(text.contains("polygon = [\"Ctrl+J\"]"), "{text}");
    let mut desk = room.start();
    desk.open(&room.streets());
    desk.chord(Modifiers::COMMAND, Key::J);
    assert_eq!(desk.state().tool.kind(), ToolKind::Polygon);
    find(&mut desk, "ctrl+j");
    desk.click("Reset Polygon");
    assert!(desk.state().settings.keys.commands.is_empty());
    desk.press(Key::Escape);
    desk.press(Key::B);
    desk.press(Key::P);
    assert_eq!(desk.state().tool.kind(), ToolKind::Polygon);
}

#[test]
fn a_conflict_is_asked_about() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.open(&room.streets());
    find(&mut desk, "brush");
    for answer in ["Leave it", "Take E from Eraser"] {
        desk.click("Add keys for Brush");
        desk.press(Key::E);
        assert!(desk.sees("E is also Eraser"));
        assert_eq!(
            desk.state().tool.kind(),
            ToolKind::Brush,
            "nothing else hears the key"
        );
        let take = desk.harness.get_by_label("Take E from Eraser");
        assert!(take.is_focused(), "Enter takes them");
        desk.click(answer);
        assert!(!desk.sees("E is also Eraser"));
        let add = desk.harness.get_by_label("Add keys for Brush");
        assert!(add.is_focused(), "where one was before");
        let owner = desk.state().keymap.owner(&parse_chord("E").unwrap());
        let taken = answer.starts_with("Take");
        let expected = if taken {
            Command::Brush
        } else {
            Command::Eraser
        };
        assert_eq!(owner, Some(expected));
    }
    assert!(desk.state().keymap.shortcuts(Command::Eraser).is_empty());
    desk.click("Reset all");
    assert_eq!(*desk.state().keymap, Keymap::default());
}

#[test]
fn keys_of_classes_are_asked_about_too() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.open(&room.streets());
    let class = desk.state().classes.current;
    find(&mut desk, "brush");
    for (modifiers, question, take) in [
        (
            Modifiers::NONE,
            "2 also takes sidewalk",
            "Take 2 from sidewalk",
        ),
        (
            Modifiers::SHIFT,
            "Shift+2 also takes person",
            "Take Shift+2 from person",
        ),
        (
            Modifiers::ALT,
            "Alt+2 also gives a class the key 2",
            "Take Alt+2 from classes",
        ),
    ] {
        desk.click("Add keys for Brush");
        desk.chord(modifiers, Key::Num2);
        assert!(desk.sees(question), "{question}");
        desk.click("Leave it");
        desk.click("Add keys for Brush");
        desk.chord(modifiers, Key::Num2);
        desk.harness.get_by_label(take).focus();
        desk.press(Key::Enter);
        assert!(!desk.sees(question));
    }
    desk.press(Key::Escape);
    desk.press(Key::E);
    for modifiers in [Modifiers::NONE, Modifiers::SHIFT, Modifiers::ALT] {
        desk.chord(modifiers, Key::Num2);
        assert_eq!(desk.state().tool.kind(), ToolKind::Brush);
        assert_eq!(desk.state().classes.current, class);
        desk.press(Key::E);
    }
}

#[test]
fn the_systems_keys_for_copy_and_cut_can_be_chosen_and_those_for_paste_are_refused() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.open(&room.streets());
    find(&mut desk, "polygon");
    // Window systems send what the keys mean in place of the keys.
    for (event, keys) in [(egui::Event::Copy, "Ctrl+C"), (egui::Event::Cut, "Ctrl+X")] {
        desk.click("Add keys for Polygon");
        desk.harness.event(event);
        desk.settle();
        assert!(desk.sees(&format!("Remove {keys} from Polygon")), "{keys}");
    }
    desk.click("Add keys for Polygon");
    desk.chord(Modifiers::COMMAND, Key::V);
    assert!(desk.sees("Ctrl+V can't be chosen"));
    desk.press(Key::Escape);
    desk.press(Key::Escape);
    for event in [egui::Event::Copy, egui::Event::Cut] {
        desk.press(Key::B);
        desk.harness.event(event);
        desk.settle();
        assert_eq!(desk.state().tool.kind(), ToolKind::Polygon);
    }
    // A text field copies and cuts.
    desk.press(Key::B);
    desk.command(Command::FilterImages);
    desk.harness.event(egui::Event::Cut);
    desk.settle();
    assert_eq!(desk.state().tool.kind(), ToolKind::Brush);
}

#[test]
fn a_preset_is_in_force_at_once_and_everywhere() {
    let room = Room::new(2);
    let mut desk = room.start();
    desk.open(&room.streets());
    desk.command(Command::CustomiseKeys);
    desk.harness
        .get_by_role_and_label(Role::ComboBox, "Keys of")
        .click();
    desk.settle();
    desk.click("CVAT");
    assert_eq!(desk.state().settings.keys.chosen_preset(), Preset::Cvat);
    assert!(desk.sees("Remove F from Next image") && !desk.sees("Remove A from Previous image"));
    desk.press(Key::Escape);
    let first = desk.state().project.as_ref().unwrap().current;
    desk.press(Key::F);
    let second = desk.state().project.as_ref().unwrap().current;
    assert_ne!(first, second);
    desk.press(Key::D);
    assert_eq!(desk.state().project.as_ref().unwrap().current, first);
    desk.chord(Modifiers::COMMAND, Key::Num4);
    assert_eq!(desk.state().classes.current, 3);
    // The sheet and the tooltips say it.
    assert_eq!(Command::NextImage.keys(&desk.harness.ctx), "F");
    let tooltip = Command::NextImage.tooltip_with_keys(&desk.harness.ctx);
    assert_eq!(tooltip, "Go to the next image (F)");
    desk.command(Command::Shortcuts);
    assert!(desk.sees("F, PageDown"));
}
