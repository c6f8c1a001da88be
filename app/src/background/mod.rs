//! The threads behind the window: the worker that owns every tensor, the pool that decodes and
//! writes, the loader that brings images to the canvas, the reader that reads ahead, and the
//! recorder that keeps strokes safe.
//! They hand back messages through one channel and never hold window state.

mod batch;
mod chooser;
mod loading;
mod message;
mod opening;
mod operating;
mod output;
mod predicting;
mod reading;
mod recording;
mod settings;
mod shelf;
mod sight;
mod snapping;
mod survey;
mod thumbnails;
mod training;
mod zoo;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};

use atrous_engine::Result;
use atrous_engine::device::DeviceChoice;
use atrous_engine::jobs::{Cancel, Monitor, Progress, Worker};
use atrous_engine::project::Project;
use crossbeam_channel::{Receiver, Sender, unbounded};

pub use batch::BatchDone;
pub use chooser::Purpose;
pub use loading::Loaded;
pub use message::{Message, PredictedImage, TunedModel, Words};
pub use opening::{Listing, Opened};
pub use operating::{CopiedLabels, Operated, Relabelled, Work};
pub use output::Reported;
pub use sight::CutImage;
pub use snapping::Snapped;
pub use zoo::Fetched;

use crate::state::Task;
use loading::Loader;
use recording::Recording;

/// Calls the window back when there is news.
type Wake = Arc<dyn Fn() + Send + Sync>;

/// The window's handle on its threads.
pub struct Background {
    worker: Worker,
    loader: Loader,
    recording: Option<Recording>,
    settings: settings::Keeper,
    thumbnails: thumbnails::Wishes,
    tickets: operating::Tickets,
    /// The project that was open before; it is let go of once nobody works on it.
    former: Option<Weak<Project>>,
    post: Post,
    messages: Receiver<(u64, Message)>,
}

/// Sends messages to the window and wakes it.
#[derive(Clone)]
pub struct Post {
    /// Counts the projects that were open: news of an earlier one is not for the present one.
    epoch: u64,
    sender: Sender<(u64, Message)>,
    wake: Wake,
}

impl Post {
    /// Sends a message. Nobody listens any more while the application closes.
    pub fn send(&self, message: Message) {
        drop(self.sender.send((self.epoch, message)));
        (self.wake)();
    }
}

impl Background {
    /// Starts the threads; the worker opens its device first. `wake` is called after each message.
    ///
    /// # Errors
    /// [`Error::Machine`](atrous_engine::Error::Machine) when no thread can be started.
    pub fn start(device: DeviceChoice, wake: impl Fn() + Send + Sync + 'static) -> Result<Self> {
        let (sender, messages) = unbounded();
        let wake: Wake = Arc::new(wake);
        let post = Post {
            epoch: 0,
            sender,
            wake: wake.clone(),
        };
        Ok(Self {
            worker: Worker::start(device, move || wake())?,
            loader: Loader::start()?,
            recording: None,
            former: None,
            settings: settings::Keeper::default(),
            thumbnails: thumbnails::Wishes::default(),
            tickets: operating::Tickets::default(),
            post,
            messages,
        })
    }

    /// What happened since the last call, oldest first. Never waits.
    pub fn messages(&self) -> Vec<Message> {
        // A job sends its results before the worker says that it is over. Events are taken out
        // first and handed on last, so that the results are always read before.
        let events: Vec<_> = self.worker.events().try_iter().collect();
        let current = |(epoch, message): (u64, Message)| {
            (epoch == self.post.epoch || !message.is_of_project()).then_some(message)
        };
        let results = self.messages.try_iter().filter_map(current);
        results
            .chain(events.into_iter().map(Message::Job))
            .collect()
    }

    /// The compute device's name, once it is open.
    pub fn device(&self) -> Option<String> {
        self.worker.device()
    }

    /// Lets go of something large on the pool: giving back its memory takes a while.
    pub fn discard(&self, large: impl Send + 'static) {
        rayon::spawn(move || drop(large));
    }

    fn post(&self) -> Post {
        self.post.clone()
    }

    /// Drops what takes a while to be dropped.
    pub fn drop_later(&self, big: impl Send + 'static) {
        self.spawn(move |_post| drop(big));
    }

    /// Runs `task` on the pool. A panic becomes a message.
    fn spawn(&self, task: impl FnOnce(&Post) + Send + 'static) {
        let post = self.post();
        rayon::spawn(move || {
            if let Err(words) = unbroken(|| task(&post)) {
                post.send(Message::Problem(words));
            }
        });
    }

    /// Runs `work` on the pool and sends its answer, a panic as the reason why there is none: who
    /// waits for it never waits in vain.
    pub fn answer<T>(
        &self,
        message: impl FnOnce(Result<T, Words>) -> Message + Send + 'static,
        work: impl FnOnce(&Post) -> Result<T> + Send + 'static,
    ) {
        let post = self.post();
        rayon::spawn(move || post.send(message(answered(|| work(&post)))));
    }
}

/// What came of work, or why nothing did: it failed, or broke down.
fn answered<T>(work: impl FnOnce() -> Result<T>) -> Result<T, Words> {
    unbroken(work)?.map_err(|error| error.to_string())
}

/// Catches a panic, of which the log has more.
fn unbroken<T>(work: impl FnOnce() -> T) -> Result<T, Words> {
    catch_unwind(AssertUnwindSafe(work))
        .map_err(|_panic| "Work behind the window broke down; the log says more".to_owned())
}

/// `None` for what a person stopped.
fn unless_stopped<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Err(error) if error.is_cancelled() => Ok(None),
        result => result.map(Some),
    }
}

/// Reports a pool task's progress to the window, and stops it when asked to.
struct PoolMonitor {
    task: Task,
    cancel: Cancel,
    post: Post,
}

impl PoolMonitor {
    fn new(task: Task, cancel: Cancel, post: &Post) -> Self {
        Self {
            task,
            cancel,
            post: post.clone(),
        }
    }
}

impl Monitor for PoolMonitor {
    fn checkpoint(&mut self, progress: &Progress) -> Result<()> {
        self.post
            .send(Message::Progress(self.task, progress.clone()));
        self.cancel.check()
    }
}
