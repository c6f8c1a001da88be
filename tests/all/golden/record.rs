//! Figures of the golden files, small enough to lie in the repository.

use std::collections::BTreeMap;
use std::path::PathBuf;

use atrous_tests::root;
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::case::Case;
use super::expected::{Expected, OTHER_CLASS, TOLERANCE, label_map, rows_of_classes};

/// Where the records lie.
const RECORDS: &str = "tests/all/golden/records";

/// Logits that a record keeps of a case.
const SAMPLES: usize = 64;

/// A case and what TensorFlow made of it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Record {
    pub case: Case,
    pub figures: Figures,
}

/// What is kept of the logits and of the label map.
#[derive(Debug, Serialize, Deserialize)]
pub struct Figures {
    logits_shape: Vec<usize>,
    largest_logit: f32,
    /// Evenly spread over the logits `[1, h, w, classes]`, the first and the last among them.
    logits: Vec<f32>,
    /// Pixels of each class.
    label_map: BTreeMap<u8, usize>,
}

impl Figures {
    fn of(expected: &Expected) -> Self {
        Self {
            logits_shape: expected.logits.shape.clone(),
            largest_logit: expected.largest(),
            logits: sampled(&expected.logits.values),
            label_map: histogram(&expected.argmax),
        }
    }

    /// Compares logits `[1, classes, h, w]` of an image of `size` with the figures.
    pub fn check(&self, logits: &Tensor<4>, size: [usize; 2], what: &str) {
        let [_, classes, height, width] = logits.dims();
        assert_eq!(self.logits_shape, [1, height, width, classes], "{what}");
        let found = sampled(&rows_of_classes(logits));
        assert_eq!(found.len(), self.logits.len());
        for (found, expected) in found.iter().zip(&self.logits) {
            let relative = (found - expected).abs() / self.largest_logit;
            assert!(
                relative <= TOLERANCE,
                "{what}: {found}, expected {expected}"
            );
        }
        let pixels: usize = self.label_map.values().sum();
        let found = histogram(&label_map(logits, size));
        let moved: usize = (0..=u8::MAX)
            .map(|class| {
                let count = |map: &BTreeMap<u8, usize>| map.get(&class).copied().unwrap_or(0);
                count(&found).abs_diff(count(&self.label_map))
            })
            .sum();
        let share = moved as f64 / 2.0 / pixels as f64;
        assert!(share <= OTHER_CLASS, "{what}: {share} of the pixels moved");
    }
}

/// The values at evenly spread places.
pub fn sampled(values: &[f32]) -> Vec<f32> {
    (0..SAMPLES)
        .map(|i| values[i * (values.len() - 1) / (SAMPLES - 1)])
        .collect()
}

fn histogram(labels: &[u8]) -> BTreeMap<u8, usize> {
    let mut histogram = BTreeMap::new();
    for label in labels {
        *histogram.entry(*label).or_default() += 1;
    }
    histogram
}

/// The golden folders that there are records of, sorted.
pub fn folders() -> Vec<String> {
    let entries = std::fs::read_dir(root().join(RECORDS)).unwrap();
    let mut folders: Vec<String> = entries
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            Some(name.strip_suffix(".json")?.to_owned())
        })
        .collect();
    folders.sort();
    folders
}

fn path(folder: &str) -> PathBuf {
    root().join(RECORDS).join(format!("{folder}.json"))
}

/// The records of a folder's cases.
pub fn read(folder: &str) -> Vec<Record> {
    let path = path(folder);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// Makes the records of a folder from its golden files, one record a line.
pub fn write(folder: &str) {
    let lines: Vec<String> = Case::all_of(folder)
        .into_iter()
        .map(|case| {
            let figures = Figures::of(&Expected::of(&case));
            serde_json::to_string(&Record { case, figures }).unwrap()
        })
        .collect();
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    std::fs::write(path(folder), text).unwrap();
}
