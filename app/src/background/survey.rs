//! What is found out about the images while the window is in use already.

use std::sync::Arc;

use atrous_engine::jobs::Cancel;
use atrous_engine::project::Project;

use super::{Background, Message, PoolMonitor, Post};
use crate::state::Task;

impl Background {
    /// Reads the headers of the images whose names alone are known, and counts classes that are not
    /// counted yet.
    pub(super) fn survey(&self, project: &Arc<Project>) -> Cancel {
        let cancel = Cancel::default();
        let (wish, project, post) = (cancel.clone(), project.clone(), self.post());
        // Not on the pool, which it has read the headers.
        let surveyor = std::thread::Builder::new().name("surveyor".to_owned());
        let started = surveyor.spawn(move || survey(&project, wish, &post));
        if let Err(error) = started {
            let text = format!("Looking at the images failed: {error}");
            self.post().send(Message::Problem(text));
        }
        cancel
    }
}

fn survey(project: &Project, wish: Cancel, post: &Post) {
    let mut monitor = PoolMonitor::new(Task::Survey, wish, post);
    let measured = project.measure(&mut monitor);
    match measured.and_then(|_broken| project.count_classes(&mut monitor)) {
        Err(error) if !error.is_cancelled() => post.send(Message::Problem(error.to_string())),
        _ => {}
    }
    post.send(Message::Surveyed);
}
