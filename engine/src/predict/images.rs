//! Many images: decoding ahead and writing behind while the network is at work.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use crossbeam_channel::{Sender, unbounded};
use image::RgbImage;
use rayon::Scope;

use super::{Prediction, Predictor, Prepared, Tiles};
use crate::error::{Error, Result};
use crate::image_file;
use crate::jobs::{Monitor, Pace};
use crate::limits::Limits;

/// Where predictions go. Called on the pool's threads, in any order, once an image.
pub trait Sink: Sync {
    /// Keeps the prediction of image `index`, wholly or not at all.
    ///
    /// # Errors
    /// Any; the image then counts as failed, and the others go on.
    fn store(&self, index: usize, prediction: Prediction) -> Result<()>;
}

/// What became of many images.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FolderReport {
    /// Images predicted now.
    pub done: usize,
    /// Images left alone, because they were predicted before or a person has labelled them.
    pub skipped: usize,
    /// Images that could not be predicted, with the reason.
    pub failed: Vec<(PathBuf, String)>,
}

/// Predicts `images` and hands each prediction to `sink`.
///
/// The network runs on the calling thread, which must own the device and must not be one of the
/// rayon pool's; decoding, resizing, classifying and storing run on the pool, a bounded number of
/// images ahead of and behind it. Images that are ready at the same time go through the network
/// together, up to [`Predictor::batch`]; large ones go by themselves, in tiles. An image that fails
/// is listed and the rest goes on.
///
/// # Errors
/// [`Error::Cancelled`](crate::Error::Cancelled) when the monitor says so, once what was being
/// stored is stored; [`Error::Machine`](crate::Error::Machine) when the device fails.
pub fn predict_images(
    images: &[PathBuf],
    predictor: &Predictor,
    sink: &dyn Sink,
    limits: &Limits,
    monitor: &mut dyn Monitor,
) -> Result<FolderReport> {
    let (sender, messages) = unbounded();
    let pool = Pool {
        images,
        predictor,
        sink,
        limits,
        sender,
    };
    let mut course = Course {
        images,
        pace: Pace::new(images.len() as u64),
        report: FolderReport::default(),
        monitor,
    };
    course.monitor.checkpoint(&course.pace.at(0, ""))?;
    let mut line = Line::new(images.len(), predictor.batch());
    let mut ready: VecDeque<(usize, Prepared)> = VecDeque::new();
    rayon::in_place_scope(|scope| -> Result<()> {
        while !line.is_empty() {
            while let Some(index) = line.next_to_decode() {
                pool.decode(scope, index);
            }
            // Waits only where the network has nothing to do. The pool's sender lives as long as
            // this function, so that the channel never closes here.
            let first = if ready.is_empty() {
                messages.recv().ok()
            } else {
                None
            };
            for message in first.into_iter().chain(messages.try_iter()) {
                match message {
                    Message::Decoded(index, Ok(Decoded::Whole(prepared))) => {
                        ready.push_back((index, prepared));
                    }
                    Message::Decoded(index, Ok(Decoded::Large(image, tiles))) => {
                        let between = &mut || course.pause(index);
                        let prediction = predictor.predict_in_tiles(&image, &tiles, between)?;
                        line.ran();
                        pool.store(scope, index, move || Ok(prediction));
                        course.pause(index)?;
                    }
                    Message::Decoded(index, Err(error)) => {
                        line.dropped_out();
                        course.count(index, Err(error))?;
                    }
                    Message::Stored(index, stored) => {
                        line.stored();
                        course.count(index, stored)?;
                    }
                }
            }
            let batch: Vec<_> = ready
                .drain(..together(ready.len(), predictor.batch()))
                .collect();
            let prepared: Vec<_> = batch.iter().map(|(_, prepared)| prepared).collect();
            let passes = predictor.run_batch(&prepared)?;
            for ((index, prepared), passes) in batch.into_iter().zip(passes) {
                line.ran();
                pool.store(scope, index, move || predictor.finish(&prepared, &passes));
                course.pause(index)?;
            }
        }
        Ok(())
    })?;
    course.report.failed.sort();
    Ok(course.report)
}

/// How many of `ready` images go through the network together, at most `most`: a power of two, so
/// that a GPU meets few shapes, each of which it has to be readied for.
fn together(ready: usize, most: usize) -> usize {
    match ready.min(most) {
        0 => 0,
        count => 1 << count.ilog2(),
    }
}

/// How far many images are, for who watches.
struct Course<'a> {
    images: &'a [PathBuf],
    pace: Pace,
    report: FolderReport,
    monitor: &'a mut dyn Monitor,
}

impl Course<'_> {
    /// Between two images, or tiles, the worker may let interactive work go first, or stop.
    fn pause(&mut self, index: usize) -> Result<()> {
        let progress = self
            .pace
            .at(self.report.handled(), name_of(&self.images[index]));
        self.monitor.checkpoint(&progress)
    }

    /// Notes what became of an image.
    fn count(&mut self, index: usize, result: Result<()>) -> Result<()> {
        self.report.count(&self.images[index], result);
        self.pause(index)
    }
}

/// What the pool needs for an image.
struct Pool<'a> {
    images: &'a [PathBuf],
    predictor: &'a Predictor,
    sink: &'a dyn Sink,
    limits: &'a Limits,
    sender: Sender<Message>,
}

impl<'a> Pool<'a> {
    /// Decodes an image and readies it for the network.
    fn decode(&self, scope: &Scope<'a>, index: usize) {
        let (sender, path) = (self.sender.clone(), &self.images[index]);
        let (predictor, limits) = (self.predictor, self.limits);
        scope.spawn(move |_| {
            let decoded = guarded(path, || {
                let image = image_file::decode(path, limits)?;
                let size = [image.height() as usize, image.width() as usize];
                Ok(match predictor.tiles_for(size) {
                    Some(tiles) => Decoded::Large(image, tiles),
                    None => Decoded::Whole(predictor.prepare(&image)?),
                })
            });
            send(&sender, Message::Decoded(index, decoded));
        });
    }

    /// Makes an image's prediction of what the network said, and stores it.
    fn store(
        &self,
        scope: &Scope<'a>,
        index: usize,
        prediction: impl FnOnce() -> Result<Prediction> + Send + 'a,
    ) {
        let (sender, path, sink) = (self.sender.clone(), &self.images[index], self.sink);
        scope.spawn(move |_| {
            let stored = guarded(path, || sink.store(index, prediction()?));
            send(&sender, Message::Stored(index, stored));
        });
    }
}

impl FolderReport {
    fn count(&mut self, path: &Path, result: Result<()>) {
        match result {
            Ok(()) => self.done += 1,
            Err(error) => self.failed.push((path.to_owned(), error.to_string())),
        }
    }

    fn handled(&self) -> u64 {
        (self.done + self.failed.len()) as u64
    }
}

/// News from the pool about the image of that index.
enum Message {
    Decoded(usize, Result<Decoded>),
    Stored(usize, Result<()>),
}

/// An image on its way to the network.
enum Decoded {
    /// Fitted into the square.
    Whole(Prepared),
    /// Too large for it.
    Large(RgbImage, Tiles),
}

/// The receiver is gone only after a stop, when nobody wants the news.
fn send(sender: &Sender<Message>, message: Message) {
    let _ = sender.send(message);
}

/// Does something with an image; a panic becomes the image's error. Otherwise its message would
/// never come, and the caller would wait for it for good.
fn guarded<T>(path: &Path, work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Error::file(
            path,
            "an image that can be predicted",
            "one that made the program stumble",
            "Report this, with the image.",
        ))
    })
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// How many images are where: being decoded, or being stored.
struct Line {
    next: usize,
    total: usize,
    decoding: usize,
    storing: usize,
    most: usize,
}

impl Line {
    fn new(total: usize, batch: usize) -> Self {
        Self {
            next: 0,
            total,
            decoding: 0,
            storing: 0,
            // One more than the threads, so that none waits while the network takes the last one;
            // and enough for one batch while another is being stored.
            most: (rayon::current_num_threads() + 1).max(2 * batch),
        }
    }

    /// The next image to decode, unless enough are on their way: memory is bounded by this.
    fn next_to_decode(&mut self) -> Option<usize> {
        if self.decoding + self.storing >= self.most || self.next == self.total {
            return None;
        }
        self.decoding += 1;
        self.next += 1;
        Some(self.next - 1)
    }

    /// A decoded image has been run and is on its way to be stored.
    fn ran(&mut self) {
        self.decoding -= 1;
        self.storing += 1;
    }

    /// An image could not be decoded.
    fn dropped_out(&mut self) {
        self.decoding -= 1;
    }

    /// An image has been stored, or that failed.
    fn stored(&mut self) {
        self.storing -= 1;
    }

    fn is_empty(&self) -> bool {
        self.next == self.total && self.decoding == 0 && self.storing == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_powers_of_two() {
        let of = |ready, most| together(ready, most);
        assert_eq!([of(0, 8), of(1, 1), of(5, 1), of(5, 8)], [0, 1, 1, 4]);
        assert_eq!([of(9, 8), of(20, 6), of(3, 2)], [8, 4, 2]);
    }
}
