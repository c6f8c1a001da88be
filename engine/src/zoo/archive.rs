//! Unpacking `.tar.gz` archives that nobody vouches for.
//!
//! Only plain files and folders below the given folder are made; an archive with anything else in it
//! is refused as a whole.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::Path;

use flate2::read::GzDecoder;
use tar::{Archive, Entry, EntryType};

use super::checksum::Hasher;
use super::{UnpackedFile, member};
use crate::error::{Error, Result};
use crate::jobs::{Monitor, Pace};

/// How much an archive may ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveLimits {
    /// Members of any kind.
    pub members: u64,
    /// Bytes of everything unpacked.
    pub bytes: u64,
    /// Bytes unpacked for each byte of the archive. Weights hardly compress; bombs do.
    pub ratio: u64,
}

impl Default for ArchiveLimits {
    fn default() -> Self {
        Self {
            members: 1000,
            bytes: 4 << 30,
            ratio: 100,
        }
    }
}

/// What small archives may unpack to whatever their ratio: tar pads with zeros.
const SLACK: u64 = 1 << 20;
/// Bytes of one extension header.
const EXTENSION: u64 = 1 << 16;
/// Bytes of a block of tar.
const BLOCK: u64 = 512;
/// Bytes that end an archive, all zero.
const END: u64 = 2 * BLOCK;

/// What to do about a broken archive.
const ADVICE: &str = "Download it again; if that does not help, tell its publisher.";

/// Unpacks `archive` into the empty folder `into` and says what it held.
///
/// # Errors
/// [`Error::File`] when it is no archive, is cut short or damaged, or has a member that is no plain
/// file or folder below `into`; [`Error::Limit`] when it asks for too much; [`Error::Io`] when a
/// file can't be written; [`Error::Cancelled`] when the person asked to stop. Then `into` holds
/// something that is not to be used.
pub fn unpack(
    archive: &Path,
    into: &Path,
    limits: &ArchiveLimits,
    monitor: &mut dyn Monitor,
) -> Result<Vec<UnpackedFile>> {
    let file = File::open(archive).map_err(Error::io(archive, "opening"))?;
    let length = file
        .metadata()
        .map_err(Error::io(archive, "measuring"))?
        .len();
    let tally = Tally::default();
    let allowed = limits
        .bytes
        .min(length.saturating_mul(limits.ratio).saturating_add(SLACK));
    let compressed = Packed {
        file,
        tally: &tally,
    };
    let mut stream = Stream {
        inner: GzDecoder::new(io::BufReader::with_capacity(1 << 16, compressed)),
        tally: &tally,
        allowed,
    };
    let mut unpacking = Unpacking {
        archive,
        into,
        members: limits.members,
        tally: &tally,
        allowed,
        pace: Pace::new(length),
        monitor,
        files: Vec::new(),
    };
    unpacking.members(&mut stream)?;
    unpacking.end(&mut stream)?;
    Ok(unpacking.files)
}

/// Whether a file begins as a gzip archive does.
///
/// # Errors
/// [`Error::File`] when it does not, with what it may be; [`Error::Io`] when it can't be read.
pub(super) fn check_begin(path: &Path) -> Result<()> {
    // RFC 1952: two magic bytes, and 8 for deflate.
    const GZIP: [u8; 3] = [0x1f, 0x8b, 8];
    let mut begin = Vec::new();
    File::open(path)
        .and_then(|file| file.take(512).read_to_end(&mut begin))
        .map_err(Error::io(path, "reading"))?;
    if begin.starts_with(&GZIP) {
        return Ok(());
    }
    let (found, advice) = match begin.trim_ascii_start().first() {
        None => ("nothing", ADVICE),
        Some(b'<') => (
            "a web page",
            "The network may want you to log in first: open any page in a browser.",
        ),
        Some(_) => ("something else", ADVICE),
    };
    Err(Error::file(path, "a .tar.gz archive", found, advice))
}

/// What has gone through the streams.
#[derive(Default)]
struct Tally {
    /// Bytes of the archive that were read.
    packed: Cell<u64>,
    /// Bytes that came out of the decompressor.
    unpacked: Cell<u64>,
    /// How many of the last of them were zero.
    zeros: Cell<u64>,
}

/// The archive's file, counted.
struct Packed<'a> {
    file: File,
    tally: &'a Tally,
}

impl Read for Packed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.tally
            .packed
            .set(self.tally.packed.get() + count as u64);
        Ok(count)
    }
}

/// The decompressed bytes, counted and limited.
struct Stream<'a> {
    inner: GzDecoder<io::BufReader<Packed<'a>>>,
    tally: &'a Tally,
    allowed: u64,
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.tally.unpacked.get() > self.allowed {
            return Err(io::Error::other("it unpacks to too much"));
        }
        let count = self.inner.read(buffer)?;
        let tally = self.tally;
        tally.unpacked.set(tally.unpacked.get() + count as u64);
        let read = &buffer[..count];
        let zeros = read.iter().rev().take_while(|byte| **byte == 0).count() as u64;
        let before = if zeros == count as u64 {
            tally.zeros.get()
        } else {
            0
        };
        tally.zeros.set(before + zeros);
        Ok(count)
    }
}

/// An archive being unpacked.
struct Unpacking<'a> {
    archive: &'a Path,
    into: &'a Path,
    members: u64,
    tally: &'a Tally,
    allowed: u64,
    pace: Pace,
    monitor: &'a mut dyn Monitor,
    files: Vec<UnpackedFile>,
}

impl Unpacking<'_> {
    fn members(&mut self, stream: &mut Stream) -> Result<()> {
        let mut archive = Archive::new(stream);
        // Raw: extension headers come as members of their own, so that none is read into memory
        // before its size has been looked at.
        let entries = archive.entries().map_err(|error| self.damaged(&error))?;
        let mut count = 0;
        for entry in entries.raw(true) {
            let entry = entry.map_err(|error| self.damaged(&error))?;
            count += 1;
            if count > self.members {
                return Err(self.limit("the number of members", count, self.members));
            }
            self.member(entry)?;
        }
        Ok(())
    }

    fn member(&mut self, mut entry: Entry<impl Read>) -> Result<()> {
        let name = entry.header().path_bytes().into_owned();
        let kind = entry.header().entry_type();
        if kind == EntryType::XHeader || kind == EntryType::XGlobalHeader {
            return self.extension(&mut entry);
        }
        let path =
            member::path(&name).map_err(|why| self.refused(&name, &format!("that {why}")))?;
        // Before POSIX a folder was an empty file whose name ends in a slash.
        let is_folder = kind == EntryType::Directory
            || kind == EntryType::Regular && name.ends_with(b"/") && entry.size() == 0;
        if is_folder {
            let folder = self.into.join(&path.relative);
            return fs::create_dir_all(&folder).map_err(Error::io(&folder, "making the folder"));
        }
        if kind != EntryType::Regular || name.ends_with(b"/") || path.text.is_empty() {
            return Err(self.refused(&name, word(kind)));
        }
        self.file(&mut entry, path)
    }

    fn file(&mut self, entry: &mut Entry<impl Read>, path: member::MemberPath) -> Result<()> {
        let size = entry.size();
        if size > self.allowed {
            return Err(self.limit("the size of a member in bytes", size, self.allowed));
        }
        let target = self.into.join(&path.relative);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).map_err(Error::io(folder, "making the folder"))?;
        }
        let mut file = match File::create_new(&target) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(self.refused(path.text.as_bytes(), "that stands twice"));
            }
            other => other.map_err(Error::io(&target, "making the file"))?,
        };
        let mut hasher = Hasher::default();
        let mut piece = vec![0; 1 << 18];
        let mut bytes = 0;
        loop {
            let count = entry
                .read(&mut piece)
                .map_err(|error| self.damaged(&error))?;
            if count == 0 {
                break;
            }
            bytes += count as u64;
            file.write_all(&piece[..count])
                .and_then(|()| hasher.write_all(&piece[..count]))
                .map_err(Error::io(&target, "writing"))?;
            self.checkpoint()?;
        }
        if bytes != size {
            return Err(self.damaged(&format!("{}: {bytes} of {size} bytes", path.text)));
        }
        file.sync_all().map_err(Error::io(&target, "syncing"))?;
        self.files.push(UnpackedFile {
            path: path.text,
            bytes,
            sha256: hasher.finish(),
        });
        Ok(())
    }

    /// An extension header (POSIX pax). Times and owners in it are of no interest; one that gives
    /// the next member another name or size is refused.
    fn extension(&self, entry: &mut Entry<impl Read>) -> Result<()> {
        let size = entry.size();
        if size > EXTENSION {
            return Err(self.limit("the size of an extension header", size, EXTENSION));
        }
        let mut text = Vec::new();
        entry
            .take(EXTENSION)
            .read_to_end(&mut text)
            .map_err(|error| self.damaged(&error))?;
        let renames = |key: &[u8]| text.windows(key.len()).any(|window| window == key);
        let keys: [&[u8]; 4] = [b" path=", b" linkpath=", b" size=", b" GNU.sparse."];
        if keys.into_iter().any(renames) {
            let name = entry.header().path_bytes().into_owned();
            return Err(self.refused(&name, "an extension that renames the next member"));
        }
        Ok(())
    }

    /// Reads what follows the last member, so that the decompressor's own checksum is looked at.
    fn end(&mut self, stream: &mut Stream) -> Result<()> {
        let mut rest = vec![0; 1 << 16];
        while stream
            .read(&mut rest)
            .map_err(|error| self.damaged(&error))?
            > 0
        {
            self.checkpoint()?;
        }
        let whole_blocks = self.tally.unpacked.get().is_multiple_of(BLOCK);
        if !whole_blocks || self.tally.zeros.get() < END {
            return Err(self.damaged(&"it is cut short: its end mark is missing"));
        }
        if self.files.is_empty() {
            return Err(self.damaged(&"it holds no files"));
        }
        Ok(())
    }

    fn checkpoint(&mut self) -> Result<()> {
        let progress = self.pace.at(self.tally.packed.get(), "unpacking");
        self.monitor.checkpoint(&progress)
    }

    /// What became of a read: a limit that was reached, or a damaged archive.
    fn damaged(&self, found: &dyn std::fmt::Display) -> Error {
        if self.tally.unpacked.get() > self.allowed {
            let found = self.tally.unpacked.get();
            return self.limit("its unpacked size in bytes", found, self.allowed);
        }
        Error::file(
            self.archive,
            "a whole .tar.gz archive",
            found.to_string(),
            ADVICE,
        )
    }

    fn refused(&self, name: &[u8], found: &str) -> Error {
        // The name may be anything: control characters are not for a terminal.
        let name = String::from_utf8_lossy(name);
        Error::file(
            self.archive,
            "plain files and folders, each inside the archive's own folder",
            format!("\"{}\", {found}", name.escape_debug()),
            "Do not use it: it is broken, or made to do harm.",
        )
    }

    fn limit(&self, what: &'static str, found: u64, limit: u64) -> Error {
        Error::Limit {
            path: self.archive.to_owned(),
            what,
            found,
            limit,
        }
    }
}

/// What a member is that is no plain file.
fn word(kind: EntryType) -> &'static str {
    match kind {
        EntryType::Symlink => "a symbolic link",
        EntryType::Link => "a hard link",
        EntryType::Char | EntryType::Block => "a device",
        EntryType::Fifo => "a pipe",
        EntryType::GNULongName | EntryType::GNULongLink => "a name that is too long",
        EntryType::Regular | EntryType::Directory => "a file without a name",
        _ => "something that is no plain file",
    }
}
