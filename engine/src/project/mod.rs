//! A project on disk.
