//! Names in an archive, and which of them may become files.

use std::path::PathBuf;

/// Folders that a file may lie in.
const DEPTH: usize = 8;
/// Bytes of a whole name.
const LENGTH: usize = 240;

/// What a name may be used for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MemberPath {
    /// The name as the receipt has it: `/` between its parts.
    pub(super) text: String,
    /// The same for this system, relative.
    pub(super) relative: PathBuf,
}

/// A name as a path below the folder that is unpacked into.
///
/// # Errors
/// Why it is none: in words that complete "a name that ...".
pub(super) fn path(name: &[u8]) -> Result<MemberPath, &'static str> {
    let name = std::str::from_utf8(name).map_err(|_| "is no UTF-8")?;
    if name.len() > LENGTH {
        return Err("is too long");
    }
    if name.starts_with('/') {
        return Err("is absolute");
    }
    let mut parts = Vec::new();
    // A leading "./" is how many archives name everything.
    for part in name.split('/').filter(|part| !matches!(*part, "" | ".")) {
        check(part)?;
        parts.push(part);
    }
    if parts.len() > DEPTH {
        return Err("lies too deep");
    }
    Ok(MemberPath {
        text: parts.join("/"),
        relative: parts.iter().collect(),
    })
}

/// Whether a part of a name is a plain file name on every system.
fn check(part: &str) -> Result<(), &'static str> {
    if part == ".." {
        return Err("leaves the folder");
    }
    if part
        .chars()
        .any(|c| c.is_control() || "\\:*?\"<>|".contains(c))
    {
        return Err("has characters that not every system allows");
    }
    if part.ends_with(['.', ' ']) || is_device(part) {
        return Err("is no file name on every system");
    }
    Ok(())
}

/// Names that Windows keeps for devices, whatever follows a dot.
fn is_device(part: &str) -> bool {
    let stem = part
        .split('.')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul")
        || ["com", "lpt"].iter().any(|device| {
            stem.strip_prefix(device).is_some_and(|number| {
                number.len() == 1 && number.bytes().all(|b| b.is_ascii_digit())
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_become_paths_below_the_folder() {
        let member = path(b"./deeplab/model.ckpt.data-00000-of-00001").unwrap();
        assert_eq!(member.text, "deeplab/model.ckpt.data-00000-of-00001");
        assert!(member.relative.is_relative());
        assert_eq!(path(b"./").unwrap().text, "");
        assert_eq!(
            path("ausf\u{fc}hrung/a".as_bytes()).unwrap().text,
            "ausf\u{fc}hrung/a"
        );
    }

    #[test]
    fn names_that_could_lead_elsewhere_are_refused() {
        let deep = "a/".repeat(DEPTH + 1);
        let long = "a".repeat(LENGTH + 1);
        for name in [
            "..",
            "../a",
            "a/../../b",
            "/etc/passwd",
            "C:\\a",
            "c:a",
            "\\\\host\\a",
            "a\0b",
            "a\nb",
            "nul",
            "COM1.txt",
            "a.",
            "a ",
            &deep,
            &long,
        ] {
            assert!(path(name.as_bytes()).is_err(), "{name:?}");
        }
        assert!(path(b"\xff\xfe").is_err());
    }
}
