//! Labels that are deleted, and come back.

use std::path::Path;

use atrous_engine::jobs::{Cancel, Silent};
use atrous_engine::mask::LabelMap;
use atrous_engine::project::{ImageId, NewPrediction, Project, Status};
use atrous_palettes::VOID;

use super::{Folder, files, id, stroke};

/// A folder with an image that is corrected (two strokes), one that is predicted, and one that is
/// neither.
fn folder() -> (Folder, Project, [ImageId; 3]) {
    let folder = Folder::with_an_image();
    folder.add("b.png", 300, 280);
    folder.add("c.png", 300, 280);
    let project = folder.open();
    let ids = ["a.png", "b.png", "c.png"].map(|name| id(&project, name));
    let mut map = project.load_label(ids[0]).unwrap();
    for (x, class) in [(40.0, 3), (150.0, 5)] {
        let edit = stroke(&mut map, &[[x, 30.0], [x + 90.0, 90.0]], class).unwrap();
        project.commit(ids[0], &edit).unwrap();
    }
    project.flush_label(ids[0]).unwrap();
    let labels = vec![7; 300 * 280];
    let prediction = NewPrediction {
        width: 300,
        height: 280,
        labels: &labels,
        confidence: &labels,
        uncertainty: 0.5,
    };
    project.store_prediction(ids[1], &prediction).unwrap();
    (folder, project, ids)
}

fn labels(project: &Project, ids: [ImageId; 3]) -> [LabelMap; 3] {
    ids.map(|id| project.load_label(id).unwrap())
}

fn statuses(project: &Project, ids: [ImageId; 3]) -> [Status; 3] {
    ids.map(|id| project.image(id).unwrap().status)
}

fn label_files(folder: &Folder) -> usize {
    files(&folder.file(".atrous/labels")).len()
}

#[test]
fn deleted_labels_come_back_with_status_and_history() {
    let (folder, project, ids) = folder();
    let (before, were) = (labels(&project, ids), statuses(&project, ids));
    let deletion = project.delete_labels(&ids, &mut Silent).unwrap();
    assert_eq!(deletion.images, ids[..2], "the third had none");
    assert!(deletion.failed.is_empty());
    let void = LabelMap::filled(300, 280, VOID);
    assert_eq!(labels(&project, ids), [void.clone(), void.clone(), void]);
    assert_eq!(statuses(&project, ids), [Status::Unlabelled; 3]);
    assert_eq!(project.image(ids[1]).unwrap().classes, None);
    assert_eq!(label_files(&folder), 0, "other programs see none");
    for id in ids {
        project.flush_label(id).unwrap();
    }
    assert_eq!(label_files(&folder), 0);
    let trashed = files(&folder.file(".atrous/trash"));
    assert_eq!(trashed.len(), 2);
    drop(project);

    // It can be taken back after a restart.
    let project = folder.open();
    assert_eq!(project.last_deletion().unwrap(), Some(deletion.id));
    let restored = project.restore_labels(deletion.id, &mut Silent).unwrap();
    assert_eq!(restored.images, ids[..2]);
    assert_eq!(labels(&project, ids), before);
    assert_eq!(statuses(&project, ids), were);
    assert_eq!(label_files(&folder), 2);
    assert!(!folder.file(".atrous/trash/1").exists());
    assert_eq!(project.last_deletion().unwrap(), None);
    assert!(project.image(ids[0]).unwrap().classes.is_some());
    let depth = project.open_label(ids[0]).unwrap().1.depths().0;
    assert_eq!(depth, 2, "the strokes can be undone as before");
    let again = project.restore_labels(deletion.id, &mut Silent).unwrap();
    assert!(again.images.is_empty());
}

#[test]
fn what_was_labelled_since_stays_one_undo_away() {
    let (_folder, project, ids) = folder();
    let [before, ..] = labels(&project, ids);
    let deletion = project.delete_labels(&ids[..1], &mut Silent).unwrap();
    let mut map = project.load_label(ids[0]).unwrap();
    let edit = stroke(&mut map, &[[20.0, 200.0], [90.0, 210.0]], 11).unwrap();
    project.commit(ids[0], &edit).unwrap();
    project.restore_labels(deletion.id, &mut Silent).unwrap();
    assert_eq!(project.load_label(ids[0]).unwrap(), before);
    project.undo(ids[0]).unwrap();
    assert_eq!(project.load_label(ids[0]).unwrap(), map);
}

#[test]
fn undo_in_the_image_brings_its_labels_back_too() {
    let (_folder, project, ids) = folder();
    let [before, ..] = labels(&project, ids);
    let deletion = project.delete_labels(&ids[..1], &mut Silent).unwrap();
    project.undo(ids[0]).unwrap();
    assert_eq!(project.load_label(ids[0]).unwrap(), before);
    let status = project.image(ids[0]).unwrap().status;
    assert_eq!(
        status,
        Status::Corrected,
        "predictions leave it alone again"
    );
    project.restore_labels(deletion.id, &mut Silent).unwrap();
    assert_eq!(project.load_label(ids[0]).unwrap(), before);
}

#[test]
fn the_model_may_label_again_what_was_deleted() {
    let (_folder, project, ids) = folder();
    project.delete_labels(&ids[..1], &mut Silent).unwrap();
    let labels = vec![9; 300 * 280];
    let prediction = NewPrediction {
        width: 300,
        height: 280,
        labels: &labels,
        confidence: &labels,
        uncertainty: 0.5,
    };
    assert!(project.store_prediction(ids[0], &prediction).unwrap());
    assert_eq!(statuses(&project, ids)[0], Status::Predicted);
    assert_eq!(project.load_label(ids[0]).unwrap().get(5, 5), Some(9));
}

#[test]
fn a_deletion_that_is_stopped_holds_what_was_deleted_and_images_are_left_alone() {
    let (folder, project, ids) = folder();
    let source = std::fs::read(folder.file("a.png")).unwrap();
    let mut stop = Cancel::default();
    stop.cancel();
    let deletion = project.delete_labels(&ids, &mut stop).unwrap();
    assert_eq!(deletion.images, ids[..1]);
    assert_eq!(statuses(&project, ids)[1], Status::Predicted);
    assert_eq!(std::fs::read(folder.file("a.png")).unwrap(), source);
    std::fs::write(folder.file(".atrous/trash/1/a.png.png"), "damaged").unwrap();
    let mut map = project.load_label(ids[0]).unwrap();
    let edit = stroke(&mut map, &[[20.0, 200.0], [90.0, 210.0]], 11).unwrap();
    project.commit(ids[0], &edit).unwrap();
    let restored = project.restore_labels(deletion.id, &mut Silent).unwrap();
    assert!(restored.images.is_empty());
    assert_eq!(restored.failed[0].0, Path::new("a.png"));
    assert!(restored.failed[0].1.contains("a.png.png"), "{restored:?}");
}
