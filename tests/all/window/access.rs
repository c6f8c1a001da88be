//! Everything can be reached by name and by key.

use atrous::command::{Command, Group};
use atrous::state::{Dialog, Settings};
use egui::Key;
use egui::accesskit::{Action, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::desk::{Desk, Room};

/// Whatever a person can act on has a name and a role that say what it is.
#[track_caller]
fn check_names(desk: &Desk, what: &str) {
    desk.harness.check_accessibility();
    let root = desk.harness.root();
    let nodes: Vec<_> = root.children_recursive().collect();
    let (mut acting, mut faults) = (0, Vec::new());
    for node in nodes.iter().map(|node| node.accesskit_node()) {
        let data = node.data();
        let acts = [
            Action::Click,
            Action::Focus,
            Action::SetValue,
            Action::Increment,
        ];
        let inside = matches!(
            data.role(),
            Role::TextRun | Role::ScrollBar | Role::ScrollView
        );
        if node.is_hidden() || inside || !acts.iter().any(|act| data.supports_action(*act)) {
            continue;
        }
        acting += 1;
        let has = |text: Option<&str>| text.is_some_and(|text| !text.trim().is_empty());
        let named = has(node.label().as_deref()) || has(data.placeholder());
        let vague = matches!(
            data.role(),
            Role::Unknown | Role::GenericContainer | Role::Pane
        );
        if !named || vague {
            faults.push(format!(
                "{:?} {:?} at {:?}",
                data.role(),
                node.label(),
                node.raw_bounds()
            ));
        }
    }
    assert!(acting > 5, "{what}: {acting} things to act on");
    assert!(faults.is_empty(), "{what}:\n{}", faults.join("\n"));
}

#[test]
fn everything_has_a_name_in_every_state() {
    let room = Room::new(2);
    let mut desk = room.start();
    check_names(&desk, "start page");
    desk.open(&room.streets());
    check_names(&desk, "a project");
    desk.drag(&[[20, 20], [60, 30]]);
    desk.command(Command::ToggleHistory);
    check_names(&desk, "history");
    for command in [
        Command::FineTune,
        Command::Models,
        Command::Shortcuts,
        Command::CustomiseKeys,
        Command::Palette,
        Command::FindClass,
    ] {
        desk.command(command);
        check_names(&desk, command.text());
        desk.press(Key::Escape);
    }
    for group in Group::ALL {
        desk.harness
            .get_by_role_and_label(Role::Button, group.title())
            .click();
        desk.settle();
        check_names(&desk, group.title());
        desk.press(Key::Escape);
    }
    assert_eq!(desk.state().dialog, None);
    desk.click("Help");
    desk.click(Command::Tour.text());
    check_names(&desk, "tour");
    desk.press(Key::Escape);
    desk.wait_saved();
    assert!(desk.sees("Saved state: Saved"));
}

#[test]
fn the_palette_shows_recent_commands_first_and_says_why_not() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.open(&room.streets());
    let first = |desk: &Desk| {
        let items = desk.harness.get_all_by_role(Role::MenuItem);
        let labels: Vec<_> = items
            .filter_map(|item| item.accesskit_node().label())
            .collect();
        labels[0].clone()
    };
    for text in ["outlines", "light or"] {
        desk.command(Command::Palette);
        desk.harness.event(egui::Event::Text(text.to_owned()));
        desk.settle();
        desk.press(Key::Enter);
    }
    desk.command(Command::Palette);
    assert_eq!(first(&desk), Command::ToggleTheme.text());
    desk.harness.event(egui::Event::Text("redo".to_owned()));
    desk.settle();
    let redo = desk.harness.get_by_role_and_label(Role::MenuItem, "Redo");
    let node = redo.accesskit_node();
    assert!(node.is_disabled());
    assert_eq!(node.data().description(), Some("Nothing was taken back"));
    desk.press(Key::Enter);
    assert!(desk.sees("Search commands"), "it stays open");
    desk.press(Key::Escape);
    desk.close();
    let kept = Settings::read(&room.path("settings.toml")).unwrap();
    assert_eq!(kept.recent_commands, ["toggle_theme", "toggle_outline"]);
}

#[test]
fn every_greyed_command_says_why() {
    let room = Room::new(1);
    let mut desk = room.start();
    let check = |desk: &Desk| {
        for command in Command::ALL {
            let reason = desk.state().why_not(*command);
            let allowed = desk.state().allows(*command);
            assert_eq!(reason.is_none(), allowed, "{command:?}: {reason:?}");
        }
    };
    check(&desk);
    let reason = desk.state().why_not(Command::Undo);
    assert_eq!(reason.as_deref(), Some("Open a folder of images first"));
    desk.open(&room.streets());
    check(&desk);
    let reason = desk.state().why_not(Command::Undo);
    assert_eq!(reason.as_deref(), Some("Nothing was changed in this image"));
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
        .get_by_role(Role::TextInput)
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
