//! The handle on the worker thread: who hands in jobs, and hears of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::monitor::{Cancel, Monitor, Progress};
use super::seat::{Context, Job, Reporter, Seat};
use crate::device::DeviceChoice;
use crate::error::{Error, Result};

/// Which queue a job waits in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// Goes ahead of the next image or training step of whatever runs: one predicted image.
    Interactive,
    /// Waits for the job before it: a folder, a fine-tuning run, an evaluation.
    Background,
}

/// Where a job is in its life.
#[derive(Debug, Clone)]
pub enum JobStage {
    /// It has the thread now.
    Started,
    /// It goes on.
    Running(Progress),
    /// It is done.
    Done,
    /// It stopped because somebody asked.
    Stopped,
    /// It failed; the message is for people.
    Failed(String),
}

/// News of a job.
#[derive(Debug, Clone)]
pub struct JobEvent {
    /// The job's name.
    pub name: &'static str,
    /// What happened.
    pub stage: JobStage,
}

/// A handle on the worker thread. Dropping it stops the running job and ends the thread.
pub struct Worker {
    interactive: Option<Sender<Job>>,
    background: Option<Sender<Job>>,
    events: Receiver<JobEvent>,
    /// Names and wishes of jobs that wait or run.
    active: Arc<Mutex<Vec<(&'static str, Cancel)>>>,
    device: Arc<Mutex<Option<String>>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread, which opens the device first. `wake` is called after each event.
    ///
    /// # Errors
    /// [`Error::Machine`] when no thread can be started. A device that can't be opened fails the jobs.
    pub fn start(choice: DeviceChoice, wake: impl Fn() + Send + 'static) -> Result<Self> {
        let (interactive, interactive_jobs) = unbounded();
        let (background, background_jobs) = unbounded();
        let (event_sender, events) = unbounded();
        let active = Arc::new(Mutex::new(Vec::new()));
        let device = Arc::new(Mutex::new(None));
        let reporter = Reporter {
            events: event_sender,
            wake: Box::new(wake),
            active: Arc::clone(&active),
        };
        let name = Arc::clone(&device);
        let serve = move || {
            // Made here, because what it holds never leaves this thread.
            Seat {
                choice,
                context: None,
                interactive_jobs,
                background_jobs,
                reporter,
                device: name,
            }
            .serve();
        };
        let thread = std::thread::Builder::new()
            .name("worker".to_owned())
            .spawn(serve)
            .map_err(|error| {
                Error::machine(
                    "starting the worker",
                    error.to_string(),
                    "Close other programs.",
                )
            })?;
        Ok(Self {
            interactive: Some(interactive),
            background: Some(background),
            events,
            active,
            device,
            thread: Some(thread),
        })
    }

    /// Hands over a job. The returned wish stops it at its next checkpoint.
    ///
    /// # Errors
    /// [`Error::Argument`] when a job of the same name waits or runs already;
    /// [`Error::Machine`] when the thread has ended.
    pub fn submit(
        &self,
        name: &'static str,
        priority: Priority,
        task: impl FnOnce(&Context, &mut dyn Monitor) -> Result<()> + Send + 'static,
    ) -> Result<Cancel> {
        let cancel = Cancel::default();
        {
            let mut active = lock(&self.active);
            if active.iter().any(|(other, _)| *other == name) {
                return Err(Error::argument(
                    "job",
                    "one at a time",
                    format!("\"{name}\" is running"),
                ));
            }
            active.push((name, cancel.clone()));
        }
        let queue = match priority {
            Priority::Interactive => &self.interactive,
            Priority::Background => &self.background,
        };
        let job = Job {
            name,
            cancel: cancel.clone(),
            task: Box::new(task),
        };
        let sent = queue.as_ref().is_some_and(|queue| queue.send(job).is_ok());
        if sent {
            return Ok(cancel);
        }
        lock(&self.active).retain(|(other, _)| *other != name);
        Err(Error::machine(
            "the worker",
            "its thread has ended",
            "Restart Atrous.",
        ))
    }

    /// Asks a waiting or running job to stop. Nothing happens where there is none of that name.
    pub fn cancel(&self, name: &str) {
        for (other, cancel) in lock(&self.active).iter() {
            if *other == name {
                cancel.cancel();
            }
        }
    }

    /// Whether a job of that name waits or runs.
    pub fn is_active(&self, name: &str) -> bool {
        lock(&self.active).iter().any(|(other, _)| *other == name)
    }

    /// News, oldest first.
    pub fn events(&self) -> &Receiver<JobEvent> {
        &self.events
    }

    /// The device's name, once it is open.
    pub fn device(&self) -> Option<String> {
        lock(&self.device).clone()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        for (_, cancel) in lock(&self.active).iter() {
            cancel.cancel();
        }
        self.interactive = None;
        self.background = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been reported as its job's failure already.
            drop(thread.join());
        }
    }
}

/// The lists behind these locks are whole at every moment, so a panic elsewhere does not spoil them.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
