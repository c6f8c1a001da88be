//! The class panel: keys of classes, the list by keyboard, and what is remembered.

use atrous::command::Command;
use atrous::state::{Slots, State, key_text};
use atrous_engine::Limits;
use atrous_engine::mask::{LabelMap, png_file};
use atrous_engine::project::{OpenOptions, Project};
use atrous_palettes::Palette;
use egui::accesskit::Role;
use egui::{Key, Modifiers, Pos2};
use egui_kittest::kittest::Queryable as _;

use super::desk::{Desk, Room};

fn opened(room: &Room) -> Desk {
    let mut desk = room.start();
    desk.open(&room.streets());
    desk
}

/// Drags from the middle of one thing to the middle of another.
fn drag(desk: &mut Desk, from: Pos2, to: Pos2) {
    desk.harness.hover_at(from);
    desk.harness.step();
    desk.harness.drag_at(from);
    desk.harness.step();
    for part in [0.2, 0.6, 1.0] {
        desk.harness.hover_at(from + (to - from) * part);
        desk.harness.step();
    }
    desk.harness.drop_at(to);
    desk.settle();
}

fn row(desk: &Desk, name: &str) -> Pos2 {
    let row = desk
        .harness
        .get_by_role_and_label(Role::ListBoxOption, name);
    row.rect().center()
}

fn cap(desk: &Desk, name: &str) -> Pos2 {
    desk.harness.get_by_label(name).rect().center()
}

#[test]
fn a_class_dropped_on_a_key_has_it_and_keeps_it() {
    let room = Room::new(1);
    let mut desk = opened(&room);
    let (from, to) = (row(&desk, "building"), cap(&desk, "Key 1: road"));
    drag(&mut desk, from, to);
    assert!(desk.sees("Key 1: building") && desk.sees("Key 3: road"));
    desk.press(Key::Num1);
    assert_eq!(desk.state().classes.current, 2);
    desk.press(Key::Num3);
    assert_eq!(desk.state().classes.current, 0);
    desk.close();

    let mut desk = opened(&room);
    desk.press(Key::Num1);
    assert_eq!(desk.state().classes.current, 2);
    // Dropped on another row it takes that one's key, and those between move up.
    let (from, to) = (row(&desk, "building"), row(&desk, "fence"));
    drag(&mut desk, from, to);
    let slots = &desk.state().classes.slots;
    let keys: Vec<_> = (0..5).map(|slot| slots.class(slot)).collect();
    assert_eq!(keys, [Some(1), Some(0), Some(3), Some(4), Some(2)]);
    assert_eq!(desk.state().classes.current, 2, "a drag takes no class");
}

#[test]
fn alt_and_a_digit_give_the_current_class_a_key() {
    let room = Room::new(1);
    let mut desk = opened(&room);
    desk.chord(Modifiers::SHIFT, Key::Num4);
    assert_eq!(desk.state().classes.current, 13);
    desk.chord(Modifiers::ALT, Key::Num2);
    desk.press(Key::Num1);
    desk.press(Key::Num2);
    assert_eq!(desk.state().classes.current, 13);
    desk.chord(Modifiers::SHIFT, Key::Num4);
    assert_eq!(desk.state().classes.current, 1, "they changed places");
    desk.click("Key Shift+9: bicycle");
    assert_eq!(desk.state().classes.current, 18);
}

#[test]
fn the_list_is_one_stop_and_everything_in_it_has_keys() {
    let room = Room::new(1);
    let mut desk = opened(&room);
    desk.harness
        .get_by_role_and_label(Role::ListBox, "Classes")
        .focus();
    desk.settle();
    for _ in 0..3 {
        desk.press(Key::ArrowDown);
    }
    desk.press(Key::ArrowUp);
    assert_eq!(desk.state().classes.current, 2);
    desk.command(Command::HideClass);
    assert!(desk.state().classes.hidden[2]);
    desk.command(Command::SoloClass);
    assert!(!desk.state().classes.hidden[2] && desk.state().classes.hidden[1]);
    desk.command(Command::SoloClass);
    assert!(!desk.state().classes.hidden[..19].contains(&true));
    desk.command(Command::LockClass);
    assert!(desk.state().classes.locked[2], "the pointer is elsewhere");
    // Tab goes on to the buttons of the selected row alone, which stay in focus when they turn.
    desk.press(Key::Tab);
    assert!(desk.harness.get_by_label("Hide building").is_focused());
    desk.press(Key::Space);
    assert!(desk.harness.get_by_label("Show building").is_focused());
    desk.press(Key::Space);
    desk.press(Key::Tab);
    assert!(desk.harness.get_by_label("Unlock building").is_focused());
    desk.press(Key::Space);
    assert!(!desk.state().classes.locked[2] && !desk.state().classes.hidden[2]);
    let before = desk.state().settings.opacity;
    desk.command(Command::LessOpacity);
    assert!(desk.state().settings.opacity < before);
}

#[test]
fn void_is_in_view_below_the_classes_and_the_arrows_reach_it() {
    let room = ade20k_room();
    let mut desk = opened(&room);
    let list = desk.harness.get_by_role_and_label(Role::ListBox, "Classes");
    let (bottom, void) = (list.rect().bottom(), row(&desk, "void"));
    assert!(
        void.y > bottom && void.y < bottom + 40.0,
        "{void:?} under {bottom}"
    );
    list.focus();
    desk.settle();
    desk.press(Key::Num1);
    desk.press(Key::ArrowUp);
    assert_eq!(desk.state().classes.current, 0, "there is nothing above");
    desk.harness
        .get_by_role_and_label(Role::ListBoxOption, "void")
        .click();
    desk.settle();
    assert_eq!(desk.state().classes.current, 255);
    let rows = desk
        .harness
        .get_all_by_role_and_label(Role::ListBoxOption, "void");
    let lowest = rows.map(|row| row.rect().center().y).fold(0.0, f32::max);
    assert_eq!(lowest, void.y, "it stays where it is, recent or not");
    desk.harness
        .get_by_role_and_label(Role::ListBox, "Classes")
        .focus();
    desk.settle();
    desk.press(Key::ArrowUp);
    let last = desk.state().project.as_ref().unwrap().palette.len() - 1;
    assert_eq!(usize::from(desk.state().classes.current), last);
    desk.press(Key::ArrowDown);
    desk.press(Key::ArrowDown);
    assert_eq!(desk.state().classes.current, 255);
    assert!(desk.sees("Show void"), "its buttons are there too");
}

#[test]
fn background_lets_the_image_through_at_first() {
    let room = Room::new(1);
    let options = OpenOptions {
        palette: Some(Palette::pascal_voc()),
        ..OpenOptions::default()
    };
    drop(Project::open(&room.streets(), options).unwrap());
    let desk = opened(&room);
    let opacity = desk.state().classes.opacity;
    assert!(opacity[0] < 0.5 && opacity[1..].iter().all(|class| *class == 1.0));
}

/// A room whose project has the 150 classes of ADE20K.
pub fn ade20k_room() -> Room {
    let room = Room::new(1);
    let options = OpenOptions {
        palette: Some(Palette::ade20k()),
        ..OpenOptions::default()
    };
    drop(Project::open(&room.streets(), options).unwrap());
    room
}

#[test]
fn of_150_classes_one_is_found_by_a_few_letters_and_is_recent_then() {
    let mut desk = opened(&ade20k_room());
    let palette = desk.state().project.as_ref().unwrap().palette.clone();
    let index = |name: &str| {
        let place = palette.classes.iter().position(|class| class.name == name);
        place.unwrap_or_else(|| panic!("no class {name}")) as u8
    };
    for name in ["flag", "sky"] {
        desk.harness
            .get_by_role_and_label(Role::TextInput, "Search classes")
            .focus();
        desk.settle();
        desk.harness.event(egui::Event::Text(name.to_owned()));
        desk.settle();
        assert!(!desk.sees("Recent"));
        desk.press(Key::Enter);
        assert_eq!(desk.state().classes.current, index(name));
    }
    assert_eq!(desk.state().classes.recent, [index("sky"), index("flag")]);
    let top = |name| {
        let rows = desk
            .harness
            .get_all_by_role_and_label(Role::ListBoxOption, name);
        rows.map(|row| row.rect().top()).fold(f32::MAX, f32::min)
    };
    assert!(desk.harness.get_by_label("Recent").rect().top() < top("sky"));
    assert!(top("sky") < top("flag"));
    assert!(top("flag") < desk.harness.get_by_label("All").rect().top());
    desk.chord(Modifiers::ALT, Key::Num1);
    desk.press(Key::Num2);
    desk.press(Key::Num1);
    assert_eq!(desk.state().classes.current, index("sky"));
}

#[test]
fn keys_of_classes_are_permuted_and_nothing_is_lost() {
    let palette = Palette::ade20k();
    let mut slots = Slots::in_order(palette.len());
    assert_eq!(slots.kept(&palette), None);
    slots.give(149, 0);
    assert_eq!((slots.class(0), slots.key_of(0)), (Some(149), None));
    slots.give_key_of(149, 4);
    let keys: Vec<_> = (0..6).map(|slot| slots.class(slot)).collect();
    assert_eq!(keys, [1, 2, 3, 4, 149, 5].map(Some));
    slots.give_key_of(100, 1);
    assert_eq!((slots.class(0), slots.class(1)), (Some(100), Some(1)));
    slots.give_key_of(7, 120);
    assert_eq!(
        slots.key_of(7).as_deref(),
        Some("9"),
        "the other has no key to give"
    );
    let kept = slots.kept(&palette).unwrap();
    assert_eq!(Slots::restored(&palette, Some(&kept)), slots);
    assert_eq!(
        (key_text(9), key_text(10), key_text(19)),
        ("0".into(), "Shift+1".into(), "Shift+0".into())
    );
}

/// The pixels of each class that the panel knows are those of the labels.
fn check_counts(desk: &Desk) {
    let known = desk.state().classes.counts.pixels();
    let document = desk.state().document.as_ref().unwrap();
    assert_eq!(known, Some(&document.labels.histogram()));
}

#[test]
fn counts_follow_every_edit_undo_and_redo_and_what_other_programs_do() {
    let room = Room::new(2);
    let mut desk = opened(&room);
    let counted = |state: &State| state.classes.counts.pixels().is_some();
    desk.wait_until("the classes are counted", counted);
    check_counts(&desk);
    // Middle-square-like numbers: any order of edits will do.
    let mut number = 12_345_u32;
    let mut next = |below: u32| {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (number >> 16) % below
    };
    let keys = [Key::Num1, Key::Num2, Key::Num3, Key::Num4];
    for _ in 0..30 {
        let point = [next(160), next(128)];
        match next(5) {
            0 => desk.command(Command::Undo),
            1 => desk.command(Command::Redo),
            2 => {
                desk.press(Key::G);
                desk.press(keys[next(4) as usize]);
                desk.click_at(point);
            }
            _ => {
                desk.press(Key::B);
                desk.press(keys[next(4) as usize]);
                desk.drag(&[point, [next(160), next(128)]]);
            }
        }
        check_counts(&desk);
    }
    desk.wait_saved();
    let ours = desk.labels();

    // Another program changes the label file while another image is open.
    desk.press(Key::D);
    desk.wait_until("the other image is counted", counted);
    check_counts(&desk);
    let project = desk.state().project.as_ref().unwrap();
    let image = project.images[0].path.display().to_string();
    let map = LabelMap::filled(160, 128, 4);
    let colors = Palette::cityscapes().colors();
    let bytes = png_file::encode(&map, &colors).unwrap();
    let file = room.path(&format!("streets/.atrous/labels/{image}.png"));
    // A switch does not wait for the file of the image that is left.
    desk.wait_until("our own file is written", |_| {
        png_file::read(&file, &Limits::default()).is_ok_and(|map| map.to_vec() == ours)
    });
    std::fs::write(file, bytes).unwrap();
    desk.press(Key::A);
    desk.wait_until("the change is taken in", |state| {
        let document = state.document.as_ref();
        document.is_some_and(|document| document.labels == map) && counted(state)
    });
    check_counts(&desk);
    desk.command(Command::Undo);
    check_counts(&desk);
}
