//! Projects on disk.
