//! Folders as people have them: odd files, broken files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use atrous_engine::mask::png_file;
use atrous_engine::{Limits, image_file};
use atrous_tests::shared;
use serde_json::Value;

use super::{Outcome, assert_whole, atrous, files_below, words};

/// The label map of an image of the project in `project`.
fn prediction(project: &Path, image: &str) -> atrous_engine::mask::LabelMap {
    let path = project.join("predictions").join(format!("{image}.png"));
    png_file::read(&path, &Limits::default()).unwrap()
}

#[test]
fn every_photo_is_labelled_upright_and_in_its_size() {
    let Some(photos) = shared("data/photos") else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let ran = atrous(words![
        "prelabel",
        &photos,
        "--project",
        home.path(),
        "--device",
        "cpu",
        "--json"
    ]);
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    let names: Vec<PathBuf> = files_below(&photos)
        .into_iter()
        .filter(|name| image_file::is_image_name(name))
        .collect();
    assert_eq!(ran.last()["done"].as_u64(), Some(names.len() as u64));
    for name in &names {
        let name = name.to_str().unwrap();
        let labels = prediction(home.path(), name);
        let image = image_file::decode(&photos.join(name), &Limits::default()).unwrap();
        assert_eq!(labels.size(), [image.width(), image.height()], "{name}");
    }
    // Stored sideways and upside down, these show the scene that the third stores upright.
    assert_eq!(
        prediction(home.path(), "05_exif6_canon_2048x1536.jpg").size(),
        [1536, 2048]
    );
    let upright = prediction(home.path(), "10_exif_Landscape_1.jpg");
    for turned in ["06_exif_Landscape_6.jpg", "07_exif_Landscape_3.jpg"] {
        let turned = prediction(home.path(), turned);
        assert_eq!(turned.size(), upright.size());
        let pairs = turned.to_vec().into_iter().zip(upright.to_vec());
        let equal = pairs.filter(|(a, b)| a == b).count();
        let part = equal as f64 / upright.to_vec().len() as f64;
        assert!(part > 0.9, "{part}");
    }
    assert_whole(home.path());
}

#[test]
fn every_broken_file_is_listed_and_nothing_is_half_written() {
    let Some(broken) = shared("data/broken") else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let ran = atrous(words![
        "prelabel",
        &broken,
        "--project",
        home.path(),
        "--device",
        "cpu",
        "--json"
    ]);
    assert_eq!(ran.outcome, Outcome::SomeFailed, "{}", ran.err);
    let lines = ran.lines();
    let name_of = |line: &Value| -> String {
        let path = Path::new(line["file"].as_str().unwrap());
        path.file_name().unwrap().to_str().unwrap().to_owned()
    };
    let listed = |event: &str| -> BTreeSet<String> {
        let lines = lines.iter().filter(|line| line["event"] == event);
        lines.map(name_of).collect()
    };
    // Good decoders still read this one; and this one is no image by its name.
    let (readable, nameless) = ("ianare_corrupted.jpg", "no_extension");
    let mut expected: BTreeSet<String> = files_below(&broken)
        .iter()
        .map(|name| name.to_str().unwrap().to_owned())
        .collect();
    assert!(expected.remove(readable) && expected.remove(nameless));
    assert_eq!(listed("failed"), expected);
    assert_eq!(listed("left_alone"), BTreeSet::from([nameless.to_owned()]));
    for name in &expected {
        assert!(ran.err.contains(name.as_str()), "{name}");
    }
    let labelled: Vec<PathBuf> = files_below(&home.path().join("predictions"));
    assert_eq!(labelled.len(), 2, "{labelled:?}");
    assert_whole(home.path());
}

/// The largest amount of memory this process had, in bytes.
#[cfg(target_os = "linux")]
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes * 1024
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_that_declares_four_gigapixels_costs_nothing() {
    let Some(bomb) = shared("data/broken/bomb_declared_65535x65535.png") else {
        return;
    };
    // Its pixels would take 12 GB; other tests of this process take some too.
    let ran = atrous(words!["predict", "--image", &bomb, "--device", "cpu"]);
    assert_eq!(ran.outcome, Outcome::CouldNot);
    assert!(ran.err.contains("4294836225"), "{}", ran.err);
    assert!(peak_memory() < 8 << 30);
}
