//! Images that exports leave out: marked, seen, filtered, taken back, and heeded.

use atrous::cli::Outcome;
use atrous::command::Command;
use atrous::state::{Dialog, Task};
use atrous_engine::dataset::Only;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::desk::{Desk, Room};
use crate::cli::{atrous, words};

fn excluded(desk: &Desk) -> Vec<usize> {
    let images = desk.state().project.as_ref().unwrap().images.iter();
    let places = (0..).zip(images).filter(|(_, image)| image.excluded);
    places.map(|(place, _)| place).collect()
}

fn wait_excluded(desk: &mut Desk, expected: &[usize]) {
    desk.wait_until("the choice is on disk", |state| {
        !state.jobs.is_running(Task::Batch)
    });
    assert_eq!(excluded(desk), expected);
}

/// Corrects every image and goes on.
fn correct_all(desk: &mut Desk, images: usize) {
    for place in 0..images {
        desk.wait_until("the image is shown", |state| {
            let project = state.project.as_ref().unwrap();
            let shown = state.document.as_ref().map(|document| document.id);
            shown.is_some() && shown == project.current && project.place() == Some(place)
        });
        desk.drag(&[[20, 20], [60, 40]]);
        desk.wait_saved();
        desk.press(Key::D);
    }
}

#[test]
fn images_are_excluded_seen_filtered_exported_without_and_included_again() {
    let room = Room::new(4);
    let mut desk = room.start();
    desk.open(&room.streets());
    correct_all(&mut desk, 4);

    // The last one alone, by its key; then two at once, by the menu.
    desk.command(Command::ExcludeSelected);
    wait_excluded(&mut desk, &[3]);
    assert!(desk.sees(", excluded from export"), "the strip says it");
    desk.press(Key::A);
    desk.press(Key::A);
    desk.command(Command::ExtendDown);
    desk.click("Image");
    desk.click("Exclude from export");
    wait_excluded(&mut desk, &[1, 2, 3]);
    assert!(desk.sees("2 images are excluded from export"));
    desk.command(Command::ExcludeSelected);
    wait_excluded(&mut desk, &[1, 2, 3]);
    assert!(desk.sees("Already excluded from export"));

    // Taken back step by step, by the note and by the command.
    desk.click("Undo: 2 images are excluded from export");
    wait_excluded(&mut desk, &[3]);
    assert!(desk.state().allows(Command::UndoExclusion));
    desk.click("Image");
    desk.click("Undo exclude or include");
    wait_excluded(&mut desk, &[]);
    assert!(!desk.state().allows(Command::UndoExclusion));

    desk.command(Command::ExcludeSelected);
    wait_excluded(&mut desk, &[1, 2]);
    desk.close();

    // It is on disk, and the command line heeds it.
    let out = room.path("voc");
    let ran = atrous(words![
        "export",
        room.streets(),
        "--format",
        "voc",
        "--out",
        &out
    ]);
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    assert!(
        ran.err.contains("2 labelled images left out"),
        "{}",
        ran.err
    );
    let count = std::fs::read_dir(out.join("JPEGImages")).unwrap().count();
    assert_eq!(count, 2);

    let mut desk = room.start();
    desk.open(&room.streets());
    assert_eq!(excluded(&desk), [1, 2]);
    desk.command(Command::Export);
    assert!(desk.sees("2 images, 2 excluded"));
    desk.click("Show them");
    assert_eq!(desk.state().dialog, None);
    let project = desk.state().project.as_ref().unwrap();
    assert_eq!(project.strip.query, "export:no");
    assert_eq!(project.strip.len(), 2);
    desk.command(Command::SelectAll);
    desk.chord(Modifiers::ALT, Key::E);
    wait_excluded(&mut desk, &[]);
    assert!(desk.sees("2 images are included in export"));
}

#[test]
fn there_is_nothing_to_export_where_all_are_excluded() {
    let room = Room::new(2);
    let mut desk = room.start();
    desk.open(&room.streets());
    correct_all(&mut desk, 2);
    desk.command(Command::SelectAll);
    desk.command(Command::ExcludeSelected);
    wait_excluded(&mut desk, &[0, 1]);
    desk.command(Command::Export);
    assert!(desk.sees("0 images, 2 excluded"));
    let export = desk
        .harness
        .get_by_role_and_label(egui::accesskit::Role::Button, "Export");
    assert!(export.accesskit_node().is_disabled());
    let images = &desk.state().project.as_ref().unwrap().images;
    assert_eq!(images.exported(Only::Reviewed), [0, 0]);
    assert!(matches!(desk.state().dialog, Some(Dialog::Export(_))));
}
