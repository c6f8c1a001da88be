//! A project's own files, as another program or a broken disk may leave them.

use std::fs;
use std::path::{Path, PathBuf};

use atrous_engine::Limits;
use atrous_engine::jobs::Silent;
use atrous_engine::mask::{Edit, LabelMap, Rect};
use atrous_engine::project::{NewPrediction, OpenOptions, Project};
use image::RgbImage;

/// The size of the project's one image.
const SIZE: [u32; 2] = [24, 16];

fn images(folder: &Path) -> PathBuf {
    let images = folder.join("images");
    fs::create_dir_all(&images).expect("scratch folders can be made");
    let image = images.join("a.png");
    if !image.exists() {
        let picture = RgbImage::new(SIZE[0], SIZE[1]);
        picture.save(&image).expect("scratch files can be written");
    }
    images
}

fn open(folder: &Path, limits: Limits) -> atrous_engine::Result<Project> {
    let options = OpenOptions {
        limits,
        ..OpenOptions::default()
    };
    Project::open(&images(folder), options)
}

/// The index of a project with a prediction, two edits and an undo.
pub fn indexes() -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().expect("a folder for scratch files");
    let index = {
        let project = open(folder.path(), Limits::default()).expect("a new project");
        fill(&project).expect("a new project takes labels");
        project.project_dir().join("index.sqlite")
    };
    vec![fs::read(index).expect("the index is there")]
}

fn fill(project: &Project) -> atrous_engine::Result<()> {
    project.scan(&mut Silent)?;
    let id = project.images()?[0].id;
    let pixels = vec![1; (SIZE[0] * SIZE[1]) as usize];
    project.store_prediction(
        id,
        &NewPrediction {
            width: SIZE[0],
            height: SIZE[1],
            labels: &pixels,
            confidence: &pixels,
            uncertainty: 0.5,
        },
    )?;
    let mut map = project.load_label(id)?;
    for class in [2, 3] {
        map.fill_span(4, 3..9, class);
        project.save_label(id, &map)?;
    }
    project.undo(id).map(drop)
}

/// Opens a project with this index, and looks at everything.
pub fn feed_index(input: &[u8], folder: &Path) {
    let hidden = images(folder).join(".atrous");
    let _ = fs::remove_dir_all(&hidden);
    fs::create_dir_all(&hidden).expect("scratch folders can be made");
    fs::write(hidden.join("index.sqlite"), input).expect("scratch files can be written");
    let limits = Limits {
        image_pixels: 1 << 22,
        ..Limits::default()
    };
    let Ok(project) = open(folder, limits) else {
        return;
    };
    let _ = project.scan(&mut Silent);
    let _ = project.runs();
    for image in project.images().unwrap_or_default().iter().take(8) {
        let _ = project.open_label(image.id);
        let _ = project.undo(image.id);
        let _ = project.redo(image.id);
        let _ = project.load_prediction(image.id);
        let _ = project.load_confidence(image.id);
    }
}

/// Edits as the journal keeps them: of a part, and of everything.
pub fn edits() -> Vec<Vec<u8>> {
    let before = LabelMap::filled(300, 40, 1);
    let mut after = before.clone();
    for y in 5..25 {
        after.fill_span(y, 3 * y..9 * y, y as u8);
    }
    let other = LabelMap::filled(300, 40, 7);
    let between = |after: &LabelMap| Edit::between(&before, after, before.bounds());
    let edits = [between(&after), between(&other)];
    edits
        .into_iter()
        .flatten()
        .map(|edit| edit.to_bytes())
        .collect()
}

/// Reads an edit; one that is taken can be made and taken back.
pub fn feed_edit(input: &[u8], _: &Path) {
    let limits = Limits {
        image_pixels: 1 << 20,
        ..Limits::default()
    };
    let Ok(edit) = Edit::from_bytes(input, &limits) else {
        return;
    };
    let mut map = LabelMap::filled(300, 40, 1);
    let _: [Rect; 2] = [edit.apply(&mut map), edit.revert(&mut map)];
    assert_eq!(map.size(), [300, 40]);
    assert!(edit.changed() <= limits.image_pixels);
}
