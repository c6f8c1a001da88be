//! What the tests share: where the reference data is, and how it is read.

pub mod formula;
pub mod npy;

use std::path::{Path, PathBuf};

/// The project's root folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_path_buf)
        .unwrap_or_default()
}

/// A file or folder of the reference data: `ATROUS_SHARED`, else `../shared` beside the project.
///
/// `None`, and a loud line, where the reference data is not there: the caller skips its test.
pub fn shared(relative: &str) -> Option<PathBuf> {
    let folder =
        std::env::var_os("ATROUS_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let path = folder.join(relative);
    if path.exists() {
        return Some(path);
    }
    eprintln!(
        "SKIPPED: no reference data at {} (set ATROUS_SHARED)",
        path.display()
    );
    None
}
