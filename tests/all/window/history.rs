//! The history panel: what was done, and going there.

use atrous::command::Command;
use atrous_engine::mask::{Edit, png_file};
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::desk::{Desk, Room};

fn names(desk: &Desk) -> Vec<String> {
    let document = desk.state().document.as_ref().unwrap();
    document
        .history
        .edits()
        .map(|edit| edit.name().to_owned())
        .collect()
}

fn depths(desk: &Desk) -> (usize, usize) {
    desk.state().document.as_ref().unwrap().history.depths()
}

/// A stroke, an erasure and a polygon, with the labels before and after each.
fn work(desk: &mut Desk) -> Vec<Vec<u8>> {
    let mut states = vec![desk.labels()];
    desk.press(Key::B);
    desk.press(Key::Num3);
    desk.drag(&[[20, 20], [60, 20]]);
    states.push(desk.labels());
    desk.press(Key::E);
    desk.drag(&[[40, 20], [44, 20]]);
    states.push(desk.labels());
    desk.press(Key::P);
    for vertex in [[80, 60], [120, 60], [100, 90]] {
        desk.click_at(vertex);
    }
    desk.press(Key::Enter);
    states.push(desk.labels());
    desk.wait_saved();
    states
}

fn click_row(desk: &mut Desk, start: &str) {
    let rows = desk.harness.get_all_by_role(Role::ListBoxOption);
    let named = |node: &egui_kittest::Node<'_>| {
        let label = node.accesskit_node().label();
        label.is_some_and(|label| label.starts_with(start))
    };
    let row = rows.into_iter().find(named);
    row.unwrap_or_else(|| panic!("no row {start}")).click();
    desk.settle();
}

#[test]
fn nobody_goes_anywhere_while_a_mask_operation_is_looked_at() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.open(&room.streets());
    let states = work(&mut desk);
    desk.command(Command::ToggleHistory);
    desk.command(Command::MaskOperations);
    click_row(&mut desk, "Before");
    assert_eq!((desk.labels(), depths(&desk)), (states[3].clone(), (3, 0)));
    desk.press(Key::Escape);
    assert!(desk.state().operation.is_none());
    click_row(&mut desk, "Before");
    assert_eq!(desk.labels(), states[0]);
}

#[test]
fn one_goes_to_any_step_by_click_and_by_keys() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.open(&room.streets());
    let states = work(&mut desk);
    assert_eq!(names(&desk), ["Brush", "Eraser", "Polygon"]);
    desk.command(Command::ToggleHistory);
    click_row(&mut desk, "Brush");
    assert_eq!((desk.labels(), depths(&desk)), (states[1].clone(), (1, 2)));
    assert!(desk.sees("undone"));
    click_row(&mut desk, "Before");
    assert_eq!(desk.labels(), states[0]);
    click_row(&mut desk, "Polygon");
    assert_eq!(desk.labels(), states[3]);
    desk.harness
        .get_by_role_and_label(Role::ListBox, "History")
        .focus();
    desk.settle();
    desk.press(Key::ArrowUp);
    desk.press(Key::ArrowUp);
    assert_eq!((desk.labels(), depths(&desk)), (states[1].clone(), (1, 2)));
    desk.press(Key::ArrowDown);
    assert_eq!(desk.labels(), states[2]);
    desk.wait_saved();
    // Undo and redo walk the same list.
    desk.command(Command::Undo);
    assert_eq!(depths(&desk), (1, 2));
    desk.command(Command::Redo);
    desk.command(Command::Redo);
    assert_eq!((desk.labels(), depths(&desk)), (states[3].clone(), (3, 0)));
}

#[test]
fn the_history_survives_other_images_and_a_restart() {
    let room = Room::new(2);
    let mut desk = room.start();
    desk.open(&room.streets());
    let states = work(&mut desk);
    desk.command(Command::ToggleHistory);
    click_row(&mut desk, "Eraser");
    let first = desk.state().document.as_ref().unwrap().id;
    desk.press(Key::D);
    desk.wait_until("the other image is shown", |state| {
        state
            .document
            .as_ref()
            .is_some_and(|document| document.id != first)
    });
    assert_eq!(names(&desk), Vec::<String>::new());
    desk.press(Key::A);
    let back = |state: &atrous::state::State| {
        state
            .document
            .as_ref()
            .is_some_and(|document| document.id == first)
    };
    desk.wait_until("the first image is back", back);
    assert_eq!(depths(&desk), (2, 1));
    desk.close();

    let mut desk = room.start();
    desk.open(&room.streets());
    assert_eq!(names(&desk), ["Brush", "Eraser", "Polygon"]);
    assert_eq!((desk.labels(), depths(&desk)), (states[2].clone(), (2, 1)));
    let made = |edit: &Edit| edit.made().is_some();
    let document = desk.state().document.as_ref().unwrap();
    assert!(document.history.edits().all(made));
    desk.command(Command::ToggleHistory);
    click_row(&mut desk, "Polygon");
    assert_eq!(desk.labels(), states[3]);
}

#[test]
fn what_another_program_did_is_a_step_with_its_name() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.open(&room.streets());
    let states = work(&mut desk);
    let image = {
        let project = desk.state().project.as_ref().unwrap();
        project.images[0].path.display().to_string()
    };
    desk.close();
    let file = room.path(&format!("streets/.atrous/labels/{image}.png"));
    let limits = atrous_engine::Limits::default();
    let mut map = png_file::read(&file, &limits).unwrap();
    map.fill_span(100, 10..90, 4);
    std::fs::write(&file, png_file::encode(&map, &[[128; 3]; 256]).unwrap()).unwrap();

    let mut desk = room.start();
    desk.open(&room.streets());
    assert_eq!(names(&desk)[3], "Changed by another program");
    assert_eq!(desk.labels(), map.to_vec());
    desk.command(Command::ToggleHistory);
    click_row(&mut desk, "Polygon");
    assert_eq!(desk.labels(), states[3]);
}
