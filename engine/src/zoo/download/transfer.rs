//! One connection, on a thread of its own.

use std::io::Read as _;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use ureq::http::header::{self, HeaderName};
use ureq::{Agent, Proxy, Timeout};

use super::partial::Resume;
use super::reply::Head;
use super::{FetchOptions, Trouble};
use crate::error::{Error, Result};

/// What a connection brings, in order: a head, data, an end; or at any time a failure.
pub(super) enum Piece {
    /// The head of the answer.
    Head(Head),
    /// Some of its body.
    Data(Vec<u8>),
    /// The body's end.
    End,
    /// Nothing more will come.
    Failed(Trouble),
}

/// Bytes of one piece.
const PIECE: usize = 1 << 16;
/// Pieces that may wait to be written.
const WAITING: usize = 16;

/// A request under way. The thread ends by itself soon after this is dropped: at the next piece that
/// nobody takes, or when the network's own patience ends.
pub(super) struct Transfer {
    pieces: Receiver<Piece>,
}

impl Transfer {
    /// Asks for the file at `address`, or the rest of it.
    ///
    /// # Errors
    /// [`Error::Machine`] when no thread can be started.
    pub(super) fn start(
        address: &str,
        resume: Option<&Resume>,
        options: &FetchOptions,
    ) -> Result<Self> {
        let (sender, pieces) = bounded(WAITING);
        let request = Request {
            agent: agent(address, options),
            address: address.to_owned(),
            resume: resume.cloned(),
        };
        std::thread::Builder::new()
            .name("download".to_owned())
            .spawn(move || {
                if let Err(trouble) = request.run(&sender) {
                    // Nobody listens any more once the download was stopped.
                    drop(sender.send(Piece::Failed(trouble)));
                }
            })
            .map_err(|error| {
                let advice = "Close other programs.";
                Error::machine("starting a download", error.to_string(), advice)
            })?;
        Ok(Self { pieces })
    }

    /// What comes next, if it comes in time.
    pub(super) fn next(&self, within: Duration) -> Option<Piece> {
        use crossbeam_channel::RecvTimeoutError::{Disconnected, Timeout};
        match self.pieces.recv_timeout(within) {
            Ok(piece) => Some(piece),
            Err(Timeout) => None,
            Err(Disconnected) => {
                let reason = "the connection broke down".to_owned();
                Some(Piece::Failed(Trouble::Passing(reason)))
            }
        }
    }
}

fn agent(address: &str, options: &FetchOptions) -> Agent {
    // A server on this machine is never behind a proxy.
    let proxy = if is_local(address) {
        None
    } else {
        Proxy::try_from_env()
    };
    Agent::config_builder()
        .http_status_as_error(false)
        // An address that begins safely must not be redirected to one that is not.
        .https_only(address.starts_with("https://"))
        .max_redirects(options.redirects)
        .proxy(proxy)
        .user_agent(concat!("atrous/", env!("CARGO_PKG_VERSION")))
        // The archive's own compression is enough; its size and ranges are those of the file.
        .accept_encoding("identity")
        .timeout_resolve(Some(options.connect))
        .timeout_connect(Some(options.connect))
        .timeout_recv_response(Some(options.stall))
        .timeout_per_read(Some(options.stall))
        .build()
        .new_agent()
}

fn is_local(address: &str) -> bool {
    ["http://127.0.0.1", "http://localhost", "http://[::1]"]
        .iter()
        .any(|local| address.starts_with(local))
}

struct Request {
    agent: Agent,
    address: String,
    resume: Option<Resume>,
}

impl Request {
    fn run(self, pieces: &Sender<Piece>) -> Result<(), Trouble> {
        let mut request = self.agent.get(&self.address);
        if let Some(resume) = &self.resume {
            request = request
                .header(header::RANGE, format!("bytes={}-", resume.offset))
                .header(header::IF_RANGE, &resume.validator);
        }
        let response = request.call().map_err(trouble)?;
        let text = |name: HeaderName| {
            let value = response.headers().get(name)?;
            Some(value.to_str().ok()?.trim().to_owned())
        };
        let head = Head {
            status: response.status().as_u16(),
            length: text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok()),
            range: text(header::CONTENT_RANGE),
            etag: text(header::ETAG),
            modified: text(header::LAST_MODIFIED),
        };
        if pieces.send(Piece::Head(head)).is_err() {
            return Ok(());
        }
        let mut body = response.into_body().into_reader();
        let mut buffer = vec![0; PIECE];
        loop {
            let count = body
                .read(&mut buffer)
                .map_err(|error| trouble(ureq::Error::from(error)))?;
            let piece = match count {
                0 => Piece::End,
                count => Piece::Data(buffer[..count].to_vec()),
            };
            if pieces.send(piece).is_err() || count == 0 {
                return Ok(());
            }
        }
    }
}

/// What an error of the network means for the download.
fn trouble(error: ureq::Error) -> Trouble {
    use std::io::ErrorKind;
    match error {
        ureq::Error::HostNotFound => {
            Trouble::Address("its name is not found, so this machine may be offline".to_owned())
        }
        ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
            Trouble::Address("it does not answer".to_owned())
        }
        ureq::Error::Timeout(_) => Trouble::Passing("nothing came for too long".to_owned()),
        ureq::Error::TooManyRedirects => Trouble::Address("it redirects without end".to_owned()),
        ureq::Error::RequireHttpsOnly(_) => {
            Trouble::Address("it redirects to an address that is not safe".to_owned())
        }
        ureq::Error::Io(error) => match error.kind() {
            ErrorKind::ConnectionRefused
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::AddrNotAvailable => {
                Trouble::Address(format!("it can't be reached ({error})"))
            }
            _ => Trouble::Passing(format!("the connection broke ({error})")),
        },
        ureq::Error::Protocol(_) => Trouble::Passing(format!("the answer is broken ({error})")),
        other => Trouble::Address(other.to_string()),
    }
}
