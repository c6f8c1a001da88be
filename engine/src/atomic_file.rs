//! Files that are written whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::error::{Error, Result};

/// How the names of temporary files begin and end.
const TEMPORARY: (&str, &str) = (".atrous-", ".part");

/// Whether a file is a temporary one of [`write_atomic`], which a crash may leave behind.
pub fn is_temporary(path: &Path) -> bool {
    let (prefix, suffix) = TEMPORARY;
    path.file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| name.starts_with(prefix) && name.ends_with(suffix))
}

/// Writes `path` through `fill`: into a temporary file beside it, synced, then renamed over it.
///
/// Missing parent folders are made. A reader sees the old file or the new one, never a part.
///
/// # Errors
/// [`Error::Io`] when the folder or file can't be written, or when `fill` fails.
pub fn write_atomic(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<&mut File>) -> io::Result<()>,
) -> Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder).map_err(Error::io(folder, "making the folder"))?;
    let mut temporary = tempfile::Builder::new()
        .prefix(TEMPORARY.0)
        .suffix(TEMPORARY.1)
        .tempfile_in(folder)
        .map_err(Error::io(folder, "making a temporary file"))?;
    let mut writer = BufWriter::new(temporary.as_file_mut());
    fill(&mut writer)
        .and_then(|()| writer.flush())
        .map_err(Error::io(path, "writing"))?;
    drop(writer);
    allow_reading(temporary.as_file()).map_err(Error::io(path, "setting permissions"))?;
    temporary
        .as_file()
        .sync_all()
        .map_err(Error::io(path, "syncing"))?;
    temporary
        .persist(path)
        .map_err(|error| Error::io(path, "renaming")(error.error))?;
    sync_folder(folder).map_err(Error::io(folder, "syncing the folder"))
}

/// Writes `bytes` to `path`, whole or not at all. See [`write_atomic`].
///
/// # Errors
/// [`Error::Io`] when the file can't be written.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> Result<()> {
    write_atomic(path, |writer| writer.write_all(bytes))
}

/// A rename is on disk for good once its folder is.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// Temporary files are private to their owner; what they become is an ordinary file.
#[cfg(unix)]
fn allow_reading(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn allow_reading(_file: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("label.png");
        write_bytes(&path, b"old").unwrap();
        let error = write_atomic(&path, |writer| {
            writer.write_all(b"half of the new")?;
            Err(io::Error::other("disk full"))
        })
        .unwrap_err();
        assert!(error.to_string().contains("label.png"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn parents_are_made_and_bytes_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/c.bin");
        write_bytes(&path, b"one").unwrap();
        write_bytes(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
    }
}
