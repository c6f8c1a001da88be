//! Scores beside IoU, from a folder that was predicted.

use atrous_engine::metrics::BOUNDARY_RATIO;

use super::{Outcome, atrous, words};

#[test]
fn confidence_and_boundaries_of_a_predicted_folder_are_scored() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("streets");
    let ran = atrous(words![
        "demo", &folder, "--images", "2", "--size", "161x97", "--time", "day"
    ]);
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    let ran = atrous(words!["prelabel", &folder, "--device", "cpu"]);
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    let project = folder.join(".atrous");
    let page = home.path().join("page.html");
    let ran = atrous(words![
        "evaluate",
        "--predictions",
        project.join("labels"),
        "--truth",
        home.path().join("streets-truth"),
        "--palette",
        "cityscapes",
        "--boundary",
        "--confidence",
        project.join("predictions"),
        "--html",
        &page,
        "--json",
    ]);
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    let report = ran.last();
    let calibration = &report["calibration"];
    let error = calibration["expected_error"].as_f64().unwrap();
    assert!((0.0..1.0).contains(&error), "{error}");
    let bins = calibration["bins"].as_array().unwrap().iter();
    let pixels: u64 = bins.map(|bin| bin["pixels"].as_u64().unwrap()).sum();
    assert_eq!(pixels, report["scored_pixels"].as_u64().unwrap());
    assert_eq!(report["boundary"]["ratio"], 0.02);
    assert_eq!(BOUNDARY_RATIO, 0.02, "the paper's width is the usual one");
    let boundary = report["boundary"]["miou"].as_f64().unwrap();
    assert!((0.0..1.0).contains(&boundary), "{boundary}");
    assert!(report["panoptic"].is_null());
    for words in ["expected calibration error", "boundary IoU"] {
        assert!(ran.err.contains(words), "{}", ran.err);
    }
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("Accuracy by confidence") && page.contains("Boundaries"));
}
