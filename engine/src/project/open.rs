//! Opening a project.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use atrous_palettes::Palette;
use rusqlite::Connection;

use super::index::Index;
use super::label::Cached;
use super::layout::{Layout, PROJECT_FILE, PROJECT_FOLDER};
use super::record::{ImageId, ImageRecord, Revision};
use super::settings::Settings;
use super::thumbnails::Thumbnails;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::mask::DEFAULT_HISTORY_BYTES;

/// How a project is opened.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// Where the project lies; `None` is `.atrous` in the folder of images.
    pub project_dir: Option<PathBuf>,
    /// The palette of a new project (Cityscapes if `None`); one that exists keeps its own.
    pub palette: Option<Palette>,
    /// What images and label files may ask for.
    pub limits: Limits,
    /// How many bytes of edits an image's history keeps: older ones can't be undone any more.
    pub history_bytes: usize,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            project_dir: None,
            palette: None,
            limits: Limits::default(),
            history_bytes: DEFAULT_HISTORY_BYTES,
        }
    }
}

/// How many locks the images share. Two images with one lock only wait for each other.
const IMAGE_LOCKS: usize = 64;

/// A folder of images with their labels. Threads share it; one process at a time has it open.
///
/// No method writes to the person's images.
#[derive(Debug)]
pub struct Project {
    pub(super) images: PathBuf,
    pub(super) layout: Layout,
    pub(super) index: Index,
    pub(super) limits: Limits,
    pub(super) history_bytes: usize,
    /// The label maps used last, the last one first, so that an open image is not put together
    /// anew at each step.
    pub(super) cache: Mutex<Vec<Cached>>,
    /// Opened when the first thumbnail is wanted; `None` where they can't be kept.
    pub(super) thumbnails: OnceLock<Option<Thumbnails>>,
    settings: Mutex<Settings>,
    image_locks: [Mutex<()>; IMAGE_LOCKS],
    /// Held as long as the project is open; the system lets go of it even after a crash.
    _lock: File,
}

impl Project {
    /// Opens the project of a folder of images, or makes one.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder can't be read; [`Error::Machine`] when the project can't be
    /// written or another Atrous has it open; [`Error::File`] and [`Error::Index`] when its files
    /// make no sense.
    pub fn open(images: &Path, options: OpenOptions) -> Result<Self> {
        let images = fs::canonicalize(images).map_err(Error::io(images, "opening the folder"))?;
        fs::read_dir(&images).map_err(Error::io(&images, "reading the folder"))?;
        let folder = match options.project_dir {
            Some(folder) => folder,
            None => images.join(PROJECT_FOLDER),
        };
        fs::create_dir_all(&folder).map_err(|error| {
            let advice = "Put the project into another folder with --project DIR.";
            let what = format!("making the project folder {}", folder.display());
            Error::machine(what, error.to_string(), advice)
        })?;
        let folder = fs::canonicalize(&folder).map_err(Error::io(&folder, "opening the folder"))?;
        let layout = Layout::new(folder);
        let lock = lock(&layout)?;
        // Nobody else writes here now: what a crash left half-written belongs to nobody.
        layout.sweep()?;
        let settings = settings(&layout, &images, options.palette)?;
        Ok(Self {
            images,
            index: Index::open(&layout.index())?,
            layout,
            limits: options.limits,
            history_bytes: options.history_bytes,
            cache: Mutex::default(),
            thumbnails: OnceLock::new(),
            settings: Mutex::new(settings),
            image_locks: [const { Mutex::new(()) }; IMAGE_LOCKS],
            _lock: lock,
        })
    }

    /// Opens a project that exists: `path` is its own folder, or the folder of its images.
    ///
    /// # Errors
    /// [`Error::File`] when there is no project, and what [`Project::open`] says.
    pub fn open_existing(path: &Path, options: OpenOptions) -> Result<Self> {
        let inside = path.join(PROJECT_FOLDER);
        let folder = [path, &inside]
            .into_iter()
            .find(|folder| folder.join(PROJECT_FILE).is_file())
            .ok_or_else(|| {
                let advice = "Make one with `atrous prelabel FOLDER`, or by opening the folder.";
                Error::file(path, "a project", format!("no {PROJECT_FILE}"), advice)
            })?;
        let settings = Settings::read(&folder.join(PROJECT_FILE))?;
        let options = OpenOptions {
            project_dir: Some(folder.to_owned()),
            ..options
        };
        Self::open(&folder.join(settings.images), options)
    }

    /// The folder of images.
    pub fn images_dir(&self) -> &Path {
        &self.images
    }

    /// The project's own folder.
    pub fn project_dir(&self) -> &Path {
        self.layout.folder()
    }

    /// Where models go.
    pub fn models_dir(&self) -> PathBuf {
        self.layout.models()
    }

    /// Where reports go.
    pub fn reports_dir(&self) -> PathBuf {
        self.layout.reports()
    }

    /// What images and label files may ask for.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The classes.
    pub fn palette(&self) -> Palette {
        self.lock_settings().palette.clone()
    }

    /// The settings, as in `project.toml`.
    pub fn settings(&self) -> Settings {
        self.lock_settings().clone()
    }

    /// Changes the settings and writes `project.toml`.
    ///
    /// # Errors
    /// [`Error::Io`] when it can't be written: the settings stay as they were.
    pub fn change_settings(&self, change: impl FnOnce(&mut Settings)) -> Result<()> {
        let mut settings = self.lock_settings();
        let mut changed = settings.clone();
        change(&mut changed);
        changed.write(&self.layout.settings())?;
        *settings = changed;
        Ok(())
    }

    /// The images, by path.
    ///
    /// # Errors
    /// [`Error::Index`] when the index can't be read.
    pub fn images(&self) -> Result<Vec<ImageRecord>> {
        let sql = format!("SELECT {} FROM images ORDER BY path", ImageRecord::COLUMNS);
        self.index.read(|ask| {
            let mut statement = ask.prepare_cached(&sql)?;
            statement.query_map([], ImageRecord::from_row)?.collect()
        })
    }

    /// The images that changed after `revision` in what their records say, by path, and the
    /// revision of now. Images that are new or forgotten are not told: [`Project::images`] has them.
    ///
    /// # Errors
    /// [`Error::Index`] when the index can't be read.
    pub fn changes_since(&self, revision: Revision) -> Result<(Vec<ImageRecord>, Revision)> {
        let sql = format!(
            "SELECT {} FROM images WHERE revision > ?1 ORDER BY path",
            ImageRecord::COLUMNS
        );
        self.index.read(|ask| {
            let mut statement = ask.prepare_cached(&sql)?;
            let rows = statement.query_map([revision.0], ImageRecord::from_row)?;
            let images = rows.collect::<rusqlite::Result<Vec<_>>>()?;
            Ok((images, newest(ask)?))
        })
    }

    /// The revision of now: what changes from here on, [`Project::changes_since`] tells.
    ///
    /// # Errors
    /// [`Error::Index`] when the index can't be read.
    pub fn revision(&self) -> Result<Revision> {
        self.index.read(newest)
    }

    /// One image.
    ///
    /// # Errors
    /// [`Error::Index`] when there is none with that id, or the index can't be read.
    pub fn image(&self, id: ImageId) -> Result<ImageRecord> {
        let sql = format!("SELECT {} FROM images WHERE id = ?1", ImageRecord::COLUMNS);
        self.index.read(|ask| {
            ask.prepare_cached(&sql)?
                .query_row([id.0], ImageRecord::from_row)
        })
    }

    /// The file of an image.
    pub fn image_path(&self, image: &ImageRecord) -> PathBuf {
        self.images.join(&image.path)
    }

    /// The file that holds the image's label map for other tools. It may not exist yet.
    pub fn label_path(&self, image: &ImageRecord) -> PathBuf {
        self.layout.label(&text_path(&image.path))
    }

    /// Keeps other threads from the image's labels as long as the guard lives.
    pub(super) fn guard(&self, id: ImageId) -> MutexGuard<'_, ()> {
        let place = id.0.unsigned_abs() as usize % IMAGE_LOCKS;
        // The lock guards files and rows, which are whole at every moment.
        self.image_locks[place]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn newest(ask: &Connection) -> rusqlite::Result<Revision> {
    let sql = "SELECT coalesce(max(revision), 0) FROM images";
    ask.query_row(sql, [], |row| row.get(0).map(Revision))
}

/// A path as the index has it: `/` between its parts on every system.
pub(super) fn text_path(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

/// Takes the project for this process.
fn lock(layout: &Layout) -> Result<File> {
    let path = layout.lock();
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| {
            let advice =
                "Make its folder writable, or put the project elsewhere with --project DIR.";
            Error::machine(
                format!("writing to {}", path.display()),
                error.to_string(),
                advice,
            )
        })?;
    match try_lock_patiently(&file) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::machine(
            format!("opening the project {}", layout.folder().display()),
            "another Atrous has it open",
            "Close that one first; two writers would spoil each other's work.",
        )),
        Err(TryLockError::Error(error)) => {
            // Some network file systems know no locks. SQLite's own checks are left there.
            tracing::warn!("{}: locking failed: {error}", path.display());
            Ok(file)
        }
    }
}

/// A lock can outlive its owner for a moment: while that process ends, or while it starts another
/// program, which holds what its parent held until it is running.
fn try_lock_patiently(file: &File) -> Result<(), TryLockError> {
    const PAUSE: Duration = Duration::from_millis(20);
    const PAUSES: u32 = 50;
    for _ in 0..PAUSES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            answer => return answer,
        }
    }
    file.try_lock()
}

/// The project's settings, written where they are new or the images have moved.
fn settings(layout: &Layout, images: &Path, palette: Option<Palette>) -> Result<Settings> {
    let path = layout.settings();
    let usual = layout.folder().parent() == Some(images);
    let place = if usual {
        PathBuf::from("..")
    } else {
        images.to_owned()
    };
    let settings = if path.exists() {
        let mut settings = Settings::read(&path)?;
        let known = layout.folder().join(&settings.images);
        if fs::canonicalize(known).is_ok_and(|known| known == images) {
            return Ok(settings);
        }
        settings.images = place;
        settings
    } else {
        Settings::new(place, palette.unwrap_or_else(Palette::cityscapes))
    };
    settings.write(&path)?;
    Ok(settings)
}
