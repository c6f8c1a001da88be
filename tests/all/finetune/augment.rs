//! Augmentation against the original's results.

use std::path::Path;

use atrous_engine::finetune::{Frame, Labelled};
use atrous_tests::{npy, shared};
use image::RgbImage;

/// The image and label map that the reference resized.
fn augmentation_frame(folder: &Path) -> Frame {
    let image = npy::read_u8(&folder.join("aug_image.npy"));
    let labels = npy::read_u8(&folder.join("aug_label.npy")).values;
    let (height, width) = (image.shape[0] as u32, image.shape[1] as u32);
    let image = RgbImage::from_raw(width, height, image.values).unwrap();
    Frame::from(&Labelled { image, labels })
}

fn check_frame(folder: &Path, name: &str, frame: &Frame) {
    let image = npy::read_f32(&folder.join(format!("{name}_image.npy")));
    let labels = npy::read_u8(&folder.join(format!("{name}_label.npy")));
    assert_eq!(image.shape, [frame.height, frame.width, 3], "{name}");
    let pairs = image.values.iter().zip(&frame.pixels);
    let difference = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(difference <= 1e-4, "{name}: pixels differ by {difference}");
    assert_eq!(labels.values, frame.labels, "{name}");
}

#[test]
fn scaling_and_padding_are_those_of_the_original() {
    let Some(folder) = shared("golden/preprocess") else {
        return;
    };
    let frame = augmentation_frame(&folder);
    for scale in ["0.5", "0.75", "1.0", "1.25", "1.5", "1.75", "2.0"] {
        let scaled = frame.clone().scaled(scale.parse().unwrap());
        check_frame(&folder, &format!("scale_{scale}"), &scaled);
    }
    let ranged = frame.resized_to_range(49, Some(49), Some(16));
    check_frame(&folder, "range_49_49_16", &ranged);
    let json = std::fs::read(folder.join("preprocess.json")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    for case in json["resize_to_range_sizes"].as_array().unwrap() {
        let side = |name: &str, index: usize| case[name][index].as_u64().unwrap() as usize;
        let number = |name: &str| case[name].as_u64().map(|number| number as usize);
        if case["keep_aspect_ratio"] == false {
            continue;
        }
        let image = RgbImage::new(side("input", 1) as u32, side("input", 0) as u32);
        let labels = vec![0; side("input", 0) * side("input", 1)];
        let frame = Frame::from(&Labelled { image, labels });
        let (least, most) = (number("min").unwrap(), number("max"));
        let resized = frame.resized_to_range(least, most, number("factor"));
        assert_eq!(
            [resized.height, resized.width],
            [side("output", 0), side("output", 1)],
            "{case}"
        );
    }
}
