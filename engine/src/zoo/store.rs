//! Getting a checkpoint: download, check, unpack, and only then call it here.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{ArchiveLimits, Cache, Catalogue, Entry, FetchOptions, Receipt};
use super::{archive, checksum, download, model};
use crate::error::{Error, Result};
use crate::jobs::Monitor;

/// The catalogue and what of it is on this machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Zoo {
    /// What is published.
    pub catalogue: Arc<Catalogue>,
    /// Where downloads are kept.
    pub cache: Cache,
    /// How patient a download is.
    pub options: FetchOptions,
    /// How much an archive may ask for.
    pub limits: ArchiveLimits,
}

/// What came of [`Zoo::get`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Got {
    /// The folder of the checkpoint's files.
    pub folder: PathBuf,
    /// What they are.
    pub receipt: Receipt,
    /// Whether it was here before; then its checksums were looked at again.
    pub was_here: bool,
}

impl Zoo {
    /// The published zoo, kept in the person's own cache.
    ///
    /// # Errors
    /// [`Error::Machine`] when the person has no home folder.
    pub fn of_user() -> Result<Self> {
        Ok(Self::new(Catalogue::published()?, Cache::of_user()?))
    }

    /// A catalogue and where its checkpoints are kept.
    pub fn new(catalogue: Catalogue, cache: Cache) -> Self {
        Self {
            catalogue: Arc::new(catalogue),
            cache,
            options: FetchOptions::default(),
            limits: ArchiveLimits::default(),
        }
    }

    /// The checkpoint of that name.
    ///
    /// # Errors
    /// [`Error::Argument`] when there is none, with the names that may have been meant.
    pub fn find(&self, name: &str) -> Result<&Entry> {
        self.catalogue.find(name).ok_or_else(|| {
            let similar = self.catalogue.similar(name);
            let meant = if similar.is_empty() {
                "see atrous model list".to_owned()
            } else {
                format!("perhaps {}", similar.join(" or "))
            };
            Error::argument(
                "model",
                format!("the name of a published model ({meant})"),
                format!("\"{name}\""),
            )
        })
    }

    /// Brings a checkpoint onto this machine, or checks the one that is here. One that has been
    /// damaged is fetched again.
    ///
    /// # Errors
    /// [`Error::Machine`] when it can't be downloaded; [`Error::File`] when what came is not the
    /// archive, or not the same as at the first download; [`Error::Limit`] when it asks for too much;
    /// [`Error::Io`] when the cache can't be written; [`Error::Cancelled`] when the person asked to
    /// stop, which leaves what has come for the next time.
    pub fn get(&self, entry: &Entry, monitor: &mut dyn Monitor) -> Result<Got> {
        let _lock = self.cache.lock(entry)?;
        self.cache.sweep();
        if let Some(here) = self.still_here(entry, monitor)? {
            return Ok(here);
        }
        let part = self.cache.part(entry);
        let sources = self.catalogue.sources(entry);
        let limit = entry.archive_limit();
        let source = download::fetch(&sources, &part, limit, &self.options, monitor)?;
        let installed = self.install(entry, &part, source, monitor);
        match &installed {
            // What came is whole and right, and the person's wish or the disk stood in the way.
            Err(Error::Cancelled | Error::Io { .. }) => {}
            _ => download::discard(&part)?,
        }
        installed
    }

    /// Takes a checkpoint's archive from a file that came by other means.
    ///
    /// # Errors
    /// As [`Zoo::get`]. The file stays as it is.
    pub fn import(&self, entry: &Entry, file: &Path, monitor: &mut dyn Monitor) -> Result<Got> {
        let _lock = self.cache.lock(entry)?;
        self.cache.sweep();
        self.install(entry, file, file.display().to_string(), monitor)
    }

    /// The checkpoint where it is here and undamaged.
    fn still_here(&self, entry: &Entry, monitor: &mut dyn Monitor) -> Result<Option<Got>> {
        let folder = self.cache.model_folder(entry);
        let Ok(receipt) = Receipt::read(&folder) else {
            return Ok(None);
        };
        match receipt.verify(&folder, monitor) {
            Ok(()) => Ok(Some(Got {
                folder,
                receipt,
                was_here: true,
            })),
            Err(error @ Error::Cancelled) => Err(error),
            Err(error) => {
                tracing::warn!("{error}");
                Ok(None)
            }
        }
    }

    fn install(
        &self,
        entry: &Entry,
        file: &Path,
        source: String,
        monitor: &mut dyn Monitor,
    ) -> Result<Got> {
        let size = fs::metadata(file)
            .map_err(Error::io(file, "opening"))?
            .len();
        archive::check_begin(file)?;
        let found = checksum::of_file(file, monitor)?;
        let record = self.cache.checksum(entry);
        checksum::compare(&record, file, &found)?;
        let unpacking = self.cache.unpacking_folder()?;
        let files = archive::unpack(file, unpacking.path(), &self.limits, monitor)?;
        let receipt = Receipt {
            name: entry.name.clone(),
            source,
            archive_bytes: size,
            archive_sha256: found.clone(),
            files,
        };
        model::choose(&receipt.files).ok_or_else(|| {
            let advice = "It is not the archive of this model.";
            Error::file(file, model::EXPECTED, "none of them", advice)
        })?;
        receipt.write(unpacking.path())?;
        // Only a download that turned out whole is what later ones are held against.
        checksum::record(&record, &entry.archive, &found)?;
        self.cache.remove_model(entry)?;
        let folder = self.cache.model_folder(entry);
        fs::rename(unpacking.path(), &folder).map_err(Error::io(&folder, "putting in place"))?;
        Ok(Got {
            folder,
            receipt,
            was_here: false,
        })
    }
}
