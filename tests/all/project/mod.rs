//! Projects on disk: what is found, kept, undone, and left alone.

mod counts;
mod excluded;
mod labels;
mod outside;
mod predictions;
mod recorder;
mod scanning;
mod stamps;
mod trash;

use std::fs;
use std::path::{Path, PathBuf};

use atrous_engine::jobs::Silent;
use atrous_engine::mask::{Brush, BrushShape, Edit, Gesture, LabelMap, Point, Protection};
use atrous_engine::project::{ImageId, OpenOptions, Project};
use atrous_palettes::Palette;
use image::{Rgb, RgbImage};
use tempfile::TempDir;

/// A folder of images made for a test.
pub struct Folder {
    folder: TempDir,
}

impl Folder {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// A folder with one image, `a.png`, of 300 x 280 pixels.
    pub fn with_an_image() -> Self {
        let folder = Self::new();
        folder.add("a.png", 300, 280);
        folder
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn add(&self, name: &str, width: u32, height: u32) {
        let path = self.file(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let image = RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, 90]));
        image.save(path).unwrap();
    }

    pub fn try_open(&self) -> atrous_engine::Result<Project> {
        let options = OpenOptions {
            palette: Some(Palette::pascal_voc()),
            ..OpenOptions::default()
        };
        Project::open(self.path(), options)
    }

    /// Opens the project and looks through the folder.
    pub fn open(&self) -> Project {
        let project = self.try_open().unwrap();
        project.scan(&mut Silent).unwrap();
        project
    }
}

/// The image with that path.
pub fn id(project: &Project, path: &str) -> ImageId {
    let images = project.images().unwrap();
    let image = images.iter().find(|image| image.path == Path::new(path));
    image.unwrap_or_else(|| panic!("{path} in {images:?}")).id
}

/// Draws a stroke into the map, and returns what changed.
pub fn stroke(map: &mut LabelMap, points: &[Point], value: u8) -> Option<Edit> {
    let brush = Brush {
        shape: BrushShape::Round,
        radius: 6.5,
    };
    let mut gesture = Gesture::start(map, Protection::NONE);
    gesture.paint(map, &brush.stroke(points, map.bounds()), value);
    gesture.commit(map)
}

/// Every file under a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut files, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
