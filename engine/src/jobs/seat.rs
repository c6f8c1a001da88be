//! What lives on the worker thread: the device, the queues, the job at work.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use crossbeam_channel::{Receiver, Sender, TryRecvError, select};

use super::monitor::{Cancel, Monitor, Progress};
use super::worker::{JobEvent, JobStage, lock};
use crate::device::{ComputeDevice, DeviceChoice};
use crate::error::{Error, Result};

/// What a job is handed: the device, and a store for what jobs share (a loaded network, say).
pub struct Context {
    device: ComputeDevice,
    kept: RefCell<Option<Rc<dyn Any>>>,
}

impl Context {
    fn new(device: ComputeDevice) -> Self {
        Self {
            device,
            kept: RefCell::new(None),
        }
    }

    /// The device that this thread owns.
    pub fn device(&self) -> &ComputeDevice {
        &self.device
    }

    /// The value kept from an earlier job, if it is a `T`.
    pub fn kept<T: 'static>(&self) -> Option<Rc<T>> {
        self.kept.borrow().clone()?.downcast().ok()
    }

    /// Keeps `value` for later jobs, in place of what was kept before.
    pub fn keep<T: 'static>(&self, value: T) -> Rc<T> {
        let value = Rc::new(value);
        *self.kept.borrow_mut() = Some(value.clone());
        value
    }
}

type Task = Box<dyn FnOnce(&Context, &mut dyn Monitor) -> Result<()> + Send>;

/// A job in its queue.
pub(super) struct Job {
    pub(super) name: &'static str,
    pub(super) cancel: Cancel,
    pub(super) task: Task,
}

/// Tells the window what happens.
pub(super) struct Reporter {
    pub(super) events: Sender<JobEvent>,
    pub(super) wake: Box<dyn Fn() + Send>,
    pub(super) active: Arc<Mutex<Vec<(&'static str, Cancel)>>>,
}

impl Reporter {
    fn report(&self, name: &'static str, stage: JobStage) {
        if !matches!(stage, JobStage::Started | JobStage::Running(_)) {
            lock(&self.active).retain(|(other, _)| *other != name);
        }
        // Nobody listens any more while the application closes.
        drop(self.events.send(JobEvent { name, stage }));
        (self.wake)();
    }
}

/// What lives on the worker thread.
pub(super) struct Seat {
    pub(super) choice: DeviceChoice,
    pub(super) context: Option<Context>,
    pub(super) interactive_jobs: Receiver<Job>,
    pub(super) background_jobs: Receiver<Job>,
    pub(super) reporter: Reporter,
    pub(super) device: Arc<Mutex<Option<String>>>,
}

impl Seat {
    /// Works until the handle is gone.
    pub(super) fn serve(&mut self) {
        if let Err(error) = self.open_device() {
            tracing::error!("{error}");
        }
        while let Some(job) = self.next_job() {
            self.run(job);
        }
    }

    /// The next job, interactive ones first; `None` once the handle is gone.
    fn next_job(&self) -> Option<Job> {
        match self.interactive_jobs.try_recv() {
            Ok(job) => return Some(job),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) => {}
        }
        select! {
            recv(self.interactive_jobs) -> job => job.ok(),
            recv(self.background_jobs) -> job => job.ok(),
        }
    }

    fn open_device(&mut self) -> Result<()> {
        let device = ComputeDevice::open(self.choice)?;
        *lock(&self.device) = Some(device.description.clone());
        (self.reporter.wake)();
        self.context = Some(Context::new(device));
        Ok(())
    }

    fn run(&mut self, job: Job) {
        if self.context.is_none()
            && let Err(error) = self.open_device()
        {
            self.reporter
                .report(job.name, JobStage::Failed(error.to_string()));
            return;
        }
        let Some(context) = &self.context else { return };
        let panicked = perform(job, context, &self.interactive_jobs, &self.reporter);
        if panicked {
            self.replace_device();
        }
    }

    /// After a panic the device may be lost: it is opened again, on the CPU if a GPU was at fault.
    fn replace_device(&mut self) {
        if self
            .context
            .take()
            .is_some_and(|context| context.device.is_gpu)
        {
            tracing::warn!("the GPU failed: going on with the CPU");
            self.choice = DeviceChoice::Cpu;
        }
    }
}

/// Runs one job to its end and reports it. Returns whether it panicked.
fn perform(job: Job, context: &Context, interactive: &Receiver<Job>, reporter: &Reporter) -> bool {
    let Job { name, cancel, task } = job;
    if cancel.is_cancelled() {
        reporter.report(name, JobStage::Stopped);
        return false;
    }
    reporter.report(name, JobStage::Started);
    let mut monitor = WorkerMonitor {
        name,
        cancel,
        context,
        interactive,
        reporter,
        panicked: false,
    };
    let result = catch_unwind(AssertUnwindSafe(|| task(context, &mut monitor)));
    let others_panicked = monitor.panicked;
    match result {
        Ok(Ok(())) => reporter.report(name, JobStage::Done),
        Ok(Err(Error::Cancelled)) => reporter.report(name, JobStage::Stopped),
        Ok(Err(error)) => reporter.report(name, JobStage::Failed(error.to_string())),
        Err(panic) => {
            reporter.report(
                name,
                JobStage::Failed(format!("{name} broke down: {}", words(&*panic))),
            );
            return true;
        }
    }
    others_panicked
}

/// The monitor of a job on the worker thread.
struct WorkerMonitor<'a> {
    name: &'static str,
    cancel: Cancel,
    context: &'a Context,
    interactive: &'a Receiver<Job>,
    reporter: &'a Reporter,
    /// Whether an interactive job that went first panicked.
    panicked: bool,
}

impl Monitor for WorkerMonitor<'_> {
    fn checkpoint(&mut self, progress: &Progress) -> Result<()> {
        self.reporter
            .report(self.name, JobStage::Running(progress.clone()));
        while let Ok(job) = self.interactive.try_recv() {
            self.panicked |= perform(job, self.context, self.interactive, self.reporter);
        }
        self.cancel.check()
    }
}

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no reason given".to_owned())
}
