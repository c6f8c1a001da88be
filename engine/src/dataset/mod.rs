//! Dataset formats: export, import and the check that reads an export back.

pub mod label_file;
