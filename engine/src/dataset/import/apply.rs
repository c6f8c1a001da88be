//! Saving a checked dataset in a project.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::pairs::Pair;
use super::plan::ImportPlan;
use crate::dataset::split::Split;
use crate::error::{Error, Result};
use crate::jobs::{Monitor, Pace};
use crate::project::{ImageId, Project};
use crate::report::Failure;

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// Images that got labels.
    pub imported: usize,
    /// Those of them that the dataset has for validation or test: they are held out.
    pub held_out: usize,
    /// What was left out, and why.
    pub failed: Vec<Failure>,
}

impl ImportPlan {
    /// The folder that a project has to be opened on.
    pub fn images_dir(&self) -> &Path {
        &self.images_root
    }

    /// Whether label files lie in the same folder as the images. A project there would take them
    /// for images: copy the images first, see [`ImportPlan::copy_images`].
    pub fn is_mixed(&self) -> bool {
        self.pairs
            .iter()
            .any(|pair| pair.labels.starts_with(&self.images_root))
    }

    /// Copies the images to `folder`, with their folders, and takes them from there from now on.
    ///
    /// # Errors
    /// [`Error::Argument`] when `folder` has another file of the same name; [`Error::Io`];
    /// [`Error::Cancelled`] when `monitor` says so.
    pub fn copy_images(&mut self, folder: &Path, monitor: &mut dyn Monitor) -> Result<()> {
        let mut pace = Pace::new(self.pairs.len() as u64);
        for pair in &mut self.pairs {
            let relative = pair
                .image
                .strip_prefix(&self.images_root)
                .unwrap_or(&pair.image);
            let to = folder.join(relative);
            monitor.checkpoint(&pace.step(relative.display().to_string()))?;
            copy(&pair.image, &to)?;
            pair.image = to;
        }
        self.images_root = folder.to_owned();
        Ok(())
    }

    /// Saves the labels in `project`, which is open on [`ImportPlan::images_dir`]: each as one
    /// step that can be undone, its image corrected. Images that the dataset has for validation or
    /// test are held out.
    ///
    /// # Errors
    /// [`Error::Argument`] when the project has other classes or none of the images;
    /// [`Error::Index`]; [`Error::Cancelled`] when `monitor` says so: what is saved stays saved.
    pub fn import(&self, project: &Project, monitor: &mut dyn Monitor) -> Result<ImportReport> {
        if project.palette().classes != self.palette.classes {
            return Err(Error::argument(
                "project",
                format!("the classes of the palette {}", self.palette.name),
                format!(
                    "those of {}; import into a new project",
                    project.palette().name
                ),
            ));
        }
        project.scan(monitor)?;
        let ids = ids_by_path(project)?;
        let mut report = ImportReport {
            imported: 0,
            held_out: 0,
            failed: self.failed.clone(),
        };
        let mut held_out: HashSet<ImageId> = project.held_out()?.into_iter().collect();
        let mut pace = Pace::new(self.pairs.len() as u64);
        for pairs in self.pairs.chunks(2 * rayon::current_num_threads()) {
            let saved: Vec<_> = pairs
                .par_iter()
                .map(|pair| self.save(project, &ids, pair))
                .collect();
            for (pair, saved) in pairs.iter().zip(saved) {
                match saved {
                    Ok(id) => {
                        report.imported += 1;
                        if matches!(pair.split, Some(Split::Val | Split::Test)) {
                            report.held_out += 1;
                            held_out.insert(id);
                        }
                    }
                    Err(error) => report.failed.push(Failure {
                        path: pair.labels.clone(),
                        reason: error.to_string(),
                    }),
                }
            }
            let note = pairs.last().map(|pair| pair.image.display().to_string());
            monitor.checkpoint(&pace.at(report.imported as u64, note.unwrap_or_default()))?;
        }
        let mut held_out: Vec<ImageId> = held_out.into_iter().collect();
        held_out.sort_unstable();
        project.set_held_out(&held_out)?;
        if report.imported == 0 {
            let reason = report.failed.first().map(|failure| failure.reason.clone());
            return Err(Error::argument(
                "project",
                format!("one on {}", self.images_root.display()),
                reason.unwrap_or_default(),
            ));
        }
        Ok(report)
    }

    fn save(
        &self,
        project: &Project,
        ids: &HashMap<PathBuf, ImageId>,
        pair: &Pair,
    ) -> Result<ImageId> {
        let id = ids.get(&canonical(&pair.image)).ok_or_else(|| {
            Error::argument(
                "image",
                "one of the project's",
                pair.image.display().to_string(),
            )
        })?;
        let labels = self.mapping.read(&pair.labels, &self.limits)?;
        project.save_label(*id, &labels)?;
        Ok(*id)
    }
}

/// The project's images by where they really are.
fn ids_by_path(project: &Project) -> Result<HashMap<PathBuf, ImageId>> {
    let images = project.images()?;
    let ids = images
        .iter()
        .map(|image| (canonical(&project.image_path(image)), image.id));
    Ok(ids.collect())
}

/// A path without links and dots; as it is where it can't be resolved.
fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Copies a file, unless the same file is there already.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let bytes = fs::read(from).map_err(Error::io(from, "reading"))?;
    match fs::read(to) {
        Ok(there) if there == bytes => Ok(()),
        Ok(_) => Err(Error::argument(
            "project",
            "a folder without other images of the same names",
            to.display().to_string(),
        )),
        Err(_) => crate::atomic_file::write_bytes(to, &bytes),
    }
}
