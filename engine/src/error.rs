//! What can go wrong, grouped by who is at fault.

use std::path::{Path, PathBuf};

/// A result with the engine's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong. Each variant says who is at fault: the file, the argument, a limit, the machine.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file does not hold what it should.
    #[error("{}: expected {expected}, found {found}. {advice}", path.display())]
    File {
        /// The file at fault.
        path: PathBuf,
        /// What should have been there.
        expected: String,
        /// What was there.
        found: String,
        /// What the person can do about it.
        advice: String,
    },
    /// A file could not be read or written.
    #[error("{}: {action} failed: {answer}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried, as a noun: "reading", "renaming".
        action: &'static str,
        /// The system's answer. Not called `source`: it is in the text already, and a printed chain
        /// of causes would say it twice.
        answer: std::io::Error,
    },
    /// An argument or a setting makes no sense.
    #[error("{name}: expected {expected}, found {found}")]
    Argument {
        /// The argument's or setting's name.
        name: String,
        /// What is allowed.
        expected: String,
        /// What was given.
        found: String,
    },
    /// A file asks for more than [`Limits`](crate::Limits) allow.
    #[error("{}: {what} is {found}, the limit is {limit}. If you trust the file, raise the limit", path.display())]
    Limit {
        /// The file that asks for too much.
        path: PathBuf,
        /// What there is too much of.
        what: &'static str,
        /// How much the file asks for.
        found: u64,
        /// How much is allowed.
        limit: u64,
    },
    /// The machine can't: no such device, out of memory, device lost.
    #[error("{what}: {reason}. {advice}")]
    Machine {
        /// What was tried.
        what: String,
        /// Why it failed.
        reason: String,
        /// What the person can do about it.
        advice: String,
    },
    /// The project's index could not be read or written.
    #[error("{}: the project's index: {answer}", path.display())]
    Index {
        /// The index file.
        path: PathBuf,
        /// The database's answer.
        answer: rusqlite::Error,
    },
    /// The person asked to stop.
    #[error("stopped")]
    Cancelled,
}

impl Error {
    /// A file that does not hold what it should; `advice` is a full sentence.
    pub fn file(
        path: impl AsRef<Path>,
        expected: impl Into<String>,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::File {
            path: path.as_ref().to_owned(),
            expected: expected.into(),
            found: found.into(),
            advice: advice.into(),
        }
    }

    /// An argument or setting that makes no sense.
    pub fn argument(
        name: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::Argument {
            name: name.into(),
            expected: expected.into(),
            found: found.into(),
        }
    }

    /// Something this machine can't do; `advice` is a full sentence.
    pub fn machine(
        what: impl Into<String>,
        reason: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::Machine {
            what: what.into(),
            reason: reason.into(),
            advice: advice.into(),
        }
    }

    /// A closure for `map_err` that names the file and what was tried with it.
    pub fn io(path: impl AsRef<Path>, action: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |answer| Self::Io {
            path,
            action,
            answer,
        }
    }

    /// Whether this is the person's own wish to stop, not a failure.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled)
    }
}
