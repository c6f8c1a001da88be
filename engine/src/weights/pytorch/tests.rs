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

#[test]
fn every_type_of_number_is_read_in_both_layouts() {
    let numbers = [1.5_f32, -0.25];
    let doubles = numbers.map(|v| f64::from(v).to_le_bytes()).concat();
    let halves = numbers.map(|v| f16::from_f32(v).to_le_bytes()).concat();
    let brains = numbers.map(|v| bf16::from_f32(v).to_le_bytes()).concat();
    for (storage, bytes) in [
        ("FloatStorage", floats(&numbers)),
        ("DoubleStorage", doubles),
        ("HalfStorage", halves),
        ("BFloat16Storage", brains),
    ] {
        let entries = [Entry {
            storage,
            ..entry("a", "0", 2)
        }];
        for file in [
            archive(&entries, &[("0", &bytes)]),
            old(&entries, &[("0", 2, &bytes)]),
        ] {
            assert!(is_checkpoint(&file));
            assert_eq!(values(&read_it(&file).unwrap(), "a"), numbers, "{storage}");
        }
    }
}

#[test]
fn whole_numbers_are_listed_apart() {
    let counter = Entry {
        storage: "LongStorage",
        shape: vec![],
        strides: vec![],
        ..entry("n", "1", 1)
    };
    let entries = [entry("a", "0", 1), counter];
    let file = read_it(&archive(
        &entries,
        &[("0", &floats(&[2.0])), ("1", &[7; 8])],
    ))
    .unwrap();
    assert_eq!(file.others, ["n"]);
    assert_eq!(file.tensors.len(), 1);
}

#[test]
fn views_share_a_storage() {
    let turned = Entry {
        shape: vec![2, 3],
        strides: vec![1, 2],
        ..entry("turned", "0", 8)
    };
    let tail = Entry {
        offset: 6,
        shape: vec![2, 1],
        strides: vec![1, 99],
        ..entry("tail", "0", 8)
    };
    let same = Entry {
        shape: vec![3],
        strides: vec![0],
        ..entry("same", "0", 8)
    };
    let none = Entry {
        shape: vec![0, 5],
        strides: vec![5, 1],
        ..entry("none", "0", 8)
    };
    let numbers = floats(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    let file = archive(&[turned, tail, same, none], &[("0", &numbers)]);
    let file = read_it(&file).unwrap();
    assert_eq!(values(&file, "turned"), [0.0, 2.0, 4.0, 1.0, 3.0, 5.0]);
    assert_eq!(values(&file, "tail"), [6.0, 7.0]);
    assert_eq!(values(&file, "same"), [0.0; 3]);
    assert_eq!(file.tensors.get("none").unwrap().shape, [0, 5]);
}

#[test]
fn archives_may_be_packed_in_any_way() {
    let pickle = [
        &b"\x80\x02"[..],
        &dictionary(&[entry("a", "0", 2)], b""),
        b".",
    ]
    .concat();
    let numbers = floats(&[1.0, 2.0]);
    let members = [("data.pkl", &pickle[..]), ("data/0", &numbers)];
    for packing in [Packing::Stored, Packing::Deflated, Packing::Stored64] {
        let file = zipped(&members, packing);
        assert_eq!(values(&read_it(&file).unwrap(), "a"), [1.0, 2.0]);
    }
}

#[test]
fn big_endian_numbers_are_turned() {
    let pickle = [
        &b"\x80\x02"[..],
        &dictionary(&[entry("a", "0", 1)], b""),
        b".",
    ]
    .concat();
    let big = 1.5_f32.to_be_bytes();
    let members = [
        ("data.pkl", &pickle[..]),
        ("byteorder", b"big"),
        ("data/0", &big),
    ];
    let file = read_it(&zipped(&members, Packing::Deflated)).unwrap();
    assert_eq!(values(&file, "a"), [1.5]);
}

#[test]
fn wrappers_are_taken_off() {
    let weights = dictionary(
        &[
            entry("module.model.a", "0", 1),
            entry("module.model.b", "0", 1),
        ],
        b"",
    );
    let checkpoint = [
        &b"\x80\x02}(U\x05epochK\x07U\x05model}U\x0astate_dict"[..],
        &weights,
        b"sU\x04argscargparse\nNamespace\n)\x81u.",
    ]
    .concat();
    let members = [("data.pkl", &checkpoint[..]), ("data/0", &floats(&[3.0]))];
    let file = read_it(&zipped(&members, Packing::Stored)).unwrap();
    assert_eq!(file.tensors.names().collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn what_is_no_state_dict_is_named() {
    let message = |pickle: &[u8]| {
        let file = zipped(&[("data.pkl", pickle)], Packing::Stored);
        read_it(&file).unwrap_err().to_string()
    };
    assert!(message(b"K\x01.").contains("something else than a dictionary of tensors"));
    assert!(message(b"}U\x05epochK\x07s.").contains("without tensors (its keys: epoch)"));
    assert!(message(b"}q\x00U\x05modelh\x00s.").contains("something else"));
    let hostile = message(b"cos\nsystem\n(U\x02lst R.");
    assert!(
        hostile.contains("the Python object os.system, which is never run here"),
        "{hostile}"
    );
    let program = zipped(
        &[("constants.pkl", b")."), ("data.pkl", b").")],
        Packing::Stored,
    );
    let error = read_it(&program).unwrap_err().to_string();
    assert!(error.contains("a TorchScript program"), "{error}");
    let other = zipped(&[("x.npy", b"")], Packing::Stored);
    assert!(
        read_it(&other)
            .unwrap_err()
            .to_string()
            .contains("without data.pkl")
    );
}

/// The same two tensors in both layouts.
fn samples() -> [Vec<u8>; 2] {
    let entries = || {
        [
            entry("a", "0", 2),
            Entry {
                shape: vec![3, 1],
                strides: vec![1, 1],
                ..entry("b", "1", 3)
            },
        ]
    };
    let (a, b) = (floats(&[1.0, 2.0]), floats(&[3.0, 4.0, 5.0]));
    [
        archive(&entries(), &[("0", &a), ("1", &b)]),
        old(&entries(), &[("0", 2, &a), ("1", 3, &b)]),
    ]
}

#[test]
fn every_part_of_a_file_is_refused() {
    for whole in samples() {
        assert!(read_it(&whole).is_ok());
        for length in 0..whole.len() {
            assert!(read_it(&whole[..length]).is_err(), "{length}");
        }
    }
}

#[test]
fn tensors_stay_within_their_storages() {
    for (offset, shape, strides) in [
        (7, vec![2], vec![1]),
        (0, vec![9], vec![1]),
        (0, vec![2, 2], vec![8, 1]),
        (0, vec![2, 2], vec![u32::MAX >> 1, u32::MAX >> 1]),
        (0, vec![2], vec![1, 1]),
    ] {
        let wild = Entry {
            offset,
            shape,
            strides,
            ..entry("a", "0", 8)
        };
        let file = archive(&[wild], &[("0", &floats(&[0.0; 8]))]);
        let error = read_it(&file).unwrap_err();
        assert!(error.to_string().contains("damage"), "{error}");
    }
    let short = archive(&[entry("a", "0", 8)], &[("0", &floats(&[0.0; 7]))]);
    assert!(
        read_it(&short)
            .unwrap_err()
            .to_string()
            .contains("too few numbers")
    );
    let missing = archive(&[entry("a", "5", 8)], &[]);
    assert!(
        read_it(&missing)
            .unwrap_err()
            .to_string()
            .contains("missing")
    );
}

#[test]
fn bombs_meet_the_limits() {
    let limits = Limits {
        file_bytes: 1 << 16,
        tensor_values: 1 << 14,
        tensors: 8,
        ..Limits::default()
    };
    let what = |file: &[u8]| match read(Path::new("w"), file, &limits).unwrap_err() {
        Error::Limit { what, .. } => what,
        error => panic!("{error}"),
    };
    // Many numbers out of one.
    let wide = |name, shape: Vec<u32>| Entry {
        strides: vec![0; shape.len()],
        shape,
        ..entry(name, "0", 1)
    };
    let one = floats(&[1.0]);
    let single = archive(&[wide("a", vec![1 << 15])], &[("0", &one)]);
    assert_eq!(what(&single), "values in one tensor");
    let vast = archive(&[wide("a", vec![1 << 30; 12])], &[("0", &one)]);
    assert_eq!(what(&vast), "values in one tensor");
    let deep = archive(&[wide("a", vec![1; 17])], &[("0", &one)]);
    assert_eq!(what(&deep), "a tensor's dimensions");
    let names = ["a", "b", "c", "d", "e"];
    let many = names.map(|name| wide(name, vec![1 << 12]));
    assert_eq!(
        what(&archive(&many, &[("0", &one)])),
        "bytes of all its tensors"
    );
    let long = archive(&[entry("a", "0", 1)], &[("0", &floats(&[1.0; 2]))]);
    assert_eq!(what(&long), "bytes of one of its members");
    // A megabyte of zeros in a kilobyte.
    let zeros = vec![0; 1 << 20];
    let packed = zipped(&[("data.pkl", &zeros)], Packing::Deflated);
    assert!(packed.len() < 4096);
    assert_eq!(what(&packed), "bytes of one of its members");
    let crowd: Vec<_> = (0..80).map(|index| format!("data/{index}")).collect();
    let crowd: Vec<_> = crowd.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert_eq!(
        what(&zipped(&crowd, Packing::Stored)),
        "the number of its members"
    );
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"].map(|name| entry(name, "0", 1));
    assert_eq!(
        what(&archive(&names, &[("0", &one)])),
        "the number of tensors"
    );
}

/// A file that lies about a member's size gives an error too, not more memory.
#[test]
fn a_lie_about_the_size_is_found() {
    let zeros = vec![0; 1 << 20];
    let mut packed = zipped(&[("data.pkl", &zeros)], Packing::Deflated);
    let told = (1_u32 << 20).to_le_bytes();
    for place in 0..packed.len() - 4 {
        if packed[place..place + 4] == told {
            packed[place..place + 4].copy_from_slice(&16_u32.to_le_bytes());
        }
    }
    let limits = Limits {
        file_bytes: 1 << 16,
        ..Limits::default()
    };
    assert!(read(Path::new("w"), &packed, &limits).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn damage_never_panics(changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6)) {
        for mut bytes in samples() {
            for (place, value) in &changes {
                let length = bytes.len();
                bytes[place % length] = *value;
            }
            let _ = read_it(&bytes);
        }
    }
}
