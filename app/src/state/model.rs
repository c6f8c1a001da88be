//! The model that predicts, as the window shows it.

use std::path::PathBuf;
use std::sync::Arc;

use atrous_engine::zoo::Zoo;
use atrous_palettes::Palette;

use super::Settings;
use crate::tune;

/// Which model to predict with.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum ModelChoice {
    /// The one inside the application.
    #[default]
    Embedded,
    /// A file.
    File(PathBuf),
    /// A published one that is on this machine.
    Published {
        /// Its name in the catalogue.
        name: String,
        /// Where it is kept.
        zoo: Zoo,
    },
}

impl ModelChoice {
    /// What was used last.
    pub fn remembered(settings: &Settings, zoo: Option<&Zoo>) -> Self {
        match (&settings.published_model, zoo, &settings.model) {
            (Some(name), Some(zoo), _) => Self::Published {
                name: name.clone(),
                zoo: zoo.clone(),
            },
            (_, _, Some(path)) => Self::File(path.clone()),
            _ => Self::Embedded,
        }
    }

    /// Where it is read from, as a project keeps it of its runs: see [`tune::origin`].
    pub fn origin(&self) -> String {
        match self {
            Self::Embedded => tune::origin(None),
            Self::File(path) => tune::origin(Some(path)),
            Self::Published { name, .. } => tune::origin(Some(name.as_ref())),
        }
    }

    /// The model of an origin, where this machine has it.
    pub fn of_origin(origin: &str, zoo: Option<&Zoo>) -> Option<Self> {
        match origin.split_once(' ') {
            None => (origin == "embedded").then_some(Self::Embedded),
            Some(("file", path)) => Some(Self::File(path.into())),
            Some(("published", name)) => Some(Self::Published {
                name: name.to_owned(),
                zoo: zoo?.clone(),
            }),
            Some(_) => None,
        }
    }

    /// Remembers it for the next start.
    pub fn remember(&self, settings: &mut Settings) {
        (settings.model, settings.published_model) = match self {
            Self::Embedded => (None, None),
            Self::File(path) => (Some(path.clone()), None),
            Self::Published { name, .. } => (None, Some(name.clone())),
        };
    }
}

/// A model, and how its predictions are made.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictWith {
    /// The model.
    pub choice: ModelChoice,
    /// Whether predictions are refined along the image's edges by the dense CRF.
    pub crf: bool,
}

impl From<ModelChoice> for PredictWith {
    /// The model's own predictions.
    fn from(choice: ModelChoice) -> Self {
        Self { choice, crf: false }
    }
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
