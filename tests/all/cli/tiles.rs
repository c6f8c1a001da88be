//! Large images through the command line.

use atrous_engine::mask::png_file;
use atrous_engine::{Limits, image_file};

use super::{Outcome, atrous, files_below, words};

#[test]
fn a_folder_of_large_images_is_labelled_in_tiles() {
    let home = tempfile::tempdir().unwrap();
    let streets = home.path().join("streets");
    let ran = atrous(words![
        "demo", &streets, "--images", "2", "--size", "400x230", "--seed", "5"
    ]);
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    let ran = atrous(words![
        "prelabel",
        &streets,
        "--tile",
        "129",
        "--tile-overlap",
        "40",
        "--batch",
        "2",
        "--json"
    ]);
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    assert_eq!(ran.last()["done"].as_u64(), Some(2));
    let images: Vec<_> = files_below(&streets)
        .into_iter()
        .filter(|name| image_file::is_image_name(name) && !name.starts_with(".atrous"))
        .collect();
    assert_eq!(images.len(), 2);
    for name in images {
        let labels = home.path().join("mask.png");
        let ran = atrous(words![
            "predict",
            "--image",
            streets.join(&name),
            "--mask",
            &labels,
            "--tile",
            "129",
            "--tile-overlap",
            "40",
            "--device",
            "cpu",
        ]);
        assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
        let read = |path| png_file::read(path, &Limits::default()).unwrap().to_vec();
        let stored = format!(".atrous/predictions/{}.png", name.display());
        let stored = streets.join(stored);
        assert_eq!(read(&labels), read(&stored), "{}", name.display());
    }
}

#[test]
fn tiles_that_can_not_overlap_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let streets = home.path().join("streets");
    let ran = atrous(words!["demo", &streets, "--images", "1", "--size", "64x64"]);
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    let ran = atrous(words!["prelabel", &streets, "--tile", "17"]);
    assert_eq!(ran.outcome, Outcome::CouldNot, "{}", ran.err);
    assert!(ran.err.contains("tile: expected"), "{}", ran.err);
}
