use std::path::PathBuf;

use proptest::prelude::*;

use super::messages::{Entry, Extent, Header, Slice};
use super::*;
use crate::weights::tensorflow_types::{DataType, TensorShape};

/// A checkpoint on its way to disk.
struct Writer {
    shards: Vec<Vec<u8>>,
    entries: Vec<(Vec<u8>, Entry)>,
}

impl Writer {
    fn new(shards: usize) -> Self {
        Self {
            shards: vec![Vec::new(); shards],
            entries: Vec::new(),
        }
    }

    fn push(&mut self, name: impl AsRef<[u8]>, dtype: DataType, shape: &[usize], bytes: &[u8]) {
        let shard = self.entries.len() % self.shards.len();
        let entry = Entry {
            dtype,
            shape: TensorShape::of(shape),
            shard: shard as i64,
            offset: self.shards[shard].len() as i64,
            size: bytes.len() as i64,
            checksum: table::masked_checksum(bytes),
            slices: Vec::new(),
        };
        self.shards[shard].extend(bytes);
        self.entries.push((name.as_ref().to_vec(), entry));
    }

    fn floats(&mut self, name: impl AsRef<[u8]>, shape: &[usize], values: &[f32]) {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.push(name, DataType::Float, shape, &bytes);
    }

    fn index(&mut self, snappy: bool) -> Vec<u8> {
        let header = Header {
            shards: self.shards.len() as i64,
            endianness: 0,
        };
        self.entries.sort_by(|a, b| a.0.cmp(&b.0));
        let entries = self
            .entries
            .iter()
            .map(|(key, e)| (key.clone(), e.encode()));
        let header = (Vec::new(), header.encode());
        table::tests::table(&[header].into_iter().chain(entries).collect(), 3, snappy)
    }

    fn write(mut self, folder: &Path) -> PathBuf {
        let prefix = folder.join("model.ckpt-7");
        std::fs::write(locate::index_of(&prefix), self.index(false)).unwrap();
        for (number, bytes) in self.shards.iter().enumerate() {
            let path = locate::shard_of(&prefix, number as i64, self.shards.len() as i64);
            std::fs::write(path, bytes).unwrap();
        }
        prefix
    }
}

fn values(count: usize) -> Vec<f32> {
    (0..count).map(|i| i as f32 - 1.5).collect()
}

fn small() -> Writer {
    let mut writer = Writer::new(2);
    writer.floats("Conv/weights", &[1, 2, 3], &values(6));
    writer.floats("Conv/biases", &[3], &values(3));
    writer.floats("Conv/biases/Momentum", &[3], &values(3));
    writer.push("global_step", DataType::Int64, &[], &7_i64.to_le_bytes());
    writer
}

fn read_back(writer: Writer) -> Result<Checkpoint> {
    let folder = tempfile::tempdir().unwrap();
    read(&writer.write(folder.path()), &Limits::default())
}

#[test]
fn tensors_come_back_and_the_training_stays_aside() {
    let checkpoint = read_back(small()).unwrap();
    assert_eq!(checkpoint.tensors.len(), 2);
    let weights = checkpoint.tensors.get("Conv/weights").unwrap();
    assert_eq!(
        (&weights.shape[..], &weights.values),
        (&[1, 2, 3][..], &values(6))
    );
    assert_eq!(
        checkpoint.set_aside,
        ["Conv/biases/Momentum", "global_step"]
    );
    assert!(checkpoint.others.is_empty());
}

#[test]
fn every_floating_point_type_becomes_float32() {
    let mut writer = Writer::new(1);
    let (single, double) = (1.5_f32, 1.5_f64);
    let half = half::f16::from_f32(single).to_le_bytes();
    let bfloat = half::bf16::from_f32(single).to_le_bytes();
    writer.push("half", DataType::Half, &[1], &half);
    writer.push("bfloat", DataType::Bfloat16, &[1], &bfloat);
    writer.push("double", DataType::Double, &[1], &double.to_le_bytes());
    writer.floats("single", &[], &[single]);
    writer.push("whole", DataType::Int32, &[1], &[0; 4]);
    let checkpoint = read_back(writer).unwrap();
    for name in ["half", "bfloat", "double", "single"] {
        assert_eq!(
            checkpoint.tensors.get(name).unwrap().values,
            [single],
            "{name}"
        );
    }
    assert_eq!(checkpoint.others, ["whole"]);
}

#[test]
fn a_moving_average_stands_in_for_a_variable_that_is_not_there() {
    let mut writer = Writer::new(1);
    writer.floats("a/weights", &[1], &[1.0]);
    writer.floats("a/weights/ExponentialMovingAverage", &[1], &[2.0]);
    writer.floats("b/weights/ExponentialMovingAverage", &[1], &[3.0]);
    let checkpoint = read_back(writer).unwrap();
    assert_eq!(checkpoint.tensors.get("a/weights").unwrap().values, [1.0]);
    assert_eq!(checkpoint.tensors.get("b/weights").unwrap().values, [3.0]);
    assert_eq!(checkpoint.set_aside, ["a/weights/ExponentialMovingAverage"]);
}

/// The variable `w` of shape `[2, 5, 2]`, its slices those of the middle dimension.
fn partitioned(parts: &[(i64, i64)]) -> Writer {
    let whole = values(20);
    let mut writer = Writer::new(2);
    let mut slices = Vec::new();
    for &(start, length) in parts {
        let all = Extent {
            start: 0,
            length: None,
        };
        let part = Extent {
            start,
            length: Some(length),
        };
        let slice = Slice {
            extents: vec![all, part, all],
        };
        let (start, length) = (start as usize * 2, length as usize * 2);
        let rows = [0, 10].map(|row| &whole[row + start..row + start + length]);
        let shape = [2, length / 2, 2];
        writer.floats(slice_key::slice_key("w", &slice), &shape, &rows.concat());
        slices.push(slice);
    }
    let entry = Entry {
        dtype: DataType::Float,
        shape: TensorShape::of(&[2, 5, 2]),
        slices,
        ..Entry::default()
    };
    writer.entries.push((b"w".to_vec(), entry));
    writer
}

#[test]
fn slices_become_whole() {
    for parts in [&[(0, 5)][..], &[(0, 2), (2, 3)], &[(3, 2), (0, 1), (1, 2)]] {
        let checkpoint = read_back(partitioned(parts)).unwrap();
        let tensor = checkpoint.tensors.get("w").unwrap();
        assert_eq!(tensor.shape, [2, 5, 2]);
        assert_eq!(tensor.values, values(20), "{parts:?}");
        assert_eq!(checkpoint.tensors.len(), 1);
    }
    for parts in [
        &[(0, 4)][..],
        &[(1, 4)],
        &[(0, 3), (2, 3)],
        &[(0, 1), (2, 3)],
    ] {
        let error = read_back(partitioned(parts)).unwrap_err().to_string();
        assert!(error.contains("of w"), "{error}");
    }
}

#[test]
fn a_changed_value_is_noticed() {
    let mut writer = small();
    writer.shards[0][5] ^= 1;
    let error = read_back(writer).unwrap_err().to_string();
    assert!(
        error.contains("model.ckpt-7.data-00000-of-00002"),
        "{error}"
    );
    assert!(error.contains("Conv/weights with the checksum"), "{error}");
}

#[test]
fn missing_parts_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let prefix = small().write(folder.path());
    let shard = locate::shard_of(&prefix, 1, 2);
    let whole = std::fs::read(&shard).unwrap();
    // The last bytes are the step's, which nobody reads.
    for length in 0..12 {
        std::fs::write(&shard, &whole[..length]).unwrap();
        let error = read(&prefix, &Limits::default()).unwrap_err().to_string();
        assert!(
            error.contains("bytes of Conv/biases at 0"),
            "{length}: {error}"
        );
    }
    std::fs::remove_file(&shard).unwrap();
    let error = read(&prefix, &Limits::default()).unwrap_err().to_string();
    assert!(
        error.contains("data-00001-of-00002: opening failed"),
        "{error}"
    );
}

#[test]
fn lies_about_sizes_are_refused_before_anything_is_made() {
    type Lie = fn(&mut Entry);
    let lies: [(Lie, &str); 6] = [
        (
            |entry| entry.shape = TensorShape::of(&[1 << 40]),
            "values in one tensor",
        ),
        (
            |entry| entry.shape = TensorShape::of(&[1 << 40, 1 << 40]),
            "a shape for",
        ),
        (|entry| entry.shape.unknown_rank = true, "a shape for"),
        (
            |entry| entry.shape = TensorShape::of(&[1 << 20]),
            "1048576 values of 4 bytes",
        ),
        (|entry| entry.offset = i64::MAX, "bytes in all"),
        (|entry| entry.offset = -1, "bytes in all"),
    ];
    for (lie, expected) in lies {
        let mut writer = small();
        lie(&mut writer.entries[0].1);
        let error = read_back(writer).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let mut writer = small();
    let again = writer.entries[0].1.clone();
    writer
        .entries
        .extend((0..3).map(|i| (format!("x{i}").into_bytes(), again.clone())));
    let error = read_back(writer).unwrap_err().to_string();
    assert!(
        error.contains("bytes in all"),
        "the same bytes four times: {error}"
    );
}

#[test]
fn limits_hold() {
    let limits = Limits {
        tensors: 3,
        ..Limits::default()
    };
    let path = Path::new("model.ckpt.index");
    let error = index::read(path, &small().index(true), &limits).unwrap_err();
    assert!(matches!(error, Error::Limit { found: 4, .. }), "{error}");
}

#[test]
fn every_part_of_an_index_is_refused() {
    let whole = small().index(true);
    let read = |bytes: &[u8]| index::read(Path::new("m.index"), bytes, &Limits::default());
    assert_eq!(read(&whole).unwrap().variables.len(), 4);
    for length in 0..whole.len() {
        assert!(read(&whole[..length]).is_err(), "{length}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn entries_of_any_bytes_never_panic(
        value in prop::collection::vec(any::<u8>(), 0..60), name in "[a-z\0]{1,3}",
    ) {
        let header = Header { shards: 1, endianness: 0 };
        let entries = vec![(Vec::new(), header.encode()), (name.into_bytes(), value)];
        let folder = tempfile::tempdir().unwrap();
        let prefix = folder.path().join("m");
        let table = table::tests::table(&entries, 9, false);
        std::fs::write(locate::index_of(&prefix), table).unwrap();
        std::fs::write(locate::shard_of(&prefix, 0, 1), [0; 16]).unwrap();
        let _ = read(&prefix, &Limits::default());
    }
}
