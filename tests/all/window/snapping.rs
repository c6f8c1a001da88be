//! Borders that snap to the edges of the image, behind the window.

use atrous::command::Command;
use atrous::state::{OperationKind, Settings, State, Task};
use atrous_palettes::VOID;
use egui::{Event, Key, Modifiers, PointerButton};
use image::{Rgb, RgbImage};

use super::desk::{Desk, Room};
use super::masks::{choose, computed};

/// The class that the fifth key paints.
const PAINTED: u8 = 4;

/// An image of a dark and a bright half, with the edge at column 80.
fn halves(room: &Room) {
    let folder = room.path("halves");
    std::fs::create_dir_all(&folder).unwrap();
    let image = RgbImage::from_fn(160, 96, |x, y| {
        let noise = ((x * 7 + y * 13) % 5) as u8;
        Rgb([if x < 80 { 40 } else { 200 } + noise; 3])
    });
    image.save(folder.join("halves.png")).unwrap();
}

/// Opens the image and paints its right part, from about column 74 on; the rest stays void.
fn paint_roughly(room: &Room) -> Desk {
    halves(room);
    let path = room.path("settings.toml");
    let settings = Settings::read(&path).unwrap();
    let wide = Settings {
        brush: 40,
        ..settings
    };
    wide.write(&path).unwrap();
    let mut desk = room.start();
    desk.open(&room.path("halves"));
    desk.press(Key::B);
    desk.press(Key::Num5);
    for column in [94, 130, 150] {
        desk.drag(&[[column, 0], [column, 95]]);
    }
    desk
}

/// The first column of the painted class in a row.
fn border(desk: &Desk, y: u32) -> u32 {
    let is_painted = |x: &u32| desk.label([*x, y]) == Some(PAINTED);
    (0..160).find(is_painted).unwrap()
}

/// Whether the border lies on the edge of the image.
fn is_snapped(state: &State) -> bool {
    let document = state.document.as_ref();
    document.is_some_and(|document| document.labels.get(77, 48) == Some(VOID))
}

#[test]
fn a_rough_border_snaps_to_the_edge_as_one_step() {
    let room = Room::new(1);
    let mut desk = paint_roughly(&room);
    let rough = desk.labels();
    assert!(border(&desk, 48).abs_diff(74) <= 1);
    desk.command(Command::SnapToEdges);
    desk.wait_until("the border lies on the edge", is_snapped);
    for y in [4, 48, 90] {
        assert_eq!(border(&desk, y), 80, "row {y}");
    }
    let snapped = desk.labels();
    desk.wait_saved();
    desk.command(Command::Undo);
    assert_eq!(desk.labels(), rough);
    desk.command(Command::Redo);
    assert_eq!(desk.labels(), snapped);
}

#[test]
fn a_locked_class_neither_gains_nor_loses() {
    let room = Room::new(1);
    let mut desk = paint_roughly(&room);
    let rough = desk.labels();
    let place = desk.on_screen([140, 48]);
    desk.harness.hover_at(place);
    desk.settle();
    desk.command(Command::LockClass);
    assert!(desk.state().classes.locked[usize::from(PAINTED)]);
    desk.command(Command::SnapToEdges);
    desk.wait_until("it is over", |state| {
        let document = state.document.as_ref();
        state.jobs.is_empty() && document.is_some_and(|document| document.snapped.is_none())
    });
    assert_eq!(desk.labels(), rough);
    assert!(desk.sees("The borders lie on the edges already"));
}

#[test]
fn what_is_painted_meanwhile_stays() {
    let room = Room::new(1);
    let mut desk = paint_roughly(&room);
    desk.press(Key::Num7);
    let shortcut = Command::SnapToEdges.shortcuts()[0];
    desk.harness
        .key_press_modifiers(shortcut.modifiers, shortcut.logical_key);
    desk.begin_drag(&[[20, 20], [24, 20]]);
    desk.wait_until("the search is over", |state| {
        !state.jobs.is_running(Task::Snap)
    });
    assert!(!is_snapped(desk.state()), "a stroke is under way");
    desk.harness.event(Event::PointerButton {
        pos: desk.on_screen([24, 20]),
        button: PointerButton::Primary,
        pressed: false,
        modifiers: Modifiers::NONE,
    });
    desk.wait_until("the border lies on the edge", is_snapped);
    assert_eq!(desk.label([22, 20]), Some(6));
}

#[test]
fn predictions_are_refined_where_that_is_wanted() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.open(&room.streets());
    assert!(!desk.state().settings.crf);
    desk.click(Command::ToggleCrf.text());
    assert!(desk.state().settings.crf);
    desk.chord(Modifiers::NONE, Key::R);
    desk.wait_until("the image is predicted", |state| {
        let document = state.document.as_ref();
        document.is_some_and(|document| document.prediction.is_some())
    });
    desk.close();
    assert!(Settings::read(&room.path("settings.toml")).unwrap().crf);
}

#[test]
fn a_snap_is_looked_at_first_as_surely_as_the_labels_are() {
    let room = Room::new(1);
    let mut desk = paint_roughly(&room);
    let rough = desk.labels();
    desk.command(Command::MaskOperations);
    choose(&mut desk, OperationKind::Grow, OperationKind::Snap);
    desk.wait_until("the preview is there", computed);
    assert_eq!(desk.state().operation.as_ref().unwrap().form.certainty, 70);
    let changes = |desk: &mut Desk, certainty: f64| {
        desk.slide("Certainty", certainty);
        desk.wait_until("it is computed again", computed);
        let operation = desk.state().operation.as_ref().unwrap();
        let preview = operation.preview.as_ref();
        preview.map_or(0, |(edit, _)| edit.changed())
    };
    let sure = changes(&mut desk, 95.0);
    let unsure = changes(&mut desk, 60.0);
    assert!(sure <= unsure && unsure > 0, "{sure} pixels, then {unsure}");
    assert_eq!(desk.labels(), rough, "nothing is changed yet");
    desk.press(Key::Enter);
    desk.wait_until("it is applied", |state| state.operation.is_none());
    assert_eq!(border(&desk, 48), 80);
    desk.wait_saved();
    desk.command(Command::Undo);
    assert_eq!(desk.labels(), rough, "it is one step");
    desk.close();
    let settings = Settings::read(&room.path("settings.toml")).unwrap();
    assert_eq!(settings.snap_certainty, 60, "it is remembered");
}
