//! Downloads of published models, each on a thread of its own: the pool is for work that computes.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use atrous_engine::Result;
use atrous_engine::jobs::{Cancel, Monitor, Progress};
use atrous_engine::zoo::{Entry, Presence, Zoo};

use super::{Background, Message, Post, answered, unless_stopped};
use crate::state::Task;

/// How a download ended.
pub enum Fetched {
    /// The model is here.
    Here,
    /// The person stopped it.
    Stopped,
    /// Why it is not.
    Failed(String),
}

impl Background {
    /// Looks what of the zoo is on this machine.
    pub fn look_at_zoo(&self, zoo: Zoo) {
        self.spawn(move |post| post.send(Message::ZooLooked(look(&zoo))));
    }

    /// Brings a model onto this machine: from its publishers, or from an archive that is here.
    pub fn fetch_model(&self, zoo: Zoo, entry: Entry, from: Option<PathBuf>) -> Cancel {
        let cancel = Cancel::default();
        let mut monitor = FetchMonitor {
            cancel: cancel.clone(),
            post: self.post(),
            said: None,
        };
        let name = entry.name.clone();
        let thread = std::thread::Builder::new()
            .name("model".to_owned())
            .spawn(move || {
                let fetched = answered(|| {
                    unless_stopped(match &from {
                        Some(file) => zoo.import(&entry, file, &mut monitor),
                        None => zoo.get(&entry, &mut monitor),
                    })
                });
                let fetched = match fetched {
                    Ok(Some(_)) => Fetched::Here,
                    Ok(None) => Fetched::Stopped,
                    Err(reason) => Fetched::Failed(reason),
                };
                monitor.post.send(Message::ZooLooked(look(&zoo)));
                monitor
                    .post
                    .send(Message::ModelFetched(entry.name, fetched));
            });
        if let Err(error) = thread {
            let reason = format!("Starting the download failed: {error}");
            let failed = Fetched::Failed(reason);
            self.post().send(Message::ModelFetched(name, failed));
        }
        cancel
    }

    /// Removes a model's files from this machine.
    pub fn remove_model(&self, zoo: Zoo, entry: Entry) {
        self.spawn(move |post| {
            if let Err(error) = zoo.cache.remove(&entry) {
                post.send(Message::Problem(error.to_string()));
            }
            post.send(Message::ZooLooked(look(&zoo)));
        });
    }
}

fn look(zoo: &Zoo) -> Vec<(String, Presence)> {
    let models = zoo.catalogue.models.iter();
    models
        .map(|entry| (entry.name.clone(), zoo.cache.presence(entry)))
        .collect()
}

/// Tells the window how far a download is, a few times a second.
struct FetchMonitor {
    cancel: Cancel,
    post: Post,
    said: Option<Instant>,
}

impl Monitor for FetchMonitor {
    fn checkpoint(&mut self, progress: &Progress) -> Result<()> {
        const PAUSE: Duration = Duration::from_millis(150);
        if self.said.is_none_or(|said| said.elapsed() >= PAUSE) {
            self.said = Some(Instant::now());
            let progress = progress.clone();
            self.post.send(Message::Progress(Task::Download, progress));
        }
        self.cancel.check()
    }
}
