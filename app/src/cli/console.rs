//! Where words go: human text to standard error, one JSON object a line to standard output.

use std::io::{IsTerminal as _, Write};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use atrous_engine::jobs::Cancel;
use atrous_engine::zoo::Zoo;
use serde::Serialize;

const STANDARD_OUTPUT: &str = "writing to standard output";

/// What a subcommand talks through; tests put buffers and their own wish to stop in.
pub struct Console {
    /// Results: JSON lines, and nothing else.
    pub out: Box<dyn Write + Send>,
    /// Text for people.
    pub err: Box<dyn Write + Send>,
    /// Whether `err` is a terminal that can show a moving bar.
    pub terminal: bool,
    /// The wish to stop (Ctrl-C).
    pub cancel: Cancel,
    /// Whether subcommands catch Ctrl-C. With the window it ends the program at once: strokes are
    /// in the journal.
    pub catches_interrupts: bool,
    /// Whether results are wanted as JSON lines.
    pub json: bool,
    /// The published models and where they are kept; none is the person's own cache.
    pub zoo: Option<Zoo>,
}

impl Console {
    /// The process's own streams.
    pub fn standard() -> Self {
        Self {
            out: Box::new(std::io::stdout()),
            err: Box::new(std::io::stderr()),
            terminal: std::io::stderr().is_terminal(),
            cancel: Cancel::default(),
            catches_interrupts: true,
            json: false,
            zoo: None,
        }
    }

    /// The published models and where they are kept.
    ///
    /// # Errors
    /// When the person has no home folder.
    pub fn zoo(&self) -> Result<Zoo> {
        match &self.zoo {
            Some(zoo) => Ok(zoo.clone()),
            None => Ok(Zoo::of_user()?),
        }
    }

    /// Says something to the person.
    pub fn say(&mut self, text: impl AsRef<str>) {
        // Nobody is left to tell when standard error is closed.
        let _ = writeln!(self.err, "{}", text.as_ref());
    }

    /// Prints a result as one line of JSON, where that is wanted.
    ///
    /// # Errors
    /// When standard output can't be written.
    pub fn result(&mut self, value: &impl Serialize) -> Result<()> {
        self.split().1.print(value)
    }

    /// Prints a line to standard output, whether JSON lines are wanted or not.
    ///
    /// # Errors
    /// When standard output can't be written.
    pub fn line(&mut self, text: &str) -> Result<()> {
        writeln!(self.out, "{text}")
            .and_then(|()| self.out.flush())
            .context(STANDARD_OUTPUT)
    }

    /// The stream for people and the stream for results, to be used side by side.
    pub fn split(&mut self) -> (&mut (dyn Write + Send), Lines<'_>) {
        let lines = Lines {
            out: self.json.then_some(self.out.as_mut()),
        };
        (self.err.as_mut(), lines)
    }

    /// Lists files that failed; the outcome of a job that did the others.
    ///
    /// # Errors
    /// When standard output can't be written.
    pub fn failures(&mut self, failed: &[(PathBuf, String)]) -> Result<Outcome> {
        for (path, reason) in failed {
            // Most reasons name the file themselves.
            let name = format!("{}: ", path.display());
            let reason = reason.strip_prefix(&name).unwrap_or(reason);
            self.say(format!("failed: {name}{reason}"));
            self.result(&serde_json::json!({
                "event": "failed",
                "file": path.to_string_lossy(),
                "reason": reason,
            }))?;
        }
        Ok(if failed.is_empty() {
            Outcome::Done
        } else {
            Outcome::SomeFailed
        })
    }
}

/// Standard output, one JSON object a line, where that is wanted.
pub struct Lines<'a> {
    out: Option<&'a mut (dyn Write + Send)>,
}

impl Lines<'_> {
    /// Prints one object.
    ///
    /// # Errors
    /// When standard output can't be written.
    pub fn print(&mut self, value: &impl Serialize) -> Result<()> {
        let Some(out) = &mut self.out else {
            return Ok(());
        };
        serde_json::to_writer(&mut *out, value)
            .map_err(std::io::Error::from)
            .and_then(|()| writeln!(out))
            .and_then(|()| out.flush())
            .context(STANDARD_OUTPUT)
    }

    /// Prints one object in the middle of work that a closed standard output must not end.
    pub fn note(&mut self, value: &impl Serialize) {
        if let Err(error) = self.print(value) {
            tracing::warn!("{error:#}");
            self.out = None;
        }
    }
}

/// How a subcommand ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything is done.
    Done,
    /// Done, but some files failed; they were listed.
    SomeFailed,
    /// It could not start, or had to give up.
    CouldNot,
    /// The person stopped it.
    Stopped,
}

impl Outcome {
    /// The process's exit code; 130 is the shells' for Ctrl-C.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::SomeFailed => 1,
            Self::CouldNot => 2,
            Self::Stopped => 130,
        }
    }
}
