//! Tiles and batches on real photos: against the whole image, and over folders.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use atrous_engine::device::ComputeDevice;
use atrous_engine::error::Result;
use atrous_engine::jobs::Silent;
use atrous_engine::predict::{PredictOptions, Prediction, Predictor, Sink, Tiling, predict_images};
use atrous_engine::weights::{LoadOptions, load};
use atrous_engine::{Limits, image_file};
use atrous_tests::shared;

/// A predictor with the published float model.
fn published(options: PredictOptions) -> Option<Predictor> {
    let path = shared("models/deeplabv3_257_mv_gpu.tflite")?;
    let cpu = ComputeDevice::cpu();
    let model = load(&path, &LoadOptions::default(), &cpu.device).unwrap();
    Some(Predictor::new(&model, options, &cpu).unwrap())
}

/// The photos of those names.
fn photos<const N: usize>(names: [&str; N]) -> Option<[PathBuf; N]> {
    let folder = shared("data/photos")?;
    Some(names.map(|name| folder.join(name)))
}

const TILING: Tiling = Tiling {
    side: 257,
    overlap: Some(96),
};

fn share_of_equals(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).filter(|(a, b)| a == b).count() as f64 / a.len() as f64
}

#[test]
fn tiles_see_on_photos_what_the_whole_shows() {
    let at_513 = |tiling| PredictOptions {
        input_size: Some(513),
        tiling,
        ..PredictOptions::default()
    };
    let Some(paths) = photos([
        "11_dogs.jpg",
        "15_parrot.jpg",
        "24_deeplab_g3doc_image1.jpg",
        "25_deeplab_g3doc_image2.jpg",
        "26_deeplab_g3doc_image3.jpg",
    ]) else {
        return;
    };
    let (Some(whole), Some(tiled)) = (published(at_513(None)), published(at_513(Some(TILING))))
    else {
        return;
    };
    let mut sum = 0.0;
    for path in &paths {
        let image = image_file::decode(path, &Limits::default()).unwrap();
        let size = [image.height() as usize, image.width() as usize];
        assert!(tiled.tiles_for(size).is_some());
        let expected = whole.predict(&image).unwrap();
        let found = tiled.predict(&image).unwrap();
        assert_eq!((found.width, found.height), image.dimensions());
        let share = share_of_equals(&found.labels, &expected.labels);
        eprintln!("{}: {share:.4} as in the whole", path.display());
        sum += share;
    }
    let mean = sum / paths.len() as f64;
    assert!(mean > 0.9, "{mean}");
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

#[test]
fn a_folder_in_tiles_and_batches_is_as_image_by_image() {
    let Some(paths) = photos([
        "11_dogs.jpg",
        "14_cat_1080p.jpg",
        "24_deeplab_g3doc_image1.jpg",
        "25_deeplab_g3doc_image2.jpg",
        "26_deeplab_g3doc_image3.jpg",
        "40_1x1.png",
        "41_wide_3000x40.jpg",
    ]) else {
        return;
    };
    for (tiling, batch) in [(None, 4), (Some(TILING), 3)] {
        let options = |batch| PredictOptions {
            input_size: tiling.is_none().then_some(129),
            tiling,
            batch: Some(batch),
            ..PredictOptions::default()
        };
        let (Some(one), Some(several)) = (published(options(1)), published(options(batch))) else {
            return;
        };
        let sink = Collected::default();
        let limits = Limits::default();
        let report = predict_images(&paths, &several, &sink, &limits, &mut Silent).unwrap();
        assert_eq!((report.done, report.failed), (paths.len(), Vec::new()));
        for (index, found) in sink.predictions.into_inner().unwrap() {
            let image = image_file::decode(&paths[index], &limits).unwrap();
            let expected = one.predict(&image).unwrap();
            assert_eq!((found.width, found.height), image.dimensions());
            let share = share_of_equals(&found.labels, &expected.labels);
            assert!(share > 0.9995, "{}: {share}", paths[index].display());
        }
    }
}
