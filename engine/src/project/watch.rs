//! Watching the folder of images.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::event::ModifyKind;
use notify::{EventKind, RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, DebouncedEvent, Debouncer, RecommendedCache};

use super::open::Project;
use super::scan::is_hidden;
use crate::error::{Error, Result};
use crate::image_file::is_image_name;

/// Changes are reported once the folder has been quiet for this long.
const QUIET: Duration = Duration::from_millis(300);

/// What happened to a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It appeared, or its content changed.
    Present,
    /// It is gone.
    Gone,
}

/// Reports changes in a project's folder of images until it is dropped. It only looks.
#[derive(Debug)]
pub struct Watcher {
    _debouncer: Debouncer<RecommendedWatcher, RecommendedCache>,
}

impl Watcher {
    /// Starts to watch. `report` is called on a thread of its own with image files and folders that
    /// changed, as paths from the folder of images; [`Project::scan`] then takes the changes in.
    ///
    /// # Errors
    /// [`Error::Machine`] when the system can't watch the folder, for instance because too many
    /// folders are watched already.
    pub fn start(
        project: &Project,
        mut report: impl FnMut(Vec<(PathBuf, Change)>) + Send + 'static,
    ) -> Result<Self> {
        let images = project.images_dir().to_owned();
        let own = project.project_dir().to_owned();
        let fault = |error: notify::Error| {
            Error::machine(
                format!("watching {}", project.images_dir().display()),
                error.to_string(),
                "New images appear when the project is opened again.",
            )
        };
        let folder = images.clone();
        let handler = move |result: DebounceEventResult| match result {
            Ok(events) => {
                let changes = changes(&events, &folder, &own);
                if !changes.is_empty() {
                    report(changes);
                }
            }
            Err(errors) => {
                for error in errors {
                    tracing::warn!("watching {}: {error}", folder.display());
                }
            }
        };
        let mut debouncer =
            notify_debouncer_full::new_debouncer(QUIET, None, handler).map_err(fault)?;
        debouncer
            .watch(&images, RecursiveMode::Recursive)
            .map_err(fault)?;
        Ok(Self {
            _debouncer: debouncer,
        })
    }
}

/// The events that a person cares about, one for each path.
fn changes(events: &[DebouncedEvent], images: &Path, own: &Path) -> Vec<(PathBuf, Change)> {
    let mut changes = BTreeMap::new();
    for event in events {
        // Reading is no change, and neither are permissions and times.
        let metadata = matches!(event.kind, EventKind::Modify(ModifyKind::Metadata(_)));
        if event.kind.is_access() || metadata {
            continue;
        }
        for path in &event.paths {
            let Ok(relative) = path.strip_prefix(images) else {
                continue;
            };
            let hidden = relative.ancestors().any(is_hidden);
            if hidden || path.starts_with(own) || relative.as_os_str().is_empty() {
                continue;
            }
            if is_image_name(path) || path.is_dir() {
                let change = if path.exists() {
                    Change::Present
                } else {
                    Change::Gone
                };
                changes.insert(relative.to_owned(), change);
            } else if event.kind.is_remove() && path.extension().is_none() {
                // A folder that is gone can't be asked what it was.
                changes.insert(relative.to_owned(), Change::Gone);
            }
        }
    }
    changes.into_iter().collect()
}
