//! What is found out about the images while the window is in use already.

use std::sync::{Arc, OnceLock, Weak};
use std::time::SystemTime;

use atrous_engine::jobs::Cancel;
use atrous_engine::project::Project;
use atrous_engine::project::watch::Watcher;

use super::opening::{missed, watch};
use super::{Background, Message, PoolMonitor, Post, answered, unless_stopped};
use crate::state::Task;

impl Background {
    /// Begins to watch the folder, as long as `watch` lives, reads the headers of the images whose
    /// names alone are known, and counts classes that are not counted yet. Then it looks for what came
    /// and went since the images were listed.
    pub(super) fn survey(
        &self,
        project: &Arc<Project>,
        listed: SystemTime,
        watch: &Arc<OnceLock<Watcher>>,
    ) -> Cancel {
        let cancel = Cancel::default();
        let (wish, project, post) = (cancel.clone(), project.clone(), self.post());
        let watch = Arc::downgrade(watch);
        // Not on the pool, which it has read the headers.
        let surveyor = std::thread::Builder::new().name("surveyor".to_owned());
        let started = surveyor.spawn(move || {
            keep_watch(&project, &watch, &post);
            survey(&project, listed, &wish, &post);
        });
        if let Err(error) = started {
            let text = format!("Looking at the images failed: {error}");
            self.post().send(Message::Problem(text));
        }
        cancel
    }
}

/// Without a watch the project works, but new images are not noticed.
fn keep_watch(project: &Arc<Project>, place: &Weak<OnceLock<Watcher>>, post: &Post) {
    match answered(|| watch(project, post.clone())) {
        Ok(watcher) => {
            if let Some(place) = place.upgrade() {
                // Nobody else fills it.
                drop(place.set(watcher));
            }
        }
        Err(reason) => post.send(Message::Problem(reason)),
    }
}

fn survey(project: &Project, listed: SystemTime, wish: &Cancel, post: &Post) {
    let mut monitor = PoolMonitor::new(Task::Survey, wish.clone(), post);
    let surveyed = answered(|| {
        unless_stopped(project.measure(&mut monitor))?;
        unless_stopped(project.count_classes(&mut monitor))
    });
    if let Err(reason) = surveyed {
        post.send(Message::Problem(reason));
    }
    post.send(Message::Surveyed);
    if wish.is_cancelled() {
        return;
    }
    match answered(|| missed(project, listed)) {
        Ok(Some(listing)) => post.send(Message::Listed(Box::new(listing))),
        Ok(None) => {}
        Err(reason) => post.send(Message::Problem(reason)),
    }
}
