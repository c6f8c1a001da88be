//! Work behind the window that breaks down: who waits for it is told.

use std::time::{Duration, Instant};

use atrous::background::{Background, Message};
use atrous_engine::Error;
use atrous_engine::device::DeviceChoice;

fn answer(background: &Background) -> Message {
    let start = Instant::now();
    loop {
        if let Some(message) = background.messages().pop() {
            return message;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "no answer");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_task_that_breaks_down_answers_as_one_that_failed() {
    let background = Background::start(DeviceChoice::Cpu, || {}).unwrap();
    background.answer(Message::DemoDrawn, |_| panic!("as a bug would"));
    match answer(&background) {
        Message::DemoDrawn(Err(words)) => assert!(words.contains("broke down"), "{words}"),
        _ => panic!("another answer"),
    }
    background.answer(Message::Exported, |_| panic!("as a bug would"));
    assert!(matches!(answer(&background), Message::Exported(Err(_))));
    background.answer(Message::BatchDone, |_| Err(Error::Cancelled));
    assert!(matches!(answer(&background), Message::BatchDone(Err(_))));
    // The pool works on.
    background.answer(Message::DemoDrawn, |_| Ok("demo".into()));
    assert!(matches!(answer(&background), Message::DemoDrawn(Ok(_))));
}
