//! Opens a folder as a project, keeps an eye on it, and draws the demo.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant, SystemTime};

use atrous_engine::demo::{DemoOptions, write_demo};
use atrous_engine::jobs::{Cancel, Silent};
use atrous_engine::project::watch::Watcher;
use atrous_engine::project::{DeletionId, OpenOptions, PROJECT_FOLDER, Project, Revision};
use atrous_engine::{Error, Result, image_file};
use atrous_palettes::Palette;

use super::{Background, Message, PoolMonitor, Post, answered};
use crate::state::{Images, Task};

/// So long the project that was open before may take to close.
const PATIENCE: Duration = Duration::from_secs(20);

/// So many images that changed are told of one by one.
const FEW: usize = 1_000;

/// A project that has just been opened.
pub struct Opened {
    /// The project.
    pub project: Arc<Project>,
    /// Its images.
    pub listing: Listing,
    /// The labels that were deleted last.
    pub deletion: Option<DeletionId>,
    /// Since when it is not known what came and went.
    pub listed: SystemTime,
    /// The image that was dropped, where it was not a folder.
    pub wanted: Option<PathBuf>,
}

/// What is known of every image.
pub struct Listing {
    /// The images.
    pub images: Images,
    /// Up to when.
    pub revision: Revision,
}

impl Listing {
    fn of(project: &Project) -> Result<Self> {
        // What changes meanwhile is told once more.
        let revision = project.revision()?;
        let images = Images::new(project.images()?);
        Ok(Self { images, revision })
    }
}

impl Background {
    /// Opens the project of `path`: a folder of images, or an image in one. A new project takes
    /// `palette`.
    pub fn open_project(&self, path: PathBuf, palette: Option<Palette>) -> Cancel {
        let cancel = Cancel::default();
        let (wish, post, former) = (cancel.clone(), self.post(), self.former.clone());
        // Not on the pool, whose tasks may be what it waits for.
        let opener = std::thread::Builder::new().name("opener".to_owned());
        let started = opener.spawn(move || {
            wait_until_closed(former.as_ref());
            let opened = answered(|| open(&path, palette, &wish));
            post.send(Message::Opened(opened.map(Box::new)));
        });
        if let Err(error) = started {
            let message = format!("Opening the folder failed: {error}");
            self.post().send(Message::Opened(Err(message)));
        }
        cancel
    }

    /// Asks what changed in what is known of the project's images. Where it is much, all that is
    /// known of them is handed over anew, so that the window has little to do with it.
    pub fn list(&self, project: &Arc<Project>, since: Revision) {
        let project = project.clone();
        self.spawn(move |post| match news(&project, since) {
            Ok(news) => post.send(news),
            Err(error) => post.send(Message::Problem(error.to_string())),
        });
    }

    /// Draws the demo's scenes into `folder`, if they are not there yet.
    pub fn draw_demo(&self, folder: PathBuf) -> Cancel {
        let cancel = Cancel::default();
        let wish = cancel.clone();
        self.answer(Message::DemoDrawn, move |post| {
            if has_images(&folder) {
                return Ok(folder);
            }
            let mut monitor = PoolMonitor::new(Task::Demo, wish, post);
            let report = write_demo(&folder, &DemoOptions::default(), &mut monitor)?;
            Ok(report.images)
        });
        cancel
    }
}

/// Waits a while until nobody works on the project that was open before: a project that is open
/// can't be opened once more.
pub(super) fn wait_until_closed(former: Option<&Weak<Project>>) {
    let start = Instant::now();
    while former.is_some_and(|project| project.strong_count() > 0) && start.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Opens a project as far as the names of its images: their headers are read later.
fn open(path: &Path, palette: Option<Palette>, wish: &Cancel) -> Result<Opened> {
    let is_project = path.file_name().is_some_and(|name| name == PROJECT_FOLDER);
    let (folder, wanted) = if path.is_file() && image_file::is_image_name(path) {
        (path.parent().unwrap_or(path), path.file_name())
    } else if is_project {
        (path.parent().unwrap_or(path), None)
    } else {
        (path, None)
    };
    if !folder.is_dir() {
        return Err(Error::file(
            folder,
            "a folder of images",
            "no folder",
            "Open a folder, or an image in one.",
        ));
    }
    let options = OpenOptions {
        palette,
        ..OpenOptions::default()
    };
    let project = Project::open(folder, options)?;
    let listed = SystemTime::now();
    project.scan_names()?;
    wish.check()?;
    Ok(Opened {
        listing: Listing::of(&project)?,
        deletion: project.last_deletion()?,
        listed,
        project: Arc::new(project),
        wanted: wanted.map(PathBuf::from),
    })
}

fn news(project: &Project, since: Revision) -> Result<Message> {
    let (images, revision) = project.changes_since(since)?;
    if images.len() <= FEW {
        return Ok(Message::Changed(images, revision));
    }
    Ok(Message::Listed(Box::new(Listing::of(project)?)))
}

/// Watches the folder of images: what comes and goes there is listed again. The watch ends when the
/// returned value is dropped. To begin it takes as long as the folder has files.
pub(super) fn watch(project: &Arc<Project>, post: Post) -> Result<Watcher> {
    let watched = Arc::downgrade(project);
    Watcher::start(project, move |_changes| {
        if let Some(project) = watched.upgrade() {
            match look_again(&project) {
                Ok(listing) => post.send(Message::Listed(Box::new(listing))),
                Err(error) => post.send(Message::Problem(error.to_string())),
            }
        }
    })
}

/// What came and went since the images were listed at `listed` and before the watch began; none
/// where nothing did.
pub(super) fn missed(project: &Project, listed: SystemTime) -> Result<Option<Listing>> {
    if !project.may_have_changed_since(listed)? {
        return Ok(None);
    }
    let before = project.revision()?;
    let report = project.scan_names()?;
    let some = report.added + report.missing > 0 || project.revision()? != before;
    some.then(|| look_again(project)).transpose()
}

fn look_again(project: &Project) -> Result<Listing> {
    project.scan(&mut Silent)?;
    Listing::of(project)
}

fn has_images(folder: &Path) -> bool {
    folder.read_dir().is_ok_and(|mut entries| {
        entries.any(|entry| entry.is_ok_and(|entry| image_file::is_image_name(&entry.path())))
    })
}
