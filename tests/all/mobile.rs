//! Models of mobile formats with quantised weights: the published TFLite and Core ML files.

use atrous_engine::Limits;
use atrous_engine::device::ComputeDevice;
use atrous_engine::image_file;
use atrous_engine::mask::png_file;
use atrous_engine::metrics::ConfusionMatrix;
use atrous_engine::network::{Config, SplitMix};
use atrous_engine::predict::{PredictOptions, Predictor};
use atrous_engine::weights::{self, LoadOptions, Model, load};
use atrous_palettes::Palette;
use atrous_tests::shared;
use burn::tensor::Device;

const QUANTISED: &str = "models/deeplabv3_mnv2_pascal_quant.tflite";
const EDGETPU: &str = "models/deeplab_mobilenet_edgetpu_slim_cityscapes_quant.tflite";
const CORE_ML: &str = "models/DeepLabV3Int8LUT.mlmodel";

fn model(file: &str) -> Option<Model> {
    let path = shared(file)?;
    Some(load(&path, &LoadOptions::default(), &Device::flex()).unwrap())
}

/// Every constant of the file is in the network, and every variable of it has one.
fn is_complete(model: &Model, convolutions: usize) {
    assert!(model.network.is_folded());
    assert_eq!(model.accounting.used.len(), 2 * convolutions);
    assert!(
        model.accounting.unused.is_empty(),
        "{:?}",
        model.accounting.unused
    );
    assert!(model.accounting.missing.is_empty());
}

fn provenance(model: &Model) -> &str {
    &model.info.provenance[0]
}

#[test]
fn the_quantised_tflite_is_recognised_and_every_tensor_used() {
    let Some(model) = model(QUANTISED) else {
        return;
    };
    assert_eq!(model.config(), &Config::default());
    assert_eq!(model.palette, Palette::pascal_voc());
    assert_eq!(model.info.input_size, 513);
    assert_eq!(
        provenance(&model),
        "imported from TFLite, 8-bit weights, batch norm folded"
    );
    is_complete(&model, 55);
}

#[test]
fn the_quantised_edgetpu_network_is_recognised_and_every_tensor_used() {
    let Some(model) = model(EDGETPU) else { return };
    let expected = Config {
        model_variant: "mobilenet_edgetpu".into(),
        num_classes: 19,
        depth_multiplier: 0.75,
        finegrain_classification_mode: true,
        aspp_convs_filters: 128,
        ..Config::default()
    };
    assert_eq!(model.config(), &expected);
    assert_eq!(model.palette, Palette::cityscapes());
    is_complete(&model, 62);
}

#[test]
fn the_core_ml_file_is_recognised_and_every_tensor_used() {
    let Some(model) = model(CORE_ML) else { return };
    let expected = Config {
        output_stride: 8,
        ..Config::default()
    };
    assert_eq!(model.config(), &expected);
    assert_eq!(model.palette, Palette::pascal_voc());
    assert_eq!(model.info.input_size, 513);
    let how = "imported from Core ML, 8-bit lookup table weights, batch norm folded";
    assert_eq!(provenance(&model), how);
    assert!(model.info.licence.contains("github.com/tensorflow"));
    is_complete(&model, 55);
}

/// mIoU in percent on the first `count` images of the VOC sample.
fn score(model: &Model, count: usize) -> Option<f64> {
    let folder = shared("data/voc")?;
    let list = std::fs::read_to_string(folder.join("ImageSets/Segmentation/val.txt")).unwrap();
    let predictor =
        Predictor::new(model, PredictOptions::default(), &ComputeDevice::cpu()).unwrap();
    let limits = Limits::default();
    let mut matrix = ConfusionMatrix::for_palette(&model.palette);
    for name in list.lines().take(count) {
        let image = folder.join(format!("JPEGImages/{name}.jpg"));
        let truth = folder.join(format!("SegmentationClass/{name}.png"));
        let image = image_file::decode(&image, &limits).unwrap();
        let truth = png_file::read(&truth, &limits).unwrap();
        let prediction = predictor.predict(&image).unwrap();
        matrix.add(&truth.to_vec(), &prediction.labels).unwrap();
    }
    matrix.miou().map(|miou| 100.0 * miou)
}

#[test]
fn quantised_models_score_what_they_do_elsewhere() {
    // On all 60 images of the sample the figures are those in BENCHMARKS.md; these are a few.
    for (file, expected) in [(QUANTISED, 76.05), (CORE_ML, 90.18)] {
        let Some(model) = model(file) else { continue };
        let Some(score) = score(&model, 5) else {
            continue;
        };
        eprintln!("{file}: {score:.2} mIoU on 5 images");
        assert!(
            (score - expected).abs() <= 0.5,
            "{file}: {score}, not {expected}"
        );
    }
}

/// Where to cut a file: everywhere in its first part, then now and then.
fn cuts(length: usize) -> impl Iterator<Item = usize> {
    (0..length.min(300)).chain((300..length).step_by(length / 200))
}

#[test]
fn quantised_files_cut_anywhere_are_refused() {
    for file in [QUANTISED, EDGETPU, CORE_ML] {
        let Some(path) = shared(file) else { continue };
        let whole = std::fs::read(&path).unwrap();
        for cut in cuts(whole.len()) {
            let part = &whole[..cut];
            let read = weights::from_bytes(&path, part, &LoadOptions::default(), &Device::flex());
            assert!(read.is_err(), "{file} cut at {cut} of {}", whole.len());
        }
    }
}

#[test]
fn quantised_files_with_changed_bytes_never_panic() {
    for file in [QUANTISED, EDGETPU, CORE_ML] {
        let Some(path) = shared(file) else { continue };
        let whole = std::fs::read(&path).unwrap();
        let mut draw = SplitMix::named(1, file);
        let mut below = |bound: usize| (draw.unit() * bound as f64) as usize;
        let mut refused = 0;
        for _ in 0..100 {
            let mut changed = whole.clone();
            for _ in 0..1 + below(6) {
                // TFLite keeps names, scales and operations at the end.
                let place = whole.len() - 1 - below(60_000);
                changed[place] = below(256) as u8;
            }
            let options = LoadOptions::default();
            let read = weights::from_bytes(&path, &changed, &options, &Device::flex());
            refused += usize::from(read.is_err());
        }
        assert!(refused > 0, "{file}: none of the changes was noticed");
    }
}
