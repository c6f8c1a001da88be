//! Labels: edits, undo, redo, statuses, restarts.

use atrous_engine::mask::{Edit, LabelMap, Point, png_file};
use atrous_engine::project::{Flush, OpenOptions, Project, Status};
use atrous_engine::{Error, Limits};
use proptest::prelude::*;
use serde_json::json;

use super::{Folder, id, stroke};

#[test]
fn undo_and_redo_survive_a_restart() {
    let folder = Folder::with_an_image();
    let project = folder.open();
    let a = id(&project, "a.png");
    let (mut map, mut history) = project.open_label(a).unwrap();
    assert_eq!(map, LabelMap::filled(300, 280, 255), "unlabelled is void");
    let mut states = vec![map.clone()];
    for step in 0..6_u8 {
        let from = [20.0 + f32::from(step) * 30.0, 20.0];
        let edit = stroke(&mut map, &[from, [250.0, 260.0]], step).unwrap();
        project.commit(a, &edit).unwrap();
        history.push(edit);
        states.push(map.clone());
    }
    assert_eq!(project.image(a).unwrap().status, Status::Corrected);
    for _ in 0..2 {
        history.undo(&mut map).unwrap();
        assert!(project.undo(a).unwrap().is_some());
    }
    drop(project);

    let project = folder.open();
    let (mut map, mut history) = project.open_label(a).unwrap();
    assert_eq!(map, states[4]);
    assert_eq!(history.depths(), (4, 2));
    history.redo(&mut map).unwrap();
    project.redo(a).unwrap();
    assert_eq!(map, states[5]);
    assert_eq!(project.load_label(a).unwrap(), states[5]);
    let edit = stroke(&mut map, &[[5.0, 5.0]], 9).unwrap();
    project.commit(a, &edit).unwrap();
    assert!(
        project.redo(a).unwrap().is_none(),
        "a new edit ends what could be redone"
    );
    let mut undone = 0;
    while project.undo(a).unwrap().is_some() {
        undone += 1;
    }
    assert_eq!(undone, 6);
    drop(project);
    let project = folder.open();
    assert_eq!(project.load_label(a).unwrap(), states[0]);
    assert_eq!(project.open_label(a).unwrap().1.depths(), (0, 6));
}

#[test]
fn the_label_file_is_an_indexed_png_with_the_palette() {
    let folder = Folder::with_an_image();
    let project = folder.open();
    let a = id(&project, "a.png");
    assert_eq!(project.flush_label(a).unwrap(), Flush::Unchanged);
    let mut map = project.load_label(a).unwrap();
    project
        .commit(a, &stroke(&mut map, &[[50.0, 50.0]], 15).unwrap())
        .unwrap();
    assert_eq!(project.flush_label(a).unwrap(), Flush::Written);
    assert_eq!(project.flush_label(a).unwrap(), Flush::Unchanged);
    let path = folder.file(".atrous/labels/a.png.png");
    assert_eq!(
        project.label_path(&project.image(a).unwrap()),
        path.canonicalize().unwrap()
    );
    assert_eq!(png_file::read(&path, &Limits::default()).unwrap(), map);
    let colored = image::open(&path).unwrap().into_rgb8();
    let person = project.palette().class(15).unwrap().color;
    assert_eq!(colored.get_pixel(50, 50).0, person);
}

#[test]
fn edits_that_do_not_fit_the_image_are_refused() {
    let folder = Folder::with_an_image();
    let project = folder.open();
    let a = id(&project, "a.png");
    let mut larger = LabelMap::filled(600, 600, 0);
    let edit = stroke(&mut larger, &[[500.0, 500.0]], 1).unwrap();
    assert!(matches!(
        project.commit(a, &edit),
        Err(Error::Argument { .. })
    ));
    let message = project.save_label(a, &larger).unwrap_err().to_string();
    assert!(
        message.contains("600 x 600") && message.contains("300 x 280"),
        "{message}"
    );
    assert_eq!(project.image(a).unwrap().status, Status::Unlabelled);
    assert_eq!(
        project.load_label(a).unwrap(),
        LabelMap::filled(300, 280, 255)
    );
}

#[test]
fn one_goes_far_through_the_history_in_one_step_and_names_stay() {
    let folder = Folder::with_an_image();
    let project = folder.open();
    let a = id(&project, "a.png");
    let mut map = project.load_label(a).unwrap();
    let mut states = vec![map.clone()];
    for step in 0..6_u8 {
        let x = 20.0 + f32::from(step) * 40.0;
        let edit = stroke(&mut map, &[[x, 30.0], [x, 200.0]], step).unwrap();
        let edit = edit.named(["Stroke", "Polygon", "Fill"][usize::from(step) % 3]);
        project.commit(a, &edit).unwrap();
        states.push(map.clone());
    }
    assert_eq!(project.step(a, -4).unwrap().len(), 4);
    assert_eq!(project.load_label(a).unwrap(), states[2]);
    assert_eq!(project.step(a, 3).unwrap()[0].name(), "Fill");
    assert_eq!(project.step(a, 0).unwrap(), []);
    drop(project);
    let project = folder.open();
    let (map, mut history) = project.open_label(a).unwrap();
    assert_eq!((&map, history.depths()), (&states[5], (5, 1)));
    let names: Vec<&str> = history.edits().map(Edit::name).collect();
    assert_eq!(
        names,
        ["Stroke", "Polygon", "Fill", "Stroke", "Polygon", "Fill"]
    );
    let classes: Vec<u8> = history.edits().map(Edit::class).collect();
    assert_eq!(classes, [0, 1, 2, 3, 4, 5]);
    let mut shown = map;
    for depth in [0, 6, 2, 5] {
        history.go_to(&mut shown, depth);
        assert_eq!(shown, states[depth]);
    }
    assert_eq!(project.step(a, -100).unwrap().len(), 5, "as far as it goes");
    assert_eq!(project.load_label(a).unwrap(), states[0]);
}

#[test]
fn a_whole_label_map_is_one_step() {
    let folder = Folder::with_an_image();
    let project = folder.open();
    let a = id(&project, "a.png");
    let imported = LabelMap::from_vec(300, 280, &[3; 300 * 280]).unwrap();
    project.save_label(a, &imported).unwrap();
    project.set_status(a, Status::Reviewed).unwrap();
    project.save_label(a, &imported).unwrap();
    let (map, history) = project.open_label(a).unwrap();
    assert_eq!((map, history.depths()), (imported, (1, 0)));
    assert_eq!(
        project.image(a).unwrap().status,
        Status::Reviewed,
        "nothing changed since"
    );
    project.undo(a).unwrap();
    assert_eq!(
        project.load_label(a).unwrap(),
        LabelMap::filled(300, 280, 255)
    );
}

#[test]
fn a_long_journal_becomes_short_and_the_labels_stay() {
    let folder = Folder::with_an_image();
    let options = || OpenOptions {
        history_bytes: 4_000,
        ..OpenOptions::default()
    };
    let project = Project::open(folder.path(), options()).unwrap();
    project.scan(&mut atrous_engine::jobs::Silent).unwrap();
    let a = id(&project, "a.png");
    let (mut map, mut history) = project.open_label(a).unwrap();
    for step in 0..120_u16 {
        let from = [f32::from(step * 37 % 300), f32::from(step * 91 % 280)];
        let edit = stroke(&mut map, &[from, [150.0, 140.0]], (step % 20) as u8);
        if let Some(edit) = edit {
            project.commit(a, &edit).unwrap();
            history.push(edit);
        }
    }
    let index = rusqlite::Connection::open(folder.file(".atrous/index.sqlite")).unwrap();
    let bytes: i64 = index
        .query_row("SELECT sum(length(edit)) FROM journal", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert!((4_000..=8_000).contains(&bytes), "{bytes} bytes");
    drop((index, project));

    let project = Project::open(folder.path(), options()).unwrap();
    let (found, restored) = project.open_label(a).unwrap();
    assert_eq!(found, map);
    assert!(restored.can_undo() && restored.bytes() <= 4_000);
    // What the window could still undo, the journal can undo too.
    let depth = restored.depths().0;
    let mut shown = found;
    let mut history = restored;
    for _ in 0..depth {
        history.undo(&mut shown).unwrap();
        assert!(project.undo(a).unwrap().is_some());
        assert_eq!(project.load_label(a).unwrap(), shown);
    }
}

#[test]
fn held_out_images_and_runs_are_kept() {
    let folder = Folder::with_an_image();
    folder.add("b.png", 8, 8);
    let project = folder.open();
    let (a, b) = (id(&project, "a.png"), id(&project, "b.png"));
    project.set_held_out(&[b, a]).unwrap();
    project.set_held_out(&[b]).unwrap();
    let run = project.add_run("night", &json!({"steps": 10})).unwrap();
    assert!(
        project.add_run("night", &json!({})).is_err(),
        "names are unique"
    );
    assert_eq!(project.runs().unwrap()[0].finished, None);
    assert_eq!(project.go_on_with_run("night").unwrap(), Some(run));
    assert_eq!(project.go_on_with_run("day").unwrap(), None);
    let model = project.models_dir().join("night.safetensors");
    project
        .finish_run(run, Some(&model), &json!({"miou": 0.5}))
        .unwrap();
    drop(project);
    let project = folder.open();
    assert_eq!(project.held_out().unwrap(), [b]);
    assert!(project.image(b).unwrap().held_out && !project.image(a).unwrap().held_out);
    let runs = project.runs().unwrap();
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].summary, json!({"miou": 0.5}));
    assert_eq!(
        runs[0].model.as_deref(),
        Some("models/night.safetensors".as_ref())
    );
    assert!(runs[0].finished.unwrap() >= runs[0].started);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Random work on an image against a list of whole maps.
    #[test]
    fn a_random_series_equals_a_list_of_snapshots(
        steps in prop::collection::vec((0..8_u8, 0.0..300.0_f32, 0.0..280.0_f32, 0..21_u8), 1..40),
    ) {
        let folder = Folder::with_an_image();
        let mut project = folder.open();
        let a = id(&project, "a.png");
        let (mut states, mut at) = (vec![project.load_label(a).unwrap()], 0_usize);
        for (kind, x, y, value) in steps {
            match kind {
                0 => {
                    prop_assert_eq!(project.undo(a).unwrap().is_some(), at > 0);
                    at = at.saturating_sub(1);
                }
                1 => {
                    let more = at + 1 < states.len();
                    prop_assert_eq!(project.redo(a).unwrap().is_some(), more);
                    at += usize::from(more);
                }
                2 => {
                    drop(project);
                    project = folder.open();
                }
                3 => {
                    project.flush_label(a).unwrap();
                }
                _ => {
                    let mut map = states[at].clone();
                    let ends: [Point; 2] = [[x, y], [150.0, 140.0]];
                    if let Some(edit) = stroke(&mut map, &ends, value) {
                        project.commit(a, &edit).unwrap();
                        states.truncate(at + 1);
                        states.push(map);
                        at += 1;
                    }
                }
            }
            prop_assert_eq!(&project.load_label(a).unwrap(), &states[at]);
        }
        let (map, history) = project.open_label(a).unwrap();
        prop_assert_eq!(&map, &states[at]);
        prop_assert_eq!(history.depths(), (at, states.len() - 1 - at));
    }
}
