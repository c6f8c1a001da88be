//! The thread that brings a window's edits to disk, in order.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};

use super::label::Flush;
use super::open::Project;
use super::record::{ImageId, Status};
use crate::error::{Error, Result};
use crate::mask::{Edit, LabelMap};

/// A label file is written when its image has been left alone for this long.
const REST: Duration = Duration::from_secs(1);

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// An edit, into the journal: it counts.
    Edit,
    /// That edits are undone.
    Undo,
    /// That edits are made again.
    Redo,
    /// A status.
    Status(Status),
    /// A whole label map.
    Label,
    /// The label file for other programs. Nothing depends on it.
    File,
}

/// News from the recorder.
#[derive(Debug)]
pub struct Recorded {
    /// Which image.
    pub image: ImageId,
    /// What was to be written.
    pub what: Written,
    /// Whether it is on disk.
    pub result: Result<()>,
}

enum Request {
    /// An edit, and the labels with it where a window shows them.
    Edit(Arc<Edit>, Option<LabelMap>),
    /// So many edits back (below 0) or on, and the labels then where a window shows them.
    Step(i64, Option<LabelMap>),
    Status(Status),
    Label(LabelMap),
    /// The label file, now.
    File,
    /// The image was opened anew.
    Opened,
}

impl Request {
    /// Whether it changes what is in the index or the journal.
    fn is_step(&self) -> bool {
        !matches!(self, Self::File | Self::Opened)
    }
}

enum Message {
    Write(ImageId, Request),
    /// Everything before this is to be on disk, the label files too; dropping it says so.
    Settle(Sender<()>),
    /// Everything before this is to be in the journal; dropping it says so.
    Mark(Sender<()>),
}

/// How many steps of each image are in the queue, or being written.
#[derive(Debug, Clone, Default)]
struct Pending(Arc<Mutex<HashMap<ImageId, usize>>>);

impl Pending {
    fn change<T>(&self, change: impl FnOnce(&mut HashMap<ImageId, usize>) -> T) -> T {
        // The counts are whole at every moment.
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn begin(&self, image: ImageId) {
        self.change(|counts| *counts.entry(image).or_default() += 1);
    }

    fn end(&self, image: ImageId) {
        self.change(|counts| {
            if let Some(count) = counts.get_mut(&image) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(&image);
                }
            }
        });
    }

    fn has(&self, image: ImageId) -> bool {
        self.change(|counts| counts.contains_key(&image))
    }
}

/// A place in the recorder's queue.
#[derive(Debug)]
pub struct Mark(Receiver<()>);

impl Mark {
    /// Waits until everything that was asked for before is in the journal. Label files may still
    /// be due: nothing depends on them.
    pub fn wait(self) {
        // It ends with an error: the other end is dropped, by the desk or because there is none.
        let _ended = self.0.recv();
    }
}

/// A thread that writes to a project what a window did, in order, so that the window never waits.
///
/// Label files follow when an image has been left alone for a second. After a failed write the
/// image's later edits are refused, because they build on the lost one, until
/// [`opened`](Self::opened) says that the window shows what is on disk again. Dropping it writes
/// what is left first.
#[derive(Debug)]
pub struct Recorder {
    messages: Option<Sender<Message>>,
    pending: Pending,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Starts the thread; `report` is called on it after each write.
    ///
    /// # Errors
    /// [`Error::Machine`] when the system has no thread left.
    pub fn start(
        project: Arc<Project>,
        report: impl FnMut(Recorded) + Send + 'static,
    ) -> Result<Self> {
        let (messages, queue) = unbounded();
        let pending = Pending::default();
        let mut desk = Desk {
            project,
            queue,
            pending: pending.clone(),
            report: Box::new(report),
            waiting: VecDeque::new(),
            failed: HashSet::new(),
        };
        let thread = std::thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || desk.serve())
            .map_err(|error| {
                let advice = "Close other programs.";
                Error::machine("starting the recorder", error.to_string(), advice)
            })?;
        Ok(Self {
            messages: Some(messages),
            pending,
            thread: Some(thread),
        })
    }

    /// Records an edit that was made on the label map in memory.
    pub fn record(&self, image: ImageId, edit: impl Into<Arc<Edit>>) {
        self.write(image, Request::Edit(edit.into(), None));
    }

    /// Records an edit that a window made: `shown` are its labels with the edit, and stay what they
    /// are whatever else was kept meanwhile ([`Project::commit_shown`]).
    pub fn record_shown(&self, image: ImageId, edit: impl Into<Arc<Edit>>, shown: LabelMap) {
        self.write(image, Request::Edit(edit.into(), Some(shown)));
    }

    /// Records that the last edit was undone.
    pub fn undo(&self, image: ImageId) {
        self.step(image, -1);
    }

    /// Records that the edit undone last was made again.
    pub fn redo(&self, image: ImageId) {
        self.step(image, 1);
    }

    /// Records that so many edits were undone (below 0) or made again: all of them or none.
    pub fn step(&self, image: ImageId, steps: i64) {
        self.write(image, Request::Step(steps, None));
    }

    /// As [`Recorder::step`], by a window: `shown` are its labels now ([`Project::step_shown`]).
    pub fn step_shown(&self, image: ImageId, steps: i64, shown: LabelMap) {
        self.write(image, Request::Step(steps, Some(shown)));
    }

    /// Sets an image's status.
    pub fn set_status(&self, image: ImageId, status: Status) {
        self.write(image, Request::Status(status));
    }

    /// Replaces the label map, as one step: [`Project::save_label`].
    pub fn save_label(&self, image: ImageId, map: LabelMap) {
        self.write(image, Request::Label(map));
    }

    /// Writes the image's label file without waiting for a rest: the window leaves the image.
    pub fn flush(&self, image: ImageId) {
        self.write(image, Request::File);
    }

    /// The image was read from the project anew: what failed before is forgotten.
    pub fn opened(&self, image: ImageId) {
        self.write(image, Request::Opened);
    }

    /// Waits until everything asked for so far is on disk, the label files too.
    pub fn wait_idle(&self) {
        let (done, wait) = bounded(0);
        self.send(Message::Settle(done));
        // It ends with an error: the other end is dropped, by the desk or because there is none.
        let _ended = wait.recv();
    }

    /// Marks this moment in the queue, for other threads to wait for; none where nothing of the image
    /// is on its way to the journal.
    pub fn mark(&self, image: ImageId) -> Option<Mark> {
        if !self.pending.has(image) {
            return None;
        }
        let (done, wait) = bounded(0);
        self.send(Message::Mark(done));
        Some(Mark(wait))
    }

    fn write(&self, image: ImageId, request: Request) {
        if request.is_step() {
            self.pending.begin(image);
        }
        self.send(Message::Write(image, request));
    }

    fn send(&self, message: Message) {
        let sent = self
            .messages
            .as_ref()
            .map(|messages| messages.send(message));
        if !matches!(sent, Some(Ok(()))) {
            tracing::error!("the recorder has ended: an edit is not on disk");
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.messages = None;
        if self
            .thread
            .take()
            .is_some_and(|thread| thread.join().is_err())
        {
            tracing::error!("the recorder broke down: edits may not be on disk");
        }
    }
}

/// What lives on the thread.
struct Desk {
    project: Arc<Project>,
    queue: Receiver<Message>,
    pending: Pending,
    report: Box<dyn FnMut(Recorded) + Send>,
    /// Images whose label files are to be written, and when, the soonest first.
    waiting: VecDeque<(Instant, ImageId)>,
    /// Images with an edit that could not be written.
    failed: HashSet<ImageId>,
}

impl Desk {
    fn serve(&mut self) {
        loop {
            let message = match self.waiting.front() {
                Some((due, _)) => self.queue.recv_deadline(*due),
                None => self
                    .queue
                    .recv()
                    .map_err(|_| RecvTimeoutError::Disconnected),
            };
            match message {
                Ok(Message::Write(image, request)) => self.write(image, &request),
                Ok(Message::Settle(done)) => {
                    self.write_files(None);
                    drop(done);
                }
                Ok(Message::Mark(done)) => drop(done),
                Err(RecvTimeoutError::Timeout) => self.write_files(Some(Instant::now())),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.write_files(None);
    }

    fn write(&mut self, image: ImageId, request: &Request) {
        let (what, result) = match request {
            Request::Opened => {
                self.failed.remove(&image);
                return;
            }
            Request::File => {
                if self.waiting.iter().any(|(_, other)| *other == image) {
                    self.write_file(image);
                }
                return;
            }
            Request::Edit(edit, shown) => {
                let project = Arc::clone(&self.project);
                let commit = || match shown {
                    Some(shown) => project.commit_shown(image, edit, shown),
                    None => project.commit(image, edit),
                };
                let result = self.step(image, commit);
                // It is on disk as runs. The history keeps the tiles of large edits for a while.
                edit.pack_if_few();
                (Written::Edit, result)
            }
            Request::Step(steps, shown) => {
                let project = Arc::clone(&self.project);
                let step = || match shown {
                    Some(shown) => project.step_shown(image, *steps, shown),
                    None => expect(*steps, project.step(image, *steps)?.len()),
                };
                let what = if *steps < 0 {
                    Written::Undo
                } else {
                    Written::Redo
                };
                (what, self.step(image, step))
            }
            Request::Status(status) => {
                let result = self.project.set_status(image, *status);
                (Written::Status(*status), result)
            }
            Request::Label(map) => (Written::Label, self.project.save_label(image, map)),
        };
        self.pending.end(image);
        self.wait(image);
        (self.report)(Recorded {
            image,
            what,
            result,
        });
    }

    /// Writes one step of an image's history, if all before it were written.
    fn step(&mut self, image: ImageId, write: impl FnOnce() -> Result<()>) -> Result<()> {
        if self.failed.contains(&image) {
            let reason = "an earlier edit of this image could not be written";
            let advice = "Open the image again: it shows what is on disk.";
            return Err(Error::machine("recording an edit", reason, advice));
        }
        let result = write();
        if result.is_err() {
            self.failed.insert(image);
        }
        result
    }

    /// The image's label file is due a while from now.
    fn wait(&mut self, image: ImageId) {
        self.waiting.retain(|(_, other)| *other != image);
        self.waiting.push_back((Instant::now() + REST, image));
    }

    /// Writes the label files that are due, or all of them.
    fn write_files(&mut self, now: Option<Instant>) {
        while let Some((due, image)) = self.waiting.front().copied() {
            if now.is_some_and(|now| due > now) {
                break;
            }
            self.write_file(image);
        }
    }

    fn write_file(&mut self, image: ImageId) {
        self.waiting.retain(|(_, other)| *other != image);
        let result = self
            .project
            .flush_label(image)
            .and_then(|flush| match flush {
                Flush::Written | Flush::Unchanged => Ok(()),
                Flush::ChangedOutside => Err(Error::machine(
                    "writing the label file",
                    "another program changed it meanwhile",
                    "Open the image again: the change becomes one step that can be undone.",
                )),
            });
        (self.report)(Recorded {
            image,
            what: Written::File,
            result,
        });
    }
}

/// Steps that memory has and the journal has not.
fn expect(steps: i64, found: usize) -> Result<()> {
    if steps.unsigned_abs() == found as u64 {
        return Ok(());
    }
    let what = if steps < 0 { "undo" } else { "redo" };
    let expected = format!("{} edits in the journal", steps.unsigned_abs());
    Err(Error::argument(what, expected, found.to_string()))
}
