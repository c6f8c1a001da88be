//! What is refused, and how it is said.

use super::*;

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
