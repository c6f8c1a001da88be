//! The worker thread under test.

use std::time::Duration;

use crossbeam_channel::unbounded;

use super::{JobStage, Pace, Priority, Worker};
use crate::device::DeviceChoice;

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
        if event.name == name && !matches!(event.stage, JobStage::Started | JobStage::Running(_)) {
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
