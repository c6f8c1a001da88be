//! What the tests share: where the reference data is, and how it is read.

pub mod formula;
pub mod npy;

use std::path::{Path, PathBuf};

/// The project's root folder.
///
/// The folder that cargo runs the tests of, rather than the one that they were built in: several
/// checkouts may share one target folder, and cargo then reuses the binaries.
pub fn root() -> PathBuf {
    let built_in = env!("CARGO_MANIFEST_DIR");
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| built_in.into());
    Path::new(&manifest)
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
