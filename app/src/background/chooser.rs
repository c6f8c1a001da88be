//! Waits for the system's dialogs on a thread of their own.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};

use super::{Background, Message};
use crate::system::Choice;

/// What a choice is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The folder of images to open.
    OpenFolder,
    /// The folder to export to.
    ExportFolder,
    /// The model to predict with.
    Model,
}

impl Background {
    /// Waits for `choice` and sends the answer.
    pub fn wait_for_choice(&self, purpose: Purpose, choice: Choice) {
        let post = self.post();
        let waiting = thread::Builder::new()
            .name("dialog".to_owned())
            .spawn(move || {
                let path = block_on(choice);
                post.send(Message::Chosen(purpose, path));
            });
        if let Err(error) = waiting {
            self.post().send(Message::Problem(format!(
                "Opening the dialog failed: {error}"
            )));
        }
    }
}

/// Wakes a parked thread.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future on this thread until it is ready.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Arc::new(Unpark(thread::current())).into();
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}
