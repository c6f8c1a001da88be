//! A project's labels as an export takes them.

use std::collections::BTreeMap;
use std::str::FromStr;

use atrous_palettes::Palette;

use super::export::{LabelledImage, LabelledImages};
use crate::error::{Error, Result};
use crate::mask::LabelMap;
use crate::project::{ImageRecord, Project, Status};

/// Which of a project's labels to export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Only {
    /// All, predictions too.
    #[default]
    Labelled,
    /// Those that a person corrected or reviewed.
    Corrected,
    /// Those that a person says are right.
    Reviewed,
}

impl Only {
    /// Whether labels of that status are among them.
    pub fn takes(self, status: Status) -> bool {
        match self {
            Self::Labelled => status != Status::Unlabelled,
            Self::Corrected => status.is_touched(),
            Self::Reviewed => status == Status::Reviewed,
        }
    }
}

impl FromStr for Only {
    type Err = Error;

    /// `labelled`, `corrected` or `reviewed`.
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "labelled" => Ok(Self::Labelled),
            "corrected" => Ok(Self::Corrected),
            "reviewed" => Ok(Self::Reviewed),
            other => Err(Error::argument(
                "only",
                "labelled, corrected or reviewed",
                other,
            )),
        }
    }
}

/// The labels in force of a project's images.
#[derive(Debug)]
pub struct ProjectLabels<'a> {
    project: &'a Project,
    only: Only,
    chosen: BTreeMap<String, ImageRecord>,
    excluded: usize,
    in_all: usize,
}

impl<'a> ProjectLabels<'a> {
    /// Chooses the images of `project` whose labels are to be exported.
    ///
    /// Images that can't be read are left out: they have no labels. So are those that a person
    /// excluded from exports.
    ///
    /// # Errors
    /// [`Error::Index`] when the project's index can't be read.
    pub fn new(project: &'a Project, only: Only) -> Result<Self> {
        let images = project.images()?;
        let in_all = images.len();
        let (excluded, chosen): (Vec<_>, Vec<_>) = images
            .into_iter()
            .filter(|image| image.error.is_none() && only.takes(image.status))
            .partition(|image| image.excluded);
        let named = chosen.into_iter().map(|image| (name_of(&image), image));
        Ok(Self {
            project,
            only,
            chosen: named.collect(),
            excluded: excluded.len(),
            in_all,
        })
    }
}

/// The path in the folder of images, with `/` between the parts.
fn name_of(image: &ImageRecord) -> String {
    let parts = image.path.iter().map(|part| part.to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

impl LabelledImages for ProjectLabels<'_> {
    fn palette(&self) -> Palette {
        self.project.palette()
    }

    fn images(&self) -> Result<Vec<LabelledImage>> {
        let images = self.chosen.iter().map(|(name, image)| LabelledImage {
            name: name.clone(),
            path: self.project.image_path(image),
            held_out: image.held_out,
        });
        Ok(images.collect())
    }

    fn labels(&self, image: &LabelledImage) -> Result<LabelMap> {
        let unknown = || Error::argument("image", "one that is to be exported", &image.name);
        let record = self.chosen.get(&image.name).ok_or_else(unknown)?;
        self.project.load_label(record.id)
    }

    fn excluded(&self) -> usize {
        self.excluded
    }

    fn nothing_found(&self) -> String {
        let wanted = match self.only {
            Only::Labelled => "has labels",
            Only::Corrected => "is corrected or reviewed",
            Only::Reviewed => "is reviewed",
        };
        let in_all = self.in_all;
        match self.excluded {
            0 => format!("{in_all} images, of which none {wanted}"),
            excluded => format!(
                "{in_all} images, of which none {wanted} but for {excluded} excluded from exports"
            ),
        }
    }
}
