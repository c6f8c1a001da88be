//! The thread behind the window's edits.

use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use atrous_engine::Limits;
use atrous_engine::jobs::Silent;
use atrous_engine::mask::{LabelMap, png_file};
use atrous_engine::project::{ImageId, NewPrediction, Project, Recorder, Status, Written};

use super::{Folder, id, stroke};

/// What a recorder said, and whether it went well.
type News = Arc<Mutex<Vec<(Written, bool)>>>;

fn listen() -> (
    News,
    impl FnMut(atrous_engine::project::Recorded) + Send + 'static,
) {
    let news = News::default();
    let heard = news.clone();
    let report = move |recorded: atrous_engine::project::Recorded| {
        heard
            .lock()
            .unwrap()
            .push((recorded.what, recorded.result.is_ok()));
    };
    (news, report)
}

#[test]
fn everything_is_written_in_order_and_acknowledged() {
    let folder = Folder::with_an_image();
    let project = Arc::new(folder.open());
    let a = id(&project, "a.png");
    let (news, report) = listen();
    let recorder = Recorder::start(project.clone(), report).unwrap();
    let (mut map, mut history) = project.open_label(a).unwrap();
    for step in 0..5_u8 {
        let edit = Arc::new(stroke(&mut map, &[[f32::from(step) * 40.0, 30.0]], step).unwrap());
        history.push(edit.clone());
        recorder.record(a, edit);
    }
    history.undo(&mut map).unwrap();
    recorder.undo(a);
    history.undo(&mut map).unwrap();
    recorder.undo(a);
    history.redo(&mut map).unwrap();
    recorder.redo(a);
    recorder.set_status(a, Status::Reviewed);
    recorder.wait_idle();
    let expected = [
        [Written::Edit; 5].as_slice(),
        &[Written::Undo, Written::Undo, Written::Redo],
        &[Written::Status(Status::Reviewed)],
    ];
    let mut news = news.lock().unwrap().clone();
    assert!(news.iter().all(|(_, fine)| *fine), "{news:?}");
    assert_eq!(news.last(), Some(&(Written::File, true)));
    news.retain(|(what, _)| *what != Written::File);
    let written: Vec<_> = news.iter().map(|(what, _)| *what).collect();
    assert_eq!(written, expected.concat());
    let file = folder.file(".atrous/labels/a.png.png");
    assert_eq!(png_file::read(&file, &Limits::default()).unwrap(), map);
    drop(recorder);
    drop(project);
    let project = folder.open();
    let (again, restored) = project.open_label(a).unwrap();
    assert_eq!((again, restored.depths()), (map, history.depths()));
    assert_eq!(project.image(a).unwrap().status, Status::Reviewed);
}

#[test]
fn dropping_it_writes_what_is_left() {
    let folder = Folder::with_an_image();
    let project = Arc::new(folder.open());
    let a = id(&project, "a.png");
    let mut map = project.load_label(a).unwrap();
    let recorder = Recorder::start(project.clone(), |_| {}).unwrap();
    for step in 0..20_u8 {
        let edit = stroke(&mut map, &[[f32::from(step) * 14.0, 99.0]], step).unwrap();
        recorder.record(a, edit);
    }
    drop(recorder);
    assert_eq!(project.load_label(a).unwrap(), map);
    let file = folder.file(".atrous/labels/a.png.png");
    assert_eq!(png_file::read(&file, &Limits::default()).unwrap(), map);
}

#[test]
fn label_files_follow_after_a_rest_without_being_asked() {
    let folder = Folder::with_an_image();
    let project = Arc::new(folder.open());
    let a = id(&project, "a.png");
    let recorder = Recorder::start(project, |_| {}).unwrap();
    recorder.save_label(a, LabelMap::filled(300, 280, 1));
    let mut map = LabelMap::filled(300, 280, 1);
    recorder.record(a, stroke(&mut map, &[[9.0, 9.0]], 2).unwrap());
    let file = folder.file(".atrous/labels/a.png.png");
    let begin = Instant::now();
    let written = || file.exists() && png_file::read(&file, &Limits::default()).unwrap() == map;
    while !written() {
        assert!(begin.elapsed() < Duration::from_secs(20), "no label file");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn after_a_failed_edit_later_ones_are_refused_until_the_image_is_opened_again() {
    let folder = Folder::with_an_image();
    folder.add("b.png", 300, 280);
    let project = Arc::new(folder.open());
    let (a, b) = (id(&project, "a.png"), id(&project, "b.png"));
    let (news, report) = listen();
    let recorder = Recorder::start(project.clone(), report).unwrap();
    let mut larger = LabelMap::filled(900, 900, 0);
    recorder.record(a, stroke(&mut larger, &[[800.0, 800.0]], 1).unwrap());
    let mut map = project.load_label(a).unwrap();
    let edit = Arc::new(stroke(&mut map, &[[80.0, 80.0]], 1).unwrap());
    recorder.record(a, edit.clone());
    recorder.record(b, edit.clone());
    recorder.opened(a);
    recorder.record(a, edit);
    recorder.undo(b);
    recorder.undo(b);
    recorder.wait_idle();
    let news: Vec<_> = news.lock().unwrap().clone();
    let edits: Vec<bool> = news
        .iter()
        .filter(|(what, _)| *what == Written::Edit)
        .map(|(_, fine)| *fine)
        .collect();
    assert_eq!(edits, [false, false, true, true]);
    let undos: Vec<bool> = news
        .iter()
        .filter(|(what, _)| *what == Written::Undo)
        .map(|(_, fine)| *fine)
        .collect();
    assert_eq!(undos, [true, false], "there is one edit to undo");
    assert_eq!(project.load_label(a).unwrap(), map);
}

#[test]
fn only_images_with_steps_on_their_way_are_waited_for() {
    let folder = Folder::with_an_image();
    folder.add("b.png", 20, 10);
    let project = Arc::new(folder.open());
    let [a, b] = ["a.png", "b.png"].map(|path| id(&project, path));
    let (go_on, held) = mpsc::channel::<()>();
    // After its first step the recorder stands still until it may go on.
    let report = move |_recorded| {
        let _or_ended = held.recv();
    };
    let recorder = Recorder::start(project.clone(), report).unwrap();
    assert!(recorder.mark(a).is_none());
    recorder.set_status(b, Status::Corrected);
    recorder.set_status(a, Status::Reviewed);
    recorder.flush(b);
    let mark = recorder.mark(a).expect("a step of it is on its way");
    drop(go_on);
    mark.wait();
    assert_eq!(project.image(a).unwrap().status, Status::Reviewed);
    assert!(recorder.mark(a).is_none());
    recorder.wait_idle();
    assert!(recorder.mark(b).is_none());
}

/// A prediction of one class all over, as it is kept behind the window.
fn predict(project: &Project, image: ImageId, class: u8) -> bool {
    let pixels = vec![class; 300 * 280];
    let prediction = NewPrediction {
        width: 300,
        height: 280,
        labels: &pixels,
        confidence: &pixels,
        uncertainty: 0.5,
    };
    project.store_prediction(image, &prediction).unwrap()
}

#[test]
fn a_stroke_on_a_prediction_that_was_replaced_meanwhile_leaves_what_the_person_saw() {
    let folder = Folder::with_an_image();
    let project = Arc::new(folder.open());
    let a = id(&project, "a.png");
    let recorder = Recorder::start(project.clone(), |recorded| {
        assert!(recorded.result.is_ok(), "{:?}", recorded.result);
    })
    .unwrap();
    assert!(predict(&project, a, 3));
    let (mut map, mut history) = project.open_label(a).unwrap();
    let before = map.clone();
    let edit = Arc::new(stroke(&mut map, &[[80.0, 80.0]], 7).unwrap());
    history.push(edit.clone());
    // The folder's prediction comes first.
    assert!(predict(&project, a, 5));
    recorder.record_shown(a, edit, map.clone());
    recorder.wait_idle();
    assert_eq!(project.load_label(a).unwrap(), map);
    assert_eq!(project.image(a).unwrap().status, Status::Corrected);
    assert!(!predict(&project, a, 6), "the labels are a person's now");

    history.undo(&mut map).unwrap();
    recorder.step_shown(a, -1, map.clone());
    recorder.wait_idle();
    assert_eq!(project.load_label(a).unwrap(), before);
    // The prediction that came in between is one step before what was seen.
    drop(recorder);
    drop(project);
    let project = folder.open();
    let (_, restored) = project.open_label(a).unwrap();
    let names: Vec<_> = restored
        .edits()
        .map(|edit| edit.name().to_owned())
        .collect();
    assert_eq!(names, ["Labels as shown", ""]);
    assert!(project.undo(a).unwrap().is_some());
    let five = LabelMap::filled(300, 280, 5);
    assert_eq!(project.load_label(a).unwrap(), five);
}

#[test]
fn an_undone_deletion_shows_what_the_person_saw_whatever_was_predicted_meanwhile() {
    let folder = Folder::with_an_image();
    let project = Arc::new(folder.open());
    let a = id(&project, "a.png");
    let recorder = Recorder::start(project.clone(), |recorded| {
        assert!(recorded.result.is_ok(), "{:?}", recorded.result);
    })
    .unwrap();
    let mut map = project.load_label(a).unwrap();
    recorder.record(a, stroke(&mut map, &[[80.0, 80.0]], 7).unwrap());
    recorder.wait_idle();
    project.delete_labels(&[a], &mut Silent).unwrap();
    let (mut shown, mut history) = project.open_label(a).unwrap();
    history.undo(&mut shown).unwrap();
    assert_eq!(shown, map);
    assert!(predict(&project, a, 5), "deleted labels follow the model");
    recorder.step_shown(a, -1, shown.clone());
    recorder.wait_idle();
    assert_eq!(project.load_label(a).unwrap(), map);
    // The window goes on with its own history.
    history.redo(&mut shown).unwrap();
    recorder.step_shown(a, 1, shown.clone());
    history.undo(&mut shown).unwrap();
    recorder.step_shown(a, -1, shown.clone());
    recorder.wait_idle();
    assert_eq!(project.load_label(a).unwrap(), map);
}
