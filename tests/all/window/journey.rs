//! The journeys of a person at the window, on a few demo scenes.

use atrous::command::Command;
use atrous::state::{Dialog, Task};
use atrous_engine::project::Status;
use atrous_palettes::VOID;
use egui::{Key, PointerButton};

use super::desk::{Desk, Room};

/// A stroke through the middle of the image.
const STROKE: [[u32; 2]; 3] = [[40, 60], [80, 60], [110, 64]];
const ON_STROKE: [u32; 2] = [80, 60];
/// A polygon away from the stroke, and a pixel in it.
const POLYGON: [[u32; 2]; 4] = [[20, 90], [120, 90], [120, 120], [20, 120]];
const IN_POLYGON: [u32; 2] = [70, 105];
/// Class indices of the Cityscapes palette, which the keys 1 and 9 take.
const ROAD: u8 = 0;
const VEGETATION: u8 = 8;

fn status(desk: &Desk) -> Status {
    let project = desk.state().project.as_ref().unwrap();
    project.image(project.current.unwrap()).unwrap().status
}

fn paint_stroke(desk: &mut Desk) {
    desk.press(Key::Num9);
    desk.press(Key::B);
    desk.drag(&STROKE);
}

fn predict_image(desk: &mut Desk) {
    desk.press(Key::R);
    desk.wait_until("the image is predicted", |state| {
        let document = state.document.as_ref();
        document.is_some_and(|document| document.prediction.is_some())
            && !state.jobs.is_running(Task::PredictImage)
    });
}

#[test]
fn a_dropped_folder_is_opened_predicted_and_walked_through() {
    let room = Room::new(4);
    let mut desk = room.start();
    assert!(desk.sees("Drop a folder of images"));
    desk.open(&room.streets());
    assert_eq!(desk.state().project.as_ref().unwrap().images.len(), 4);
    assert_eq!(status(&desk), Status::Unlabelled);
    assert!(desk.labels().iter().all(|label| *label == VOID));

    predict_image(&mut desk);
    assert_eq!(status(&desk), Status::Predicted);
    let document = desk.state().document.as_ref().unwrap();
    assert_eq!(Some(&document.labels), document.prediction.as_ref());
    assert!(document.confidence.is_some());

    desk.command(Command::PredictFolder);
    desk.wait_until("the folder is predicted", |state| {
        let project = state.project.as_ref().unwrap();
        project.count(Status::Predicted) == 4 && !state.jobs.is_running(Task::PredictFolder)
    });
    let first = desk.state().project.as_ref().unwrap().current;
    desk.press(Key::D);
    desk.wait_until("the next image is shown", |state| {
        state.document.as_ref().map(|document| document.id)
            == state.project.as_ref().unwrap().current
    });
    assert_ne!(desk.state().project.as_ref().unwrap().current, first);
    desk.close();
    assert!(room.path("streets/.atrous/project.toml").exists());
}

#[test]
fn strokes_and_polygons_are_undone_and_redone() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.open(&room.streets());
    let blank = desk.labels();

    paint_stroke(&mut desk);
    assert_eq!(desk.label(ON_STROKE), Some(VEGETATION));
    assert_eq!(status(&desk), Status::Corrected);
    let stroked = desk.labels();

    desk.press(Key::Num1);
    desk.press(Key::P);
    for vertex in POLYGON {
        desk.click_at(vertex);
    }
    assert_eq!(desk.labels(), stroked, "nothing is painted before Enter");
    desk.press(Key::Enter);
    assert_eq!(desk.label(IN_POLYGON), Some(ROAD));
    let filled = desk.labels();

    desk.command(Command::Undo);
    assert_eq!(desk.labels(), stroked);
    desk.command(Command::Undo);
    assert_eq!(desk.labels(), blank);
    desk.command(Command::Redo);
    desk.command(Command::Redo);
    assert_eq!(desk.labels(), filled);
    assert!(!desk.state().allows(Command::Redo));
    desk.wait_saved();
}

#[test]
fn escape_takes_a_stroke_back_and_the_right_button_erases() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.open(&room.streets());
    let blank = desk.labels();
    desk.press(Key::B);
    desk.begin_drag(&STROKE);
    assert_ne!(desk.labels(), blank);
    desk.press(Key::Escape);
    assert_eq!(desk.labels(), blank);
    assert!(!desk.state().allows(Command::Undo), "it leaves no trace");
    desk.drag_with(PointerButton::Primary, &[[5, 5]]);

    paint_stroke(&mut desk);
    assert_eq!(desk.label(ON_STROKE), Some(VEGETATION));
    desk.drag_with(PointerButton::Secondary, &STROKE);
    assert_eq!(desk.label(ON_STROKE), Some(VOID));
}

#[test]
fn a_locked_class_is_not_painted_over() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.open(&room.streets());
    paint_stroke(&mut desk);
    desk.harness.hover_at(desk.on_screen(ON_STROKE));
    desk.settle();
    desk.press(Key::K);
    assert!(desk.state().classes.locked[usize::from(VEGETATION)]);
    let locked = desk.labels();
    desk.press(Key::Num1);
    desk.drag(&STROKE);
    assert_eq!(desk.label(ON_STROKE), Some(VEGETATION));
    let changed = desk.labels();
    let kept = locked.iter().zip(&changed);
    assert!(
        kept.clone()
            .all(|(before, after)| *before != VEGETATION || after == before)
    );
}

#[test]
fn labels_and_undo_survive_a_restart() {
    let room = Room::new(2);
    let mut desk = room.start();
    desk.open(&room.streets());
    let blank = desk.labels();
    paint_stroke(&mut desk);
    let stroked = desk.labels();
    desk.drag(&POLYGON);
    desk.command(Command::Undo);
    desk.close();

    let mut desk = room.start();
    assert!(desk.sees("streets"), "it is among the recent projects");
    desk.open(&room.streets());
    assert_eq!(desk.labels(), stroked);
    assert_eq!(status(&desk), Status::Corrected);
    assert!(
        desk.state().allows(Command::Redo),
        "what was undone can be redone"
    );
    desk.command(Command::Undo);
    assert_eq!(desk.labels(), blank);
    desk.command(Command::Redo);
    assert_eq!(desk.labels(), stroked);
}

#[test]
fn corrections_survive_predictions_and_switching_images() {
    let room = Room::new(2);
    let mut desk = room.start();
    desk.open(&room.streets());
    paint_stroke(&mut desk);
    let stroked = desk.labels();
    predict_image(&mut desk);
    assert_eq!(desk.labels(), stroked, "corrected labels are kept");
    let first = desk.state().document.as_ref().unwrap().id;
    desk.press(Key::D);
    desk.wait_until("the second image is shown", |state| {
        state.document.as_ref().unwrap().id != first
    });
    desk.press(Key::A);
    desk.wait_until("the first image is back", |state| {
        state.document.as_ref().unwrap().id == first
    });
    assert_eq!(desk.labels(), stroked);
    desk.command(Command::Undo);
    assert_ne!(desk.labels(), stroked, "each image keeps its own history");
}

#[test]
fn a_model_is_tuned_then_labels_are_exported_and_reported() {
    let room = Room::new(5);
    let mut desk = room.start();
    desk.open(&room.streets());
    desk.command(Command::PredictFolder);
    desk.wait_until("the folder is predicted", |state| {
        state.project.as_ref().unwrap().count(Status::Predicted) == 5
            && !state.jobs.is_running(Task::PredictFolder)
    });
    for done in 1..=4 {
        paint_stroke(&mut desk);
        desk.command(Command::MarkReviewed);
        desk.wait_until("the next image is shown", |state| {
            let project = state.project.as_ref().unwrap();
            project.count(Status::Reviewed) == done
                && state.document.as_ref().map(|document| document.id) == project.current
        });
    }

    desk.command(Command::FineTune);
    desk.enter("Steps", 4.0);
    desk.enter("Images a step", 1.0);
    desk.enter("Crop side in pixels", 65.0);
    desk.click("Start");
    desk.wait_until("the training is over", |state| {
        !state.jobs.is_running(Task::FineTune) && !state.jobs.is_running(Task::PredictFolder)
    });
    let run = desk.state().run.clone().expect("a run");
    let record = run.record.expect("it came to an end");
    assert_eq!(record.step, 4);
    assert!(!run.loss.is_empty() && !run.held_out.is_empty());
    assert!(record.before.is_some() && record.after.is_some());
    assert!(!record.held_out.is_empty() && !record.train.is_empty());
    assert!(
        record
            .train
            .iter()
            .all(|image| !record.held_out.contains(image))
    );
    let project = desk.state().project.as_ref().unwrap();
    assert_eq!(
        project.count(Status::Reviewed),
        4,
        "reviewed labels are kept"
    );
    assert_eq!(project.count(Status::Predicted), 1);

    let out = room.path("dataset");
    desk.command(Command::Export);
    *room.answers.path.lock().unwrap() = Some(out.clone());
    desk.click("Change...");
    desk.wait_until(
        "the folder is filled in",
        |state| matches!(&state.dialog, Some(Dialog::Export(form)) if form.out == out),
    );
    desk.click("Reviewed");
    desk.click("Export");
    desk.wait_until("the export is told", |state| {
        matches!(&state.dialog, Some(Dialog::Result(_)))
    });
    assert!(desk.sees("Exported and checked"));
    let labels = std::fs::read_dir(out.join("SegmentationClass")).unwrap();
    assert_eq!(labels.count(), 4);
    desk.click("Close");

    desk.command(Command::Report);
    desk.wait_until("the report is told", |state| {
        matches!(&state.dialog, Some(Dialog::Result(_)))
    });
    let revealed = room.answers.revealed.lock().unwrap().clone();
    let page = std::fs::read_to_string(&revealed[0]).unwrap();
    assert!(page.contains("mIoU"));
    desk.close();
}
