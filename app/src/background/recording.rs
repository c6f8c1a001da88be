//! Keeps strokes safe: the project's recorder, and the watch on its folder.

use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use atrous_engine::Result;
use atrous_engine::jobs::Cancel;
use atrous_engine::mask::{Edit, LabelMap};
use atrous_engine::project::watch::Watcher;
use atrous_engine::project::{ImageId, Mark, Project, Recorder, Status, Written};

use super::opening::wait_until_closed;
use super::{Background, Message};

/// What belongs to the open project alone.
pub(super) struct Recording {
    project: Arc<Project>,
    recorder: Arc<Recorder>,
    /// Ends the look at the images.
    survey: Cancel,
    /// Ends the watch when it is dropped.
    _watch: Arc<OnceLock<Watcher>>,
}

impl Background {
    /// Starts to record a project whose images were listed at `listed`, and to look after its folder.
    ///
    /// # Errors
    /// When no thread can be started: what is done is not recorded.
    pub fn take_up(&mut self, project: &Arc<Project>, listed: SystemTime) -> Result<()> {
        self.post.epoch += 1;
        let post = self.post();
        let recorder = Recorder::start(project.clone(), move |recorded| {
            let step = matches!(recorded.what, Written::Edit | Written::Undo | Written::Redo);
            let result = recorded.result.map_err(|error| error.to_string());
            match result {
                result if step => post.send(Message::Recorded(recorded.image, result)),
                Ok(()) => post.send(Message::Stale),
                Err(reason) => post.send(Message::Problem(reason)),
            }
        })?;
        let watch = Arc::default();
        self.recording = Some(Recording {
            project: project.clone(),
            recorder: Arc::new(recorder),
            survey: self.survey(project, listed, &watch),
            _watch: watch,
        });
        Ok(())
    }

    /// The wish to stop the look at the images that goes on behind the window.
    pub fn survey_wish(&self) -> Option<Cancel> {
        let recording = self.recording.as_ref();
        recording.map(|recording| recording.survey.clone())
    }

    /// Lets go of the project, once everything is written. Does not wait for that.
    pub fn let_go(&mut self) {
        self.post.epoch += 1;
        self.thumbnails.forget();
        self.loader.forget();
        if let Some(recording) = self.recording.take() {
            recording.survey.cancel();
            self.former = Some(Arc::downgrade(&recording.project));
            self.spawn(move |_post| drop(recording));
        }
    }

    /// Has everything written now, also of a project that was closed before, for when the
    /// application closes.
    pub fn close(&mut self) {
        self.thumbnails.forget();
        if let Some(recording) = self.recording.take() {
            recording.survey.cancel();
            // Work that is under way holds the recorder too, so it may outlive this.
            recording.recorder.wait_idle();
        }
        wait_until_closed(self.former.as_ref());
    }

    /// Has an edit written to the journal; `labels` are the window's, with the edit.
    pub fn record_edit(&self, id: ImageId, edit: Arc<Edit>, labels: LabelMap) {
        if let Some(recording) = &self.recording {
            recording.recorder.record_shown(id, edit, labels);
        }
    }

    /// Has it written that so many edits were undone (below 0) or made again; `labels` are the
    /// window's then.
    pub fn record_step(&self, id: ImageId, steps: i64, labels: LabelMap) {
        if let Some(recording) = &self.recording {
            recording.recorder.step_shown(id, steps, labels);
        }
    }

    /// Has a status written.
    pub fn set_status(&self, id: ImageId, status: Status) {
        if let Some(recording) = &self.recording {
            recording.recorder.set_status(id, status);
        }
    }

    /// Has the image's label file written for other programs, without waiting for a rest.
    pub fn write_label_file(&self, id: ImageId) {
        if let Some(recording) = &self.recording {
            recording.recorder.flush(id);
        }
    }

    /// The image is read from the project anew: what failed before is forgotten.
    pub fn reopen(&self, id: ImageId) {
        if let Some(recording) = &self.recording {
            recording.recorder.opened(id);
        }
    }

    /// The present place in the recorder's queue, where something of the image stands in it: what was
    /// recorded so far can be waited for.
    pub(super) fn mark(&self, id: ImageId) -> Option<Mark> {
        self.recording.as_ref()?.recorder.mark(id)
    }

    /// A wait, for other threads, until all that was recorded so far is on disk.
    pub(super) fn settle(&self) -> Box<dyn FnOnce() + Send> {
        match &self.recording {
            Some(recording) => {
                let recorder = recording.recorder.clone();
                Box::new(move || recorder.wait_idle())
            }
            None => Box::new(|| {}),
        }
    }
}
