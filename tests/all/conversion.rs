//! `atrous model convert` from every format that is read: the file that it writes is the same model.

use std::path::{Path, PathBuf};

use atrous_engine::Limits;
use atrous_engine::weights::{Format, LoadOptions, Model, collect, format_of, load};
use atrous_tests::{formula, shared};
use burn::tensor::{Device, Tensor, TensorData};

use crate::cli::{Outcome, atrous, words};

/// Files of every format, and what they are read as. The one of safetensors is made here.
fn files(home: &Path) -> Vec<(PathBuf, Format)> {
    let there = [
        ("models/deeplabv3_257_mv_gpu.tflite", Format::Tflite),
        ("models/deeplabv3_mnv2_pascal_quant.tflite", Format::Tflite),
        (
            "models/deeplab_mobilenet_edgetpu_slim_cityscapes_quant.tflite",
            Format::Tflite,
        ),
        ("models/DeepLabV3Int8LUT.mlmodel", Format::CoreMl),
        (
            "golden/mobilenet_v2_dm05_voc/tf/frozen_inference_graph.pb",
            Format::FrozenGraph,
        ),
        (
            "golden/mobilenet_v3_small_seg/tf/frozen_inference_graph.pb",
            Format::FrozenGraph,
        ),
        ("golden/mobilenet_v2_dm05_voc/tf", Format::Checkpoint),
        (
            "golden/mobilenet_v3_small_seg/tf/model.ckpt.index",
            Format::Checkpoint,
        ),
        ("golden/train_step/model.ckpt-5.index", Format::Checkpoint),
        (
            "golden/huggingface_mobilenet_v2_035_files/pytorch_model.bin",
            Format::PyTorch,
        ),
        (
            "golden/huggingface_mobilenet_v2_035_files/legacy.pth",
            Format::PyTorch,
        ),
        (
            "golden/huggingface_mobilenet_v2_035_files/saved",
            Format::Safetensors,
        ),
        (
            "golden/huggingface_mobilenet_v2_035_files/saved/model.safetensors",
            Format::Safetensors,
        ),
    ];
    let mut files: Vec<_> = there
        .into_iter()
        .filter_map(|(path, format)| Some((shared(path)?, format)))
        .collect();
    let plain = home.join("plain.safetensors");
    write_plain(&plain);
    files.push((plain, Format::Safetensors));
    files
}

/// A small network's tensors under TensorFlow's names.
fn write_plain(path: &Path) {
    let config = atrous_engine::network::Config {
        depth_multiplier: 0.25,
        atrous_rates: vec![6],
        decoder_output_stride: vec![4],
        ..Default::default()
    };
    let network = config.init_seeded(5, &Device::flex()).unwrap();
    let tensors = collect(&network).unwrap();
    let bytes: Vec<(&String, &[usize], Vec<u8>)> = tensors
        .tensors
        .iter()
        .map(|(name, tensor)| {
            let bytes = tensor.values.iter().flat_map(|v| v.to_le_bytes()).collect();
            (name, tensor.shape.as_slice(), bytes)
        })
        .collect();
    let views = bytes.iter().map(|(name, shape, bytes)| {
        let view =
            safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape.to_vec(), bytes);
        (name.as_str(), view.unwrap())
    });
    std::fs::write(path, safetensors::serialize(views, None).unwrap()).unwrap();
}

fn open(path: &Path) -> Model {
    load(path, &LoadOptions::default(), &Device::flex()).unwrap()
}

/// The logits of an image, bit for bit.
fn logits(model: &Model) -> Vec<u32> {
    let side = 97;
    let pixels = formula::image(side, side, "image")
        .into_iter()
        .map(f32::from);
    let pixels = TensorData::new(pixels.collect(), [1, side, side, 3]);
    let image = Tensor::<4>::from_data(pixels, &Device::flex()).permute([0, 3, 1, 2]);
    let logits: Vec<f32> = model
        .network
        .forward(image)
        .into_data()
        .try_to_vec()
        .unwrap();
    assert!(logits.iter().all(|logit| logit.is_finite()));
    logits.into_iter().map(f32::to_bits).collect()
}

#[test]
fn every_format_converts_to_the_same_model() {
    let home = tempfile::tempdir().unwrap();
    for (file, format) in files(home.path()) {
        let what = file.display().to_string();
        assert_eq!(
            format_of(&file, &Limits::default()).unwrap(),
            format,
            "{what}"
        );
        let converted = home.path().join("converted.safetensors");
        let ran = atrous(words!["model", "convert", &file, &converted]);
        assert_eq!(ran.outcome, Outcome::Done, "{what}: {}", ran.err);
        let (before, after) = (open(&file), open(&converted));
        assert_eq!(
            format_of(&converted, &Limits::default()).unwrap(),
            Format::Atrous
        );
        assert!(logits(&before) == logits(&after), "{what}: other logits");
        assert_eq!(before.config(), after.config(), "{what}");
        assert_eq!(before.palette, after.palette, "{what}");
        assert_eq!(before.info, after.info, "{what}");
        assert_eq!(before.frame(), after.frame(), "{what}");
        // And once more: what is ours already stays what it is.
        let again = home.path().join("again.safetensors");
        let ran = atrous(words!["model", "convert", &converted, &again]);
        assert_eq!(ran.outcome, Outcome::Done, "{what}: {}", ran.err);
        let bytes = |path| std::fs::read(path).unwrap();
        assert!(bytes(&converted) == bytes(&again), "{what}");
    }
}

#[test]
fn info_says_what_every_file_is() {
    let home = tempfile::tempdir().unwrap();
    for (file, format) in files(home.path()) {
        let ran = atrous(words!["model", "info", &file, "--json"]);
        assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
        let told = ran.last();
        assert_eq!(told["format"], format.name());
        for name in [
            "file",
            "format",
            "backbone",
            "head",
            "classes",
            "input",
            "parameters",
            "tensors",
        ] {
            let line = ran.err.lines().any(|line| line.starts_with(name));
            assert!(line, "{}: {name} in\n{}", file.display(), ran.err);
        }
        assert!(ran.err.contains(told["backbone"].as_str().unwrap()));
        eprintln!("{}", ran.err);
    }
}

#[test]
fn the_frame_of_a_model_is_its_crop() {
    let Some(v3) = shared("golden/mobilenet_v3_small_seg/tf/frozen_inference_graph.pb") else {
        return;
    };
    let told = atrous(words!["model", "info", &v3, "--json"]).last();
    assert_eq!(told["input_height"], 129);
    assert_eq!(told["input_width"], 257);
}
