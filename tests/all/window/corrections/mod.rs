//! How many gestures it takes to correct a prediction: with the brush alone, with superpixels, with
//! smart clicks, with all of them.
//!
//! A person always turns to the largest connected area that is to have one class and has another.
//! A gesture is one straight drag, one click, or one press of Enter or Esc; every one goes through
//! the window's own input. A stroke of the brush goes through the middle of the area, in the best of
//! sixteen directions and three sizes, as far as it spoils nothing. A drag over superpixels goes
//! through the same middle, as far as they are to be mended. A smart click is drawn as the brush's
//! stroke would be: what it makes of that, the script sees when it is shown, as a person does, and
//! takes it back by Esc where it is bad; it goes back to the brush on images where that happens often.
//! Choosing tool, class and brush size costs nothing.
//!
//! The table of `BENCHMARKS.md`:
//!
//! ```sh
//! ATROUS_CORRECTIONS=1 cargo test --release --workspace --test all -- corrections --nocapture
//! ```

mod geometry;
mod person;

use std::path::{Path, PathBuf};

use atrous::state::Task;
use atrous_engine::device::ComputeDevice;
use atrous_engine::mask::png_file;
use atrous_engine::weights::{self, LoadOptions, Model};
use atrous_engine::{Limits, demo};
use atrous_palettes::VOID;
use egui::Key;

use super::desk::{Desk, Room};
use person::{Aid, Effort, GOAL, Person};

const AIDS: [Aid; 4] = [Aid::Nothing, Aid::Superpixels, Aid::SmartClicks, Aid::All];

/// An image with what is to come out.
struct Case {
    image: PathBuf,
    truth: Vec<u8>,
}

/// Corrects a case with one of the aids, from what the model says.
fn correct(model: &Model, case: &Case, aid: Aid) -> Effort {
    let room = Room::new(0);
    model.save(&room.path("model.safetensors")).unwrap();
    let folder = room.path("work");
    std::fs::create_dir(&folder).unwrap();
    std::fs::copy(&case.image, folder.join(case.image.file_name().unwrap())).unwrap();
    let mut desk = room.start();
    desk.open(&folder);
    predict(&mut desk);
    let mut person = Person::new(&mut desk, case.truth.clone());
    if aid.has_superpixels() {
        person.take_superpixels();
    }
    let effort = person.correct(aid);
    desk.wait_saved();
    desk.close();
    effort
}

fn predict(desk: &mut Desk) {
    desk.press(Key::R);
    desk.wait_until("the image is predicted", |state| {
        let document = state.document.as_ref();
        document.is_some_and(|document| document.prediction.is_some())
            && !state.jobs.is_running(Task::PredictImage)
    });
}

/// Every aid on a case, told in a row of the table.
fn row(model: &Model, set: &str, case: &Case) -> [Effort; 4] {
    let efforts = AIDS.map(|aid| correct(model, case, aid));
    let [brush, superpixels, clicks, all] = efforts.map(|effort| {
        let reached = if effort.after >= GOAL {
            ""
        } else {
            " (given up)"
        };
        format!("{}{reached}", effort.gestures)
    });
    let name = case.image.file_stem().unwrap().to_string_lossy();
    let before = 100.0 * efforts[0].before;
    println!("| {set} | {name} | {before:.1} | {brush} | {superpixels} | {clicks} | {all} |");
    efforts
}

#[test]
fn a_demo_scene_is_corrected_with_every_aid() {
    let folder = tempfile::tempdir().unwrap();
    let options = demo::DemoOptions {
        images: 1,
        size: demo::Size::new(320, 200).unwrap(),
        seed: 11,
        // The model never saw a night.
        time: Some(demo::Time::Night),
        ..demo::DemoOptions::default()
    };
    let truth = folder.path().join("streets");
    demo::write_demo(&truth, &options, &mut atrous_engine::jobs::Silent).unwrap();
    let case = demo_case(folder.path());
    let model = atrous::embedded::load(&ComputeDevice::cpu()).unwrap();
    for effort in row(&model, "demo", &case) {
        assert!(effort.before < GOAL && effort.after >= GOAL, "{effort:?}");
    }
}

/// The one image of a demo and its truth.
fn demo_case(folder: &Path) -> Case {
    let only = |folder: PathBuf| {
        let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "png" || extension == "jpg")
            })
            .collect();
        assert_eq!(files.len(), 1, "{}", folder.display());
        files.remove(0)
    };
    let truth = only(folder.join("streets-truth"));
    Case {
        image: only(folder.join("streets")),
        truth: png_file::read(&truth, &Limits::default()).unwrap().to_vec(),
    }
}

#[test]
fn the_table_of_real_images() {
    if std::env::var_os("ATROUS_CORRECTIONS").is_none() {
        return;
    }
    println!(
        "| set | image | agrees before, % | brush | with superpixels | with smart clicks | with both |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    let mut sums = [0; 4];
    let mut add = |efforts: [Effort; 4]| {
        for (sum, effort) in sums.iter_mut().zip(efforts) {
            *sum += effort.gestures;
        }
    };
    if let Some(voc) = atrous_tests::shared("data/voc") {
        let model = published("deeplabv3_257_mv_gpu.tflite");
        for case in voc_cases(&voc, &model) {
            add(row(&model, "VOC", &case));
        }
    }
    if let Some(frames) = atrous_tests::shared("data/camvid") {
        let model = published("deeplab_mobilenet_edgetpu_slim_cityscapes_quant.tflite");
        for case in camvid_cases(&frames) {
            add(row(&model, "CamVid", &case));
        }
    }
    let [brush, superpixels, clicks, all] = sums;
    println!("| all | | | {brush} | {superpixels} | {clicks} | {all} |");
}

/// A published model, at 513 pixels.
fn published(name: &str) -> Model {
    let path = atrous_tests::shared(&format!("models/{name}")).expect("the model");
    let device = ComputeDevice::cpu();
    let mut model = weights::load(&path, &LoadOptions::default(), &device.device).unwrap();
    model.info.input_size = 513;
    model
}

/// The five images of the validation list that the model is most wrong about.
fn voc_cases(voc: &Path, model: &Model) -> Vec<Case> {
    use atrous_engine::predict::{PredictOptions, Predictor};
    let list = std::fs::read_to_string(voc.join("ImageSets/Segmentation/val.txt")).unwrap();
    let predictor =
        Predictor::new(model, PredictOptions::default(), &ComputeDevice::cpu()).unwrap();
    let mut cases: Vec<(f64, Case)> = list
        .lines()
        .map(|name| {
            let image = voc.join(format!("JPEGImages/{name}.jpg"));
            let truth = voc.join(format!("SegmentationClass/{name}.png"));
            let truth = png_file::read(&truth, &Limits::default()).unwrap().to_vec();
            let pixels = atrous_engine::image_file::decode(&image, &Limits::default()).unwrap();
            let labels = predictor.predict(&pixels).unwrap().labels;
            let known = || {
                labels
                    .iter()
                    .zip(&truth)
                    .filter(|(_, truth)| **truth != VOID)
            };
            let right = known().filter(|(label, truth)| label == truth).count();
            (right as f64 / known().count() as f64, Case { image, truth })
        })
        .collect();
    cases.sort_by(|a, b| a.0.total_cmp(&b.0));
    cases.into_iter().take(5).map(|(_, case)| case).collect()
}

/// The Cityscapes class of each of CamVid's: sky, building, pole, road, pavement, tree, sign, fence,
/// car, pedestrian, bicyclist (rider), void.
const CITYSCAPES: [u8; 12] = [10, 2, 5, 0, 1, 8, 7, 4, 13, 11, 12, VOID];

/// Every sixth of the thirty validation frames, in the classes of Cityscapes.
fn camvid_cases(frames: &Path) -> Vec<Case> {
    let mut images: Vec<PathBuf> = std::fs::read_dir(frames.join("val"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    images.sort();
    let every = images.into_iter().step_by(6);
    every
        .map(|image| {
            let truth = frames.join("valannot").join(image.file_name().unwrap());
            let labels = png_file::read(&truth, &Limits::default()).unwrap().to_vec();
            Case {
                image,
                truth: labels
                    .iter()
                    .map(|label| CITYSCAPES[usize::from(*label)])
                    .collect(),
            }
        })
        .collect()
}
