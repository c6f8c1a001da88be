//! A folder that appears whole or not at all.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::{Error, Result};

/// The file that marks a folder as an export of ours, which a new export may replace.
pub(super) const MANIFEST: &str = "atrous-export.json";

/// A folder in the making, beside the place where it will be. Gone if it is never finished.
#[derive(Debug)]
pub(super) struct Target {
    folder: TempDir,
    out: PathBuf,
}

impl Target {
    /// Starts a folder that will be `out`.
    ///
    /// # Errors
    /// [`Error::Argument`] when `out` is something that must not be replaced: a file, or a folder
    /// with files in it that are no earlier export; [`Error::Io`] when the folder can't be made.
    pub fn new(out: &Path) -> Result<Self> {
        // `parent` of a bare name is the empty path, and of `a/..` not where it points to.
        let out = std::path::absolute(out).map_err(Error::io(out, "finding the folder"))?;
        check_replaceable(&out)?;
        let parent = out.parent().unwrap_or(&out);
        fs::create_dir_all(parent).map_err(Error::io(parent, "making the folder"))?;
        let folder = tempfile::Builder::new()
            .prefix(".atrous-export-")
            .tempdir_in(parent)
            .map_err(Error::io(parent, "making a temporary folder"))?;
        allow_reading(folder.path())?;
        Ok(Self { folder, out })
    }

    /// Where to write.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Puts the folder in its place, in place of an earlier export if there is one.
    ///
    /// # Errors
    /// [`Error::Argument`] when something else has come there meanwhile; [`Error::Io`].
    pub fn finish(self) -> Result<PathBuf> {
        check_replaceable(&self.out)?;
        let Self { folder, out } = self;
        let earlier = if out.exists() {
            let parent = out.parent().unwrap_or(&out);
            let aside = tempfile::Builder::new()
                .prefix(".atrous-export-")
                .tempdir_in(parent)
                .map_err(Error::io(parent, "making a temporary folder"))?;
            let place = aside.path().join("earlier");
            fs::rename(&out, &place).map_err(Error::io(&out, "moving the earlier export"))?;
            Some((aside, place))
        } else {
            None
        };
        if let Err(error) = fs::rename(folder.path(), &out) {
            if let Some((_, place)) = &earlier {
                fs::rename(place, &out)
                    .map_err(Error::io(&out, "putting back the earlier export"))?;
            }
            return Err(Error::io(&out, "putting the export in its place")(error));
        }
        // It is not where it was made any more, so nothing is left to remove.
        let _ = folder.keep();
        Ok(out)
    }
}

fn check_replaceable(out: &Path) -> Result<()> {
    let refuse = |found: String| {
        Err(Error::argument(
            "out",
            "a new folder, an empty one, or an earlier export",
            found,
        ))
    };
    if !out.exists() {
        return Ok(());
    }
    if !out.is_dir() {
        return refuse(format!("{} is a file", out.display()));
    }
    let mut entries = fs::read_dir(out).map_err(Error::io(out, "listing the folder"))?;
    if entries.next().is_some() && !out.join(MANIFEST).is_file() {
        return refuse(format!("{} holds other files", out.display()));
    }
    Ok(())
}

/// Temporary folders are private to their owner; what they become is an ordinary folder.
#[cfg(unix)]
fn allow_reading(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
        .map_err(Error::io(folder, "setting permissions"))
}

#[cfg(not(unix))]
fn allow_reading(_folder: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn an_unfinished_folder_leaves_nothing() {
        let parent = tempfile::tempdir().unwrap();
        let target = Target::new(&parent.path().join("deep/out")).unwrap();
        fs::write(target.folder().join("half"), "x").unwrap();
        drop(target);
        assert!(names(&parent.path().join("deep")).is_empty());
    }

    #[test]
    fn an_earlier_export_is_replaced_and_other_files_are_not() {
        let parent = tempfile::tempdir().unwrap();
        let out = parent.path().join("out");
        for round in ["one", "two"] {
            let target = Target::new(&out).unwrap();
            fs::write(target.folder().join(MANIFEST), "{}").unwrap();
            fs::write(target.folder().join(round), "").unwrap();
            target.finish().unwrap();
            assert_eq!(names(&out), [MANIFEST, round]);
            assert_eq!(names(parent.path()), ["out"]);
        }
        fs::remove_file(out.join(MANIFEST)).unwrap();
        let error = Target::new(&out).unwrap_err().to_string();
        assert!(error.contains("holds other files"), "{error}");
        assert_eq!(names(&out), ["two"]);
        assert!(Target::new(&out.join("two")).is_err(), "a file");
    }

    #[test]
    fn files_that_come_meanwhile_are_kept() {
        let parent = tempfile::tempdir().unwrap();
        let out = parent.path().join("out");
        fs::create_dir(&out).unwrap();
        let target = Target::new(&out).unwrap();
        fs::write(out.join("mine"), "").unwrap();
        assert!(target.finish().is_err());
        assert_eq!(names(parent.path()), ["out"]);
        assert_eq!(names(&out), ["mine"]);
    }
}
