//! The one thread that owns the compute device and every tensor.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, TryRecvError, select, unbounded};

use super::monitor::{Cancel, Monitor, Progress};
use crate::device::{ComputeDevice, DeviceChoice};
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

struct Job {
    name: &'static str,
    cancel: Cancel,
    task: Task,
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

/// Tells the window what happens.
struct Reporter {
    events: Sender<JobEvent>,
    wake: Box<dyn Fn() + Send>,
    active: Arc<Mutex<Vec<(&'static str, Cancel)>>>,
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
struct Seat {
    choice: DeviceChoice,
    context: Option<Context>,
    interactive_jobs: Receiver<Job>,
    background_jobs: Receiver<Job>,
    reporter: Reporter,
    device: Arc<Mutex<Option<String>>>,
}

impl Seat {
    fn serve(&mut self) {
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

/// The lists behind these locks are whole at every moment, so a panic elsewhere does not spoil them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::jobs::Pace;

    fn worker() -> Worker {
        Worker::start(DeviceChoice::Cpu, || {}).unwrap()
    }

    /// Waits for the job's last event.
    fn outcome(worker: &Worker, name: &str) -> JobStage {
        loop {
            let event = worker
                .events()
                .recv_timeout(Duration::from_secs(20))
                .unwrap();
            if event.name == name
                && !matches!(event.stage, JobStage::Started | JobStage::Running(_))
            {
                return event.stage;
            }
        }
    }

    #[test]
    fn interactive_work_goes_ahead_of_the_next_step() {
        let worker = worker();
        let (order, seen) = unbounded();
        let (begin, begun) = crossbeam_channel::bounded::<()>(0);
        let steps = order.clone();
        worker
            .submit("folder", Priority::Background, move |_, monitor| {
                let mut pace = Pace::new(2);
                steps.send("first step").unwrap();
                begun.recv().unwrap();
                monitor.checkpoint(&pace.step(""))?;
                steps.send("second step").unwrap();
                Ok(())
            })
            .unwrap();
        assert_eq!(seen.recv().unwrap(), "first step");
        worker
            .submit("image", Priority::Interactive, move |_, _| {
                order.send("image").unwrap();
                Ok(())
            })
            .unwrap();
        begin.send(()).unwrap();
        assert_eq!(seen.recv().unwrap(), "image");
        assert_eq!(seen.recv().unwrap(), "second step");
    }

    #[test]
    fn a_second_job_of_the_same_name_is_refused_until_the_first_is_over() {
        let worker = worker();
        let (release, wait) = crossbeam_channel::bounded::<()>(0);
        worker
            .submit("training", Priority::Background, move |_, _| {
                wait.recv().unwrap();
                Ok(())
            })
            .unwrap();
        let refused = worker.submit("training", Priority::Background, |_, _| Ok(()));
        assert!(refused.unwrap_err().to_string().contains("training"));
        release.send(()).unwrap();
        assert!(matches!(outcome(&worker, "training"), JobStage::Done));
        worker
            .submit("training", Priority::Background, |_, _| Ok(()))
            .unwrap();
    }

    #[test]
    fn a_panic_is_the_jobs_error_and_the_worker_lives_on() {
        let worker = worker();
        worker
            .submit("bad", Priority::Background, |_, _| panic!("out of luck"))
            .unwrap();
        let JobStage::Failed(message) = outcome(&worker, "bad") else {
            panic!("it did not fail")
        };
        assert!(message.contains("out of luck"), "{message}");
        worker
            .submit("good", Priority::Background, |_, _| Ok(()))
            .unwrap();
        assert!(matches!(outcome(&worker, "good"), JobStage::Done));
    }

    #[test]
    fn a_stopped_job_says_so_and_values_are_kept_between_jobs() {
        let worker = worker();
        worker
            .submit("keep", Priority::Background, |context, _| {
                context.keep(7_u32);
                Ok(())
            })
            .unwrap();
        let (value, kept) = unbounded();
        worker
            .submit("loop", Priority::Background, move |context, monitor| {
                value.send(context.kept::<u32>().map(|kept| *kept)).unwrap();
                let mut pace = Pace::new(u64::MAX);
                loop {
                    monitor.checkpoint(&pace.step(""))?;
                }
            })
            .unwrap();
        assert_eq!(kept.recv().unwrap(), Some(7));
        worker.cancel("loop");
        assert!(matches!(outcome(&worker, "loop"), JobStage::Stopped));
    }
}
