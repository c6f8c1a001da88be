//! The embedded model on scenes that it was not trained on.

use atrous::embedded;
use atrous_engine::demo::{Settings, Size, Time, scene};
use atrous_engine::device::ComputeDevice;
use atrous_engine::metrics::ConfusionMatrix;
use atrous_engine::predict::{PredictOptions, Predictor};

/// mIoU on `count` fresh scenes of the demo's usual size, in any weather.
fn miou(time: Time, count: u64) -> f64 {
    let device = ComputeDevice::cpu();
    let model = embedded::load(&device).unwrap();
    let predictor = Predictor::new(&model, PredictOptions::default(), &device).unwrap();
    let mut matrix = ConfusionMatrix::for_palette(&model.palette);
    let size = Size::new(512, 320).unwrap();
    for seed in 1000..1000 + count {
        let scene = scene(seed, size, Settings::at(time, seed));
        let prediction = predictor.predict(&scene.image).unwrap();
        matrix.add(&scene.labels, &prediction.labels).unwrap();
    }
    matrix.miou().unwrap()
}

#[test]
fn it_knows_the_streets_by_day_and_night_is_harder() {
    let (day, night) = (miou(Time::Day, 50), miou(Time::Night, 20));
    println!("embedded model: mIoU {day:.4} by day, {night:.4} at night");
    assert!(day > 0.8, "{day}");
    assert!(night < day - 0.1, "by day {day}, at night {night}");
}

#[test]
fn it_says_what_it_is_and_is_small() {
    let model = embedded::load(&ComputeDevice::cpu()).unwrap();
    assert_eq!(model.info.name, embedded::NAME);
    assert!(model.info.provenance[0].contains("demo scenes"));
    assert_eq!(model.palette.name, "cityscapes");
    let file = atrous_tests::root().join("assets/model/demo-mobilenet-v2-05.safetensors");
    assert!(std::fs::metadata(file).unwrap().len() <= 4 << 20);
}
