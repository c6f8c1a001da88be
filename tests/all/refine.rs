//! The dense CRF against the authors' own results.

use atrous_engine::jobs::Silent;
use atrous_engine::predict::refine::{CrfOptions, dense_crf};
use atrous_tests::{npy, shared};
use image::RgbImage;
use serde_json::Value;

/// `[classes, height, width]` as `[height, width, classes]`, with the number of classes.
fn pixels_of(planes: &npy::Array<f32>) -> (usize, Vec<f32>) {
    let [classes, height, width] = planes.shape[..] else {
        panic!("{:?}", planes.shape);
    };
    let plane = height * width;
    let places = (0..plane).flat_map(|at| (0..classes).map(move |class| class * plane + at));
    (classes, places.map(|place| planes.values[place]).collect())
}

fn argmax(pixel: &[f32]) -> usize {
    (1..pixel.len()).fold(0, |best, class| {
        if pixel[class] > pixel[best] {
            class
        } else {
            best
        }
    })
}

#[test]
fn equals_the_authors_results() {
    let Some(folder) = shared("golden/dense_crf") else {
        return;
    };
    let config = std::fs::read_to_string(folder.join("config.json")).unwrap();
    let config: Value = serde_json::from_str(&config).unwrap();
    let image = npy::read_u8(&folder.join("image.npy"));
    let [height, width] = [image.shape[0] as u32, image.shape[1] as u32];
    let image = RgbImage::from_raw(width, height, image.values).unwrap();
    let (classes, mut softmax) = pixels_of(&npy::read_f16(&folder.join("softmax.npy")));
    for pixel in softmax.chunks_exact_mut(classes) {
        let sum: f32 = pixel.iter().sum();
        pixel.iter_mut().for_each(|value| *value /= sum);
    }
    for (name, setting) in config["settings"].as_object().unwrap() {
        let number = |key: &str| setting[key].as_f64().unwrap();
        let options = CrfOptions {
            bilateral_weight: number("bilateral_compat"),
            bilateral_deviation: number("bilateral_sxy"),
            color_deviation: number("bilateral_srgb"),
            smoothness_weight: number("gaussian_compat"),
            smoothness_deviation: number("gaussian_sxy"),
            iterations: number("iterations") as usize,
        };
        let found = dense_crf(&image, classes, &softmax, &options, &mut Silent).unwrap();
        let (_, wanted) = pixels_of(&npy::read_f16(&folder.join(format!("{name}.npy"))));
        let pixels = found.chunks_exact(classes);
        let same = pixels
            .zip(wanted.chunks_exact(classes))
            .filter(|(found, wanted)| argmax(found) == argmax(wanted))
            .count();
        let share = same as f64 / f64::from(width * height);
        let difference: f64 = found
            .iter()
            .zip(&wanted)
            .map(|(found, wanted)| f64::from((found - wanted).abs()))
            .sum();
        let difference = difference / found.len() as f64;
        eprintln!("{name}: the same class for {share:.5}, probabilities differ by {difference:.6}");
        assert!(share >= 0.995, "{name}: {share}");
        assert!(difference <= 0.02, "{name}: {difference}");
    }
}
