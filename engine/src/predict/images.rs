//! Many images: decoding ahead and writing behind while the network is at work.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use crossbeam_channel::{Sender, unbounded};

use super::{Prediction, Predictor, Prepared};
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
/// images ahead of and behind it. An image that fails is listed and the rest goes on.
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
    let mut pace = Pace::new(images.len() as u64);
    let mut report = FolderReport::default();
    monitor.checkpoint(&pace.at(0, ""))?;
    let (sender, messages) = unbounded();
    let mut line = Line::new(images.len());
    rayon::in_place_scope(|scope| -> Result<()> {
        while !line.is_empty() {
            while let Some(index) = line.next_to_decode() {
                let (sender, path) = (sender.clone(), &images[index]);
                scope.spawn(move |_| {
                    let prepared = guarded(path, || {
                        let image = image_file::decode(path, limits)?;
                        Ok(predictor.prepare(&image))
                    });
                    send(&sender, Message::Prepared(index, prepared));
                });
            }
            // `sender` lives as long as this function, so that the channel never closes here.
            let Ok(message) = messages.recv() else {
                break;
            };
            let index = match message {
                Message::Prepared(index, Ok(prepared)) => {
                    let passes = predictor.run(&prepared)?;
                    line.ran();
                    let (sender, path) = (sender.clone(), &images[index]);
                    scope.spawn(move |_| {
                        let stored = guarded(path, || {
                            sink.store(index, predictor.finish(&prepared, &passes))
                        });
                        send(&sender, Message::Stored(index, stored));
                    });
                    index
                }
                Message::Prepared(index, Err(error)) => {
                    line.dropped_out();
                    report.count(&images[index], Err(error));
                    index
                }
                Message::Stored(index, stored) => {
                    line.stored();
                    report.count(&images[index], stored);
                    index
                }
            };
            // Between two images the worker may let interactive work go first.
            monitor.checkpoint(&pace.at(report.handled(), name_of(&images[index])))?;
        }
        Ok(())
    })?;
    report.failed.sort();
    Ok(report)
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
    Prepared(usize, Result<Prepared>),
    Stored(usize, Result<()>),
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
    fn new(total: usize) -> Self {
        Self {
            next: 0,
            total,
            decoding: 0,
            storing: 0,
            // One more than the threads, so that none waits while the network takes the last one.
            most: rayon::current_num_threads() + 1,
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
