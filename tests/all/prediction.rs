//! Prediction against the original's figures, on real images, and over folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use atrous_engine::device::ComputeDevice;
use atrous_engine::error::{Error, Result};
use atrous_engine::jobs::{Cancel, Monitor, Progress, Silent};
use atrous_engine::metrics::ConfusionMatrix;
use atrous_engine::predict::{
    PredictOptions, Prediction, Predictor, Prepared, Sink, predict_images,
};
use atrous_engine::weights::{LoadOptions, load};
use atrous_engine::{Limits, image_file};
use atrous_palettes::Palette;
use atrous_tests::{npy, shared};
use image::RgbImage;
use serde_json::Value;

use crate::golden::case::Case;

/// A predictor with the published float model.
fn published(options: PredictOptions) -> Option<Predictor> {
    let path = shared("models/deeplabv3_257_mv_gpu.tflite")?;
    let cpu = ComputeDevice::cpu();
    let model = load(&path, &LoadOptions::default(), &cpu.device).unwrap();
    Some(Predictor::new(&model, options, &cpu).unwrap())
}

fn at_size(input_size: usize) -> PredictOptions {
    PredictOptions {
        input_size: Some(input_size),
        ..PredictOptions::default()
    }
}

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

fn share_of_differences(found: &[u8], wanted: &[u8]) -> f64 {
    assert_eq!(found.len(), wanted.len());
    let different = found.iter().zip(wanted).filter(|(a, b)| a != b).count();
    different as f64 / found.len() as f64
}

/// A label map that the original wrote as whole numbers of 64 or 32 bits, or as bytes.
fn labels_of(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap();
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = String::from_utf8_lossy(&bytes[..start]).into_owned();
    let size = match &header {
        header if header.contains("<i8") => 8,
        header if header.contains("<i4") => 4,
        header if header.contains("|u1") => 1,
        other => panic!("{other}"),
    };
    bytes[start..]
        .chunks_exact(size)
        .map(|number| number[0])
        .collect()
}

#[test]
fn the_exported_graphs_of_the_original_predict_the_same() {
    let Some((predictor, _, _)) = golden("mobilenet_v2_dm05_voc", at_size(65)) else {
        return;
    };
    let folder = shared("golden/mobilenet_v2_dm05_voc/tf").unwrap();
    let text = std::fs::read_to_string(folder.join("export.json")).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    let mut checked = 0;
    for case in json["images"].as_array().unwrap() {
        let [height, width] = [0, 1].map(|side| case["size"][side].as_u64().unwrap());
        let file = |what: &str| folder.join(format!("export_{height}x{width}_{what}.npy"));
        if !file("image").exists() {
            continue;
        }
        let image = image_of(&npy::read_u8(&file("image")));
        let prepared = Prepared::padded(&image, [65, 65], [127.5; 3]);
        let net_input = npy::read_f32(&file("netinput"));
        for (place, wanted) in net_input.values.iter().enumerate() {
            let found = prepared.values()[place % 3 * 65 * 65 + place / 3] * (2.0 / 255.0) - 1.0;
            assert!(
                (found - wanted).abs() <= 1e-6,
                "{height}x{width} at {place}"
            );
        }
        let passes = predictor.run(&prepared).unwrap();
        let found = predictor.finish(&prepared, &passes).unwrap();
        let wanted = labels_of(&file("pred"));
        let share = share_of_differences(&found.labels, &wanted);
        eprintln!("export {height}x{width}: {share:.5} of the pixels differ");
        assert!(share <= 1e-3, "{height}x{width}: {share}");
        checked += 1;
    }
    assert!(checked >= 3, "{checked} cases");
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

/// Collects what is predicted.
#[derive(Default)]
struct Collected {
    predictions: Mutex<BTreeMap<usize, Prediction>>,
}

impl Sink for Collected {
    fn store(&self, index: usize, prediction: Prediction) -> Result<()> {
        self.predictions.lock().unwrap().insert(index, prediction);
        Ok(())
    }
}

/// The files of a folder that pass `wanted`, in order.
fn files(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| wanted(path))
        .collect();
    files.sort();
    files
}

#[test]
fn the_published_model_scores_what_it_scores_elsewhere_on_pascal_voc() {
    let Some(predictor) = published(at_size(513)) else {
        return;
    };
    let Some(root) = shared("data/voc") else {
        return;
    };
    let root = find(&root, "JPEGImages");
    let images = files(&root.join("JPEGImages"), |_| true);
    assert_eq!(images.len(), 60);
    let sink = Collected::default();
    let limits = Limits::default();
    let report = predict_images(&images, &predictor, &sink, &limits, &mut Silent).unwrap();
    assert_eq!((report.done, report.failed.len()), (60, 0));
    let list = std::fs::read_to_string(root.join("ImageSets/Segmentation/val.txt")).unwrap();
    let held_out: Vec<&str> = list
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .collect();
    assert_eq!(held_out.len(), 45);
    let palette = Palette::pascal_voc();
    let mut all = ConfusionMatrix::for_palette(&palette);
    let mut val = ConfusionMatrix::for_palette(&palette);
    let mut time = Duration::ZERO;
    for (index, prediction) in sink.predictions.into_inner().unwrap() {
        time += prediction.timings.network;
        let stem = images[index].file_stem().unwrap().to_str().unwrap();
        let truth = root.join(format!("SegmentationClass/{stem}.png"));
        let truth = indices(&truth);
        all.add(&truth, &prediction.labels).unwrap();
        if held_out.contains(&stem) {
            val.add(&truth, &prediction.labels).unwrap();
        }
    }
    eprintln!(
        "network's time an image, over {}: {:.1?}",
        images.len(),
        time / images.len() as u32
    );
    let [all, val] = [all, val].map(|matrix| 100.0 * matrix.miou().unwrap());
    eprintln!("mIoU {all:.2} over all 60, {val:.2} over the 45 of val");
    assert!((all - 75.58).abs() <= 0.2, "{all}");
    assert!((val - 70.98).abs() <= 0.2, "{val}");
}

/// The folder at or below `root` that holds one of that name.
fn find(root: &Path, name: &str) -> PathBuf {
    if root.join(name).exists() {
        return root.to_owned();
    }
    let below = files(root, Path::is_dir).into_iter();
    below
        .map(|folder| find(&folder, name))
        .find(|folder| folder.join(name).exists())
        .unwrap()
}

/// The indices of a palette PNG.
fn indices(path: &Path) -> Vec<u8> {
    let file = std::io::BufReader::new(std::fs::File::open(path).unwrap());
    let mut decoder = png::Decoder::new(file);
    decoder.set_transformations(png::Transformations::IDENTITY);
    let mut reader = decoder.read_info().unwrap();
    let mut values = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut values).unwrap();
    assert_eq!(info.bit_depth, png::BitDepth::Eight);
    values.truncate(info.buffer_size());
    values
}

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

/// Stops after some checkpoints.
struct StopAfter(usize);

impl Monitor for StopAfter {
    fn checkpoint(&mut self, _progress: &Progress) -> Result<()> {
        self.0 = self.0.checked_sub(1).ok_or(Error::Cancelled)?;
        Ok(())
    }
}

#[test]
fn a_stop_lets_what_was_begun_be_stored() {
    let Some(predictor) = published(at_size(65)) else {
        return;
    };
    let Some(good) = shared("data/photos/14_cat_1080p.jpg") else {
        return;
    };
    let images = vec![good; 12];
    let sink = Collected::default();
    let limits = Limits::default();
    let stopped = predict_images(&images, &predictor, &sink, &limits, &mut StopAfter(5));
    assert!(stopped.unwrap_err().is_cancelled());
    let stored = sink.predictions.into_inner().unwrap().len();
    assert!((1..12).contains(&stored), "{stored}");
    let mut cancel = Cancel::default();
    cancel.cancel();
    let sink = Collected::default();
    let stopped = predict_images(&images, &predictor, &sink, &limits, &mut cancel);
    assert!(stopped.unwrap_err().is_cancelled());
    assert!(sink.predictions.into_inner().unwrap().is_empty());
}

/// Can't store every second image.
#[derive(Default)]
struct FullDisk(AtomicUsize);

impl Sink for FullDisk {
    fn store(&self, index: usize, _prediction: Prediction) -> Result<()> {
        if index % 2 == 1 {
            let full = std::io::Error::other("disk full");
            return Err(Error::io("label.png", "writing")(full));
        }
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[test]
fn what_can_not_be_stored_counts_as_failed() {
    let Some(predictor) = published(at_size(65)) else {
        return;
    };
    let Some(good) = shared("data/photos/24_deeplab_g3doc_image1.jpg") else {
        return;
    };
    let images = vec![good; 5];
    let sink = FullDisk::default();
    let limits = Limits::default();
    let report = predict_images(&images, &predictor, &sink, &limits, &mut Silent).unwrap();
    assert_eq!((report.done, report.failed.len()), (3, 2));
    assert!(report.failed[0].1.contains("disk full"));
    assert_eq!(sink.0.into_inner(), 3);
}
