//! Label files that other programs change.

use std::fs;
use std::path::PathBuf;

use atrous_engine::mask::{LabelMap, png_file};
use atrous_engine::project::{Flush, ImageId, Project, Status};

use super::{Folder, id, stroke};

const GREY: [[u8; 3]; 256] = [[128; 3]; 256];

/// A project whose image has a stroke, in its label file too.
fn corrected(folder: &Folder) -> (Project, ImageId, LabelMap) {
    let project = folder.open();
    let a = id(&project, "a.png");
    let mut map = project.load_label(a).unwrap();
    let edit = stroke(&mut map, &[[20.0, 20.0], [200.0, 90.0]], 4).unwrap();
    project.commit(a, &edit).unwrap();
    project.flush_label(a).unwrap();
    (project, a, map)
}

fn label_file(folder: &Folder) -> PathBuf {
    folder.file(".atrous/labels/a.png.png")
}

/// The map with a stroke that another program drew, in its file.
fn draw_outside(folder: &Folder, map: &LabelMap) -> LabelMap {
    let mut changed = map.clone();
    stroke(&mut changed, &[[100.0, 200.0], [280.0, 30.0]], 11).unwrap();
    fs::write(
        label_file(folder),
        png_file::encode(&changed, &GREY).unwrap(),
    )
    .unwrap();
    changed
}

#[test]
fn an_outside_change_becomes_one_step_that_can_be_undone() {
    for restart in [false, true] {
        let folder = Folder::with_an_image();
        let (mut project, a, before) = corrected(&folder);
        let after = draw_outside(&folder, &before);
        if restart {
            drop(project);
            project = folder.open();
        }
        let (map, mut history) = project.open_label(a).unwrap();
        assert_eq!((&map, history.depths()), (&after, (2, 0)));
        let last = history.edits().last().unwrap();
        assert_eq!(last.name(), "Changed by another program");
        assert!(last.made().is_some());
        let mut shown = map;
        history.undo(&mut shown).unwrap();
        project.undo(a).unwrap();
        assert_eq!(
            (&shown, &project.load_label(a).unwrap()),
            (&before, &before)
        );
        assert_eq!(project.flush_label(a).unwrap(), Flush::Written);
        drop(project);
        let project = folder.open();
        let (map, history) = project.open_label(a).unwrap();
        assert_eq!(
            (map, history.depths()),
            (before, (1, 1)),
            "it is not taken in twice"
        );
    }
}

#[test]
fn a_file_changed_during_a_session_is_not_overwritten() {
    let folder = Folder::with_an_image();
    let (project, a, mut map) = corrected(&folder);
    let outside = draw_outside(&folder, &map);
    let edit = stroke(&mut map, &[[150.0, 250.0]], 2).unwrap();
    project.commit(a, &edit).unwrap();
    let bytes = fs::read(label_file(&folder)).unwrap();
    assert_eq!(project.flush_label(a).unwrap(), Flush::ChangedOutside);
    assert_eq!(fs::read(label_file(&folder)).unwrap(), bytes);
    assert_eq!(project.load_label(a).unwrap(), outside);
    project.undo(a).unwrap();
    assert_eq!(
        project.load_label(a).unwrap(),
        map,
        "the stroke is a step below"
    );
}

#[test]
fn the_same_labels_saved_by_another_program_are_no_step() {
    let folder = Folder::with_an_image();
    let (project, a, map) = corrected(&folder);
    fs::write(label_file(&folder), png_file::encode(&map, &GREY).unwrap()).unwrap();
    assert_eq!(project.open_label(a).unwrap().1.depths(), (1, 0));
    let mut map = map;
    let edit = stroke(&mut map, &[[250.0, 250.0]], 2).unwrap();
    project.commit(a, &edit).unwrap();
    assert_eq!(
        project.flush_label(a).unwrap(),
        Flush::Written,
        "the file is known again"
    );
}

#[test]
fn a_label_file_put_beside_an_untouched_image_is_taken_in() {
    let folder = Folder::with_an_image();
    let project = folder.open();
    let a = id(&project, "a.png");
    fs::create_dir_all(label_file(&folder).parent().unwrap()).unwrap();
    let after = draw_outside(&folder, &LabelMap::filled(300, 280, 255));
    let (map, history) = project.open_label(a).unwrap();
    assert_eq!((map, history.depths()), (after, (1, 0)));
    assert_eq!(project.image(a).unwrap().status, Status::Corrected);
}

#[test]
fn a_deleted_label_file_is_written_anew() {
    let folder = Folder::with_an_image();
    let (project, a, map) = corrected(&folder);
    fs::remove_file(label_file(&folder)).unwrap();
    assert_eq!(project.load_label(a).unwrap(), map);
    assert_eq!(project.flush_label(a).unwrap(), Flush::Written);
    assert!(label_file(&folder).is_file());
}

#[test]
fn files_that_hold_no_label_map_of_the_image_are_named_and_left_alone() {
    let folder = Folder::with_an_image();
    let (project, a, map) = corrected(&folder);
    let small = LabelMap::filled(10, 10, 1);
    let small = png_file::encode(&small, &GREY).unwrap();
    let mut colored = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(300, 280)
        .write_to(&mut colored, image::ImageFormat::Png)
        .unwrap();
    let torn = fs::read(label_file(&folder)).unwrap()[..200].to_vec();
    for (bytes, hint) in [
        (small, "10 x 10"),
        (colored.into_inner(), "Rgb"),
        (torn, "whole PNG"),
    ] {
        fs::write(label_file(&folder), &bytes).unwrap();
        let message = project.open_label(a).unwrap_err().to_string();
        assert!(
            message.contains("a.png.png") && message.contains(hint),
            "{message}"
        );
        assert_eq!(project.flush_label(a).unwrap(), Flush::ChangedOutside);
        assert_eq!(fs::read(label_file(&folder)).unwrap(), bytes);
    }
    fs::remove_file(label_file(&folder)).unwrap();
    assert_eq!(project.open_label(a).unwrap().0, map, "no stroke was lost");
}
