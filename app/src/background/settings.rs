//! Writes settings on the pool, the newest only.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Background, Message};
use crate::state::Settings;

/// The settings that wait to be written.
#[derive(Clone, Default)]
pub(super) struct Keeper {
    waiting: Arc<Mutex<Option<Settings>>>,
    /// Held while the file is written, so that an older version never comes last.
    writing: Arc<Mutex<()>>,
}

impl Keeper {
    fn put(&self, settings: Settings) {
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = Some(settings);
    }

    /// Writes what waits, if anything still does.
    fn write(&self, path: &Path) -> atrous_engine::Result<()> {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = self
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        newest.map_or(Ok(()), |settings| settings.write(path))
    }
}

impl Background {
    /// Has the settings written soon.
    pub fn write_settings(&self, settings: Settings, path: &Path) {
        self.settings.put(settings);
        let (keeper, path) = (self.settings.clone(), path.to_owned());
        self.spawn(move |post| {
            if let Err(error) = keeper.write(&path) {
                post.send(Message::Problem(error.to_string()));
            }
        });
    }

    /// Writes the settings now, for when the application closes.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn write_settings_now(&self, settings: Settings, path: &Path) -> atrous_engine::Result<()> {
        self.settings.put(settings);
        self.settings.write(path)
    }
}
