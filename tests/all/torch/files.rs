//! Files as the libraries write them.

use std::path::{Path, PathBuf};

use atrous_engine::network::{Config, Library};
use atrous_engine::predict::{PredictOptions, Predictor};
use atrous_engine::weights::{LoadOptions, Model, collect, load};
use atrous_tests::{npy, shared};
use burn::tensor::Device;

use super::{difference, image};
use crate::golden::expected::{TOLERANCE, rows_of_classes};

const FOLDER: &str = "golden/huggingface_mobilenet_v2_035_files";

fn load_it(path: &Path, network: Option<Config>) -> Model {
    let options = LoadOptions {
        network,
        ..LoadOptions::default()
    };
    load(path, &options, &Device::flex()).unwrap_or_else(|error| panic!("{error}"))
}

/// The folder of a model, a file in it, and the same weights in both of PyTorch's layouts.
fn files() -> Option<[PathBuf; 4]> {
    let folder = shared(FOLDER)?;
    let names = [
        "saved",
        "saved/model.safetensors",
        "pytorch_model.bin",
        "legacy.pth",
    ];
    Some(names.map(|name| folder.join(name)))
}

#[test]
fn every_layout_holds_the_same_network() {
    let Some(files) = files() else { return };
    let models = files.each_ref().map(|file| load_it(file, None));
    let expected = Config {
        library: Library::HuggingFace,
        depth_multiplier: 0.35,
        output_stride: 16,
        crop_size: None,
        ..Config::default()
    };
    let weights = collect(&models[0].network).unwrap();
    for (model, file) in models.iter().zip(&files) {
        assert_eq!(*model.config(), expected, "{}", file.display());
        assert!(
            collect(&model.network).unwrap() == weights,
            "{}",
            file.display()
        );
        assert_eq!(model.palette.len(), 21);
        assert!(
            model.accounting.unused.is_empty(),
            "{:?}",
            model.accounting.unused
        );
        // The classifier's convolution with its norm, and the norms' counters.
        let aside = &model.accounting.set_aside;
        let is_known = |name: &String| {
            name.ends_with(".num_batches_tracked") || name.starts_with("mobilenet_v2.conv_1x1.")
        };
        assert!(aside.iter().all(is_known), "{aside:?}");
    }
    // What the folder says of itself: the side of its images and its name.
    assert_eq!(models[0].info.input_size, 224);
    assert_eq!(models[0].info.name, "saved");
    assert_eq!(models[3].info.input_size, 513);
    assert_eq!(models[3].info.name, "legacy");
}

#[test]
fn they_give_the_expected_logits() {
    let Some(files) = files() else { return };
    for file in files {
        let model = load_it(&file, None);
        for (size, name) in [([65, 65], "logits.npy"), ([97, 129], "rect_logits.npy")] {
            let path = shared(&format!("{FOLDER}/{name}")).unwrap();
            let logits = model.network.forward(image(size, &Device::flex()));
            let found = difference(&rows_of_classes(&logits), &npy::read_f32(&path).values);
            eprintln!(
                "{} on {size:?}: largest difference {found:.1e}",
                file.display()
            );
            assert!(found <= TOLERANCE, "{}: {found}", file.display());
        }
    }
}

#[test]
fn the_person_may_say_another_output_stride_but_no_other_library() {
    let Some(files) = files() else { return };
    let finer = Config {
        library: Library::HuggingFace,
        depth_multiplier: 0.35,
        output_stride: 8,
        crop_size: None,
        ..Config::default()
    };
    let model = load_it(&files[3], Some(finer));
    let logits = model.network.forward(image([65, 65], &Device::flex()));
    assert_eq!(logits.dims(), [1, 21, 9, 9]);
    let options = LoadOptions {
        network: Some(Config::default()),
        ..LoadOptions::default()
    };
    let error = load(&files[3], &options, &Device::flex())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("a network of the library HuggingFace"),
        "{error}"
    );
}

/// At the input's own size nothing but the network's own upsampling lies between logits and labels.
#[test]
fn labels_are_those_of_half_pixel_upsampling() {
    let Some(files) = files() else { return };
    let model = load_it(&files[0], None);
    let options = PredictOptions {
        input_size: Some(65),
        ..PredictOptions::default()
    };
    let device = atrous_engine::device::ComputeDevice::cpu();
    let predictor = Predictor::new(&model, options, &device).unwrap();
    let pixels = atrous_tests::formula::image(65, 65, "image");
    let pixels = image::RgbImage::from_raw(65, 65, pixels).unwrap();
    let labels = predictor.predict(&pixels).unwrap().labels;
    let logits = npy::read_f32(&shared(&format!("{FOLDER}/logits.npy")).unwrap());
    let other = (0..65 * 65).filter(|pixel| {
        let place = |index: usize| ((index as f32 + 0.5) * 5.0 / 65.0 - 0.5).max(0.0);
        let (y, x) = (place(pixel / 65), place(pixel % 65));
        let at = |y: f32, x: f32, class: usize| {
            let (y, x) = ((y as usize).min(4), (x as usize).min(4));
            logits.values[(y * 5 + x) * 21 + class]
        };
        let score = |class: usize| {
            let across = |y: f32| {
                let (left, right) = (at(y, x, class), at(y, x + 1.0, class));
                left + (right - left) * x.fract()
            };
            across(y) + (across(y + 1.0) - across(y)) * y.fract()
        };
        let best = (1..21).fold(0, |best, class| {
            if score(class) > score(best) {
                class
            } else {
                best
            }
        });
        usize::from(labels[*pixel]) != best
    });
    assert!(other.count() <= 4);
}

#[test]
fn a_folder_or_a_description_that_fits_nothing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let message = |path: &Path| {
        let loaded = load(path, &LoadOptions::default(), &Device::flex());
        loaded.unwrap_err().to_string()
    };
    assert!(message(folder.path()).contains("model.safetensors or pytorch_model.bin"));
    let Some(files) = files() else { return };
    let weights = folder.path().join("model.safetensors");
    std::fs::copy(&files[1], &weights).unwrap();
    let describe = |text: &str| std::fs::write(folder.path().join("config.json"), text).unwrap();
    for (text, expected) in [
        (
            r#"{"model_type": "segformer"}"#,
            "expected model_type mobilenet_v2",
        ),
        (
            r#"{"model_type": "mobilenet_v2", "hidden_act": "swish"}"#,
            "hidden_act swish",
        ),
        (
            r#"{"model_type": "mobilenet_v2", "output_stride": 5}"#,
            "8, 16 or 32",
        ),
        (
            r#"{"model_type": "mobilenet_v2", "depth_multiplier": 0.5}"#,
            "the shape",
        ),
    ] {
        describe(text);
        let error = message(&weights);
        assert!(error.contains(expected), "{error}");
    }
    describe(r#"{"model_type": "mobilenet_v2", "depth_multiplier": 0.35, "image_size": 385}"#);
    let model = load_it(folder.path(), None);
    assert_eq!(
        (model.config().output_stride, model.info.input_size),
        (32, 385)
    );
}
