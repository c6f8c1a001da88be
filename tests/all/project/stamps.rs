//! What marks an image's content: equal while reading it again gives the same.

use std::fs;

use atrous_engine::jobs::Silent;
use atrous_engine::mask::LabelMap;
use atrous_engine::project::{ImageRecord, NewPrediction, Project, Stamps};

use super::Folder;

fn image(project: &Project) -> ImageRecord {
    project.images().unwrap().remove(0)
}

fn stamps(project: &Project) -> Stamps {
    project.stamps(&image(project)).unwrap()
}

/// What differs of image, labels and prediction.
fn differs(a: &Stamps, b: &Stamps) -> [bool; 3] {
    [
        a.image != b.image,
        a.labels != b.labels,
        a.prediction != b.prediction,
    ]
}

#[test]
fn they_stay_while_nothing_changes_and_when_the_project_is_opened_again() {
    let folder = Folder::with_an_image();
    let project = folder.open();
    let before = stamps(&project);
    assert_eq!(stamps(&project), before);
    project.load_label(image(&project).id).unwrap();
    assert_eq!(stamps(&project), before, "reading changes nothing");
    drop(project);
    assert_eq!(stamps(&folder.open()), before);
}

#[test]
fn each_part_marks_what_was_read_of_it() {
    let folder = Folder::with_an_image();
    let project = folder.open();
    let id = image(&project).id;
    let start = stamps(&project);
    let prediction = NewPrediction {
        width: 300,
        height: 280,
        labels: &vec![3; 300 * 280],
        confidence: &vec![200; 300 * 280],
        uncertainty: 0.2,
    };
    project.store_prediction(id, &prediction).unwrap();
    let predicted = stamps(&project);
    assert_eq!(
        differs(&start, &predicted),
        [false, true, true],
        "labels that nobody touched follow the prediction"
    );
    project
        .save_label(id, &LabelMap::filled(300, 280, 1))
        .unwrap();
    let corrected = stamps(&project);
    assert_eq!(differs(&predicted, &corrected), [false, true, false]);
    // Another program writes the label file.
    let file = project.label_path(&image(&project));
    fs::remove_file(&file).unwrap();
    let outside = stamps(&project);
    assert_eq!(differs(&corrected, &outside), [false, true, false]);
    folder.add("b.png", 40, 30);
    fs::rename(folder.file("b.png"), folder.file("a.png")).unwrap();
    assert!(stamps(&project).image != outside.image);
}

#[test]
fn void_labels_are_as_large_as_the_image() {
    let folder = Folder::with_an_image();
    let project = folder.open();
    let before = stamps(&project);
    folder.add("a.png", 40, 30);
    project.scan(&mut Silent).unwrap();
    assert_eq!(differs(&before, &stamps(&project)), [true, true, false]);
    let labels = project.load_label(image(&project).id).unwrap();
    assert_eq!(labels.size(), [40, 30]);
}

#[test]
fn a_replaced_file_is_noticed_and_told_of() {
    let folder = Folder::with_an_image();
    let project = folder.open();
    let before = image(&project);
    let start = project.revision().unwrap();
    assert!(!project.notice(&before).unwrap());
    assert_eq!(project.revision().unwrap(), start);
    folder.add("a.png", 40, 30);
    assert!(project.notice(&before).unwrap());
    // Whoever wants the labels has the header read first.
    let labels = project.load_label(before.id).unwrap();
    assert_eq!(labels.size(), [40, 30]);
    let (changed, now) = project.changes_since(start).unwrap();
    assert_eq!([changed[0].width, changed[0].height], [40, 30]);
    assert_ne!(changed[0].file, before.file);
    assert!(now > start);
    assert!(!project.notice(&changed[0]).unwrap());
    let report = project.scan(&mut Silent).unwrap();
    assert_eq!((report.added, report.missing), (0, 0));
    assert_eq!(project.revision().unwrap(), now, "that was all");
    fs::remove_file(folder.file("a.png")).unwrap();
    assert!(!project.notice(&changed[0]).unwrap());
}

#[test]
fn a_scan_tells_of_replaced_files_and_their_new_size() {
    let folder = Folder::with_an_image();
    folder.add("b.png", 20, 10);
    let project = folder.open();
    let start = project.revision().unwrap();
    folder.add("a.png", 280, 300);
    project.scan(&mut Silent).unwrap();
    let (changed, _) = project.changes_since(start).unwrap();
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert_eq!([changed[0].width, changed[0].height], [280, 300]);
}
