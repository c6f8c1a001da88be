//! Logits before upsampling, and networks at another output stride.

use atrous_engine::device::ComputeDevice;
use atrous_engine::predict::{PredictOptions, Predictor};
use atrous_tests::{npy, shared};
use image::RgbImage;

use crate::golden::case::Case;

/// A predictor with a golden network, and the network's image.
fn golden(folder: &str, options: PredictOptions) -> Option<(Predictor, RgbImage, Case)> {
    shared(&format!("golden/{folder}/config.json"))?;
    let case = Case::all_of(folder).remove(0);
    let device = ComputeDevice::cpu().device;
    let network = case.network(&device);
    let predictor = Predictor::with_network(&network, 65, options, &device).unwrap();
    let input = npy::read_u8(&shared(&case.file("input.npy")).unwrap());
    let image = image_of(&input);
    Some((predictor, image, case))
}

fn image_of(pixels: &npy::Array<u8>) -> RgbImage {
    let [height, width] = [pixels.shape[0] as u32, pixels.shape[1] as u32];
    RgbImage::from_raw(width, height, pixels.values.clone()).unwrap()
}

#[test]
fn exact_logits_are_the_golden_ones() {
    let options = PredictOptions::default();
    let Some((predictor, image, case)) = golden("mobilenet_v2_dm05_voc", options) else {
        return;
    };
    let found = predictor.logits(&image, true).unwrap();
    let wanted = npy::read_f32(&shared(&case.file("logits.npy")).unwrap());
    assert_eq!(
        wanted.shape,
        [1, found.size[0], found.size[1], found.classes]
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("logits.npy");
    found.write_npy(&path).unwrap();
    let written = npy::read_f32(&path);
    assert_eq!(written.shape, wanted.shape);
    let largest = wanted.values.iter().fold(0.0_f32, |l, v| l.max(v.abs()));
    for (found, wanted) in written.values.iter().zip(&wanted.values) {
        assert!((found - wanted).abs() <= 1e-3 * largest, "{found} {wanted}");
    }
}

#[test]
fn another_output_stride_takes_the_same_weights() {
    let options = PredictOptions {
        output_stride: Some(8),
        ..PredictOptions::default()
    };
    let Some((predictor, image, case)) = golden("mobilenet_v2_dm05_voc", options) else {
        return;
    };
    let found = predictor.logits(&image, true).unwrap();
    let wanted = shared("golden/mobilenet_v2_dm05_voc/os8_logits.npy").unwrap();
    let wanted = npy::read_f32(&wanted);
    assert_eq!(case.config.output_stride, 16);
    assert_eq!(
        wanted.shape,
        [1, found.size[0], found.size[1], found.classes]
    );
    let plane = found.size[0] * found.size[1];
    let largest = wanted.values.iter().fold(0.0_f32, |l, v| l.max(v.abs()));
    for (place, wanted) in wanted.values.iter().enumerate() {
        let class = place % found.classes;
        let found = found.values[class * plane + place / found.classes];
        assert!((found - wanted).abs() <= 1e-3 * largest, "{found} {wanted}");
    }
}
