//! Downloading one file over HTTP: retried, resumed, and never mistaken for whole.
//!
//! The bytes go into a `.part` file with a note beside it ([`partial`]); [`reply`] decides what the
//! server's answer means for them; [`transfer`] does the network's work on a thread of its own, so
//! that a stop is heeded at once however long the network takes.

mod partial;
mod reply;
mod transfer;

use std::path::Path;
use std::time::Duration;

use partial::Partial;
pub(super) use partial::discard;
use reply::Decision;
use transfer::{Piece, Transfer};

use crate::error::{Error, Result};
use crate::jobs::{Monitor, Pace};

/// How patient a download is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchOptions {
    /// How long making a connection may take.
    pub connect: Duration,
    /// How long nothing may come on a connection.
    pub stall: Duration,
    /// Redirects that are followed.
    pub redirects: u32,
    /// How often in a row an address is tried without much coming of it.
    pub attempts: u32,
    /// The pause before the second attempt; it doubles each time.
    pub pause: Duration,
}

impl Default for FetchOptions {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            stall: Duration::from_secs(30),
            redirects: 5,
            attempts: 4,
            pause: Duration::from_secs(1),
        }
    }
}

/// Bytes that count as progress: an attempt that brings fewer is held against the address.
const PROGRESS: u64 = 1 << 16;
/// How often the person's wish to stop is asked for while nothing comes.
const TICK: Duration = Duration::from_millis(50);

/// What kept an attempt from bringing the whole file.
enum Trouble {
    /// It ends the download: the person's wish, or this machine's disk.
    Final(Error),
    /// The address does not work, now or ever.
    Address(String),
    /// The connection broke; another attempt may do better.
    Passing(String),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Final(error)
    }
}

/// Downloads a file of at most `limit` bytes into `part`, from the first of the addresses that
/// works. What an earlier attempt left there is gone on with where the server can tell that its file
/// is still the same. Returns the address that it came from.
///
/// # Errors
/// [`Error::Machine`] when no address works, in words for people; [`Error::Io`] when the file can't
/// be written; [`Error::Cancelled`] when the person asked to stop.
pub(super) fn fetch(
    addresses: &[String],
    part: &Path,
    limit: u64,
    options: &FetchOptions,
    monitor: &mut dyn Monitor,
) -> Result<String> {
    let mut reasons = Vec::new();
    for address in addresses {
        let mut download = Download {
            address,
            part,
            limit,
            options,
            monitor,
        };
        match download.persist() {
            Ok(()) => return Ok(address.clone()),
            Err(Trouble::Final(error)) => return Err(error),
            Err(Trouble::Address(reason) | Trouble::Passing(reason)) => {
                tracing::info!("{address}: {reason}");
                if !reasons.contains(&reason) {
                    reasons.push(reason);
                }
            }
        }
    }
    Err(failure(addresses, &reasons, part))
}

/// Why nothing came, and what the person can do.
fn failure(addresses: &[String], reasons: &[String], part: &Path) -> Error {
    let address = addresses.last().map_or("", String::as_str);
    let host = address.split('/').nth(2).unwrap_or(address);
    let kept = match std::fs::metadata(part) {
        Ok(part) if part.len() > 0 => {
            let megabytes = part.len() as f64 / 1e6;
            format!(" The {megabytes:.1} MB that came are kept.")
        }
        _ => String::new(),
    };
    Error::machine(
        format!("downloading from {host}"),
        reasons.join("; "),
        format!(
            "Check the connection and try again.{kept} Or get {address} by other means and give Atrous the file"
        ),
    )
}

/// A file on its way.
struct Download<'a> {
    address: &'a str,
    part: &'a Path,
    limit: u64,
    options: &'a FetchOptions,
    monitor: &'a mut dyn Monitor,
}

impl Download<'_> {
    /// Tries until the file is whole, or several attempts in a row brought next to nothing.
    fn persist(&mut self) -> Result<(), Trouble> {
        let mut most = 0;
        let mut fruitless = 0;
        let mut pause = self.options.pause;
        loop {
            let reason = match self.attempt() {
                Err(Trouble::Passing(reason)) => reason,
                other => return other,
            };
            let length = partial::length(self.part);
            if length >= most + PROGRESS {
                most = length;
                fruitless = 0;
                pause = self.options.pause;
            }
            fruitless += 1;
            if fruitless >= self.options.attempts {
                return Err(Trouble::Passing(reason));
            }
            self.wait(pause, &reason)?;
            pause *= 2;
        }
    }

    /// One connection.
    fn attempt(&mut self) -> Result<(), Trouble> {
        let partial = Partial::open(self.part)?;
        let resume = partial.resume();
        let transfer = Transfer::start(self.address, resume.as_ref(), self.options)?;
        let waiting = Waiting::new(self.options);
        let head = loop {
            match transfer.next(TICK) {
                Some(Piece::Head(head)) => break head,
                Some(Piece::Failed(trouble)) => return Err(trouble),
                Some(Piece::Data(_) | Piece::End) => {
                    return Err(Trouble::Passing("the answer has no head".to_owned()));
                }
                None => {
                    let note = "connecting";
                    self.monitor.checkpoint(&Pace::new(0).at(0, note))?;
                    waiting.connected()?;
                }
            }
        };
        match reply::decide(&head, resume.as_ref(), self.limit) {
            Decision::Start { validator, total } => {
                let partial = partial.restart(validator.as_deref(), total)?;
                self.receive(&transfer, partial, total)
            }
            Decision::Continue { total } => self.receive(&transfer, partial, Some(total)),
            Decision::Complete => Ok(()),
            Decision::Anew(reason) => {
                partial.restart(None, None)?;
                Err(Trouble::Passing(reason))
            }
            Decision::Later(reason) => Err(Trouble::Passing(reason)),
            Decision::Never(reason) => Err(Trouble::Address(reason)),
        }
    }

    /// Takes the body, up to its end.
    fn receive(
        &mut self,
        transfer: &Transfer,
        mut partial: Partial,
        total: Option<u64>,
    ) -> Result<(), Trouble> {
        let mut pace = Pace::resumed(total.unwrap_or(0), partial.length());
        let mut waiting = Waiting::new(self.options);
        loop {
            match transfer.next(TICK) {
                Some(Piece::Data(bytes)) => {
                    waiting = Waiting::new(self.options);
                    if partial.length() + bytes.len() as u64 > self.limit {
                        discard(self.part)?;
                        return Err(Trouble::Address(too_large(None, self.limit)));
                    }
                    partial.append(&bytes)?;
                }
                Some(Piece::End) => break,
                Some(Piece::Failed(trouble)) => {
                    partial.settle()?;
                    return Err(trouble);
                }
                Some(Piece::Head(_)) => {
                    return Err(Trouble::Passing("a second head came".to_owned()));
                }
                None => waiting
                    .receiving()
                    .inspect_err(|_| drop(partial.settle()))?,
            }
            let progress = pace.at(partial.length(), "downloading");
            if let Err(stop) = self.monitor.checkpoint(&progress) {
                partial.settle()?;
                return Err(stop.into());
            }
        }
        partial.settle()?;
        match total {
            Some(total) if partial.length() != total => Err(Trouble::Passing(format!(
                "the server announced {total} bytes and sent {}",
                partial.length()
            ))),
            _ => Ok(()),
        }
    }

    fn wait(&mut self, pause: Duration, reason: &str) -> Result<()> {
        let note = format!("{reason}; trying again");
        let until = std::time::Instant::now() + pause;
        while std::time::Instant::now() < until {
            self.monitor.checkpoint(&Pace::new(0).at(0, note.clone()))?;
            std::thread::sleep(TICK.min(pause));
        }
        Ok(())
    }
}

/// How long nothing has come.
struct Waiting<'a> {
    since: std::time::Instant,
    options: &'a FetchOptions,
}

impl<'a> Waiting<'a> {
    fn new(options: &'a FetchOptions) -> Self {
        Self {
            since: std::time::Instant::now(),
            options,
        }
    }

    /// The answer's head should have come by now.
    fn connected(&self) -> Result<(), Trouble> {
        self.within(self.options.connect + self.options.stall)
    }

    /// The next bytes should have come by now.
    fn receiving(&self) -> Result<(), Trouble> {
        self.within(self.options.stall)
    }

    fn within(&self, patience: Duration) -> Result<(), Trouble> {
        if self.since.elapsed() < patience {
            return Ok(());
        }
        let seconds = patience.as_secs_f64();
        Err(Trouble::Passing(format!("nothing came for {seconds:.0} s")))
    }
}

/// A file that is larger than it may be.
fn too_large(found: Option<u64>, limit: u64) -> String {
    let limit = limit as f64 / 1e6;
    match found {
        Some(found) => format!(
            "the file is {:.1} MB, more than the {limit:.1} MB that it may be",
            found as f64 / 1e6
        ),
        None => format!("the file is more than the {limit:.1} MB that it may be"),
    }
}
