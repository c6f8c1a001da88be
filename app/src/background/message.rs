//! What the threads tell the window.

use std::path::PathBuf;
use std::sync::Arc;

use atrous_engine::dataset::ExportReport;
use atrous_engine::finetune::{CurvePoint, Record};
use atrous_engine::jobs::{JobEvent, Progress};
use atrous_engine::mask::{LabelMap, Span};
use atrous_engine::predict::{FolderReport, Probabilities};
use atrous_engine::project::{FileMark, ImageId, ImageRecord, Revision};
use atrous_engine::zoo::Presence;

use super::{
    BatchDone, CopiedLabels, CutImage, Fetched, Listing, Loaded, Opened, Operated, Purpose,
    Relabelled, Reported, Snapped,
};
use crate::state::{CutKey, ModelCard, ModelChoice, Task};
use crate::tune::Stopped;

/// A failure in words for people.
pub type Words = String;

/// News from behind the window.
pub enum Message {
    /// A job of the worker started, went on or ended.
    Job(JobEvent),
    /// A task of the pool went on.
    Progress(Task, Progress),
    /// Something failed that nobody waits for.
    Problem(Words),
    /// The person answered a dialog.
    Chosen(Purpose, Option<PathBuf>),
    /// The demo is drawn into this folder, or why not.
    DemoDrawn(Result<PathBuf, Words>),
    /// A project is open, or why not.
    Opened(Result<Box<Opened>, Words>),
    /// What is known of the project's images now.
    Listed(Box<Listing>),
    /// What changed in what is known of some of them.
    Changed(Vec<ImageRecord>, Revision),
    /// Something is on disk that the list of the images does not say yet.
    Stale,
    /// The headers of the images are read.
    Surveyed,
    /// Work on several images is done, or why not.
    BatchDone(Result<BatchDone, Words>),
    /// An image is ready for the canvas, or why not; which wish this answers.
    Loaded(ImageId, u64, Result<Box<Loaded>, Words>),
    /// A small copy for the film strip, or why not.
    Thumbnail(ImageId, FileMark, Result<egui::ColorImage, Words>),
    /// How many pixels each class has in the open image; which question this answers.
    Counted(u64, Box<[u64; 256]>),
    /// A change of an image is safe on disk, or why not.
    Recorded(ImageId, Result<(), Words>),
    /// A model is read; what it is.
    Model(ModelChoice, Arc<ModelCard>),
    /// What of the published models is on this machine.
    ZooLooked(Vec<(String, Presence)>),
    /// A download of a published model is over.
    ModelFetched(String, Fetched),
    /// One image is predicted.
    Predicted(ImageId, PredictedImage),
    /// A region was found for a gesture, none where it was stopped, or why not.
    Found(u64, Result<Option<Vec<Span>>, Words>),
    /// An image is cut into superpixels; none where it was stopped.
    Superpixels(CutKey, Result<Option<Box<CutImage>>, Words>),
    /// What the network thinks of every class on an image.
    Probabilities(ImageId, Arc<Probabilities>),
    /// An image's borders are moved; nothing where that was stopped, or why not.
    Snapped(ImageId, Result<Option<Box<Snapped>>, Words>),
    /// The folder is predicted, but for what failed.
    FolderPredicted(FolderReport),
    /// How far the mask operation with this number is.
    Operating(u64, Progress),
    /// What a mask operation would change, none where it was stopped, or why nothing; which question
    /// this answers.
    Operated(u64, Result<Option<Operated>, Words>),
    /// What relabelling something changes, none where that was stopped, or why not; which question
    /// this answers.
    Relabelled(u64, Result<Option<Relabelled>, Words>),
    /// The labels of another image, for this one, or why not.
    Copied(ImageId, Result<CopiedLabels, Words>),
    /// A point of the training curves.
    Curve(CurvePoint),
    /// A run that was stopped and can go on, if there is one.
    StoppedRun(Option<Box<Stopped>>),
    /// Training is over.
    Tuned(Box<TunedModel>),
    /// A dataset is written, or why not.
    Exported(Result<ExportReport, Words>),
    /// A report is written.
    Reported(Box<Reported>),
}

impl Message {
    /// Whether it means nothing once its project is closed.
    pub(super) fn is_of_project(&self) -> bool {
        match self {
            Self::Job(_)
            | Self::Progress(..)
            | Self::Problem(_)
            | Self::Chosen(..)
            | Self::DemoDrawn(_)
            | Self::Opened(_)
            | Self::ZooLooked(_)
            | Self::ModelFetched(..)
            | Self::Model(..) => false,
            Self::Listed(..)
            | Self::Changed(..)
            | Self::Stale
            | Self::Surveyed
            | Self::BatchDone(_)
            | Self::Loaded(..)
            | Self::Thumbnail(..)
            | Self::Counted(..)
            | Self::Recorded(..)
            | Self::Predicted(..)
            | Self::Found(..)
            | Self::Superpixels(..)
            | Self::Probabilities(..)
            | Self::Snapped(..)
            | Self::FolderPredicted(_)
            | Self::Operating(..)
            | Self::Operated(..)
            | Self::Relabelled(..)
            | Self::Copied(..)
            | Self::Curve(_)
            | Self::StoppedRun(_)
            | Self::Tuned(_)
            | Self::Exported(_)
            | Self::Reported(_) => true,
        }
    }
}

/// What a prediction of the open image gives the canvas.
pub struct PredictedImage {
    /// Whether the label map in force follows it: a person's labels do not.
    pub followed: bool,
    /// The label map.
    pub labels: LabelMap,
    /// The confidence, row by row, 255 is sure.
    pub confidence: Arc<Vec<u8>>,
    /// How unsure the model is of the whole image, 0 is sure.
    pub uncertainty: f32,
    /// What the network thinks of every class, on its own grid.
    pub probabilities: Arc<Probabilities>,
}

/// What fine-tuning leaves.
pub struct TunedModel {
    /// The model's file in the project.
    pub path: PathBuf,
    /// What it is.
    pub card: Arc<ModelCard>,
    /// How it went.
    pub record: Record,
    /// Whether the person stopped it.
    pub stopped: bool,
}
