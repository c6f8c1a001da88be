//! A web server on this machine that does what it is told, truthful or not.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the server does with a request.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Sends the file, or the part that was asked for.
    File,
    /// Sends the whole file, whatever part was asked for.
    WholeFile,
    /// Announces the file and closes after that many bytes of the body.
    CloseAfter(usize),
    /// Announces the file and falls silent after that many bytes of the body.
    FallSilentAfter(usize),
    /// Says nothing at all.
    SayNothing,
    /// Sends the file and announces that many bytes.
    Announce(usize),
    /// Sends the file without saying how long it is.
    Unmeasured,
    /// Sends zeros without end, without saying how many.
    Endless,
    /// Redirects to an address.
    Redirect(String),
    /// Another status.
    Status(u16),
    /// Another body with status 200.
    Body(&'static str),
    /// Sends another part of the file than was asked for.
    WrongPart,
    /// Sends a head that is no HTTP.
    Gibberish,
    /// Puts another file in place and sends it.
    Replace(Vec<u8>),
}

struct Shared {
    file: Vec<u8>,
    /// The file's ETag counts its replacements.
    version: usize,
    script: Vec<Answer>,
    requests: Vec<String>,
}

/// A web server with one file at every path.
pub struct Server {
    port: u16,
    shared: Arc<Mutex<Shared>>,
    over: Arc<AtomicBool>,
}

impl Server {
    /// Serves `file`. The first request gets the first answer of `script`, and so on; once that is
    /// at its end the server is truthful.
    pub fn start(file: &[u8], script: impl Into<Vec<Answer>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut script = script.into();
        script.reverse();
        let shared = Arc::new(Mutex::new(Shared {
            file: file.to_vec(),
            version: 1,
            script,
            requests: Vec::new(),
        }));
        let over = Arc::new(AtomicBool::new(false));
        let (state, end) = (shared.clone(), over.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if end.load(Ordering::Relaxed) {
                    return;
                }
                let (state, end) = (state.clone(), end.clone());
                // A client that hangs up is none of the server's business.
                std::thread::spawn(move || drop(serve(stream, &state, &end)));
            }
        });
        Self { port, shared, over }
    }

    /// What the path of a file follows.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/models/", self.port)
    }

    /// The heads of all requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.shared.lock().unwrap().requests.clone()
    }

    /// What was asked for with each request: "all", or the range's start.
    pub fn ranges(&self) -> Vec<String> {
        let range = |head: &String| {
            let line = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("range").then(|| value.to_owned())
            });
            line.map_or("all".to_owned(), |line| {
                line.trim_start_matches("bytes=")
                    .trim_end_matches('-')
                    .to_owned()
            })
        };
        self.requests().iter().map(range).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // Wakes the listener, so that its thread ends.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

fn serve(mut stream: TcpStream, shared: &Mutex<Shared>, over: &AtomicBool) -> std::io::Result<()> {
    let mut head = String::new();
    let mut reader = BufReader::new(stream.try_clone()?);
    while reader.read_line(&mut head)? > 2 {}
    let (answer, file, version) = {
        let mut shared = shared.lock().unwrap();
        shared.requests.push(head.clone());
        let answer = shared.script.pop().unwrap_or(Answer::File);
        if let Answer::Replace(file) = &answer {
            shared.file = file.clone();
            shared.version += 1;
        }
        (answer, shared.file.clone(), shared.version)
    };
    let etag = format!("\"v{version}\"");
    let wanted = Wanted::of(&head, &etag, file.len());
    let whole =
        |length: usize| format!("HTTP/1.1 200 OK\r\nETag: {etag}\r\nContent-Length: {length}\r\n");
    let silence = || {
        while !over.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    let mut send = |head: &str, body: &[u8]| {
        stream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes())?;
        stream.write_all(body)
    };
    match answer {
        Answer::File | Answer::Replace(_) => wanted.answer(&file, &etag, file.len(), &mut send),
        Answer::WholeFile => send(&whole(file.len()), &file),
        Answer::CloseAfter(bytes) => wanted.answer(&file, &etag, bytes, &mut send),
        Answer::FallSilentAfter(bytes) => {
            wanted.answer(&file, &etag, bytes, &mut send)?;
            silence();
            Ok(())
        }
        Answer::SayNothing => {
            silence();
            Ok(())
        }
        Answer::Announce(length) => send(&whole(length), &file),
        Answer::Unmeasured => send(&format!("HTTP/1.1 200 OK\r\nETag: {etag}\r\n"), &file),
        Answer::Endless => {
            send("HTTP/1.1 200 OK\r\n", &[])?;
            loop {
                stream.write_all(&[0; 1 << 16])?;
            }
        }
        Answer::Redirect(to) => send(
            &format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n"),
            &[],
        ),
        Answer::Status(code) => send(&format!("HTTP/1.1 {code} So\r\nContent-Length: 0\r\n"), &[]),
        Answer::Body(text) => send(
            &format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n", text.len()),
            text.as_bytes(),
        ),
        Answer::WrongPart => send(
            &format!(
                "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-{}/{}\r\nContent-Length: {}\r\n",
                file.len() - 1,
                file.len(),
                file.len()
            ),
            &file,
        ),
        Answer::Gibberish => stream.write_all(b"\x00\x01 who goes there?\r\n\r\n"),
    }
}

/// What a request asks for.
enum Wanted {
    All,
    From(usize),
    TooFar,
}

impl Wanted {
    /// As RFC 9110 has it: `If-Range` with another ETag asks for all.
    fn of(head: &str, etag: &str, length: usize) -> Self {
        let value = |wanted: &str| {
            head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case(wanted)
                    .then(|| value.trim().to_owned())
            })
        };
        let start = value("range").and_then(|range| {
            let start = range.strip_prefix("bytes=")?.strip_suffix('-')?;
            start.parse::<usize>().ok()
        });
        match start {
            Some(start) if value("if-range").is_none_or(|validator| validator == etag) => {
                if start < length {
                    Self::From(start)
                } else {
                    Self::TooFar
                }
            }
            _ => Self::All,
        }
    }

    /// Sends what was asked for, but at most `most` bytes of it.
    fn answer(
        &self,
        file: &[u8],
        etag: &str,
        most: usize,
        send: &mut impl FnMut(&str, &[u8]) -> std::io::Result<()>,
    ) -> std::io::Result<()> {
        let length = file.len();
        let (status, range, body) = match self {
            Self::All => ("200 OK", String::new(), file),
            Self::From(start) => (
                "206 Partial Content",
                format!("Content-Range: bytes {start}-{}/{length}\r\n", length - 1),
                &file[*start..],
            ),
            Self::TooFar => (
                "416 Range Not Satisfiable",
                format!("Content-Range: bytes */{length}\r\n"),
                &[][..],
            ),
        };
        let head = format!(
            "HTTP/1.1 {status}\r\nETag: {etag}\r\n{range}Content-Length: {}\r\n",
            body.len()
        );
        send(&head, &body[..most.min(body.len())])
    }
}
