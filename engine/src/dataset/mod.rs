//! Dataset formats: export, import and the check that reads an export back.

pub mod export;
pub mod folder;
pub mod import;
pub mod instance_ids;
pub mod list;
pub mod mapping;
mod project_labels;
pub mod split;
mod stems;
mod target;
pub mod voc;

pub use export::{ExportReport, LabelledImage, LabelledImages};
pub use project_labels::{Only, ProjectLabels};
