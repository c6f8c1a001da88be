//! The folder that downloaded checkpoints are kept in.
//!
//! ```text
//! zoo/<name>/                  a whole checkpoint: its files and receipt.json
//! zoo/<archive>.part           what has come of a download so far
//! zoo/<archive>.part.json      what those bytes are the beginning of
//! zoo/<archive>.sha256         the checksum of the first whole download, for every later one
//! zoo/<archive>.lock           held while somebody downloads
//! ```

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;

use super::{Entry, Receipt};
use crate::error::{Error, Result};

/// The variable that names another cache folder.
const VARIABLE: &str = "ATROUS_CACHE";

/// Whether a checkpoint is on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Nothing of it is here.
    Absent,
    /// A download was begun.
    Begun {
        /// Bytes that have come.
        bytes: u64,
    },
    /// It is here, whole.
    Here {
        /// Bytes of its files.
        bytes: u64,
    },
}

/// The folder that downloaded checkpoints are kept in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    zoo: PathBuf,
}

impl Cache {
    /// The cache in `folder`, which need not exist yet.
    pub fn at(folder: &Path) -> Self {
        Self {
            zoo: folder.join("zoo"),
        }
    }

    /// The person's own cache: `ATROUS_CACHE`, or the folder that this system has for such files.
    ///
    /// # Errors
    /// [`Error::Machine`] when the person has no home folder.
    pub fn of_user() -> Result<Self> {
        if let Some(folder) = std::env::var_os(VARIABLE).filter(|folder| !folder.is_empty()) {
            return Ok(Self::at(Path::new(&folder)));
        }
        let base = etcetera::choose_base_strategy().map_err(|error| {
            let advice = format!("Name a folder for downloads in {VARIABLE}.");
            Error::machine("finding the cache folder", error.to_string(), advice)
        })?;
        Ok(Self::at(&base.cache_dir().join("atrous")))
    }

    /// The folder with everything that was downloaded.
    pub fn folder(&self) -> &Path {
        &self.zoo
    }

    /// The folder of a checkpoint's files. It is there only when the checkpoint is whole.
    pub fn model_folder(&self, entry: &Entry) -> PathBuf {
        self.zoo.join(&entry.name)
    }

    /// Whether a checkpoint is here. Cheap: checksums are not looked at.
    pub fn presence(&self, entry: &Entry) -> Presence {
        if let Ok(receipt) = Receipt::read(&self.model_folder(entry)) {
            let bytes = receipt.files.iter().map(|file| file.bytes).sum();
            return Presence::Here { bytes };
        }
        match fs::metadata(self.part(entry)) {
            Ok(part) if part.len() > 0 => Presence::Begun { bytes: part.len() },
            _ => Presence::Absent,
        }
    }

    /// Forgets a checkpoint and what was begun of it, but not its checksum.
    ///
    /// # Errors
    /// [`Error::Io`] when a file can't be removed, [`Error::Machine`] while it is being downloaded.
    pub fn remove(&self, entry: &Entry) -> Result<()> {
        let _lock = self.lock(entry)?;
        self.forget_download(entry)?;
        self.remove_model(entry)
    }

    pub(super) fn remove_model(&self, entry: &Entry) -> Result<()> {
        let folder = self.model_folder(entry);
        if !folder.exists() {
            return Ok(());
        }
        // Renamed first, so that a half removed checkpoint is never taken for one.
        let doomed = tempfile::Builder::new()
            .prefix(UNPACKING)
            .tempdir_in(&self.zoo)
            .map_err(Error::io(&self.zoo, "making a folder"))?;
        fs::rename(&folder, doomed.path().join("old")).map_err(Error::io(&folder, "removing"))?;
        doomed.close().map_err(Error::io(&folder, "removing"))
    }

    /// The bytes of a download so far.
    pub(super) fn part(&self, entry: &Entry) -> PathBuf {
        self.beside(entry, "part")
    }

    /// The file with the checksum of the first download.
    pub(super) fn checksum(&self, entry: &Entry) -> PathBuf {
        self.beside(entry, "sha256")
    }

    fn beside(&self, entry: &Entry, suffix: &str) -> PathBuf {
        self.zoo.join(format!("{}.{suffix}", entry.archive))
    }

    /// Forgets what was begun of a download.
    pub(super) fn forget_download(&self, entry: &Entry) -> Result<()> {
        super::download::discard(&self.part(entry))
    }

    /// An empty folder to unpack into, beside where the checkpoint will stand.
    pub(super) fn unpacking_folder(&self) -> Result<tempfile::TempDir> {
        tempfile::Builder::new()
            .prefix(UNPACKING)
            .tempdir_in(&self.zoo)
            .map_err(Error::io(&self.zoo, "making a folder"))
    }

    /// Keeps other processes from the same download as long as the file lives.
    pub(super) fn lock(&self, entry: &Entry) -> Result<File> {
        fs::create_dir_all(&self.zoo).map_err(Error::io(&self.zoo, "making the folder"))?;
        let path = self.beside(entry, "lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(Error::io(&path, "opening"))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(Error::machine(
                format!("downloading {}", entry.name),
                "it is being downloaded already",
                "Wait for that download, or stop it.",
            )),
            Err(TryLockError::Error(error)) => {
                // Some network file systems know no locks.
                tracing::warn!("{}: locking failed: {error}", path.display());
                Ok(file)
            }
        }
    }

    /// Removes folders that a killed process was unpacking into. Only for whoever holds every lock
    /// that matters: folders of the last hour are left alone.
    pub(super) fn sweep(&self) {
        const HOUR: std::time::Duration = std::time::Duration::from_secs(3600);
        for entry in fs::read_dir(&self.zoo).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let old = entry
                .metadata()
                .and_then(|metadata| metadata.modified())
                .is_ok_and(|time| time.elapsed().is_ok_and(|age| age > HOUR));
            if old
                && name
                    .to_str()
                    .is_some_and(|name| name.starts_with(UNPACKING))
            {
                // What can't be removed now is tried again at the next download.
                drop(fs::remove_dir_all(entry.path()));
            }
        }
    }
}

/// How the names of folders begin that are being unpacked into.
const UNPACKING: &str = ".atrous-unpacking-";
