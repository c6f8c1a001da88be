//! Whole runs on small scenes: learning, resuming, stopping, new classes, folded models.

use std::path::Path;

use atrous_engine::demo::{self, Settings, Size, Time};
use atrous_engine::error::{Error, Result};
use atrous_engine::finetune::{
    CurvePoint, Datasets, FinetuneOptions, Frame, Labelled, Layers, RunOutcome, Start, finetune,
    train_from_scratch,
};
use atrous_engine::jobs::{Monitor, Progress, Silent};
use atrous_engine::network::{Config, DeepLab};
use atrous_engine::weights::{self, LoadOptions, TensorSet, collect, fold};
use atrous_palettes::Palette;
use atrous_tests::{npy, shared};
use burn::tensor::Device;
use image::RgbImage;

/// Small scenes, by day.
fn scenes(seeds: std::ops::Range<u64>) -> Vec<Labelled> {
    seeds
        .map(|seed| {
            let size = Size::new(128, 96).unwrap();
            let scene = demo::scene(seed, size, Settings::at(Time::Day, seed));
            Labelled {
                image: scene.image,
                labels: scene.labels,
            }
        })
        .collect()
}

/// A network that a test can afford.
fn config() -> Config {
    Config {
        depth_multiplier: 0.25,
        crop_size: None,
        aspp_convs_filters: 16,
        ..Config::default()
    }
}

fn options(steps: u64) -> FinetuneOptions {
    FinetuneOptions {
        steps,
        batch: 2,
        crop: 65,
        evaluate_every: 5,
        ..FinetuneOptions::from_scratch()
    }
}

struct Case {
    train: Vec<Labelled>,
    held_out: Vec<Labelled>,
    palette: Palette,
}

impl Case {
    fn new() -> Self {
        Self {
            train: scenes(0..4),
            held_out: scenes(100..103),
            palette: Palette::cityscapes(),
        }
    }

    fn fresh(
        &self,
        options: &FinetuneOptions,
        folder: Option<&Path>,
        monitor: &mut dyn Monitor,
    ) -> Result<RunOutcome> {
        let data = self.data();
        train_from_scratch(
            &config(),
            &Device::flex(),
            &data,
            options,
            folder,
            monitor,
            &mut |_| {},
        )
    }

    fn data(&self) -> Datasets<'_> {
        Datasets {
            train: &self.train,
            held_out: &self.held_out,
            palette: &self.palette,
        }
    }

    fn start<'a>(&'a self, network: &'a DeepLab) -> Start<'a> {
        Start {
            network,
            palette: &self.palette,
            name: "test",
        }
    }

    fn further(&self, network: &DeepLab, options: &FinetuneOptions) -> Result<RunOutcome> {
        let start = self.start(network);
        finetune(
            &start,
            &self.data(),
            options,
            None,
            &mut Silent,
            &mut |_| {},
        )
    }
}

/// Says stop once so many steps are done.
struct StopAt(u64);

impl Monitor for StopAt {
    fn checkpoint(&mut self, progress: &Progress) -> Result<()> {
        if progress.done >= self.0 {
            Err(Error::Cancelled)
        } else {
            Ok(())
        }
    }
}

fn largest_difference(one: &TensorSet, other: &TensorSet) -> f32 {
    assert_eq!(one.len(), other.len());
    let pairs = one.tensors.iter().zip(&other.tensors);
    pairs
        .flat_map(|((name, a), (other, b))| {
            assert_eq!(name, other);
            a.values.iter().zip(&b.values)
        })
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}

#[test]
fn a_fresh_network_learns_its_images() {
    let case = Case::new();
    let options = FinetuneOptions {
        steps: 120,
        batch: 4,
        min_scale_factor: 1.0,
        max_scale_factor: 1.0,
        evaluate_every: 60,
        slow_start_step: 0,
        batch_norm_decay: Some(0.9),
        dropout: false,
        ..options(120)
    };
    let mut seen = Vec::new();
    let mut on_point = |point: CurvePoint| seen.push(point);
    let outcome = train_from_scratch(
        &config(),
        &Device::flex(),
        &case.data(),
        &options,
        None,
        &mut Silent,
        &mut on_point,
    )
    .unwrap();
    let curve = &outcome.record.curve;
    let (first, last) = (curve.first().unwrap().loss, curve.last().unwrap().loss);
    assert!(
        last < 0.5 * first,
        "the loss only fell from {first} to {last}"
    );
    let score = outcome.record.after.as_ref().unwrap();
    // Sky and road alone would make less than half of the pixels.
    assert!(score.pixel_accuracy.unwrap() > 0.5, "{score:?}");
    assert_eq!(score.iou.len(), 19);
    assert!(
        score.iou.iter().any(Option::is_none),
        "a scene without any bus, train or rider"
    );
    assert_eq!(
        (
            score.images,
            outcome.record.before.is_none(),
            outcome.stopped
        ),
        (3, true, false)
    );
    assert_eq!(
        seen.iter()
            .filter(|point| point.held_out_miou.is_some())
            .count(),
        2
    );
}

#[test]
fn a_resumed_run_ends_where_an_uninterrupted_one_does() {
    let case = Case::new();
    let folder = tempfile::tempdir().unwrap();
    let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
    let options = options(10);
    let outcome = case.fresh(&options, Some(&whole), &mut Silent).unwrap();
    let stopped = case.fresh(&options, Some(&parts), &mut StopAt(7)).unwrap();
    assert!(stopped.stopped);
    assert_eq!(stopped.record.step, 7);
    let resumed = case.fresh(&options, Some(&parts), &mut Silent).unwrap();
    assert_eq!((resumed.stopped, resumed.record.step), (false, 10));
    assert_eq!(resumed.record.best_step, outcome.record.best_step);
    let weights = |outcome: &RunOutcome| collect(&outcome.network).unwrap();
    assert!(largest_difference(&weights(&outcome), &weights(&resumed)) < 1e-5);
    let losses = |outcome: &RunOutcome| outcome.record.curve.last().unwrap().step;
    assert_eq!(losses(&outcome), losses(&resumed));

    let longer = FinetuneOptions {
        steps: 12,
        ..options
    };
    let longer_run = case.fresh(&longer, Some(&parts), &mut Silent).unwrap();
    assert_eq!(longer_run.record.step, 12);

    let other = FinetuneOptions { seed: 1, ..longer };
    let error = case.fresh(&other, Some(&parts), &mut Silent).unwrap_err();
    let expected = "a run with other settings (seed 0 there, 1 now)";
    assert!(error.to_string().contains(expected), "{error}");
}

#[test]
fn a_run_stopped_before_its_first_step_has_nothing_to_give() {
    let error = Case::new()
        .fresh(&options(10), None, &mut StopAt(0))
        .unwrap_err();
    assert!(error.is_cancelled(), "{error}");
}

#[test]
fn fine_tuning_never_gives_back_a_worse_model() {
    let case = Case::new();
    let fresh = case.fresh(&options(5), None, &mut Silent).unwrap().network;
    // A rate that ruins the model.
    let ruin = FinetuneOptions {
        fine_tune_batch_norm: false,
        base_learning_rate: 5.0,
        slow_start_step: 0,
        ..options(5)
    };
    let outcome = case.further(&fresh, &ruin).unwrap();
    let (before, after) = (
        outcome.record.before.unwrap(),
        outcome.record.after.unwrap(),
    );
    assert!(after.miou >= before.miou);
    if outcome.record.best_step == 0 {
        let kept = collect(&outcome.network).unwrap();
        assert_eq!(largest_difference(&collect(&fresh).unwrap(), &kept), 0.0);
    }
}

#[test]
fn only_the_layers_asked_for_learn() {
    let case = Case::new();
    let network = case.fresh(&options(5), None, &mut Silent).unwrap().network;
    let before = collect(&network).unwrap();
    let no_images = Vec::<Labelled>::new();
    let moved = |layers| {
        let options = FinetuneOptions {
            layers,
            fine_tune_batch_norm: false,
            base_learning_rate: 0.01,
            slow_start_step: 0,
            ..options(2)
        };
        let data = Datasets {
            held_out: &no_images,
            ..case.data()
        };
        let start = case.start(&network);
        let outcome = finetune(&start, &data, &options, None, &mut Silent, &mut |_| {}).unwrap();
        let after = collect(&outcome.network).unwrap();
        let changed = before.tensors.iter();
        let changed = changed.filter(|(name, tensor)| after.get(name) != Some(tensor));
        changed.map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    let head = moved(Layers::Head);
    assert_eq!(head, ["logits/semantic/biases", "logits/semantic/weights"]);
    let decoder = moved(Layers::Decoder);
    assert!(decoder.contains(&"aspp0/weights".to_owned()), "{decoder:?}");
    let backbone = |name: &String| name.starts_with("MobilenetV2");
    assert!(!decoder.iter().any(backbone), "{decoder:?}");
    let all = moved(Layers::All);
    assert!(
        all.contains(&"MobilenetV2/Conv/weights".to_owned()),
        "{all:?}"
    );
    assert!(!all.iter().any(|name| name.contains("moving_")), "{all:?}");
}

fn config_for(num_classes: usize) -> Config {
    Config {
        num_classes,
        ..config()
    }
}

#[test]
fn other_classes_get_a_new_head_and_keep_the_rest() {
    let case = Case::new();
    let network = config_for(21).init_seeded(1, &Device::flex()).unwrap();
    let palette = Palette::pascal_voc();
    let start = Start {
        network: &network,
        palette: &palette,
        name: "voc",
    };
    let options = FinetuneOptions {
        layers: Layers::Head,
        fine_tune_batch_norm: false,
        ..options(3)
    };
    let outcome = finetune(
        &start,
        &case.data(),
        &options,
        None,
        &mut Silent,
        &mut |_| {},
    )
    .unwrap();
    assert!(outcome.record.new_head && outcome.record.before.is_none());
    assert_eq!(outcome.network.config().num_classes, 19);
    let (before, after) = (
        collect(&network).unwrap(),
        collect(&outcome.network).unwrap(),
    );
    assert_eq!(after.get("logits/semantic/biases").unwrap().shape, [19]);
    assert_eq!(before.get("aspp0/weights"), after.get("aspp0/weights"));
}

#[test]
fn a_folded_model_is_trained_as_it_is() {
    let case = Case::new();
    let network = fold(&case.fresh(&options(5), None, &mut Silent).unwrap().network).unwrap();
    let error = case.further(&network, &options(5)).unwrap_err();
    assert!(
        error.to_string().contains("fine_tune_batch_norm"),
        "{error}"
    );
    let options = FinetuneOptions {
        fine_tune_batch_norm: false,
        base_learning_rate: 0.02,
        slow_start_step: 0,
        min_scale_factor: 1.0,
        max_scale_factor: 1.0,
        ..options(20)
    };
    let outcome = case.further(&network, &options).unwrap();
    assert!(outcome.network.is_folded());
    let curve = &outcome.record.curve;
    assert!(
        curve.last().unwrap().loss < 0.95 * curve[0].loss,
        "{curve:?}"
    );
}

#[test]
fn a_label_that_is_no_class_is_named() {
    let mut case = Case::new();
    for labelled in &mut case.train {
        labelled.labels[5] = 19;
    }
    let error = case
        .fresh(&options(2), None, &mut Silent)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("below 19") && error.contains("found 19"),
        "{error}"
    );
}

/// The published VOC model, whose batch norm is folded, learns a street scene's classes.
#[test]
fn the_published_model_takes_up_new_classes() {
    let Some(path) = shared("models/deeplabv3_257_mv_gpu.tflite") else {
        return;
    };
    let model = weights::load(&path, &LoadOptions::default(), &Device::flex()).unwrap();
    let case = Case::new();
    let options = FinetuneOptions {
        steps: 20,
        batch: 2,
        crop: 97,
        layers: Layers::Decoder,
        base_learning_rate: 0.01,
        last_layer_gradient_multiplier: 2.0,
        evaluate_every: 20,
        min_scale_factor: 1.0,
        max_scale_factor: 1.0,
        ..FinetuneOptions::default()
    };
    let start = Start {
        network: &model.network,
        palette: &model.palette,
        name: &model.info.name,
    };
    let outcome = finetune(
        &start,
        &case.data(),
        &options,
        None,
        &mut Silent,
        &mut |_| {},
    )
    .unwrap();
    assert!(outcome.record.new_head && outcome.network.is_folded());
    let curve = &outcome.record.curve;
    assert!(curve[1].loss < 0.8 * curve[0].loss, "{curve:?}");
    let accuracy = outcome.record.after.unwrap().pixel_accuracy.unwrap();
    assert!(accuracy > 0.5, "{accuracy}");
}

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
