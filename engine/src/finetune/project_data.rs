//! What a project gives to train on: the images that a person corrected or reviewed.

use std::path::Path;

use super::data::{Labelled, TrainingData};
use super::split::Split;
use crate::error::{Error, Result};
use crate::image_file;
use crate::project::{ImageRecord, Project};

/// A project's labelled images, in two parts that never mix.
#[derive(Debug)]
pub struct ProjectData<'a> {
    train: Images<'a>,
    held_out: Images<'a>,
}

#[derive(Debug)]
struct Images<'a> {
    project: &'a Project,
    images: Vec<ImageRecord>,
}

impl<'a> ProjectData<'a> {
    /// The images of `project` whose labels are a person's work.
    ///
    /// At the project's first run, images are held out by group ([`Split`]), with the part and the
    /// seed of its settings; those of the same groups that are not labelled yet are held out with
    /// them. Later runs find that choice and keep it.
    ///
    /// # Errors
    /// [`Error::Argument`] when there are too few labelled images for both parts, and
    /// [`Error::Index`] when the index can't be read or written.
    pub fn new(project: &'a Project) -> Result<Self> {
        if project.held_out()?.is_empty() {
            hold_out(project)?;
        }
        let labelled = |image: &ImageRecord| image.status.is_touched() && image.error.is_none();
        let images = project.images()?.into_iter().filter(labelled);
        let (held_out, train): (Vec<_>, Vec<_>) = images.partition(|image| image.held_out);
        if train.is_empty() {
            return Err(too_few(held_out.len(), "all held out"));
        }
        let images = |images| Images { project, images };
        Ok(Self {
            train: images(train),
            held_out: images(held_out),
        })
    }

    /// Looks whether enough is labelled for a first run, before a model is read for it. Nothing is
    /// held out yet.
    ///
    /// # Errors
    /// As [`ProjectData::new`].
    pub fn check(project: &Project) -> Result<()> {
        if !project.held_out()?.is_empty() {
            return Ok(());
        }
        labelled_names(&project.images()?).map(drop)
    }

    /// The images to train on.
    pub fn train(&self) -> &dyn TrainingData {
        &self.train
    }

    /// The images that are never trained on.
    pub fn held_out(&self) -> &dyn TrainingData {
        &self.held_out
    }
}

/// Chooses the images that are held out from now on.
fn hold_out(project: &Project) -> Result<()> {
    let images = project.images()?;
    let names = labelled_names(&images)?;
    let settings = project.settings().split;
    let split = Split::choose(&names, settings.held_out, settings.seed);
    let held_out: Vec<_> = images
        .iter()
        .filter(|image| split.is_held_out(&name(&image.path)))
        .map(|image| image.id)
        .collect();
    project.set_held_out(&held_out)
}

/// The images that a person labelled, of which there must be two.
fn labelled_names(images: &[ImageRecord]) -> Result<Vec<String>> {
    let labelled = images.iter().filter(|image| image.status.is_touched());
    let names: Vec<String> = labelled.map(|image| name(&image.path)).collect();
    if names.len() < 2 {
        return Err(too_few(names.len(), "one of them has to be held out"));
    }
    Ok(names)
}

fn too_few(found: usize, why: &str) -> Error {
    Error::argument(
        "images to train on",
        "at least two corrected or reviewed images",
        format!("{found} ({why})"),
    )
}

/// A relative path as text, with `/` on every system.
fn name(path: &Path) -> String {
    let parts = path.iter().map(|part| part.to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

impl TrainingData for Images<'_> {
    fn len(&self) -> usize {
        self.images.len()
    }

    fn name(&self, index: usize) -> String {
        name(&self.images[index].path)
    }

    fn load(&self, index: usize) -> Result<Labelled> {
        let record = &self.images[index];
        let path = self.project.image_path(record);
        let image = image_file::decode(&path, self.project.limits())?;
        let labels = self.project.load_label(record.id)?.to_vec();
        Ok(Labelled { image, labels })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::Silent;
    use crate::mask::LabelMap;
    use crate::project::{OpenOptions, Status};

    /// A project of `count` grey images, of which the first `corrected` are labelled with class 1.
    fn project(folder: &Path, count: usize, corrected: usize) -> Project {
        for index in 0..count {
            let path = folder.join(format!("{index:03}.png"));
            image::RgbImage::from_pixel(4, 3, image::Rgb([9; 3]))
                .save(path)
                .unwrap();
        }
        let project = Project::open(folder, OpenOptions::default()).unwrap();
        project.scan(&mut Silent).unwrap();
        correct(&project, 0..corrected);
        project
    }

    fn correct(project: &Project, range: std::ops::Range<usize>) {
        for image in &project.images().unwrap()[range] {
            project
                .save_label(image.id, &LabelMap::filled(4, 3, 1))
                .unwrap();
            project.set_status(image.id, Status::Corrected).unwrap();
        }
    }

    fn names(data: &dyn TrainingData) -> Vec<String> {
        (0..data.len()).map(|index| data.name(index)).collect()
    }

    #[test]
    fn the_held_out_images_stay_the_same_when_more_are_labelled() {
        let folder = tempfile::tempdir().unwrap();
        let project = project(folder.path(), 20, 10);
        let first = ProjectData::new(&project).unwrap();
        let held_out = names(first.held_out());
        assert_eq!((first.train().len(), held_out.len()), (8, 2));
        let labelled = first.train().load(0).unwrap();
        assert_eq!(
            (labelled.image.dimensions(), labelled.labels),
            ((4, 3), vec![1; 12])
        );
        correct(&project, 10..20);
        let second = ProjectData::new(&project).unwrap();
        assert_eq!(names(second.held_out()), held_out);
        let train = names(second.train());
        assert_eq!(train.len(), 18);
        assert!(!held_out.iter().any(|name| train.contains(name)));
    }

    #[test]
    fn one_image_is_not_enough() {
        let folder = tempfile::tempdir().unwrap();
        let project = project(folder.path(), 3, 1);
        let error = ProjectData::new(&project).unwrap_err().to_string();
        assert!(error.contains("at least two corrected"), "{error}");
        assert!(project.held_out().unwrap().is_empty());
    }
}
