//! What is running behind the window.

use atrous_engine::jobs::{Cancel, Progress};

/// The kinds of work, at most one of each at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Task {
    /// Reading a folder.
    Open,
    /// Drawing the demo scenes.
    Demo,
    /// Reading a model file.
    Model,
    /// Labelling the open image.
    PredictImage,
    /// Labelling the folder, or some of its images.
    PredictFolder,
    /// Reading the headers of images whose names are known.
    Survey,
    /// Marking the chosen images, or deleting their labels.
    Batch,
    /// Training.
    FineTune,
    /// Writing a dataset.
    Export,
    /// Scoring the predictions.
    Report,
    /// Bringing a published model here.
    Download,
    /// Cutting the open image into superpixels.
    Superpixels,
    /// Asking the network what it thinks of every class on the open image.
    AskNetwork,
    /// Moving borders to the edges of the open image.
    Snap,
    /// Computing what a mask operation would change.
    MaskOperation,
    /// Filling and relabelling in the open image.
    Relabel,
}

impl Task {
    /// Every kind.
    pub const ALL: [Self; 16] = [
        Self::Open,
        Self::Demo,
        Self::Model,
        Self::PredictImage,
        Self::PredictFolder,
        Self::Survey,
        Self::Batch,
        Self::FineTune,
        Self::Export,
        Self::Report,
        Self::Download,
        Self::Superpixels,
        Self::AskNetwork,
        Self::Snap,
        Self::MaskOperation,
        Self::Relabel,
    ];

    /// Its name, as the status bar shows it and as the worker knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "Opening the folder",
            Self::Demo => "Drawing the demo",
            Self::Model => "Reading the model",
            Self::PredictImage => "Predicting this image",
            Self::PredictFolder => "Predicting the folder",
            Self::Survey => "Looking at the images",
            Self::Batch => "Going through the chosen images",
            Self::FineTune => "Fine-tuning",
            Self::Export => "Exporting",
            Self::Report => "Scoring",
            Self::Download => "Downloading",
            Self::Superpixels => "Computing superpixels",
            Self::AskNetwork => "Asking the network",
            Self::Snap => "Snapping to edges",
            Self::MaskOperation => "Mask operation",
            Self::Relabel => "Relabelling",
        }
    }

    /// The kind of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.name() == name)
    }

    /// What one step of it is called.
    pub fn unit(self) -> &'static str {
        match self {
            Self::FineTune | Self::Superpixels | Self::Snap | Self::MaskOperation => "steps",
            _ => "images",
        }
    }
}

/// One piece of work under way.
#[derive(Debug, Clone)]
pub struct Running {
    /// What it is.
    pub task: Task,
    /// How far it is, once it said so.
    pub progress: Option<Progress>,
    /// The wish to stop it.
    pub cancel: Cancel,
}

/// Everything under way, the oldest first.
#[derive(Debug, Clone, Default)]
pub struct Jobs {
    running: Vec<Running>,
}

impl Jobs {
    /// Notes that `task` started.
    pub fn start(&mut self, task: Task, cancel: Cancel) {
        self.end(task);
        self.running.push(Running {
            task,
            progress: None,
            cancel,
        });
    }

    /// Notes how far `task` is.
    pub fn report(&mut self, task: Task, progress: Progress) {
        if let Some(running) = self.running.iter_mut().find(|other| other.task == task) {
            running.progress = Some(progress);
        }
    }

    /// Notes that `task` is over.
    pub fn end(&mut self, task: Task) {
        self.running.retain(|other| other.task != task);
    }

    /// Whether `task` waits or runs.
    pub fn is_running(&self, task: Task) -> bool {
        self.running.iter().any(|other| other.task == task)
    }

    /// How far `task` is, once it said so.
    pub fn progress(&self, task: Task) -> Option<&Progress> {
        let running = self.running.iter().find(|other| other.task == task)?;
        running.progress.as_ref()
    }

    /// The part of `task` that is done, from 0 to 1.
    pub fn fraction(&self, task: Task) -> f32 {
        self.progress(task).map_or(0.0, Progress::fraction)
    }

    /// Whether `task` was asked to stop and has not yet.
    pub fn is_stopping(&self, task: Task) -> bool {
        let mut running = self.running.iter().filter(|other| other.task == task);
        running.any(|running| running.cancel.is_cancelled())
    }

    /// What the status bar shows: a mask operation that is looked at, then what runs longest, one
    /// image's prediction and what nobody asked for last.
    pub fn shown(&self) -> Option<&Running> {
        self.running
            .iter()
            .min_by_key(|running| match running.task {
                Task::Survey => 3,
                Task::PredictImage => 2,
                // What somebody waits for before anything else goes on.
                Task::MaskOperation => 0,
                _ => 1,
            })
    }

    /// Asks `task` to stop, if it runs.
    pub fn cancel(&self, task: Task) {
        for running in self.running.iter().filter(|other| other.task == task) {
            running.cancel.cancel();
        }
    }

    /// Asks everything to stop.
    pub fn cancel_all(&self) {
        for running in &self.running {
            running.cancel.cancel();
        }
    }

    /// Whether nothing is under way.
    pub fn is_empty(&self) -> bool {
        self.running.is_empty()
    }
}
