//! Journeys through the command line, in this process; Ctrl-C in one of its own.

mod embedded;
mod files;
mod interrupt;
mod journey;
mod measures;
mod models;
mod refine;
mod tiles;
mod usage;
mod zoo;

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

pub use atrous::cli::Outcome;
use atrous::cli::{self, Console};
use atrous_engine::jobs::Cancel;
use atrous_engine::zoo::Zoo;
use serde_json::Value;

/// What a command left behind.
pub struct Ran {
    pub outcome: Outcome,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// The lines of standard output, each of which must be a JSON object.
    pub fn lines(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str::<Value>(line).unwrap();
        let lines: Vec<Value> = self.out.lines().map(parse).collect();
        assert!(lines.iter().all(Value::is_object), "{}", self.out);
        lines
    }

    /// The last line of standard output.
    pub fn last(&self) -> Value {
        self.lines().pop().unwrap_or_else(|| panic!("{}", self.err))
    }
}

/// A stream that can be read afterwards.
#[derive(Clone, Default)]
struct Stream(Arc<Mutex<Vec<u8>>>);

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Stream {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Runs `atrous` with `args`, on the CPU where the subcommand lets one choose.
pub fn atrous<T: Into<OsString>>(args: impl IntoIterator<Item = T>) -> Ran {
    atrous_stopped_by(&Cancel::default(), args)
}

fn atrous_stopped_by<T: Into<OsString>>(cancel: &Cancel, args: impl IntoIterator<Item = T>) -> Ran {
    run(cancel, false, None, args)
}

/// As [`atrous`], with these published models.
fn atrous_in<T: Into<OsString>>(zoo: &Zoo, args: impl IntoIterator<Item = T>) -> Ran {
    run(&Cancel::default(), false, Some(zoo.clone()), args)
}

/// Runs `atrous`, which may stop for `cancel`, and may catch Ctrl-C.
fn run<T: Into<OsString>>(
    cancel: &Cancel,
    catches_interrupts: bool,
    zoo: Option<Zoo>,
    args: impl IntoIterator<Item = T>,
) -> Ran {
    let (out, err) = (Stream::default(), Stream::default());
    let mut console = Console {
        out: Box::new(out.clone()),
        err: Box::new(err.clone()),
        terminal: false,
        cancel: cancel.clone(),
        catches_interrupts,
        json: false,
        zoo,
    };
    let name = std::iter::once(OsString::from("atrous"));
    let args = name.chain(args.into_iter().map(Into::into));
    let outcome = cli::run(args, &mut console, |_, _| Ok(()));
    Ran {
        outcome,
        out: out.text(),
        err: err.text(),
    }
}

/// The words of a command, with paths between them.
macro_rules! words {
    ($($word:expr),* $(,)?) => {
        [$(std::ffi::OsString::from($word)),*]
    };
}
pub(crate) use words;

/// A small image in `folder`, all black.
pub fn black_image(folder: &Path) -> PathBuf {
    let path = folder.join("black.png");
    image::RgbImage::new(8, 8).save(&path).unwrap();
    path
}

/// The files below a folder, relative to it, sorted.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(folder).unwrap().to_owned());
            }
        }
    }
    files.sort();
    files
}

/// No temporary file is left, and every PNG below `folder` is whole.
fn assert_whole(folder: &Path) {
    for file in files_below(folder) {
        let name = file.to_string_lossy().into_owned();
        assert!(!name.ends_with(".part"), "{name}");
        if name.ends_with(".png") {
            image::open(folder.join(&file)).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}
