//! What the index knows of labels without reading them: classes, disagreement, statuses.

use atrous_engine::jobs::Silent;
use atrous_engine::mask::LabelMap;
use atrous_engine::project::filter::Filter;
use atrous_engine::project::{ImageId, ImageRecord, NewPrediction, Project, Status};
use atrous_palettes::VOID;

use super::{Folder, id, stroke};

const AREA: u64 = 300 * 280;

fn predict(project: &Project, image: ImageId, class: u8, uncertainty: f32) {
    let labels = vec![class; AREA as usize];
    let prediction = NewPrediction {
        width: 300,
        height: 280,
        labels: &labels,
        confidence: &labels,
        uncertainty,
    };
    project.store_prediction(image, &prediction).unwrap();
}

fn pixels(image: &ImageRecord, class: u8) -> u64 {
    image
        .classes
        .as_ref()
        .expect("they are counted")
        .pixels(class)
}

#[test]
fn classes_are_counted_when_labels_are_written() {
    let folder = Folder::with_an_image();
    let project = folder.open();
    let a = id(&project, "a.png");
    let record = || project.image(a).unwrap();
    assert_eq!(record().classes, None);
    predict(&project, a, 7, 0.3);
    assert_eq!((pixels(&record(), 7), record().disagreement), (AREA, None));

    let mut map = project.load_label(a).unwrap();
    let edit = stroke(&mut map, &[[30.0, 30.0], [200.0, 90.0]], 2).unwrap();
    project.commit(a, &edit).unwrap();
    assert_eq!(pixels(&record(), 2), 0, "the file is behind");
    project.flush_label(a).unwrap();
    let painted = map.histogram()[2];
    assert_eq!(
        (pixels(&record(), 2), pixels(&record(), 7)),
        (painted, AREA - painted)
    );
    let share = painted as f32 / AREA as f32;
    assert!((record().disagreement.unwrap() - share).abs() < 1e-6);

    predict(&project, a, 2, 0.1);
    assert_eq!(pixels(&record(), 2), painted, "touched labels stay");
    assert!((record().disagreement.unwrap() - (1.0 - share)).abs() < 1e-6);
    project
        .save_label(a, &LabelMap::filled(300, 280, VOID))
        .unwrap();
    assert_eq!(
        (pixels(&record(), VOID), record().disagreement),
        (AREA, None)
    );
}

#[test]
fn labels_that_were_never_counted_are_counted_later() {
    let folder = Folder::with_an_image();
    let project = folder.open();
    let a = id(&project, "a.png");
    let mut map = project.load_label(a).unwrap();
    let edit = stroke(&mut map, &[[30.0, 30.0], [200.0, 90.0]], 2).unwrap();
    project.commit(a, &edit).unwrap();
    drop(project);
    // As after a crash: the journal has the stroke, the file has not.
    let project = folder.open();
    assert_eq!(project.image(a).unwrap().classes, None);
    project.count_classes(&mut Silent).unwrap();
    assert_eq!(pixels(&project.image(a).unwrap(), 2), map.histogram()[2]);
    assert!(folder.file(".atrous/labels/a.png.png").is_file());
    let revision = project.revision().unwrap();
    project.count_classes(&mut Silent).unwrap();
    assert_eq!(
        project.revision().unwrap(),
        revision,
        "nothing is left to count"
    );
}

#[test]
fn filters_find_what_the_index_knows() {
    let folder = Folder::with_an_image();
    folder.add("b.png", 300, 280);
    folder.add("sub/c.png", 300, 280);
    let project = folder.open();
    predict(&project, id(&project, "a.png"), 7, 0.3);
    predict(&project, id(&project, "b.png"), 9, 0.6);
    project
        .set_status(id(&project, "b.png"), Status::Reviewed)
        .unwrap();
    let found = |text: &str| {
        let filter = Filter::parse(text, &project.palette()).unwrap();
        let images = project.images().unwrap().into_iter();
        let passing = images.filter(|image| filter.matches(image));
        passing
            .map(|image| image.path.display().to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(found("label:car"), ["a.png"]);
    assert_eq!(found("-status:unlabelled unc>0.5"), ["b.png"]);
    assert_eq!(found("name:sub/*"), ["sub/c.png"]);
    assert_eq!(found("-label:car,chair"), ["sub/c.png"]);
    assert_eq!(found("status:reviewed label:chair>=100%"), ["b.png"]);
}

#[test]
fn a_review_can_be_taken_back() {
    let folder = Folder::with_an_image();
    folder.add("b.png", 300, 280);
    folder.add("c.png", 300, 280);
    let project = folder.open();
    let ids = ["a.png", "b.png", "c.png"].map(|name| id(&project, name));
    predict(&project, ids[1], 7, 0.3);
    let mut map = project.load_label(ids[2]).unwrap();
    let edit = stroke(&mut map, &[[30.0, 30.0], [200.0, 90.0]], 2).unwrap();
    project.commit(ids[2], &edit).unwrap();
    let statuses = || ids.map(|id| project.image(id).unwrap().status);
    let before = [Status::Unlabelled, Status::Predicted, Status::Corrected];
    assert_eq!(statuses(), before);
    project.set_reviewed(&ids, true, &mut Silent).unwrap();
    assert_eq!(statuses(), [Status::Reviewed; 3]);
    predict(&project, ids[1], 9, 0.3);
    assert_eq!(project.load_label(ids[1]).unwrap().get(0, 0), Some(7));
    project.set_reviewed(&ids, false, &mut Silent).unwrap();
    assert_eq!(statuses(), before);
    predict(&project, ids[1], 9, 0.3);
    assert_eq!(project.load_label(ids[1]).unwrap().get(0, 0), Some(9));
}
