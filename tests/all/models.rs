//! Models from files: the published ones, our own, damaged ones, and formats that are not read.

use std::path::Path;

use atrous_engine::Limits;
use atrous_engine::network::resize::bilinear_align_corners;
use atrous_engine::network::{Config, DeepLab};
use atrous_engine::weights::{
    self, LoadOptions, Model, ModelInfo, Storage, TensorSet, collect, load,
};
use atrous_palettes::Palette;
use atrous_tests::{npy, shared};
use burn::tensor::{Device, Tensor, TensorData};

const FLOAT_MODEL: &str = "models/deeplabv3_257_mv_gpu.tflite";

fn float_model() -> Option<Model> {
    let path = shared(FLOAT_MODEL)?;
    Some(load(&path, &LoadOptions::default(), &Device::flex()).unwrap())
}

fn error_of(path: &Path) -> String {
    let loaded = load(path, &LoadOptions::default(), &Device::flex());
    loaded.unwrap_err().to_string()
}

#[test]
fn the_published_float_model_is_recognised_and_every_tensor_used() {
    let Some(model) = float_model() else { return };
    let expected = Config {
        depth_multiplier: 0.5,
        output_stride: 8,
        crop_size: Some([257, 257]),
        ..Config::default()
    };
    assert_eq!(model.config(), &expected);
    assert!(model.network.is_folded());
    assert_eq!(model.palette, Palette::pascal_voc());
    assert_eq!(model.info.input_size, 257);
    assert_eq!(model.accounting.used.len(), 2 * 55);
    assert!(model.accounting.unused.is_empty() && model.accounting.missing.is_empty());
}

#[test]
fn the_published_float_model_gives_its_reference_logits() {
    let Some(model) = float_model() else { return };
    let Some(input) = shared("models/reference/voc_mnv2_dm05_257_input.npy") else {
        return;
    };
    let Some(logits) = shared("models/reference/voc_mnv2_dm05_257_logits_sub2.npy") else {
        return;
    };
    let input = npy::read_f32(&input);
    let expected = npy::read_f32(&logits);
    // The reference was fed what the network makes of the image at its own start.
    let pixels = input.values.iter().map(|value| (value + 1.0) * 127.5);
    let image = Tensor::<4>::from_data(
        TensorData::new(pixels.collect(), input.shape),
        &model.network.device(),
    );
    let logits = model.network.forward(image.permute([0, 3, 1, 2]));
    let logits = bilinear_align_corners(logits, [257, 257]).permute([0, 2, 3, 1]);
    let logits: Vec<f32> = logits.into_data().try_to_vec().unwrap();
    let [_, height, width, classes] = expected.shape[..] else {
        panic!("{:?}", expected.shape)
    };
    let largest = expected.values.iter().fold(0.0_f32, |l, v| l.max(v.abs()));
    let mut difference = 0.0_f32;
    for y in 0..height {
        for x in 0..width {
            for class in 0..classes {
                let found = logits[(2 * y * 257 + 2 * x) * classes + class];
                let wanted = expected.values[(y * width + x) * classes + class];
                difference = difference.max((found - wanted).abs());
            }
        }
    }
    eprintln!(
        "largest difference {:.1e} of the largest logit",
        difference / largest
    );
    assert!(difference <= 1e-3 * largest, "{difference} of {largest}");
}

#[test]
fn formats_that_are_not_read_say_what_they_are() {
    for (file, found) in [
        ("models/reference/voc_mnv2_dm05_513.onnx", "ONNX"),
        ("data/broken/html_404.jpg", "another format"),
    ] {
        let Some(path) = shared(file) else { continue };
        let error = error_of(&path);
        let name = path.file_name().unwrap().to_string_lossy();
        assert!(error.contains(&*name) && error.contains(found), "{error}");
    }
}

#[test]
fn names_of_models_are_told_from_files() {
    let error = error_of(Path::new("deeplabv3_mnv2_pascal_train_aug"));
    assert!(error.contains("which is none"), "{error}");
    let error = error_of(Path::new("no/such/file.tflite"));
    assert!(error.contains("no/such/file.tflite"), "{error}");
}

/// Where to cut a file: everywhere in its first part, then now and then.
fn cuts(length: usize) -> impl Iterator<Item = usize> {
    let dense = 0..length.min(600);
    dense.chain((600..length).step_by((length / 300).max(1)))
}

#[test]
fn a_tflite_file_cut_anywhere_is_refused() {
    let Some(path) = shared(FLOAT_MODEL) else {
        return;
    };
    let whole = std::fs::read(&path).unwrap();
    for cut in cuts(whole.len()) {
        let part = &whole[..cut];
        let read = weights::from_bytes(&path, part, &LoadOptions::default(), &Device::flex());
        assert!(read.is_err(), "cut at {cut} of {}", whole.len());
    }
}

#[test]
fn a_tflite_file_with_changed_offsets_never_panics() {
    let Some(path) = shared(FLOAT_MODEL) else {
        return;
    };
    let whole = std::fs::read(&path).unwrap();
    let mut state = 1_u64;
    let mut random = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut refused = 0;
    // Names, shapes and operations lie at the end; the front is kernels.
    for _ in 0..300 {
        let mut changed = whole.clone();
        for _ in 0..1 + random(4) {
            let place = whole.len() - 1 - random(24_000);
            changed[place] = random(256) as u8;
        }
        let read = weights::from_bytes(&path, &changed, &LoadOptions::default(), &Device::flex());
        refused += usize::from(read.is_err());
    }
    assert!(refused > 0, "none of the changes was noticed");
}

/// A small network of every kind of layer, unfolded.
fn small_network() -> DeepLab {
    let config = Config {
        depth_multiplier: 0.25,
        atrous_rates: vec![2],
        aspp_convs_filters: 8,
        decoder_filters: 8,
        decoder_output_stride: vec![4],
        num_classes: 3,
        crop_size: Some([65, 65]),
        ..Config::default()
    };
    config.init_seeded(3, &Device::flex()).unwrap()
}

fn small_model() -> Model {
    Model {
        network: small_network(),
        palette: Palette::from_names("traffic", ["road", "car", "sky"]).unwrap(),
        info: ModelInfo {
            name: "Small".into(),
            licence: "MIT".into(),
            source: "seed 3".into(),
            provenance: vec!["initialised".into()],
            input_size: 65,
        },
        accounting: weights::Accounting::default(),
    }
}

#[test]
fn our_own_file_says_it_all_and_keeps_every_bit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run/small.safetensors");
    let model = small_model();
    model.save(&path).unwrap();
    let back = load(&path, &LoadOptions::default(), &Device::flex()).unwrap();
    assert_eq!(back.config(), model.config());
    assert_eq!(back.palette, model.palette);
    assert_eq!(back.info, model.info);
    assert_eq!(
        collect(&back.network).unwrap(),
        collect(&model.network).unwrap()
    );
    assert!(back.accounting.unused.is_empty());
    back.save(&folder.path().join("again.safetensors")).unwrap();
    let again = std::fs::read(folder.path().join("again.safetensors")).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), again);
}

#[test]
fn a_size_that_no_image_has_is_refused() {
    let mut model = small_model();
    for side in [0, 8194, usize::MAX] {
        model.info.input_size = side;
        let bytes = model.to_bytes(Storage::Float32).unwrap();
        let options = LoadOptions::default();
        let read = weights::from_bytes(Path::new("m"), &bytes, &options, &Device::flex());
        let error = read.unwrap_err().to_string();
        assert!(
            error.contains("1 to 8193") && error.contains(&side.to_string()),
            "{error}"
        );
    }
}

#[test]
fn a_folded_model_comes_back_folded() {
    let Some(model) = float_model() else { return };
    let bytes = model.to_bytes(Storage::Float32).unwrap();
    let options = LoadOptions::default();
    let back = weights::from_bytes(Path::new("m"), &bytes, &options, &Device::flex()).unwrap();
    assert!(back.network.is_folded());
    assert_eq!(
        collect(&back.network).unwrap(),
        collect(&model.network).unwrap()
    );
}

#[test]
fn half_precision_halves_the_file_and_rounds_the_kernels_alone() {
    let model = small_model();
    let whole = model.to_bytes(Storage::Float32).unwrap();
    let half = model.to_bytes(Storage::Float16).unwrap();
    assert!(half.len() < whole.len() * 3 / 4);
    let options = LoadOptions::default();
    let back = weights::from_bytes(Path::new("m"), &half, &options, &Device::flex()).unwrap();
    let (before, after) = (
        collect(&model.network).unwrap(),
        collect(&back.network).unwrap(),
    );
    for (name, tensor) in &before.tensors {
        let rounded = &after.get(name).unwrap().values;
        if tensor.shape.len() < 4 {
            assert_eq!(rounded, &tensor.values, "{name}");
        }
        for (a, b) in tensor.values.iter().zip(rounded) {
            assert!(
                (a - b).abs() <= a.abs() / 1024.0 + 1e-7,
                "{name}: {a} and {b}"
            );
        }
    }
}

/// A plain safetensors file of those tensors.
fn plain_file(tensors: &TensorSet) -> Vec<u8> {
    let bytes: Vec<(String, Vec<usize>, Vec<u8>)> = tensors
        .tensors
        .iter()
        .map(|(name, tensor)| {
            let bytes = tensor.values.iter().flat_map(|v| v.to_le_bytes()).collect();
            (name.clone(), tensor.shape.clone(), bytes)
        })
        .collect();
    let views = bytes.iter().map(|(name, shape, bytes)| {
        let view =
            safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape.clone(), bytes);
        (name.as_str(), view.unwrap())
    });
    safetensors::serialize(views, None).unwrap()
}

#[test]
fn tensors_under_tensorflows_names_fit_the_network_that_is_named() {
    let model = small_model();
    let mut tensors = collect(&model.network).unwrap();
    tensors.insert("global_step", vec![], vec![30_000.0]);
    tensors.insert("somebody_elses", vec![2], vec![1.0, 2.0]);
    let bytes = plain_file(&tensors);
    let read = |network: Option<Config>| {
        let options = LoadOptions {
            network,
            ..LoadOptions::default()
        };
        weights::from_bytes(
            Path::new("w.safetensors"),
            &bytes,
            &options,
            &Device::flex(),
        )
    };
    // Names and shapes tell all but the rate.
    let told = read(None).unwrap();
    let expected = Config {
        atrous_rates: vec![6],
        crop_size: Some([513, 513]),
        ..model.config().clone()
    };
    assert_eq!(told.config(), &expected);
    let error = read(Some(Config::default())).unwrap_err().to_string();
    assert!(
        error.contains("w.safetensors") && error.contains("shape"),
        "{error}"
    );
    let back = read(Some(model.config().clone())).unwrap();
    assert_eq!(back.accounting.unused, ["somebody_elses"]);
    assert_eq!(back.accounting.set_aside, ["global_step"]);
    assert_eq!(back.info.input_size, 65);
    assert_eq!(
        collect(&back.network).unwrap(),
        collect(&model.network).unwrap()
    );
}

#[test]
fn a_missing_tensor_is_named() {
    let model = small_model();
    let mut tensors = collect(&model.network).unwrap();
    tensors.tensors.remove("aspp0/weights");
    let options = LoadOptions {
        network: Some(model.config().clone()),
        ..LoadOptions::default()
    };
    let bytes = plain_file(&tensors);
    let read = weights::from_bytes(Path::new("w"), &bytes, &options, &Device::flex());
    let error = read.unwrap_err().to_string();
    assert!(
        error.contains("1 of them missing, \"aspp0/weights\" first"),
        "{error}"
    );
}

#[test]
fn a_palette_of_another_size_is_refused() {
    let bytes = plain_file(&collect(&small_network()).unwrap());
    let options = LoadOptions {
        network: Some(small_network().config().clone()),
        palette: Some(Palette::cityscapes()),
        limits: Limits::default(),
    };
    let read = weights::from_bytes(Path::new("w"), &bytes, &options, &Device::flex());
    let error = read.unwrap_err().to_string();
    assert!(
        error.contains("3 classes") && error.contains("19 classes"),
        "{error}"
    );
}

#[test]
fn a_model_file_cut_anywhere_is_refused() {
    let whole = small_model().to_bytes(Storage::Float16).unwrap();
    for cut in cuts(whole.len()) {
        let options = LoadOptions::default();
        let read = weights::from_bytes(Path::new("m"), &whole[..cut], &options, &Device::flex());
        assert!(read.is_err(), "cut at {cut} of {}", whole.len());
    }
}
