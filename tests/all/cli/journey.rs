//! From demo scenes to an exported data set and a score.

use std::collections::BTreeSet;
use std::path::Path;

use atrous_engine::Limits;
use atrous_engine::demo::class;
use atrous_engine::mask::png_file;
use serde_json::Value;

use super::{Outcome, assert_whole, atrous, files_below, words};

/// Draws small scenes by day into `folder`.
fn draw(folder: &Path, images: &str) {
    let ran = atrous(words![
        "demo", folder, "--images", images, "--size", "192x128", "--time", "day", "--json"
    ]);
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    assert_eq!(ran.last()["images"].as_u64(), images.parse().ok());
}

fn prelabel(folder: &Path, more: &[&str]) -> Value {
    let mut args = words!["prelabel", folder, "--device", "cpu", "--json"].to_vec();
    args.extend(more.iter().map(Into::into));
    let ran = atrous(args);
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    ran.last()
}

#[test]
fn the_same_seed_writes_the_same_files_and_the_truth_fits() {
    let home = tempfile::tempdir().unwrap();
    let [one, other] = ["one", "other"].map(|name| home.path().join(name));
    for folder in [&one, &other] {
        let ran = atrous(words![
            "demo", folder, "--images", "5", "--size", "96x64", "--seed", "9"
        ]);
        assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
        assert_eq!(ran.out, "");
    }
    let images = files_below(&one);
    assert_eq!(images.len(), 5);
    assert_eq!(images, files_below(&home.path().join("one-truth")));
    for name in images {
        for [one, other] in [["one", "other"], ["one-truth", "other-truth"]] {
            let [one, other] = [one, other].map(|folder| home.path().join(folder).join(&name));
            assert_eq!(std::fs::read(one).unwrap(), std::fs::read(other).unwrap());
        }
        let image = image::open(one.join(&name)).unwrap();
        let truth = home.path().join("one-truth").join(&name);
        let labels = png_file::read(&truth, &Limits::default()).unwrap();
        assert_eq!((image.width(), image.height()), (96, 64));
        assert_eq!(labels.size(), [96, 64]);
        assert!(
            labels
                .to_vec()
                .iter()
                .all(|label| class::ALL.contains(label))
        );
    }
}

#[test]
fn prelabelling_goes_on_where_it_stopped_and_keeps_what_a_person_did() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("streets");
    draw(&folder, "3");
    let first = prelabel(&folder, &[]);
    assert_eq!(
        (first["done"].as_u64(), first["skipped"].as_u64()),
        (Some(3), Some(0))
    );
    draw(&folder, "5");
    let second = prelabel(&folder, &[]);
    assert_eq!(
        (second["done"].as_u64(), second["skipped"].as_u64()),
        (Some(2), Some(3))
    );
    let forced = prelabel(&folder, &["--force"]);
    assert_eq!(
        (forced["done"].as_u64(), forced["skipped"].as_u64()),
        (Some(5), Some(0))
    );

    let ran = atrous(words![
        "import",
        &folder,
        "--format",
        "masks",
        "--palette",
        "cityscapes",
        "--json"
    ]);
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    assert_eq!(ran.last()["imported"], 5);
    let kept = prelabel(&folder, &["--force"]);
    assert_eq!(
        (kept["done"].as_u64(), kept["skipped"].as_u64()),
        (Some(0), Some(5))
    );
    assert_whole(home.path());
}

#[test]
fn from_demo_to_score() {
    let home = tempfile::tempdir().unwrap();
    let (folder, truth) = (
        home.path().join("streets"),
        home.path().join("streets-truth"),
    );
    draw(&folder, "6");
    let predictions = prelabel(&folder, &["--input-size", "193"])["predictions"].clone();
    let predictions = predictions.as_str().unwrap();
    assert_eq!(
        evaluate(predictions.as_ref(), &truth, home.path())["images"],
        6
    );

    let ran = atrous(words![
        "import",
        &folder,
        "--format",
        "masks",
        "--palette",
        "cityscapes"
    ]);
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    let model = home.path().join("tuned.safetensors");
    let ran = atrous(words![
        "finetune",
        &folder,
        "--layers",
        "head",
        "--steps",
        "4",
        "--batch",
        "2",
        "--crop",
        "65",
        "--evaluate-every",
        "2",
        "--device",
        "cpu",
        "--out",
        &model,
        "--json"
    ]);
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    let lines = ran.lines();
    let end = &lines[lines.len() - 1];
    assert_eq!(
        (end["event"].as_str(), end["steps"].as_u64()),
        (Some("done"), Some(4))
    );
    let (before, after) = (&end["before"]["miou"], &end["after"]["miou"]);
    assert!(
        after.as_f64().unwrap() >= before.as_f64().unwrap(),
        "the best one is kept"
    );
    let held_out = end["held_out_images"].as_u64().unwrap();
    assert_eq!(held_out + end["train_images"].as_u64().unwrap(), 6);
    assert!(held_out >= 1);
    assert!(
        lines.iter().any(|line| line["held_out_miou"].is_f64()),
        "{}",
        ran.out
    );

    let info = atrous(words!["model", "info", &model, "--json"]).last();
    assert!(
        info["name"].as_str().unwrap().ends_with("fine-tuned"),
        "{info}"
    );
    assert_eq!(info["classes"].as_array().unwrap().len(), 19);

    let out = home.path().join("voc");
    let ran = atrous(words![
        "export",
        &folder,
        "--format",
        "voc",
        "--out",
        &out,
        "--split",
        "0.5,0.5,0",
        "--only",
        "corrected",
        "--json"
    ]);
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    assert_eq!(ran.last()["images"], 6);
    for part in ["JPEGImages", "SegmentationClass", "SegmentationClassRaw"] {
        assert_eq!(files_below(&out.join(part)).len(), 6, "{part}");
    }
    // What was exported is what was imported: the exact truth.
    let score = evaluate(&out.join("SegmentationClassRaw"), &truth, home.path());
    assert_eq!(
        (score["miou"].as_f64(), score["pixel_accuracy"].as_f64()),
        (Some(1.0), Some(1.0))
    );
    assert_whole(home.path());
}

/// The report on standard output, which must be the same as the one in a file.
fn evaluate(predictions: &Path, truth: &Path, home: &Path) -> Value {
    let [json, html, csv] = ["s.json", "s.html", "s.csv"].map(|name| home.join(name));
    let words = words![
        "evaluate",
        "--predictions",
        predictions,
        "--truth",
        truth,
        "--palette",
        "cityscapes",
        "--html",
        &html,
        "--csv",
        &csv,
        "--json"
    ];
    let ran = atrous(words.clone());
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    assert_eq!(ran.out.lines().count(), 1);
    let report = ran.last();
    let mut to_file = words.to_vec();
    to_file.push((&json).into());
    assert_eq!(atrous(to_file).out, "");
    let in_file: Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    assert_eq!(report, in_file);
    for file in [&html, &csv] {
        assert!(std::fs::metadata(file).unwrap().len() > 100);
    }
    for key in ["miou", "pixel_accuracy", "images", "void_pixels", "classes"] {
        assert!(!report[key].is_null(), "{key}");
    }
    let classes = report["classes"].as_array().unwrap();
    assert_eq!(classes.len(), 19);
    let keys: BTreeSet<&str> = classes[0]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    for key in ["index", "name", "iou", "truth_pixels", "predicted_pixels"] {
        assert!(keys.contains(key), "{key}");
    }
    assert!(
        classes[3]["iou"].is_null(),
        "no wall anywhere: {}",
        classes[3]
    );
    report
}
