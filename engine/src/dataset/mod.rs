//! Dataset formats: export, import and the check that reads an export back.
