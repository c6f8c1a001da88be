use std::path::PathBuf;

use image::{GenericImageView as _, Rgb};

use super::*;

fn written(name: &str, image: &DynamicImage, format: ImageFormat) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    image.save_with_format(&path, format).unwrap();
    (folder, path)
}

fn ramp(width: u32, height: u32) -> DynamicImage {
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
        Rgb([x as u8 * 7, y as u8 * 11, (x * y) as u8])
    }))
}

#[test]
fn the_content_decides_not_the_name() {
    let image = ramp(9, 5);
    let (_folder, path) = written("really_a_png.jpg", &image, ImageFormat::Png);
    assert_eq!(
        decode(&path, &Limits::default()).unwrap(),
        image.into_rgb8()
    );
}

#[test]
fn sixteen_bits_become_eight() {
    let image = DynamicImage::ImageRgb16(ramp(8, 8).to_rgb16());
    let (_folder, path) = written("deep.png", &image, ImageFormat::Png);
    let decoded = decode(&path, &Limits::default()).unwrap();
    assert_eq!(decoded, ramp(8, 8).into_rgb8());
}

#[test]
fn too_many_pixels_are_refused_before_they_are_decoded() {
    let (_folder, path) = written("large.bmp", &ramp(40, 30), ImageFormat::Bmp);
    let limits = Limits {
        image_pixels: 1199,
        ..Limits::default()
    };
    let error = decode(&path, &limits).unwrap_err();
    assert!(matches!(error, Error::Limit { found: 1200, .. }), "{error}");
    assert!(dimensions(&path, &limits).is_err());
}

#[test]
fn a_thumbnail_keeps_the_shape_and_never_grows() {
    let (_folder, path) = written("wide.png", &ramp(100, 20), ImageFormat::Png);
    let small = thumbnail(&path, 50, &Limits::default()).unwrap();
    assert_eq!(small.dimensions(), (50, 10));
    let same = thumbnail(&path, 500, &Limits::default()).unwrap();
    assert_eq!(same.dimensions(), (100, 20));
    let mean = |image: &RgbImage| {
        image.as_raw().iter().map(|v| f64::from(*v)).sum::<f64>() / image.as_raw().len() as f64
    };
    assert!((mean(&small) - mean(&same)).abs() < 2.0);
}

#[test]
fn errors_name_the_file_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.jpg");
    std::fs::write(&path, "Dear all, ").unwrap();
    let error = decode(&path, &Limits::default()).unwrap_err().to_string();
    assert!(
        error.contains("letter.jpg") && error.contains("Convert it"),
        "{error}"
    );
    let error = decode(folder.path(), &Limits::default()).unwrap_err();
    assert!(error.to_string().contains("regular file") || matches!(error, Error::Io { .. }));
}

#[test]
fn names_are_judged_by_their_ending() {
    assert!(is_image_name(Path::new("a/b.JPG")));
    assert!(is_image_name(Path::new("x.tif")));
    assert!(!is_image_name(Path::new("labels.txt")));
    assert!(!is_image_name(Path::new(".jpg")));
}

#[test]
fn every_orientation_agrees_with_the_dimensions() {
    for orientation in (1..=8).filter_map(Orientation::from_exif) {
        let mut image = ramp(6, 4);
        image.apply_orientation(orientation);
        let turned = image.dimensions() == (4, 6);
        assert_eq!(turned, turns(orientation), "{orientation:?}");
    }
}
