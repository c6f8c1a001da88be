//! TensorFlow's own files: checkpoints and frozen graphs, against what TensorFlow computed with them.

use std::path::{Path, PathBuf};

use atrous_engine::network::Config;
use atrous_engine::network::resize::bilinear_align_corners;
use atrous_engine::weights::{LoadOptions, Model, TensorSet, collect, infer_config, load};
use atrous_tests::{npy, shared};
use burn::tensor::activation::softmax;
use burn::tensor::{Device, Tensor, TensorData};
use serde_json::Value;

/// The golden folders with a checkpoint and a frozen graph of it.
const FOLDERS: [&str; 2] = ["mobilenet_v2_dm05_voc", "mobilenet_v3_small_seg"];

fn open(path: &Path, network: Option<Config>) -> Model {
    let options = LoadOptions {
        network,
        ..LoadOptions::default()
    };
    load(path, &options, &Device::flex()).unwrap()
}

fn export(folder: &str) -> Option<PathBuf> {
    shared(&format!("golden/{folder}/tf"))
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The images of an export that are as large as its crop, by the start of their files' names.
fn whole_images(tf: &Path) -> Vec<String> {
    let export = json(&tf.join("export.json"));
    let images = export["images"].as_array().unwrap().iter();
    let whole = images.filter(|image| image["size"] == export["crop_size"]);
    let name = |image: &Value| format!("export_{}x{}", image["size"][0], image["size"][1]);
    whole.map(name).collect()
}

/// Class probabilities `[1, classes, height, width]` of an image of the crop's size.
fn probabilities(model: &Model, image: &npy::Array<u8>) -> Tensor<4> {
    let pixels = image.values.iter().map(|value| f32::from(*value)).collect();
    let [height, width, channels] = image.shape[..] else {
        panic!("{:?}", image.shape)
    };
    let image = TensorData::new(pixels, [1, height, width, channels]);
    let image = Tensor::<4>::from_data(image, &model.network.device()).permute([0, 3, 1, 2]);
    let logits = model.network.forward(image);
    softmax(bilinear_align_corners(logits, [height, width]), 1)
}

fn assert_same_predictions(model: &Model, tf: &Path) {
    for name in whole_images(tf) {
        let of = |end: &str| tf.join(format!("{name}_{end}.npy"));
        let found = probabilities(model, &npy::read_u8(&of("image")));
        let labels = found.clone().argmax(1).into_data();
        let labels: Vec<i64> = labels.iter::<i64>().collect();
        let expected = npy::read_u8(&of("rawpred")).values;
        assert_eq!(labels.len(), expected.len());
        let same = labels
            .iter()
            .zip(&expected)
            .filter(|(a, b)| **a == i64::from(**b))
            .count();
        assert!(
            same as f64 >= 0.999 * labels.len() as f64,
            "{name}: {same} of {}",
            labels.len()
        );

        let expected = npy::read_f32(&of("prob_sub4"));
        let [_, height, width, classes] = expected.shape[..] else {
            panic!("{:?}", expected.shape)
        };
        let [_, _, _, full_width] = found.dims();
        let found: Vec<f32> = found
            .permute([0, 2, 3, 1])
            .into_data()
            .try_to_vec()
            .unwrap();
        let mut difference = 0.0_f32;
        for (place, expected) in expected.values.iter().enumerate() {
            let (y, x) = (place / classes / width % height, place / classes % width);
            let found = found[(4 * y * full_width + 4 * x) * classes + place % classes];
            difference = difference.max((found - expected).abs());
        }
        eprintln!("{name}: largest difference of a probability {difference:.1e}");
        assert!(difference <= 1e-3, "{name}: {difference}");
    }
}

#[test]
fn frozen_graphs_tell_their_network_and_predict_as_in_tensorflow() {
    for folder in FOLDERS {
        let Some(tf) = export(folder) else { return };
        let model = open(&tf.join("frozen_inference_graph.pb"), None);
        let flags = json(&tf.join("export.json"));
        let config = serde_json::to_value(model.config()).unwrap();
        for field in ["crop_size", "output_stride"] {
            assert_eq!(config[field], flags[field], "{folder}: {field}");
        }
        assert!(model.accounting.missing.is_empty() && model.accounting.unused.is_empty());
        assert_eq!(model.info.name, "tf");
        assert_same_predictions(&model, &tf);
    }
}

#[test]
fn checkpoints_hold_what_frozen_graphs_hold_and_predict_the_same() {
    for folder in FOLDERS {
        let Some(tf) = export(folder) else { return };
        let frozen = open(&tf.join("frozen_inference_graph.pb"), None);
        let config = frozen.config();
        let model = open(&tf, Some(config.clone()));
        assert_eq!(
            collect(&model.network).unwrap(),
            collect(&frozen.network).unwrap()
        );
        assert_eq!(model.accounting.set_aside, ["global_step"]);
        assert!(model.accounting.missing.is_empty() && model.accounting.unused.is_empty());
        assert_same_predictions(&model, &tf);
        for part in [
            "model.ckpt",
            "model.ckpt.index",
            "model.ckpt.data-00000-of-00001",
        ] {
            let again = open(&tf.join(part), None);
            assert_eq!(again.config().model_variant, config.model_variant, "{part}");
            assert_eq!(
                collect(&again.network).unwrap(),
                collect(&model.network).unwrap()
            );
        }
    }
}

#[test]
fn a_checkpoint_gives_the_golden_logits() {
    let Some(tf) = export("mobilenet_v2_dm05_voc") else {
        return;
    };
    let model = open(&tf.join("model.ckpt"), None);
    assert_eq!(model.config().depth_multiplier, 0.5);
    let told = model.info.provenance.join("; ");
    assert!(told.contains("output stride 16 assumed"), "{told}");
    let input = npy::read_u8(&tf.with_file_name("input.npy"));
    let expected = npy::read_f32(&tf.with_file_name("logits.npy"));
    let pixels = input.values.iter().map(|value| f32::from(*value)).collect();
    let image = TensorData::new(pixels, [1, input.shape[0], input.shape[1], 3]);
    let image = Tensor::<4>::from_data(image, &model.network.device()).permute([0, 3, 1, 2]);
    let logits = model.network.forward(image).permute([0, 2, 3, 1]);
    let logits: Vec<f32> = logits.into_data().try_to_vec().unwrap();
    let largest = expected
        .values
        .iter()
        .fold(0.0_f32, |largest, v| largest.max(v.abs()));
    for (found, expected) in logits.iter().zip(&expected.values) {
        assert!(
            (found - expected).abs() <= 1e-3 * largest,
            "{found} {expected}"
        );
    }
    assert_eq!(logits.len(), expected.values.len());
}

#[test]
fn momentum_is_set_aside_and_the_rest_is_used() {
    let Some(path) = shared("golden/train_step/model.ckpt-5.index") else {
        return;
    };
    let accounting = open(&path, None).accounting;
    assert_eq!(accounting.used.len(), 272);
    assert!(accounting.missing.is_empty() && accounting.unused.is_empty());
    // One for each trained variable, and the step.
    let (slots, others): (Vec<_>, Vec<_>) = accounting
        .set_aside
        .iter()
        .partition(|name| name.ends_with("/Momentum"));
    assert_eq!(slots.len(), 164);
    assert_eq!(others, ["global_step"]);
}

#[test]
fn names_and_shapes_tell_every_golden_network() {
    let Some(golden) = shared("golden") else {
        return;
    };
    let mut told = 0;
    for entry in std::fs::read_dir(golden).unwrap() {
        let folder = entry.unwrap().path();
        let (config, variables) = (folder.join("config.json"), folder.join("variables.json"));
        if !config.exists() || !json(&config)["flags"].is_object() {
            continue;
        }
        let mut tensors = TensorSet::default();
        for variable in json(&variables).as_array().unwrap() {
            let shape = serde_json::from_value(variable["shape"].clone()).unwrap();
            tensors.insert(variable["name"].as_str().unwrap(), shape, Vec::new());
        }
        let found = infer_config(&tensors).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
        assert_told(
            &serde_json::to_value(found).unwrap(),
            &json(&config),
            &folder,
        );
        told += 1;
    }
    assert!(told >= 40, "{told}");
}

/// Compares the flags that names and shapes decide.
fn assert_told(found: &Value, golden: &Value, folder: &Path) {
    let flags = &golden["flags"];
    for flag in [
        "model_variant",
        "multi_grid",
        "nas_stem_output_num_conv_filters",
        "nas_use_classification_head",
        "depth_multiplier",
        "divisible_by",
        "add_image_level_feature",
        "aspp_with_batch_norm",
        "aspp_with_separable_conv",
        "aspp_with_concat_projection",
        "aspp_with_squeeze_and_excitation",
        "aspp_convs_filters",
        "decoder_output_stride",
        "decoder_use_separable_conv",
        "decoder_use_sum_merge",
        "decoder_filters",
        "decoder_output_is_logits",
        "logits_kernel_size",
    ] {
        let nothing = Value::Array(Vec::new());
        let given = match &flags[flag] {
            Value::Null if found[flag].is_array() => &nothing,
            given => given,
        };
        let same = *given == found[flag]
            || given.as_f64().is_some() && given.as_f64() == found[flag].as_f64();
        assert!(same, "{folder:?}: {flag} is {}, not {given}", found[flag]);
    }
    assert_eq!(found["num_classes"], golden["num_classes"], "{folder:?}");
    let rates = golden["cases"]["main"]["atrous_rates"]
        .as_array()
        .map_or(0, Vec::len);
    assert_eq!(
        found["atrous_rates"].as_array().unwrap().len(),
        rates,
        "{folder:?}"
    );
}

/// A copy of a checkpoint with `change` made to one of its files.
fn with_changed(file: &str, change: impl FnOnce(&mut Vec<u8>)) -> Option<String> {
    let tf = export("mobilenet_v2_dm05_voc")?;
    let folder = tempfile::tempdir().unwrap();
    for name in ["model.ckpt.index", "model.ckpt.data-00000-of-00001"] {
        std::fs::copy(tf.join(name), folder.path().join(name)).unwrap();
    }
    let path = folder.path().join(file);
    let mut bytes = std::fs::read(tf.join(file)).unwrap();
    change(&mut bytes);
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, bytes).unwrap();
    let loaded = load(
        &folder.path().join("model.ckpt"),
        &LoadOptions::default(),
        &Device::flex(),
    );
    Some(loaded.unwrap_err().to_string())
}

#[test]
fn damage_to_a_checkpoint_is_noticed_and_the_file_named() {
    let data = "model.ckpt.data-00000-of-00001";
    type Change = fn(&mut Vec<u8>);
    let changes: [(&str, Change, &str); 4] = [
        (
            "model.ckpt.index",
            |bytes| bytes[100] ^= 4,
            "a block whose checksum differs",
        ),
        (
            "model.ckpt.index",
            |bytes| bytes.truncate(5000),
            "an end that is no table's",
        ),
        (data, |bytes| bytes[1_000_000] ^= 1, "with the checksum"),
        (
            data,
            |bytes| bytes.truncate(1_000_000),
            "1000000 bytes in all",
        ),
    ];
    for (file, change, expected) in changes {
        let Some(error) = with_changed(file, change) else {
            return;
        };
        assert!(error.contains(file) && error.contains(expected), "{error}");
    }
}

#[test]
fn a_frozen_graph_cut_anywhere_is_refused_or_the_same() {
    let Some(tf) = export("mobilenet_v2_dm05_voc") else {
        return;
    };
    let path = tf.join("frozen_inference_graph.pb");
    let whole = std::fs::read(&path).unwrap();
    let options = LoadOptions::default();
    let read =
        |bytes: &[u8]| atrous_engine::weights::from_bytes(&path, bytes, &options, &Device::flex());
    let tensors = collect(&read(&whole).unwrap().network).unwrap();
    for cut in (0..whole.len()).step_by(whole.len() / 150) {
        if let Ok(model) = read(&whole[..cut]) {
            assert_eq!(collect(&model.network).unwrap(), tensors, "cut at {cut}");
        }
    }
}
