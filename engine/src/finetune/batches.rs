//! Batches of training crops, made ahead of the device.

use crossbeam_channel::{Receiver, bounded};
use rayon::prelude::*;

use super::augment::{Frame, augment};
use super::data::{Datasets, load_checked};
use super::options::FinetuneOptions;
use super::random::Random;
use crate::error::Result;

/// Batches that wait for the device.
const AHEAD: usize = 2;

/// Streams of random numbers that must not meet.
const ORDER: u64 = 1;
const AUGMENT: u64 = 2;

/// The crops of one training step.
#[derive(Debug)]
pub struct Batch {
    /// [n, 3, crop, crop], 0 to 255.
    pub images: Vec<f32>,
    /// [n, crop, crop].
    pub labels: Vec<u8>,
}

/// Runs `train` with the batches of the steps `first..options.steps`, prepared on other threads.
///
/// A batch depends on the seed and the step alone, so a resumed run sees the batches that an
/// uninterrupted one would have seen.
pub(super) fn with_batches<T>(
    data: &Datasets<'_>,
    options: &FinetuneOptions,
    mean_pixel: [f32; 3],
    first: u64,
    train: impl FnOnce(&Receiver<Result<Batch>>) -> T,
) -> T {
    let (sender, receiver) = bounded(AHEAD);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for step in first..options.steps {
                let batch = batch(data, options, mean_pixel, step);
                let failed = batch.is_err();
                // Nobody listens any more when the run was stopped.
                if sender.send(batch).is_err() || failed {
                    return;
                }
            }
        });
        let result = train(&receiver);
        // Ends the thread if it waits for a place in the channel.
        drop(receiver);
        result
    })
}

/// The crops of step `step`.
fn batch(
    data: &Datasets<'_>,
    options: &FinetuneOptions,
    mean_pixel: [f32; 3],
    step: u64,
) -> Result<Batch> {
    let crops = indices(data.train.len(), options, step)
        .into_par_iter()
        .enumerate()
        .map(|(place, index)| {
            let labelled = load_checked(data.train, index, data.palette)?;
            let mut random = Random::of(&[options.seed, AUGMENT, step, place as u64]);
            Ok(augment(&labelled, options, mean_pixel, &mut random))
        })
        .collect::<Result<Vec<Frame>>>()?;
    let images = crops.iter().flat_map(Frame::planes).collect();
    let labels = crops.into_iter().flat_map(|crop| crop.labels).collect();
    Ok(Batch { images, labels })
}

/// The images of step `step`: every image once in each round, in an order of its own.
fn indices(count: usize, options: &FinetuneOptions, step: u64) -> Vec<usize> {
    let count = count as u64;
    let first = step * options.batch as u64;
    let mut round = u64::MAX;
    let mut order = Vec::new();
    (first..first + options.batch as u64)
        .map(|place| {
            if place / count != round {
                round = place / count;
                order = Random::of(&[options.seed, ORDER, round]).order(count as usize);
            }
            order[(place % count) as usize]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_round_shows_every_image_once() {
        let options = FinetuneOptions {
            batch: 4,
            ..FinetuneOptions::default()
        };
        let shown: Vec<usize> = (0..5)
            .flat_map(|step| indices(10, &options, step))
            .collect();
        for round in shown.chunks(10) {
            let mut round = round.to_vec();
            round.sort_unstable();
            assert_eq!(round, (0..10).collect::<Vec<_>>());
        }
        assert_ne!(shown[..10], shown[10..]);
    }

    #[test]
    fn a_batch_larger_than_the_data_shows_images_again() {
        let options = FinetuneOptions {
            batch: 5,
            ..FinetuneOptions::default()
        };
        assert_eq!(indices(2, &options, 3).len(), 5);
    }
}
