//! Files that list images: one name a line.

use std::path::Path;

use crate::error::{Error, Result};
use crate::limits::{Limits, read_file};

/// Reads a list that must name something. See [`names`].
///
/// # Errors
/// As [`names`], and [`Error::File`] when it lists nothing.
pub fn read(path: &Path, limits: &Limits) -> Result<Vec<String>> {
    let names = names(path, limits)?;
    if names.is_empty() {
        return Err(not_a_list(path, "no names"));
    }
    Ok(names)
}

/// Reads a list: one name a line, ends of lines as on any system, empty lines left out.
///
/// # Errors
/// [`Error::Io`] when the file can't be read, [`Error::Limit`] when it is too large,
/// [`Error::File`] when it is not text.
pub fn names(path: &Path, limits: &Limits) -> Result<Vec<String>> {
    let bytes = read_file(path, limits)?;
    let text =
        String::from_utf8(bytes).map_err(|_| not_a_list(path, "bytes that are not UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}');
    let lines = text.lines().map(str::trim);
    Ok(lines
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect())
}

fn not_a_list(path: &Path, found: &str) -> Error {
    Error::file(
        path,
        "one image name a line",
        found,
        "Check that this is the list you mean.",
    )
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn line_ends_and_empty_lines_do_not_matter() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("val.txt");
        fs::write(&path, "\u{feff}2007_000032\r\n\n  b.c \na").unwrap();
        let names = read(&path, &Limits::default()).unwrap();
        assert_eq!(names, ["2007_000032", "b.c", "a"]);
    }

    #[test]
    fn nothing_and_not_text_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("val.txt");
        for bytes in [&b" \n\n"[..], b"\xff\xfe\n"] {
            fs::write(&path, bytes).unwrap();
            let error = read(&path, &Limits::default()).unwrap_err().to_string();
            assert!(error.contains("val.txt"), "{error}");
        }
        assert!(read(&folder.path().join("none.txt"), &Limits::default()).is_err());
    }
}
