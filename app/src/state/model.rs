//! The model that predicts, as the window shows it.

use std::path::PathBuf;
use std::sync::Arc;

use atrous_palettes::Palette;

/// Which model to predict with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ModelChoice {
    /// The one inside the application.
    #[default]
    Embedded,
    /// A file.
    File(PathBuf),
}

/// What is worth knowing about a model, without its weights.
#[derive(Debug, Clone)]
pub struct ModelCard {
    /// Its name.
    pub name: String,
    /// Who made it, or where it is from.
    pub source: String,
    /// Terms of use.
    pub licence: String,
    /// The network in a few words: "MobileNetV2 0.5, stride 16".
    pub network: String,
    /// The classes it knows.
    pub palette: Arc<Palette>,
}

/// The model in use.
#[derive(Debug, Clone, Default)]
pub struct ModelState {
    /// Which one is wanted.
    pub choice: ModelChoice,
    /// What it is, once it is read.
    pub card: Option<Arc<ModelCard>>,
}
