//! Predictions and the labels that follow them, or don't.

use atrous_engine::mask::LabelMap;
use atrous_engine::project::{ImageId, NewPrediction, Project, Status};

use super::{Folder, id, stroke};

/// Stores a prediction of one class everywhere. Returns whether the labels followed.
fn predict(project: &Project, image: ImageId, class: u8) -> bool {
    let labels = vec![class; 300 * 280];
    let confidence = vec![200 + class; 300 * 280];
    let prediction = NewPrediction {
        width: 300,
        height: 280,
        labels: &labels,
        confidence: &confidence,
        uncertainty: f32::from(class) / 100.0,
    };
    project.store_prediction(image, &prediction).unwrap()
}

fn all(class: u8) -> LabelMap {
    LabelMap::filled(300, 280, class)
}

#[test]
fn untouched_labels_follow_the_latest_prediction() {
    let folder = Folder::with_an_image();
    let project = folder.open();
    let a = id(&project, "a.png");
    assert_eq!(project.load_prediction(a).unwrap(), None);
    assert_eq!(project.load_confidence(a).unwrap(), None);
    for class in [3, 4] {
        assert!(predict(&project, a, class));
        let (map, history) = project.open_label(a).unwrap();
        assert_eq!((map, history.depths()), (all(class), (0, 0)));
        assert_eq!(project.load_prediction(a).unwrap(), Some(all(class)));
        assert_eq!(project.load_confidence(a).unwrap().unwrap()[7], 200 + class);
        let image = project.image(a).unwrap();
        assert_eq!(image.status, Status::Predicted);
        assert_eq!(image.uncertainty, Some(f32::from(class) / 100.0));
    }
    assert!(folder.file(".atrous/labels/a.png.png").is_file());
    assert!(
        folder
            .file(".atrous/predictions/a.png.confidence.png")
            .is_file()
    );
    drop(project);
    assert_eq!(folder.open().load_label(a).unwrap(), all(4));
}

#[test]
fn corrected_labels_are_never_overwritten() {
    let folder = Folder::with_an_image();
    let project = folder.open();
    let a = id(&project, "a.png");
    predict(&project, a, 3);
    let mut map = project.load_label(a).unwrap();
    let edit = stroke(&mut map, &[[60.0, 60.0], [90.0, 200.0]], 8).unwrap();
    project.commit(a, &edit).unwrap();
    assert!(!predict(&project, a, 5));
    assert_eq!(project.load_label(a).unwrap(), map);
    assert_eq!(
        project.load_prediction(a).unwrap(),
        Some(all(5)),
        "to compare with"
    );
    drop(project);
    let project = folder.open();
    assert_eq!(project.load_label(a).unwrap(), map);
    project.undo(a).unwrap();
    assert_eq!(
        project.load_label(a).unwrap(),
        all(3),
        "what was there before the stroke"
    );
    assert_eq!(project.image(a).unwrap().status, Status::Corrected);
}

#[test]
fn a_reviewed_prediction_stays_without_any_edit() {
    let folder = Folder::with_an_image();
    let project = folder.open();
    let a = id(&project, "a.png");
    predict(&project, a, 3);
    project.set_status(a, Status::Reviewed).unwrap();
    assert!(!predict(&project, a, 5));
    drop(project);
    let project = folder.open();
    assert_eq!(project.image(a).unwrap().status, Status::Reviewed);
    assert_eq!(project.load_label(a).unwrap(), all(3));
}

#[test]
fn labels_given_back_to_the_model_follow_it_as_a_step() {
    let folder = Folder::with_an_image();
    let project = folder.open();
    let a = id(&project, "a.png");
    let mut map = project.load_label(a).unwrap();
    let edit = stroke(&mut map, &[[60.0, 60.0]], 8).unwrap();
    project.commit(a, &edit).unwrap();
    project.set_status(a, Status::Unlabelled).unwrap();
    assert!(predict(&project, a, 5));
    assert_eq!(project.image(a).unwrap().status, Status::Predicted);
    assert_eq!(project.load_label(a).unwrap(), all(5));
    project.undo(a).unwrap();
    assert_eq!(project.load_label(a).unwrap(), map);
}

#[test]
fn labels_that_somebody_put_there_are_kept_from_predictions() {
    let folder = Folder::with_an_image();
    let project = folder.open();
    let a = id(&project, "a.png");
    let path = folder.file(".atrous/labels/a.png.png");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let bytes = atrous_engine::mask::png_file::encode_grey(&all(2)).unwrap();
    std::fs::write(path, bytes).unwrap();
    assert!(!predict(&project, a, 5));
    assert_eq!(project.load_label(a).unwrap(), all(2));
    assert_eq!(project.image(a).unwrap().status, Status::Corrected);
}

#[test]
fn predictions_of_another_size_are_refused() {
    let folder = Folder::with_an_image();
    let project = folder.open();
    let a = id(&project, "a.png");
    let wrong = |width, labels: &[u8]| {
        let prediction = NewPrediction {
            width,
            height: 280,
            labels,
            confidence: labels,
            uncertainty: 0.0,
        };
        project
            .store_prediction(a, &prediction)
            .unwrap_err()
            .to_string()
    };
    assert!(wrong(299, &vec![0; 299 * 280]).contains("300 x 280"));
    assert!(wrong(300, &[0; 7]).contains("7 pixels"));
    assert_eq!(project.image(a).unwrap().status, Status::Unlabelled);
    assert!(!folder.file(".atrous/predictions").exists());
}
