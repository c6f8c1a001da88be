//! Photos as people have them: turned, odd, broken.

use atrous_engine::jobs::Silent;
use atrous_engine::predict::predict_images;
use atrous_engine::{Limits, image_file};
use atrous_tests::shared;
use image::RgbImage;

use super::{Collected, at_size, files, published};

#[test]
fn every_photo_is_predicted_at_its_upright_size() {
    let Some(predictor) = published(at_size(129)) else {
        return;
    };
    let Some(folder) = shared("data/photos") else {
        return;
    };
    let images = files(&folder, |path| path.extension() != Some("tsv".as_ref()));
    let sources = std::fs::read_to_string(folder.join("SOURCES.tsv")).unwrap();
    let sink = Collected::default();
    let limits = Limits::default();
    let report = predict_images(&images, &predictor, &sink, &limits, &mut Silent).unwrap();
    assert_eq!(report.failed, []);
    let predictions = sink.predictions.into_inner().unwrap();
    assert_eq!(predictions.len(), images.len());
    for (path, prediction) in images.iter().zip(predictions.values()) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let line = sources.lines().find(|line| line.starts_with(name)).unwrap();
        let size = (prediction.width, prediction.height);
        assert_eq!(size, upright_size(line), "{name}");
        assert_eq!(
            image_file::dimensions(path, &limits).unwrap(),
            size,
            "{name}"
        );
        let pixels = prediction.width as usize * prediction.height as usize;
        assert_eq!(
            [prediction.labels.len(), prediction.confidence.len()],
            [pixels; 2]
        );
        assert!((0.0..=1.0).contains(&prediction.uncertainty), "{name}");
    }
}

/// The size that a photo is seen at, from its line in the list: name, format, mode, stored size,
/// EXIF orientation. From 5 on, orientations turn by a quarter.
fn upright_size(line: &str) -> (u32, u32) {
    let fields: Vec<&str> = line.split('\t').collect();
    let (width, height) = fields[3].split_once('x').unwrap();
    let size = (width.parse().unwrap(), height.parse().unwrap());
    match fields[4].strip_prefix("orient=").unwrap() {
        "5" | "6" | "7" | "8" => (size.1, size.0),
        _ => size,
    }
}

#[test]
fn every_broken_file_is_reported_and_the_rest_goes_on() {
    let Some(predictor) = published(at_size(65)) else {
        return;
    };
    let Some(folder) = shared("data/broken") else {
        return;
    };
    let Some(good) = shared("data/photos/40_1x1.png") else {
        return;
    };
    let mut images = files(&folder, |_| true);
    images.push(good);
    let sink = Collected::default();
    let limits = Limits::default();
    let report = predict_images(&images, &predictor, &sink, &limits, &mut Silent).unwrap();
    for (path, reason) in &report.failed {
        let name = path.file_name().unwrap().to_string_lossy();
        assert!(reason.contains(&*name), "{reason}");
        eprintln!("{reason}");
    }
    // Good decoders still read the one, and the other merely has an uncommon name.
    let readable = |index: &usize| {
        ["ianare_corrupted.jpg", "no_extension"]
            .iter()
            .any(|name| images[*index].ends_with(name))
    };
    let done: Vec<usize> = sink.predictions.into_inner().unwrap().into_keys().collect();
    let unexpected = done
        .iter()
        .filter(|index| !readable(index))
        .collect::<Vec<_>>();
    assert_eq!(unexpected, [&(images.len() - 1)]);
    assert_eq!(report.done + report.failed.len(), images.len());
}

#[test]
fn orientations_turn_the_pixels_not_only_the_size() {
    let Some(folder) = shared("data/photos") else {
        return;
    };
    let decode = |name: &str| image_file::decode(&folder.join(name), &Limits::default()).unwrap();
    let upright = decode("10_exif_Landscape_1.jpg");
    for name in ["06_exif_Landscape_6.jpg", "07_exif_Landscape_3.jpg"] {
        let turned = decode(name);
        assert_eq!(turned.dimensions(), upright.dimensions(), "{name}");
        let difference = mean_difference(&upright, &turned);
        assert!(difference < 12.0, "{name}: {difference}");
    }
}

#[test]
fn the_same_photo_looks_the_same_in_every_format() {
    let Some(folder) = shared("data/photos") else {
        return;
    };
    let decode = |name: &str| image_file::decode(&folder.join(name), &Limits::default()).unwrap();
    let dogs = decode("11_dogs.jpg");
    for (name, most) in [
        ("31_cmyk.jpg", 12.0),
        ("32_lossy.webp", 12.0),
        ("34_palette.png", 12.0),
    ] {
        let difference = mean_difference(&dogs, &decode(name));
        eprintln!("{name}: {difference:.2}");
        assert!(difference < most, "{name}: {difference}");
    }
    let named_png = decode("39_actually_jpeg.png");
    assert_eq!(named_png, decode("15_parrot.jpg"));
}

fn mean_difference(a: &RgbImage, b: &RgbImage) -> f64 {
    let differences = a
        .as_raw()
        .iter()
        .zip(b.as_raw())
        .map(|(a, b)| a.abs_diff(*b));
    differences.map(f64::from).sum::<f64>() / a.as_raw().len() as f64
}
