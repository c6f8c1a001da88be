//! Archives, good and bad.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};

/// Bytes of the good archive's one large file.
pub const GRAPH_BYTES: usize = 200_000;

/// A member of an archive, honest or not.
pub struct Member<'a> {
    /// Its name, as the bytes that stand in the header.
    pub name: &'a [u8],
    pub kind: EntryType,
    pub data: &'a [u8],
    /// What a link points to.
    pub link: &'a str,
}

impl<'a> Member<'a> {
    pub fn file(name: &'a str, data: &'a [u8]) -> Self {
        Self::of_kind(name, EntryType::Regular, data)
    }

    pub fn of_kind(name: &'a str, kind: EntryType, data: &'a [u8]) -> Self {
        Self {
            name: name.as_bytes(),
            kind,
            data,
            link: "",
        }
    }

    pub fn link(name: &'a str, kind: EntryType, link: &'a str) -> Self {
        Self {
            link,
            ..Self::of_kind(name, kind, b"")
        }
    }
}

/// Members as a tar archive. The names are put in as they are, which tar's own builder refuses.
pub fn tar(members: &[Member]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for member in members {
        let mut header = Header::new_ustar();
        header.set_size(member.data.len() as u64);
        header.set_mode(0o644);
        header.set_entry_type(member.kind);
        header.as_old_mut().name[..member.name.len()].copy_from_slice(member.name);
        header.as_old_mut().linkname[..member.link.len()].copy_from_slice(member.link.as_bytes());
        header.set_cksum();
        builder.append(&header, member.data).unwrap();
    }
    builder.into_inner().unwrap()
}

/// Bytes as gzip.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Members as a `.tar.gz` archive.
pub fn tar_gz(members: &[Member]) -> Vec<u8> {
    gzip(&tar(members))
}

/// Bytes that do not compress; another seed gives others.
pub fn noise(count: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..count).map(|_| next()).collect()
}

/// An archive as the zoo's are: a folder with a frozen graph, which here is noise.
pub fn good(seed: u64) -> Vec<u8> {
    let graph = noise(GRAPH_BYTES, seed);
    tar_gz(&[
        Member::of_kind("./small/", EntryType::Directory, b""),
        Member::file("./small/frozen_inference_graph.pb", &graph),
        Member::file("./small/README", b"Read me"),
    ])
}
