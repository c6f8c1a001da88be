//! A project on disk.
//!
//! ```text
//! photos/                     the person's folder, only read
//! photos/.atrous/             the project, or anywhere else
//!     project.toml            palette, classes, model, split: see `Settings`
//!     labels/<path>.png       the label map in force of each image
//!     predictions/<path>.png  the model's last label map, and <path>.confidence.png
//!     index.sqlite            images, statuses, journal, runs
//!     thumbnails.sqlite       small copies for the film strip; deleted without harm
//!     trash/<n>/<path>.png    labels that were deleted, see `Project::delete_labels`
//!     models/  reports/       what runs and reports leave
//! ```
//!
//! `<path>` is the image's path in its folder with its ending, so that `a.jpg` and `a.png` do not
//! meet: the label map of `sub/a.jpg` is `labels/sub/a.jpg.png`.
//!
//! An edit counts as done when [`Project::commit`] returns: it is in the journal then. The label
//! map in force is the journal's base with its edits on top; the PNG under `labels/` is written
//! from that now and then, whole or not at all, and says so to other tools.

mod classes;
pub mod filter;
mod index;
mod journal;
mod label;
mod layout;
mod measure;
mod open;
mod prediction;
mod record;
mod recorder;
mod runs;
mod scan;
mod settings;
mod stamp;
mod status;
mod thumbnails;
mod trash;
pub mod watch;

pub use classes::ClassPixels;
pub use label::Flush;
pub use layout::{PROJECT_FILE, PROJECT_FOLDER};
pub use open::{OpenOptions, Project};
pub use prediction::NewPrediction;
pub use record::{FileMark, ImageId, ImageRecord, Revision, Status};
pub use recorder::{Mark, Recorded, Recorder, Written};
pub use runs::{RunId, RunRecord};
pub use scan::ScanReport;
pub use settings::{Settings, Split};
pub use stamp::{LabelStamp, PredictionStamp, Stamps};
pub use trash::{Deletion, DeletionId};
