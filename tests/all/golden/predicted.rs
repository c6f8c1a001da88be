//! Label maps and probabilities of whole predictions, by the options that the networks were run
//! with in TensorFlow.

use atrous_engine::device::ComputeDevice;
use atrous_engine::predict::{PredictOptions, Prediction, Predictor, Prepared};
use atrous_tests::{npy, shared};
use image::RgbImage;

use super::case::Case;
use super::expected::OTHER_CLASS;

/// A confidence is stored as a byte.
const HALF_A_STEP: f32 = 0.5 / 255.0;

/// The probabilities' files keep every so manieth row and column.
const KEPT: usize = 4;

/// The prediction of a folder's image, at its own size.
fn predict(folder: &str, options: PredictOptions) -> Option<(Prediction, Case)> {
    shared(&format!("golden/{folder}/config.json"))?;
    let case = Case::all_of(folder).remove(0);
    let device = ComputeDevice::cpu().device;
    let network = case.network(&device);
    let predictor = Predictor::with_network(&network, 65, options, &device).unwrap();
    let pixels = npy::read_u8(&shared(&case.file("input.npy")).unwrap());
    let [height, width] = case.image_size.map(|side| side as u32);
    let image = RgbImage::from_raw(width, height, pixels.values).unwrap();
    let prepared = Prepared::exact(&image);
    let passes = predictor.run(&prepared).unwrap();
    Some((predictor.finish(&prepared, &passes).unwrap(), case))
}

/// Compares the prediction with the files `<name>.npy` and `<probabilities>_sub4.npy`.
/// `undo` turns the probabilities of a pixel's classes there, and a class, into ours.
fn check(
    found: &Prediction,
    case: &Case,
    [labels, probabilities]: [&str; 2],
    undo: fn(&[f32], usize) -> f32,
) {
    let labels = npy::read_u8(&shared(&case.file(&format!("{labels}.npy"))).unwrap());
    let pairs = found.labels.iter().zip(&labels.values);
    let moved = pairs.filter(|(a, b)| a != b).count();
    eprintln!("{}: {moved} of {} pixels", case.folder, labels.values.len());
    assert!(moved as f64 <= OTHER_CLASS * labels.values.len() as f64);
    let file = format!("{probabilities}_sub4.npy");
    let expected = npy::read_f32(&shared(&case.file(&file)).unwrap());
    let [_, rows, columns, classes] = expected.shape[..] else {
        panic!("{:?}", expected.shape);
    };
    for (place, of_pixel) in expected.values.chunks_exact(classes).enumerate() {
        let (row, column) = (place / columns * KEPT, place % columns * KEPT);
        let pixel = row * case.image_size[1] + column;
        let expected = undo(of_pixel, usize::from(found.labels[pixel]));
        let confidence = f32::from(found.confidence[pixel]) / 255.0;
        assert!(
            (confidence - expected).abs() <= HALF_A_STEP + 1e-4,
            "{row}, {column} of {rows} rows: {confidence} {expected}"
        );
    }
}

fn as_it_is(probabilities: &[f32], class: usize) -> f32 {
    probabilities[class]
}

/// With several looks the original puts the mean of the softmaxes through another softmax: the
/// logarithms of that are the means less a constant, and the means add up to 1.
fn before_the_second_softmax(probabilities: &[f32], class: usize) -> f32 {
    let logs: f32 = probabilities.iter().map(|p| p.ln()).sum();
    probabilities[class].ln() + (1.0 - logs) / probabilities.len() as f32
}

#[test]
fn a_single_look_predicts_as_the_original() {
    for folder in [
        "opt_multiscale_flip",
        "opt_pred_nearest",
        "opt_pyramid_avg",
        "opt_pyramid_max",
    ] {
        let Some((found, case)) = predict(folder, PredictOptions::default()) else {
            return;
        };
        let files = ["predict_labels", "predict_labels_prob"];
        check(&found, &case, files, as_it_is);
    }
}

#[test]
fn scales_and_flips_average_as_in_the_original() {
    let options = PredictOptions {
        scales: vec![0.5, 0.75, 1.0, 1.25, 1.5, 1.75],
        flip: true,
        ..PredictOptions::default()
    };
    let Some((found, case)) = predict("opt_multiscale_flip", options) else {
        return;
    };
    let files = ["multiscale_labels", "multiscale_prob"];
    check(&found, &case, files, before_the_second_softmax);
}
