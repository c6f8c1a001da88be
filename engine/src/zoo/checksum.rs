//! SHA-256: recorded at the first download of an archive, checked at every later one.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::atomic_file::write_bytes;
use crate::error::{Error, Result};
use crate::jobs::{Monitor, Pace};

/// The SHA-256 of bytes that are written or read one after the other.
#[derive(Default)]
pub(super) struct Hasher(Sha256);

impl Hasher {
    /// The checksum of all bytes so far, in hexadecimal.
    pub(super) fn finish(self) -> String {
        let digits = self.0.finalize();
        digits.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The checksum of a file, in hexadecimal.
///
/// # Errors
/// [`Error::Io`] when it can't be read, [`Error::Cancelled`] when the person asked to stop.
pub(super) fn of_file(path: &Path, monitor: &mut dyn Monitor) -> Result<String> {
    let mut file = File::open(path).map_err(Error::io(path, "opening"))?;
    let length = file.metadata().map_err(Error::io(path, "measuring"))?.len();
    let mut pace = Pace::new(length);
    let mut hasher = Hasher::default();
    let mut piece = vec![0; 1 << 20];
    let mut done = 0;
    loop {
        let count = file.read(&mut piece).map_err(Error::io(path, "reading"))?;
        if count == 0 {
            return Ok(hasher.finish());
        }
        hasher
            .write_all(&piece[..count])
            .map_err(Error::io(path, "hashing"))?;
        done += count as u64;
        monitor.checkpoint(&pace.at(done, "checking"))?;
    }
}

/// Compares an archive's checksum with the one of its first download, in the file `record`, where
/// there is one.
///
/// # Errors
/// [`Error::File`] when they differ, [`Error::Io`] when the record can't be read.
pub(super) fn compare(record: &Path, archive: &Path, found: &str) -> Result<()> {
    match recorded(record)? {
        Some(expected) if expected != found => Err(Error::file(
            archive,
            format!("the checksum of the first download, {expected}"),
            found,
            format!(
                "The published file has changed, or somebody put another in its place. If you \
                 trust the new one, delete {} and download again.",
                record.display()
            ),
        )),
        _ => Ok(()),
    }
}

/// Writes down the checksum of a first download, as `sha256sum` would.
///
/// # Errors
/// [`Error::Io`] when the record can't be written.
pub(super) fn record(record: &Path, archive: &str, found: &str) -> Result<()> {
    write_bytes(record, format!("{found}  {archive}\n").as_bytes())
}

/// The checksum in a record; `None` where there is none yet.
fn recorded(record: &Path) -> Result<Option<String>> {
    const DIGITS: usize = 64;
    let mut text = String::new();
    match File::open(record) {
        Ok(file) => file
            .take(4096)
            .read_to_string(&mut text)
            .map_err(Error::io(record, "reading"))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io(record, "opening")(error)),
    };
    let digits = text.split_whitespace().next().unwrap_or_default();
    if digits.len() != DIGITS || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        let advice = "Delete it; the next download writes it anew.";
        return Err(Error::file(
            record,
            "a SHA-256 checksum",
            text.trim(),
            advice,
        ));
    }
    Ok(Some(digits.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::jobs::Silent;

    #[test]
    fn the_checksum_of_a_file_is_the_known_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        fs::write(&path, b"abc").unwrap();
        // FIPS 180-2, appendix B.1.
        assert_eq!(
            of_file(&path, &mut Silent).unwrap(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn another_checksum_than_the_recorded_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tar.gz.sha256");
        let archive = Path::new("a.tar.gz");
        let [one, two] = ["1".repeat(64), "2".repeat(64)];
        compare(&path, archive, &one).unwrap();
        record(&path, "a.tar.gz", &one).unwrap();
        compare(&path, archive, &one).unwrap();
        let error = compare(&path, archive, &two).unwrap_err();
        assert!(error.to_string().contains("delete"), "{error}");
        fs::write(&path, "no checksum").unwrap();
        assert!(compare(&path, archive, &one).is_err());
    }
}
