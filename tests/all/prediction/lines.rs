//! Many images in a line: stopping, and disks that are full.

use std::sync::atomic::{AtomicUsize, Ordering};

use atrous_engine::Limits;
use atrous_engine::error::{Error, Result};
use atrous_engine::jobs::{Cancel, Monitor, Progress, Silent};
use atrous_engine::predict::{Prediction, Sink, predict_images};
use atrous_tests::shared;

use super::{Collected, at_size, published};

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
