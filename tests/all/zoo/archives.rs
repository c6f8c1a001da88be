//! Archives that are cut, damaged, or made to do harm.

use std::fs;
use std::path::Path;

use atrous_engine::jobs::{Cancel, Silent};
use atrous_engine::zoo::{ArchiveLimits, UnpackedFile, unpack};
use atrous_engine::{Error, Result};
use tar::EntryType;

use super::tarball::{GRAPH_BYTES, Member, good, gzip, noise, tar, tar_gz};

/// Unpacks into a folder in a folder, and looks whether anything came out beside it.
fn unpack_bytes(bytes: &[u8], limits: &ArchiveLimits) -> Result<Vec<UnpackedFile>> {
    let home = tempfile::tempdir().unwrap();
    let archive = home.path().join("a.tar.gz");
    let into = home.path().join("into");
    fs::write(&archive, bytes).unwrap();
    fs::create_dir(&into).unwrap();
    let result = unpack(&archive, &into, limits, &mut Silent);
    let mut beside: Vec<_> = fs::read_dir(home.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    beside.sort();
    assert_eq!(
        beside,
        ["a.tar.gz", "into"],
        "something was written outside"
    );
    assert_plain(&into);
    if let Ok(files) = &result {
        for file in files {
            assert_eq!(
                fs::metadata(into.join(&file.path)).unwrap().len(),
                file.bytes
            );
        }
    }
    result
}

/// Nothing but files and folders.
fn assert_plain(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        assert!(kind.is_file() || kind.is_dir(), "{:?}", entry.path());
        if kind.is_dir() {
            assert_plain(&entry.path());
        }
    }
}

fn refusal(bytes: &[u8]) -> String {
    match unpack_bytes(bytes, &ArchiveLimits::default()) {
        Err(error @ (Error::File { .. } | Error::Limit { .. })) => error.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_good_archive_is_unpacked_with_its_checksums() {
    let files = unpack_bytes(&good(1), &ArchiveLimits::default()).unwrap();
    let paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["small/frozen_inference_graph.pb", "small/README"]);
    assert_eq!(files[0].bytes, GRAPH_BYTES as u64);
    // sha256sum of the seven bytes.
    assert_eq!(
        files[1].sha256,
        "4d740af9c9c049709697fcc27549d4ac3183246fd8bf6be76fb88ff739914e74"
    );
}

#[test]
fn members_that_are_no_plain_files_are_refused() {
    for (member, word) in [
        (Member::file("../evil", b"x"), "leaves the folder"),
        (Member::file("a/../../evil", b"x"), "leaves the folder"),
        (Member::file("/tmp/evil", b"x"), "absolute"),
        (Member::file("a\\..\\evil", b"x"), "characters"),
        (Member::file("C:evil", b"x"), "characters"),
        (Member::file("a\u{7}b", b"x"), "characters"),
        (
            Member::link("a", EntryType::Symlink, "/etc/passwd"),
            "symbolic link",
        ),
        (
            Member::link("a", EntryType::Link, "/etc/passwd"),
            "hard link",
        ),
        (Member::of_kind("a", EntryType::Char, b""), "device"),
        (Member::of_kind("a", EntryType::Block, b""), "device"),
        (Member::of_kind("a", EntryType::Fifo, b""), "pipe"),
        (
            Member::of_kind("a", EntryType::GNUSparse, b""),
            "no plain file",
        ),
        (
            Member::of_kind("a", EntryType::Continuous, b""),
            "no plain file",
        ),
        (
            Member::of_kind("././@LongLink", EntryType::GNULongName, b"../../evil"),
            "too long",
        ),
        (
            Member::of_kind("./", EntryType::Regular, b"x"),
            "without a name",
        ),
        (
            Member::of_kind("x", EntryType::XHeader, b"20 path=../../evil\n"),
            "renames",
        ),
        (
            Member::of_kind("x", EntryType::XHeader, b"18 size=999999999\n"),
            "renames",
        ),
    ] {
        let name = String::from_utf8_lossy(member.name).into_owned();
        let refused = refusal(&tar_gz(&[Member::file("ok", b"fine"), member]));
        assert!(refused.contains(word), "{name}: {refused}");
        assert!(refused.contains("a.tar.gz"), "{refused}");
        assert!(!refused.chars().any(char::is_control), "{refused:?}");
    }
}

#[test]
fn a_link_cannot_be_written_through() {
    let refused = refusal(&tar_gz(&[
        Member::link("door", EntryType::Symlink, ".."),
        Member::file("door/evil", b"x"),
    ]));
    assert!(refused.contains("symbolic link"), "{refused}");
}

#[test]
fn a_name_that_stands_twice_is_refused() {
    let refused = refusal(&tar_gz(&[
        Member::file("a", b"1"),
        Member::file("./a", b"2"),
    ]));
    assert!(refused.contains("twice"), "{refused}");
}

#[test]
fn harmless_extension_headers_are_passed_over() {
    let files = unpack_bytes(
        &tar_gz(&[
            Member::of_kind("g", EntryType::XGlobalHeader, b"19 comment=a commit\n"),
            Member::of_kind("x", EntryType::XHeader, b"20 mtime=1538352000\n"),
            Member::file("a", b"1"),
        ]),
        &ArchiveLimits::default(),
    );
    assert_eq!(files.unwrap().len(), 1);
}

#[test]
fn bombs_are_stopped_early() {
    // 64 MB of zeros are 64 kB of gzip.
    let zeros = vec![0; 64 << 20];
    let bomb = tar_gz(&[Member::file("zeros.pb", &zeros)]);
    assert!(bomb.len() < 600_000, "{}", bomb.len());
    let refused = refusal(&bomb);
    assert!(refused.contains("the limit is"), "{refused}");

    let nested = gzip(&gzip(&tar(&[Member::file("zeros.pb", &zeros)])));
    refusal(&nested);

    let long_name = Member::of_kind("x", EntryType::XHeader, &zeros[..1 << 20]);
    let refused = refusal(&tar_gz(&[long_name]));
    assert!(refused.contains("extension header"), "{refused}");

    let names: Vec<_> = (0..50).map(|index| format!("f{index}")).collect();
    let many: Vec<_> = names.iter().map(|name| Member::file(name, b"")).collect();
    let limits = ArchiveLimits {
        members: 49,
        ..ArchiveLimits::default()
    };
    let refused = unpack_bytes(&tar_gz(&many), &limits).unwrap_err();
    assert!(
        matches!(refused, Error::Limit { found: 50, .. }),
        "{refused}"
    );
    assert_eq!(
        unpack_bytes(&tar_gz(&many[..49]), &limits).unwrap().len(),
        49
    );
}

#[test]
fn a_member_that_lies_about_its_size_is_refused() {
    for size in [u64::from(u32::MAX), 1 << 40, u64::MAX >> 1] {
        let mut tar = tar(&[Member::file("a.pb", b"short")]);
        let mut header = tar::Header::from_byte_slice(&tar[..512]).clone();
        header.set_size(size);
        header.set_cksum();
        tar[..512].copy_from_slice(header.as_bytes());
        refusal(&gzip(&tar));
    }
}

/// Cut anywhere, an archive is refused: the gzip stream at any byte, and the tar inside a whole gzip
/// stream at any byte too.
#[test]
fn an_archive_cut_at_any_byte_is_refused() {
    let graph = noise(300, 5);
    let tar = tar(&[
        Member::of_kind("m/", EntryType::Directory, b""),
        Member::file("m/frozen_inference_graph.pb", &graph),
        Member::file("m/README", b"Read me"),
    ]);
    let whole = gzip(&tar);
    assert!(unpack_bytes(&whole, &ArchiveLimits::default()).is_ok());
    for length in 0..whole.len() {
        refusal(&whole[..length]);
    }
    let end = tar.len() - 1024;
    for length in (0..tar.len()).filter(|length| length % 64 == 0 || *length >= end) {
        refusal(&gzip(&tar[..length]));
    }
}

/// Flipped bits are noticed: by the decompressor, by tar's header sums, or by gzip's CRC at the end.
#[test]
fn a_damaged_archive_is_refused() {
    let whole = good(2);
    // The ten bytes of gzip's head hold time and system, which nothing depends on.
    for place in (10..whole.len()).step_by(whole.len() / 97) {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x10;
        refusal(&damaged);
    }
}

#[test]
fn unpacking_stops_when_asked_to() {
    let home = tempfile::tempdir().unwrap();
    let archive = home.path().join("a.tar.gz");
    fs::write(&archive, good(3)).unwrap();
    let mut stop = Cancel::default();
    stop.cancel();
    let result = unpack(&archive, home.path(), &ArchiveLimits::default(), &mut stop);
    assert!(result.unwrap_err().is_cancelled());
}
