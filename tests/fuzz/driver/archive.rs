//! Archives of the model zoo.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use atrous_engine::jobs::Silent;
use atrous_engine::zoo::{ArchiveLimits, Receipt, unpack};
use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};

/// Archives, not packed: a checkpoint's, one with a long name in a header of its own, one with a
/// link.
pub fn members() -> Vec<Vec<u8>> {
    let long = format!("model/{}/graph.pb", "long".repeat(40));
    let plain = |builder: &mut Builder<Vec<u8>>| {
        add(builder, "model/", EntryType::Directory, b"");
        add(
            builder,
            "model/frozen_inference_graph.pb",
            EntryType::Regular,
            &[7; 700],
        );
        add(
            builder,
            "model/model.ckpt.index",
            EntryType::Regular,
            b"index",
        );
    };
    let extended = |builder: &mut Builder<Vec<u8>>| {
        add(
            builder,
            "././@LongLink",
            EntryType::GNULongName,
            long.as_bytes(),
        );
        add(builder, "model/short", EntryType::Regular, b"graph");
        let attributes = b"30 path=model/../../outside.pb\n";
        add(builder, "pax", EntryType::XHeader, attributes);
        add(builder, "model/other", EntryType::Regular, b"graph");
    };
    let linked = |builder: &mut Builder<Vec<u8>>| {
        add(builder, "model/link", EntryType::Symlink, b"");
        add(builder, "model/link/outside", EntryType::Regular, b"graph");
    };
    let archive = |fill: &dyn Fn(&mut Builder<Vec<u8>>)| {
        let mut builder = Builder::new(Vec::new());
        fill(&mut builder);
        builder.into_inner().expect("memory can be written")
    };
    vec![archive(&plain), archive(&extended), archive(&linked)]
}

/// Names are put in as they are, which tar's own builder refuses.
fn add(builder: &mut Builder<Vec<u8>>, name: &str, kind: EntryType, data: &[u8]) {
    let mut header = Header::new_gnu();
    header.set_size(data.len() as u64);
    header.set_mode(0o644);
    header.set_entry_type(kind);
    let length = name.len().min(100);
    header.as_old_mut().name[..length].copy_from_slice(&name.as_bytes()[..length]);
    if kind == EntryType::Symlink {
        header.as_old_mut().linkname[..2].copy_from_slice(b"..");
    }
    header.set_cksum();
    builder
        .append(&header, data)
        .expect("memory can be written");
}

/// The same, packed.
pub fn packed() -> Vec<Vec<u8>> {
    members().iter().map(|members| gzip(members)).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

/// Unpacks an archive whose members, and not their packing, are damaged; headers have the right
/// checksums again.
pub fn feed_members(input: &[u8], folder: &Path) {
    let mut members = input.to_vec();
    for block in members.chunks_exact_mut(512) {
        if block[257..].starts_with(b"ustar") {
            let header = Header::from_byte_slice(block);
            let mut header = header.clone();
            header.set_cksum();
            block.copy_from_slice(header.as_bytes());
        }
    }
    feed(&gzip(&members), folder);
}

/// Unpacks an archive, into a folder in which nothing else may appear.
pub fn feed(input: &[u8], folder: &Path) {
    let (archive, room) = (folder.join("archive.tar.gz"), folder.join("room"));
    let into = room.join("a/model");
    fs::create_dir_all(&into).expect("scratch folders can be made");
    fs::write(&archive, input).expect("scratch files can be written");
    let limits = ArchiveLimits {
        bytes: 64 << 20,
        ..ArchiveLimits::default()
    };
    let unpacked = unpack(&archive, &into, &limits, &mut Silent);
    let is_alone = |folder: &Path| {
        let entries = fs::read_dir(folder).expect("the folder is there");
        entries.count() == 1
    };
    assert!(is_alone(&room) && is_alone(&room.join("a")), "a way out");
    if let Ok(files) = unpacked {
        for file in files {
            let path = into.join(&file.path);
            let there = fs::symlink_metadata(&path).expect("what was unpacked is there");
            assert!(there.is_file() && there.len() == file.bytes, "{path:?}");
        }
    }
    fs::remove_dir_all(&room).expect("scratch folders can be removed");
}

/// A receipt for a file that is there.
pub fn receipts() -> Vec<Vec<u8>> {
    let receipt = serde_json::json!({
        "name": "small",
        "source": "https://example.org/small.tar.gz",
        "archive_bytes": 100,
        "archive_sha256": "00",
        "files": [{ "path": "model/graph.pb", "bytes": 5, "sha256": "11" }],
    });
    vec![receipt.to_string().into_bytes()]
}

/// Reads a receipt and looks whether its files are there.
pub fn feed_receipt(input: &[u8], folder: &Path) {
    fs::write(folder.join("receipt.json"), input).expect("scratch files can be written");
    if let Ok(receipt) = Receipt::read(folder) {
        let _ = receipt.verify(folder, &mut Silent);
    }
}
