//! Checkpoints as torch writes them, made here byte by byte.

mod reading;
mod refusing;

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use half::{bf16, f16};
use proptest::prelude::{ProptestConfig, any, proptest};

use super::*;
use crate::error::Error;

/// A tensor on its way into a checkpoint.
struct Entry {
    name: &'static str,
    storage: &'static str,
    key: &'static str,
    length: u32,
    offset: u8,
    shape: Vec<u32>,
    strides: Vec<u32>,
}

fn entry(name: &'static str, key: &'static str, length: u32) -> Entry {
    Entry {
        name,
        storage: "FloatStorage",
        key,
        length,
        offset: 0,
        shape: vec![length],
        strides: vec![1],
    }
}

fn text(text: &str) -> Vec<u8> {
    [
        b"X",
        &(text.len() as u32).to_le_bytes()[..],
        text.as_bytes(),
    ]
    .concat()
}

fn number(number: u32) -> Vec<u8> {
    [b"J", &number.to_le_bytes()[..]].concat()
}

fn tuple(items: &[Vec<u8>]) -> Vec<u8> {
    [&b"("[..], &items.concat(), b"t"].concat()
}

/// A dictionary of tensors; `view` ends each storage's name, as only the older layout does.
fn dictionary(entries: &[Entry], view: &[u8]) -> Vec<u8> {
    let mut bytes = b"ccollections\nOrderedDict\n)R(".to_vec();
    for entry in entries {
        let sides =
            |sides: &[u32]| tuple(&sides.iter().map(|side| number(*side)).collect::<Vec<_>>());
        let storage = tuple(&[
            text("storage"),
            format!("ctorch\n{}\n", entry.storage).into_bytes(),
            text(entry.key),
            text("cpu"),
            number(entry.length),
            view.to_vec(),
        ]);
        let arguments = tuple(&[
            [&storage[..], b"Q"].concat(),
            vec![b'K', entry.offset],
            sides(&entry.shape),
            sides(&entry.strides),
            b"\x89ccollections\nOrderedDict\n)R".to_vec(),
        ]);
        bytes.extend(text(entry.name));
        bytes.extend(b"ctorch._utils\n_rebuild_tensor_v2\n");
        bytes.extend(arguments);
        bytes.push(b'R');
    }
    bytes.push(b'u');
    bytes
}

/// How the members of an archive are packed.
#[derive(Clone, Copy, PartialEq)]
enum Packing {
    Stored,
    Deflated,
    /// Stored, with every size and place in the 64-bit fields.
    Stored64,
}

fn zipped(members: &[(&str, &[u8])], packing: Packing) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    let method = u16::from(packing == Packing::Deflated) * 8;
    for (name, bytes) in members {
        let name = format!("archive/{name}");
        let packed = if packing == Packing::Deflated {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        } else {
            bytes.to_vec()
        };
        let (size, start) = (bytes.len() as u32, file.len() as u32);
        let sizes = [packed.len() as u32, size].map(u32::to_le_bytes).concat();
        let common = [&[20, 0, 0, 0][..], &method.to_le_bytes(), &[0; 8]].concat();
        let length = (name.len() as u16).to_le_bytes();
        file.extend(
            [
                b"PK\x03\x04",
                &common[..],
                &sizes,
                &length,
                &[0; 2],
                name.as_bytes(),
                &packed,
            ]
            .concat(),
        );
        let wide = packing == Packing::Stored64;
        let long = [u64::from(size), packed.len() as u64, u64::from(start)]
            .map(u64::to_le_bytes)
            .concat();
        // A field that means nothing here comes first.
        let extra = [&[9, 9, 2, 0, 7, 7, 1, 0, 24, 0][..], &long].concat();
        let (sizes, start, extra) = if wide {
            (vec![0xff; 8], [0xff; 4], extra)
        } else {
            (sizes, start.to_le_bytes(), Vec::new())
        };
        let extra_length = (extra.len() as u16).to_le_bytes();
        directory.extend(
            [
                b"PK\x01\x02\x14\x00",
                &common[..],
                &sizes,
                &length,
                &extra_length,
                &[0; 10],
                &start,
                name.as_bytes(),
                &extra,
            ]
            .concat(),
        );
    }
    let start = file.len();
    file.extend(&directory);
    let end = file.len();
    if packing == Packing::Stored64 {
        let count = (members.len() as u64).to_le_bytes();
        let places = [directory.len() as u64, start as u64]
            .map(u64::to_le_bytes)
            .concat();
        file.extend([b"PK\x06\x06", &[0; 20][..], &count, &count, &places].concat());
        file.extend(
            [
                b"PK\x06\x07",
                &[0; 4][..],
                &(end as u64).to_le_bytes(),
                &[0; 4],
            ]
            .concat(),
        );
        file.extend([b"PK\x05\x06", &[0xff; 16][..], &[0; 2]].concat());
    } else {
        let count = (members.len() as u16).to_le_bytes();
        let places = [directory.len() as u32, start as u32]
            .map(u32::to_le_bytes)
            .concat();
        file.extend([b"PK\x05\x06", &[0; 4][..], &count, &count, &places, &[0; 2]].concat());
    }
    file
}

fn archive(entries: &[Entry], storages: &[(&str, &[u8])]) -> Vec<u8> {
    let pickle = [&b"\x80\x02"[..], &dictionary(entries, b""), b"."].concat();
    let names: Vec<_> = storages
        .iter()
        .map(|(key, _)| format!("data/{key}"))
        .collect();
    let mut members = vec![("data.pkl", &pickle[..]), ("version", b"3\n")];
    members.extend(
        names
            .iter()
            .map(String::as_str)
            .zip(storages.iter().map(|(_, bytes)| *bytes)),
    );
    zipped(&members, Packing::Stored)
}

/// The older layout; each storage with its length in numbers.
fn old(entries: &[Entry], storages: &[(&str, u64, &[u8])]) -> Vec<u8> {
    let mut bytes =
        b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.".to_vec();
    bytes.extend(b"\x80\x02}(U\x0dlittle_endian\x88u.\x80\x02");
    bytes.extend(dictionary(entries, b"N"));
    bytes.extend(b".\x80\x02](");
    storages
        .iter()
        .for_each(|(key, ..)| bytes.extend(text(key)));
    bytes.extend(b"e.");
    for (_, length, storage) in storages {
        bytes.extend(length.to_le_bytes());
        bytes.extend(*storage);
    }
    bytes
}

fn floats(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

fn read_it(bytes: &[u8]) -> Result<TensorFile> {
    read(Path::new("weights.pth"), bytes, &Limits::default())
}

fn values(file: &TensorFile, name: &str) -> Vec<f32> {
    file.tensors.get(name).unwrap().values.clone()
}
