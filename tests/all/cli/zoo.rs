//! Published models through the command line.

use std::path::Path;

use atrous_engine::weights::Storage;
use atrous_engine::zoo::{Cache, Catalogue, Zoo};

use super::{Outcome, atrous, atrous_in, black_image, words};
use crate::window::desk::small_model;
use crate::zoo::server::{Answer, Server};
use crate::zoo::tarball::{Member, tar_gz};
use crate::zoo::zoo_at;

/// The published zoo, with nothing of it in `folder` yet.
fn published(folder: &Path) -> Zoo {
    Zoo::new(Catalogue::published().unwrap(), Cache::at(folder))
}

/// An archive with a model in it that a test can afford.
fn archive() -> Vec<u8> {
    let model = small_model().to_bytes(Storage::Float32).unwrap();
    tar_gz(&[Member::file("small/model.safetensors", &model)])
}

#[test]
fn list_shows_the_whole_zoo() {
    let home = tempfile::tempdir().unwrap();
    let zoo = published(home.path());
    let ran = atrous_in(&zoo, words!["model", "list"]);
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    assert_eq!(ran.out.lines().count(), 23);
    for entry in &zoo.catalogue.models {
        assert!(ran.out.contains(&entry.name), "{}", entry.name);
    }
    let line = ran
        .out
        .lines()
        .find(|line| line.starts_with("xception65_coco_voc_trainaug"));
    let cells: Vec<_> = line
        .unwrap()
        .split("  ")
        .filter(|cell| !cell.is_empty())
        .collect();
    let cells: Vec<_> = cells.iter().map(|cell| cell.trim()).collect();
    assert_eq!(
        cells,
        [
            "xception65_coco_voc_trainaug",
            "PASCAL VOC 2012",
            "Xception 65",
            "16",
            "82.2",
            "54.2 G",
            "439 MB"
        ]
    );

    let ran = atrous_in(&zoo, words!["model", "list", "--json"]);
    let lines = ran.lines();
    assert_eq!(lines.len(), 22);
    for line in &lines {
        let address = line["address"].as_str().unwrap();
        assert!(
            address.starts_with("http://download.tensorflow.org/models/"),
            "{address}"
        );
        assert_eq!(line["presence"], "absent");
        assert!(line["network"]["model_variant"].is_string());
    }
    assert_eq!(lines[0]["evaluations"][0]["miou"], 70.19);
}

#[test]
fn a_published_model_is_had_by_name_once_it_is_here() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(&archive(), [Answer::CloseAfter(100_000)]);
    let zoo = zoo_at(&server, &home.path().join("cache"));
    let streets = home.path().join("streets");
    atrous(words![
        "demo", &streets, "--images", "1", "--size", "96x80", "--time", "day"
    ]);
    let image = streets.join("street-00001-day.png");
    let logits = home.path().join("logits.npy");
    let predict = |model: &Path| {
        atrous_in(
            &zoo,
            words![
                "predict", "--model", model, "--image", &image, "--logits", &logits, "--device",
                "cpu"
            ],
        )
    };

    let ran = predict(Path::new("small"));
    assert_eq!(ran.outcome, Outcome::CouldNot);
    assert!(ran.err.contains("atrous model get small"), "{}", ran.err);
    let info = atrous_in(&zoo, words!["model", "info", "small", "--json"]).last();
    assert_eq!(info["published"]["presence"], "absent");
    assert!(info["tensors_used"].is_null());

    let ran = atrous_in(&zoo, words!["model", "get", "SMALL", "--json"]);
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    assert_eq!(ran.last()["was_here"], false);
    assert_eq!(ran.last()["archive_bytes"], archive().len());
    assert!(ran.err.contains("Apache-2.0"), "{}", ran.err);
    assert_eq!(server.ranges(), ["all", "100000"]);
    let again = atrous_in(&zoo, words!["model", "get", "small", "--json"]);
    assert_eq!(again.last()["was_here"], true);

    let ran = predict(Path::new("small"));
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    let from_zoo = std::fs::read(&logits).unwrap();
    let info = atrous_in(&zoo, words!["model", "info", "small", "--json"]).last();
    assert_eq!(info["published"]["presence"], "here");
    assert_eq!(info["name"], "small");
    assert!(info["licence"].as_str().unwrap().contains("Apache-2.0"));
    assert!(info["tensors_used"].as_u64().unwrap() > 50);

    let converted = home.path().join("converted.safetensors");
    let ran = atrous_in(&zoo, words!["model", "convert", "small", &converted]);
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    assert_eq!(predict(&converted).outcome, Outcome::Done);
    assert!(
        from_zoo == std::fs::read(&logits).unwrap(),
        "converting changed the logits"
    );
}

#[test]
fn an_unknown_name_is_answered_with_similar_ones() {
    let home = tempfile::tempdir().unwrap();
    let zoo = published(home.path());
    for words in [
        words!["model", "get", "xception71"],
        words!["model", "info", "xception71"],
    ] {
        let ran = atrous_in(&zoo, words);
        assert_eq!(ran.outcome, Outcome::CouldNot);
        assert!(
            ran.err.contains("xception71_dpc_cityscapes_trainfine"),
            "{}",
            ran.err
        );
    }
    let ran = atrous_in(&zoo, words!["model", "info", "vgg"]);
    assert!(ran.err.contains("atrous model list"), "{}", ran.err);
}

#[test]
fn what_is_published_is_told_without_a_download() {
    let home = tempfile::tempdir().unwrap();
    let zoo = published(home.path());
    let ran = atrous_in(
        &zoo,
        words!["model", "info", "xception71_dpc_cityscapes_trainval"],
    );
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    for words in [
        "Xception 71",
        "dense prediction cell, decoder 4",
        "82.66 mIoU on test at output stride 8, 6 scales, mirrored too",
        "446 MB",
        "non-commercial",
        "atrous model get xception71_dpc_cityscapes_trainval downloads it",
    ] {
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    }
}

#[test]
fn an_archive_by_hand_is_taken_with_from() {
    let home = tempfile::tempdir().unwrap();
    let zoo = published(&home.path().join("cache"));
    let file = home.path().join("by hand.tar.gz");
    std::fs::write(&file, archive()).unwrap();
    let name = "mobilenetv2_dm05_coco_voc_trainaug";
    let ran = atrous_in(
        &zoo,
        words!["model", "get", name, "--from", &file, "--json"],
    );
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    let listed = atrous_in(&zoo, words!["model", "list", "--json"]).lines();
    assert_eq!(listed[0]["presence"], "here");

    std::fs::write(&file, b"not an archive").unwrap();
    let ran = atrous_in(&zoo, words!["model", "get", name, "--from", &file]);
    assert_eq!(ran.outcome, Outcome::CouldNot);
    assert!(ran.err.contains("by hand.tar.gz"), "{}", ran.err);
}

#[test]
fn a_model_without_classes_is_not_predicted_with() {
    let home = tempfile::tempdir().unwrap();
    let zoo = published(home.path());
    let image = black_image(home.path());
    let ran = atrous_in(
        &zoo,
        words![
            "predict",
            "--model",
            "xception_65_imagenet",
            "--image",
            &image,
            "--device",
            "cpu"
        ],
    );
    assert_eq!(ran.outcome, Outcome::CouldNot);
    assert!(ran.err.contains("to start training from"), "{}", ran.err);
}
