//! Where things lie in a project's folder.

use std::fs;
use std::path::{Path, PathBuf};

use crate::atomic_file::is_temporary;
use crate::error::{Error, Result};
use crate::mask::Digest;

/// The project's folder inside the folder of images, if it is not put elsewhere.
pub const PROJECT_FOLDER: &str = ".atrous";

/// The settings file's name; a folder that has it is a project.
pub const PROJECT_FILE: &str = "project.toml";

/// File systems allow 255 bytes for a name. Longer ones than this are shortened, which leaves room
/// for the endings that are added.
const LONGEST_NAME: usize = 230;

/// The files of a project.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    folder: PathBuf,
}

impl Layout {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn settings(&self) -> PathBuf {
        self.folder.join(PROJECT_FILE)
    }

    pub fn index(&self) -> PathBuf {
        self.folder.join("index.sqlite")
    }

    pub fn lock(&self) -> PathBuf {
        self.folder.join("lock")
    }

    pub fn models(&self) -> PathBuf {
        self.folder.join("models")
    }

    pub fn reports(&self) -> PathBuf {
        self.folder.join("reports")
    }

    pub fn labels(&self) -> PathBuf {
        self.folder.join("labels")
    }

    pub fn predictions(&self) -> PathBuf {
        self.folder.join("predictions")
    }

    pub fn thumbnails(&self) -> PathBuf {
        self.folder.join("thumbnails.sqlite")
    }

    /// Where the labels of a deletion are kept.
    pub fn trash(&self, deletion: i64) -> PathBuf {
        self.folder.join("trash").join(deletion.to_string())
    }

    /// The label map of an image among those of a deletion.
    pub fn trashed(&self, deletion: i64, image: &str) -> PathBuf {
        beside(&self.trash(deletion), image, ".png")
    }

    /// Removes the temporary files that a crash left behind. Nobody may be writing meanwhile.
    pub fn sweep(&self) -> Result<()> {
        let mut open = vec![self.folder.clone()];
        while let Some(folder) = open.pop() {
            let reading = || Error::io(&folder, "reading the folder");
            for entry in fs::read_dir(&folder).map_err(reading())? {
                let entry = entry.map_err(reading())?;
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    open.push(entry.path());
                } else if is_temporary(Path::new(&entry.file_name())) {
                    let path = entry.path();
                    fs::remove_file(&path).map_err(Error::io(&path, "removing"))?;
                }
            }
        }
        Ok(())
    }

    /// The label map of the image at `image`, its path in its folder with `/` between the parts.
    pub fn label(&self, image: &str) -> PathBuf {
        beside(&self.labels(), image, ".png")
    }

    pub fn prediction(&self, image: &str) -> PathBuf {
        beside(&self.predictions(), image, ".png")
    }

    pub fn confidence(&self, image: &str) -> PathBuf {
        beside(&self.predictions(), image, ".confidence.png")
    }
}

/// The path in `root` that answers to the image's, with an ending added to the name.
fn beside(root: &Path, image: &str, ending: &str) -> PathBuf {
    let (folders, name) = image.rsplit_once('/').unwrap_or(("", image));
    let folder = folders
        .split('/')
        .fold(root.to_owned(), |folder, part| folder.join(part));
    folder.join(short(name) + ending)
}

/// The name, or its beginning and a digest of all of it where it is too long.
fn short(name: &str) -> String {
    if name.len() <= LONGEST_NAME {
        return name.to_owned();
    }
    let end = name.floor_char_boundary(LONGEST_NAME - 17);
    format!("{}~{:016x}", &name[..end], Digest::of(name.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_image_has_its_own_files() {
        let layout = Layout::new(PathBuf::from("/p"));
        assert_eq!(layout.label("a.jpg"), Path::new("/p/labels/a.jpg.png"));
        assert_eq!(
            layout.label("x/y/ö ü.png"),
            Path::new("/p/labels/x/y/ö ü.png.png")
        );
        assert_ne!(layout.label("a.jpg"), layout.label("a.png"));
        assert_ne!(layout.confidence("a.jpg"), layout.prediction("a.jpg"));
        let other = layout.prediction("a.jpg.confidence.png");
        assert_ne!(layout.confidence("a.jpg"), other);
    }

    #[test]
    fn long_names_are_shortened_and_stay_apart() {
        let layout = Layout::new(PathBuf::from("/p"));
        let name = |end: &str| format!("{}{end}.jpg", "ö".repeat(124));
        let (a, b) = (layout.confidence(&name("a")), layout.confidence(&name("b")));
        assert_ne!(a, b);
        for path in [a, b] {
            assert!(path.file_name().unwrap().len() <= 255);
        }
    }
}
