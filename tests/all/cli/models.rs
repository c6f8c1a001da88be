//! One image, and model files.

use atrous_engine::Limits;
use atrous_engine::mask::png_file;
use atrous_tests::{npy, shared};

use super::{Outcome, atrous, words};

#[test]
fn predict_writes_label_map_confidence_and_logits() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("streets");
    let ran = atrous(words![
        "demo", &folder, "--images", "1", "--size", "161x97", "--time", "day"
    ]);
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    let image = folder.join("street-00001-day.png");
    let [mask, confidence, logits] = ["m.png", "c.png", "l.npy"].map(|name| home.path().join(name));
    for (exact, size) in [(true, [25, 41]), (false, [25, 25])] {
        let mut args = words![
            "predict",
            "--image",
            &image,
            "--mask",
            &mask,
            "--confidence",
            &confidence,
            "--logits",
            &logits,
            "--device",
            "cpu",
            "--json"
        ]
        .to_vec();
        args.extend(if exact {
            words!["--exact"].to_vec()
        } else {
            words!["--input-size", "97", "--repeat", "2"].to_vec()
        });
        let ran = atrous(args);
        assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
        let lines = ran.lines();
        assert_eq!(lines[0]["width"], 161);
        assert_eq!(lines[0]["height"], 97);
        let shares = lines[0]["classes"].as_array().unwrap().iter();
        let sum: f64 = shares.map(|class| class["share"].as_f64().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        if !exact {
            assert_eq!(lines[1]["repeat"], 2);
            let network = lines[1]["network_ms"].as_f64().unwrap();
            assert!(network > 0.0 && network <= lines[1]["total_ms"].as_f64().unwrap());
        }
        for file in [&mask, &confidence] {
            let map = png_file::read(file, &Limits::default()).unwrap();
            assert_eq!(map.size(), [161, 97]);
        }
        let [height, width] = size;
        assert_eq!(npy::read_f32(&logits).shape, [1, height, width, 19]);
    }
}

#[test]
fn a_converted_model_predicts_the_same() {
    let Some(tflite) = shared("models/deeplabv3_257_mv_gpu.tflite") else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let converted = home.path().join("voc.safetensors");
    let ran = atrous(words!["model", "convert", &tflite, &converted, "--json"]);
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    let [before, after] =
        [&tflite, &converted].map(|file| atrous(words!["model", "info", file, "--json"]).last());
    for key in ["network", "palette", "classes", "input_size", "folded"] {
        assert!(!before[key].is_null(), "{key}");
        assert_eq!(before[key], after[key], "{key}");
    }
    assert_eq!(before["network"]["depth_multiplier"], 0.5);
    assert_eq!(before["tensors_unused"].as_array().unwrap().len(), 0);

    let Some(image) = shared("data/photos/24_deeplab_g3doc_image1.jpg") else {
        return;
    };
    let predicted = [&tflite, &converted].map(|model| {
        let [mask, logits] = ["mask.png", "logits.npy"].map(|name| home.path().join(name));
        let ran = atrous(words![
            "predict", "--model", model, "--image", &image, "--mask", &mask, "--logits", &logits,
            "--device", "cpu"
        ]);
        assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
        [mask, logits].map(|file| std::fs::read(file).unwrap())
    });
    assert!(
        predicted[0] == predicted[1],
        "the logits are no longer the same bytes"
    );
}

#[test]
fn a_model_with_other_classes_is_refused_for_a_project() {
    let Some(tflite) = shared("models/deeplabv3_257_mv_gpu.tflite") else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("streets");
    atrous(words!["demo", &folder, "--images", "1", "--size", "64x64"]);
    let ran = atrous(words!["prelabel", &folder, "--device", "cpu"]);
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    let ran = atrous(words![
        "prelabel", &folder, "--model", &tflite, "--device", "cpu"
    ]);
    assert_eq!(ran.outcome, Outcome::CouldNot);
    assert!(
        ran.err.contains("cityscapes") && ran.err.contains("pascal"),
        "{}",
        ran.err
    );
}
