//! What is read of good files.

use super::*;

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
