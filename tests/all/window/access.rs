//! Everything can be reached by name and by key.

use atrous::command::{Command, Group};
use atrous::state::Dialog;
use egui::Key;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::desk::Room;

#[test]
fn everything_has_a_name_in_every_state() {
    let room = Room::new(2);
    let mut desk = room.start();
    desk.harness.check_accessibility();
    desk.open(&room.streets());
    desk.harness.check_accessibility();
    for command in [
        Command::FineTune,
        Command::Models,
        Command::Shortcuts,
        Command::Palette,
    ] {
        desk.command(command);
        desk.harness.check_accessibility();
        desk.press(Key::Escape);
    }
    assert_eq!(desk.state().dialog, None);
}

#[test]
fn every_command_is_in_a_menu_and_in_the_palette() {
    let room = Room::new(1);
    let mut desk = room.start();
    for group in Group::ALL {
        desk.click(group.title());
        for command in group.commands() {
            assert!(
                desk.sees(command.text()),
                "{} has no {}",
                group.title(),
                command.text()
            );
        }
        desk.press(Key::Escape);
    }
    desk.command(Command::Palette);
    desk.harness
        .get_by_role(egui::accesskit::Role::TextInput)
        .type_text("light or");
    desk.settle();
    assert!(desk.sees(Command::ToggleTheme.text()));
    let before = desk.state().settings.look;
    desk.press(Key::Enter);
    assert_ne!(desk.state().settings.look, before);
}

#[test]
fn no_two_commands_share_a_key() {
    let mut seen = std::collections::HashMap::new();
    for command in Command::ALL {
        for shortcut in command.shortcuts() {
            let other = seen.insert(*shortcut, command);
            assert_eq!(other, None, "{shortcut:?} is taken twice");
            let found = Command::of_key(shortcut.logical_key, shortcut.modifiers);
            assert_eq!(found, Some(*command), "{shortcut:?}");
        }
    }
}

#[test]
fn the_focus_walks_through_the_start_page() {
    let room = Room::new(1);
    let mut desk = room.start();
    let mut reached = Vec::new();
    for _ in 0..24 {
        desk.press(Key::Tab);
        let focused = desk
            .harness
            .root()
            .children_recursive()
            .find(|node| node.is_focused());
        reached.extend(focused.and_then(|node| node.accesskit_node().label()));
    }
    for name in ["File", "Open folder", "Open demo"] {
        assert!(
            reached.iter().any(|label| label == name),
            "{name} not in {reached:?}"
        );
    }
}

#[test]
fn keys_do_nothing_while_a_dialog_is_open() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.open(&room.streets());
    desk.command(Command::Shortcuts);
    assert_eq!(desk.state().dialog, Some(Dialog::Shortcuts));
    let tool = desk.state().tool.kind();
    desk.press(Key::E);
    assert_eq!(desk.state().tool.kind(), tool);
    desk.press(Key::Escape);
    desk.press(Key::E);
    assert_ne!(desk.state().tool.kind(), tool);
}
