//! A training that was stopped goes on from the window.

use atrous::command::Command;
use atrous::state::{Dialog, Task};
use atrous_engine::project::Status;
use egui::Key;

use super::desk::{Desk, Room};

fn fill_in(desk: &mut Desk, steps: f64) {
    desk.command(Command::FineTune);
    desk.enter("Steps", steps);
    desk.enter("Images a step", 1.0);
    desk.enter("Crop side in pixels", 65.0);
}

fn wait_offer(desk: &mut Desk) {
    desk.wait_until("the stopped run is found", |state| {
        state.stopped_run.is_some()
    });
}

#[test]
fn a_stopped_training_goes_on_where_it_was() {
    let room = Room::new(4);
    let mut desk = room.start();
    desk.open(&room.streets());
    for done in 1..=3 {
        desk.press(Key::Num9);
        desk.press(Key::B);
        desk.drag(&[[40, 60], [80, 60], [110, 64]]);
        desk.command(Command::MarkReviewed);
        desk.wait_until("the next image is shown", |state| {
            let project = state.project.as_ref().unwrap();
            project.count(Status::Reviewed) == done
                && state.document.as_ref().map(|document| document.id) == project.current
        });
    }
    fill_in(&mut desk, 2_000.0);
    assert!(!desk.sees("Go on from step"), "nothing was stopped yet");
    desk.click("Start");
    desk.wait_until("a few steps are done", |state| {
        state.run.as_ref().is_some_and(|run| run.loss.len() > 1)
    });
    desk.click("Stop training");
    desk.wait_until("it is stopped", |state| {
        !state.jobs.is_running(Task::FineTune)
    });
    let record = desk.state().run.clone().unwrap().record.unwrap();
    assert!(record.step > 0 && record.step < 2_000);
    desk.wait_until("the rest is predicted", |state| {
        !state.jobs.is_running(Task::PredictFolder)
    });

    // Other settings are another run; these can be taken over.
    fill_in(&mut desk, 2_000.0);
    wait_offer(&mut desk);
    desk.enter("Crop side in pixels", 97.0);
    assert!(!desk.sees("Go on from step"));
    desk.click("Use its settings");
    assert!(matches!(&desk.state().dialog, Some(Dialog::FineTune(form)) if form.crop == 65));
    let last = record.step + 3;
    desk.enter("Steps", last as f64);
    desk.click(&format!("Go on from step {}", record.step));
    desk.wait_until("it came to its end", |state| {
        let run = state.run.as_ref().unwrap();
        run.record.is_some() && !state.jobs.is_running(Task::FineTune)
    });
    let finished = desk.state().run.clone().unwrap();
    let longer = finished.record.unwrap();
    assert_eq!((longer.step, finished.stopped), (last, false));
    for (before, after) in record.curve.iter().zip(&longer.curve) {
        assert_eq!((before.step, before.loss), (after.step, after.loss));
    }
    assert_eq!(longer.started_from, record.started_from);
    let project = &desk.state().project.as_ref().unwrap().project;
    let runs = project.runs().unwrap();
    assert_eq!(runs.len(), 1, "it is the same run");
    assert!(runs[0].finished.is_some());
    desk.wait_until("the rest is predicted", |state| {
        !state.jobs.is_running(Task::PredictFolder)
    });
    desk.command(Command::FineTune);
    desk.settle();
    assert!(!desk.sees("Go on from step"), "it is not stopped any more");
}
