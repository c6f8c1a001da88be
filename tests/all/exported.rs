//! What the original's exported graphs made of images of many sizes, against what the same flags
//! make of them here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use atrous_engine::device::ComputeDevice;
use atrous_engine::mask::png_file;
use atrous_engine::network::Config;
use atrous_engine::predict::resize::ResizeRange;
use atrous_engine::predict::{ExportedFit, PredictOptions, Predictor, Prepared};
use atrous_engine::weights::{Accounting, Model, ModelInfo, palette_for};
use atrous_engine::{Limits, image_file};
use atrous_tests::{formula, npy, shared};
use image::RgbImage;
use serde_json::{Map, Value};

use crate::cli::{Outcome, atrous, black_image, words};
use crate::golden::case::Case;

/// The largest difference of a probability that passes.
const PROBABILITY: f32 = 1e-4;

/// The share of pixels that may have another class.
const OTHER_CLASS: f64 = 1e-3;

/// The probabilities' files keep every so manieth row and column.
const KEPT: usize = 4;

/// One exported graph: the golden folder, its `tf` folder, and what `export.json` says.
struct Export {
    folder: String,
    tf: PathBuf,
    json: Value,
}

impl Export {
    /// Every exported graph of the reference data.
    fn all() -> Vec<Self> {
        let Some(golden) = shared("golden") else {
            return Vec::new();
        };
        let mut exports = Vec::new();
        for entry in std::fs::read_dir(golden).unwrap() {
            let entry = entry.unwrap();
            let tf = entry.path().join("tf");
            let Ok(text) = std::fs::read_to_string(tf.join("export.json")) else {
                continue;
            };
            exports.push(Self {
                folder: entry.file_name().into_string().unwrap(),
                tf,
                json: serde_json::from_str(&text).unwrap(),
            });
        }
        exports.sort_by(|a, b| a.folder.cmp(&b.folder));
        assert!(exports.len() >= 3, "{} exports", exports.len());
        exports
    }

    /// The flags that the graph was exported with; those given twice are lists.
    fn flags(&self) -> Map<String, Value> {
        let mut flags = Map::new();
        for flag in self.json["export_flags"].as_array().unwrap() {
            let flag = flag.as_str().unwrap().strip_prefix("--").unwrap();
            let (name, text) = flag.split_once('=').unwrap();
            let number = |text: &str| serde_json::from_str(text);
            let value = match number(text) {
                Ok(value) => value,
                Err(_) if text.contains(',') => {
                    text.split(',').map(|side| number(side).unwrap()).collect()
                }
                Err(_) => Value::from(text),
            };
            let value = match flags.remove(name) {
                Some(before) => Value::from(vec![before, value]),
                None if name == "decoder_output_stride" => Value::from(vec![value]),
                None => value,
            };
            flags.insert(name.to_owned(), value);
        }
        flags
    }

    /// The exported network, with the formula's weights.
    fn case(&self) -> Case {
        let mut flags = self.flags();
        for name in [
            "inference_scales",
            "min_resize_value",
            "max_resize_value",
            "resize_factor",
        ] {
            flags.remove(name);
        }
        let config = Config::from_json(&Value::Object(flags).to_string()).unwrap();
        Case {
            config,
            ..Case::all_of(&self.folder).remove(0)
        }
    }

    /// How the graph prepares images, from the flags' own names.
    fn options(&self) -> PredictOptions {
        let flags = self.flags();
        let number = |name: &str| flags.get(name).map(|v| v.as_u64().unwrap() as usize);
        let crop = serde_json::from_value(flags["crop_size"].clone()).unwrap();
        PredictOptions {
            exported: Some(ExportedFit {
                crop_size: Some(crop),
                resize: number("min_resize_value").map(|min| ResizeRange {
                    min,
                    max: number("max_resize_value"),
                    factor: number("resize_factor"),
                }),
            }),
            ..PredictOptions::default()
        }
    }

    fn predictor(&self) -> Predictor {
        let device = ComputeDevice::cpu().device;
        let network = self.case().network(&device);
        Predictor::with_network(&network, 1, self.options(), &device).unwrap()
    }

    fn images(&self) -> Vec<Image<'_>> {
        let images = self.json["images"].as_array().unwrap().iter();
        images.map(|facts| Image::new(self, facts)).collect()
    }
}

/// One image that an exported graph was fed.
struct Image<'a> {
    facts: &'a Value,
    size: [usize; 2],
    what: String,
    files: PathBuf,
}

impl<'a> Image<'a> {
    fn new(export: &'a Export, facts: &'a Value) -> Self {
        let size: [usize; 2] = serde_json::from_value(facts["size"].clone()).unwrap();
        let name = format!("export_{}x{}", size[0], size[1]);
        Self {
            facts,
            size,
            what: format!("{} {}x{}", export.folder, size[0], size[1]),
            files: export.tf.join(name),
        }
    }

    /// One of its files, where it is there.
    fn file(&self, end: &str) -> Option<PathBuf> {
        let mut path = self.files.clone().into_os_string();
        path.push(format!("_{end}.npy"));
        Some(PathBuf::from(path)).filter(|path| path.exists())
    }

    /// The pixels, which the formula makes; the stored ones are the same.
    fn pixels(&self) -> RgbImage {
        let [height, width] = self.size;
        let values = formula::image(height, width, self.facts["seed"].as_str().unwrap());
        if let Some(file) = self.file("image") {
            assert!(npy::read_u8(&file).values == values, "{}", self.what);
        }
        RgbImage::from_raw(width as u32, height as u32, values).unwrap()
    }

    /// Compares what the network is fed: all of it, or else its ends and its mean.
    fn check_network_input(&self, prepared: &Prepared) {
        let [height, width] = prepared.size();
        let plane = height * width;
        let normalised: Vec<f32> = (0..3 * plane)
            .map(|place| prepared.values()[place % 3 * plane + place / 3] * (2.0 / 255.0) - 1.0)
            .collect();
        let shape = [1, height, width, 3];
        assert_eq!(self.facts["net_input_shape"], Value::from(shape.to_vec()));
        let close = |found: f32, expected: f64, place: &str| {
            let difference = (f64::from(found) - expected).abs();
            assert!(difference <= 1e-5, "{} {place}: {difference}", self.what);
        };
        let ends = [
            ("net_input_first_pixel", &normalised[..3]),
            ("net_input_last_pixel", &normalised[3 * plane - 3..]),
        ];
        for (name, pixel) in ends {
            for (found, expected) in pixel.iter().zip(self.facts[name].as_array().unwrap()) {
                close(*found, expected.as_f64().unwrap(), name);
            }
        }
        let sum: f64 = normalised.iter().map(|value| f64::from(*value)).sum();
        let mean = (sum / normalised.len() as f64) as f32;
        let expected = self.facts["net_input_mean"].as_f64().unwrap();
        close(mean, expected, "net_input_mean");
        if let Some(file) = self.file("netinput") {
            let expected = npy::read_f32(&file).values;
            assert_eq!(expected.len(), normalised.len());
            for (found, expected) in normalised.iter().zip(expected) {
                close(*found, f64::from(expected), "netinput");
            }
        }
    }

    /// Compares a label map with the graph's; only the number of classes where there is no file.
    fn check_labels(&self, found: &[u8], size: [usize; 2], end: &str) {
        let shape = match end {
            "pred" => &self.facts["pred_shape"],
            _ => &self.facts["raw_shape"],
        };
        assert_eq!(*shape, Value::from([&[1], &size[..]].concat()), "{end}");
        let Some(file) = self.file(end) else { return };
        let expected = npy::read_u8(&file).values;
        assert_eq!(found.len(), expected.len(), "{}: {end}", self.what);
        let pairs = found.iter().zip(&expected);
        let moved = pairs.filter(|(a, b)| a != b).count();
        eprintln!("{}: {end}: {moved} of {} pixels", self.what, found.len());
        let allowed = OTHER_CLASS * found.len() as f64;
        assert!(moved as f64 <= allowed, "{}: {end}: {moved}", self.what);
    }

    /// Compares probabilities `[1, height, width, classes]` of the image's size.
    fn check_probabilities(&self, found: &npy::Array<f32>) {
        let shape: Vec<usize> = serde_json::from_value(self.facts["prob_shape"].clone()).unwrap();
        assert_eq!(found.shape, shape, "{}", self.what);
        let Some(file) = self.file("prob_sub4") else {
            return;
        };
        let expected = npy::read_f32(&file);
        let [_, height, width, classes] = expected.shape[..] else {
            panic!("{:?}", expected.shape)
        };
        let kept = self.size.map(|side| side.div_ceil(KEPT));
        assert_eq!([height, width], kept, "{}", self.what);
        let mut largest = 0.0_f32;
        for (place, expected) in expected.values.chunks_exact(classes).enumerate() {
            let (y, x) = (place / width * KEPT, place % width * KEPT);
            let found = &found.values[(y * self.size[1] + x) * classes..][..classes];
            for (found, expected) in found.iter().zip(expected) {
                largest = largest.max((found - expected).abs());
            }
        }
        eprintln!("{}: probabilities differ by {largest:.1e}", self.what);
        assert!(largest <= PROBABILITY, "{}: {largest}", self.what);
    }
}

fn distinct(labels: &[u8]) -> u64 {
    labels
        .iter()
        .collect::<std::collections::BTreeSet<_>>()
        .len() as u64
}

#[test]
fn exported_graphs_are_reproduced_on_images_of_every_size() {
    let mut checked = 0;
    for export in Export::all() {
        let predictor = export.predictor();
        for image in export.images() {
            let prepared = predictor.prepare(&image.pixels()).unwrap();
            // The graphs of MobileNetV3 say nothing of what they feed the network but its ends.
            image.check_network_input(&prepared);
            let passes = predictor.run(&prepared).unwrap();
            let raw = predictor.raw_labels(&prepared, &passes);
            image.check_labels(&raw, prepared.size(), "rawpred");
            let prediction = predictor.finish(&prepared, &passes).unwrap();
            image.check_labels(&prediction.labels, image.size, "pred");
            let expected = image.facts["classes"].as_u64().unwrap();
            assert_eq!(distinct(&prediction.labels), expected, "{}", image.what);
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("probabilities.npy");
            let probabilities = predictor.pixel_probabilities(&prepared, &passes);
            probabilities.write_npy(&path).unwrap();
            image.check_probabilities(&npy::read_f32(&path));
            checked += 1;
        }
    }
    assert!(checked == 0 || checked >= 11, "{checked} images");
}

#[test]
fn an_image_larger_than_the_crop_is_refused_as_the_graph_refuses_it() {
    for export in Export::all() {
        let predictor = export.predictor();
        let [height, width] = predictor.frame();
        let image = RgbImage::new(width as u32 + 25, height as u32 + 15);
        let prepared = predictor.prepare(&image);
        if export.json["resize"].is_null() {
            let error = prepared.unwrap_err().to_string();
            assert!(error.contains("crop_size"), "{error}");
        } else {
            assert_eq!(prepared.unwrap().size(), [height, width]);
        }
    }
}

/// Writes the exported network as a model file.
fn save(export: &Export, path: &Path) {
    let network = export.case().network(&ComputeDevice::cpu().device);
    let classes = network.config().num_classes;
    let model = Model {
        network,
        palette: palette_for(classes),
        info: ModelInfo {
            name: export.folder.clone(),
            licence: String::new(),
            source: String::new(),
            provenance: Vec::new(),
            input_size: 513,
        },
        accounting: Accounting::default(),
    };
    model.save(path).unwrap();
}

#[test]
fn the_command_line_takes_the_flags_of_the_export() {
    let home = tempfile::tempdir().unwrap();
    for export in Export::all() {
        let model = home.path().join(format!("{}.safetensors", export.folder));
        save(&export, &model);
        // The one whose size is the farthest from the crop's.
        let images = export.images();
        let stored = |image: &&Image<'_>| image.file("pred").is_some();
        let image = images.iter().rfind(stored).unwrap();
        let names = ["image.png", "mask.png", "raw.png", "p.npy"];
        let [picture, mask, raw, probabilities] = names.map(|name| home.path().join(name));
        image.pixels().save(&picture).unwrap();
        let mut args = words![
            "predict",
            "--model",
            &model,
            "--image",
            &picture,
            "--mask",
            &mask,
            "--raw",
            &raw,
            "--probabilities",
            &probabilities,
            "--device",
            "cpu",
        ]
        .to_vec();
        let ours = [
            "--crop_size",
            "--min_resize",
            "--max_resize",
            "--resize_factor",
        ];
        for flag in export.json["export_flags"].as_array().unwrap() {
            let flag = flag.as_str().unwrap();
            if ours.iter().any(|name| flag.starts_with(name)) {
                args.push(flag.into());
            }
        }
        let ran = atrous(args);
        assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
        for (path, end) in [(&mask, "pred"), (&raw, "rawpred")] {
            let map = png_file::read(path, &Limits::default()).unwrap();
            let [width, height] = map.size().map(|side| side as usize);
            image.check_labels(&map.to_vec(), [height, width], end);
        }
        image.check_probabilities(&npy::read_f32(&probabilities));
        assert!(image_file::decode(&picture, &Limits::default()).is_ok());
    }
}

#[test]
fn flags_that_contradict_each_other_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let image = black_image(folder.path());
    for args in [
        &["--crop-size", "65", "--input-size", "65"][..],
        &["--crop-size", "65", "--tile", "65"],
        &["--crop-size", "65", "--exact"],
        &["--max-resize-value", "65"],
        &["--resize-factor", "16"],
        &["--crop-size", "65,65,65"],
        &["--crop-size", "0"],
    ] {
        let mut all = words!["predict", "--image", &image].to_vec();
        all.extend(args.iter().map(OsString::from));
        let ran = atrous(all);
        assert_eq!(ran.outcome, Outcome::CouldNot, "{args:?}");
        assert!(
            ran.err.contains("size") || ran.err.contains("resize"),
            "{}",
            ran.err
        );
    }
}
