//! Progress on standard error: a moving bar on a terminal, a line now and then elsewhere.

use std::io::Write;
use std::time::{Duration, Instant};

use atrous_engine::jobs::{Cancel, Monitor, Progress};
use atrous_engine::{Error, Result};
use indicatif::{ProgressBar, ProgressStyle};

use super::console::{Console, Lines};

/// Time between two plain lines.
const PLAIN_EVERY: Duration = Duration::from_secs(5);

/// What is counted.
#[derive(Clone, Copy)]
enum Unit {
    /// Things of this name.
    Things(&'static str),
    /// Bytes, shown as megabytes.
    Bytes,
}

impl Unit {
    fn rate(self, rate: f64) -> String {
        match self {
            Self::Things(name) => format!("{rate:.1} {name}/s"),
            Self::Bytes => format!("{:.1} MB/s", rate / 1e6),
        }
    }

    /// How much of how much; empty while bytes don't flow yet.
    fn count(self, done: u64, total: u64) -> String {
        let megabytes = |bytes: u64| bytes as f64 / 1e6;
        match (self, total) {
            (Self::Things(_), _) => format!("{done}/{total} "),
            (Self::Bytes, 0) if done == 0 => String::new(),
            (Self::Bytes, 0) => format!("{:.1} MB ", megabytes(done)),
            (Self::Bytes, _) => format!("{:.1}/{:.1} MB ", megabytes(done), megabytes(total)),
        }
    }
}

/// Shows progress, and passes on the wish to stop.
pub struct ConsoleMonitor<'a> {
    err: &'a mut (dyn Write + Send),
    verb: &'static str,
    unit: Unit,
    cancel: Cancel,
    bar: Option<ProgressBar>,
    last: Option<Instant>,
    /// What was done when the last plain line was written.
    said: u64,
}

impl<'a> ConsoleMonitor<'a> {
    /// A monitor for work that is called `verb` and counted in `unit`s.
    pub fn new(console: &'a mut Console, verb: &'static str, unit: &'static str) -> Self {
        Self::with_lines(console, verb, unit).0
    }

    /// As [`ConsoleMonitor::new`], for work that is counted in bytes.
    pub fn bytes(console: &'a mut Console, verb: &'static str) -> Self {
        let shape = "{prefix} {bar:28} {decimal_bytes}/{decimal_total_bytes} {msg}";
        Self::start(console, verb, Unit::Bytes, shape).0
    }

    /// As [`ConsoleMonitor::new`], with the results' stream for what is printed meanwhile.
    pub fn with_lines(
        console: &'a mut Console,
        verb: &'static str,
        unit: &'static str,
    ) -> (Self, Lines<'a>) {
        let shape = "{prefix} {bar:28} {pos}/{len} {msg}";
        Self::start(console, verb, Unit::Things(unit), shape)
    }

    fn start(
        console: &'a mut Console,
        verb: &'static str,
        unit: Unit,
        shape: &str,
    ) -> (Self, Lines<'a>) {
        let bar = console.terminal.then(|| {
            let bar = ProgressBar::no_length();
            if let Ok(style) = ProgressStyle::with_template(shape) {
                bar.set_style(style);
            }
            bar.set_prefix(verb);
            bar
        });
        let cancel = console.cancel.clone();
        let (err, lines) = console.split();
        let monitor = Self {
            err,
            verb,
            unit,
            cancel,
            bar,
            last: None,
            said: 0,
        };
        (monitor, lines)
    }

    fn tail(&self, progress: &Progress) -> String {
        let mut parts = Vec::new();
        if progress.rate > 0.0 {
            parts.push(self.unit.rate(progress.rate));
        }
        if let Some(left) = progress.eta.filter(|left| !left.is_zero()) {
            parts.push(format!("{} left", readable(left)));
        }
        if !progress.note.is_empty() {
            parts.push(progress.note.clone());
        }
        parts.join(", ")
    }

    /// A plain line is due at the start of counting, every few seconds, and at the end.
    fn is_due(&self, progress: &Progress) -> bool {
        (progress.done == progress.total && progress.total > 0)
            || self.last.is_none_or(|last| last.elapsed() >= PLAIN_EVERY)
    }
}

impl Monitor for ConsoleMonitor<'_> {
    fn checkpoint(&mut self, progress: &Progress) -> Result<()> {
        let tail = self.tail(progress);
        if let Some(bar) = &self.bar {
            bar.set_length(progress.total);
            bar.set_position(progress.done);
            bar.set_message(tail);
        } else if self.is_due(progress) {
            self.last = Some(Instant::now());
            self.said = progress.done;
            let (done, total) = (progress.done, progress.total);
            // Nobody is left to tell when standard error is closed.
            let count = self.unit.count(done, total);
            let _ = writeln!(self.err, "{} {count}{tail}", self.verb);
        }
        if self.cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        Ok(())
    }
}

impl Drop for ConsoleMonitor<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// "12 s", "3 min 20 s", "2 h 5 min".
pub fn readable(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}
