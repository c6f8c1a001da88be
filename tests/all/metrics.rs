//! Scores against the golden data.

use std::fs;
use std::path::Path;

use atrous_engine::Limits;
use atrous_engine::dataset::{folder, list};
use atrous_engine::jobs::Silent;
use atrous_engine::mask::{LabelMap, png_file};
use atrous_engine::metrics::ConfusionMatrix;
use atrous_engine::report::{Evaluation, evaluate};
use atrous_palettes::Palette;
use atrous_tests::shared;
use serde::Deserialize;

/// One case of `eval/miou.json`, as TensorFlow 2.15 computed it in two batches.
#[derive(Deserialize)]
struct Case {
    num_classes: usize,
    ignore_label: u8,
    gt: Vec<Vec<u8>>,
    pred: Vec<Vec<u8>>,
    running_miou: [f64; 2],
    miou: f64,
    per_class_iou: Vec<Option<f64>>,
    confusion_gt_rows_pred_cols: Option<Vec<Vec<u64>>>,
    pixel_accuracy: f64,
}

fn close(found: Option<f64>, expected: f64) {
    let found = found.expect("a score");
    assert!((found - expected).abs() <= 1e-6, "{found}, not {expected}");
}

/// The truth with the case's ignored label as void.
fn with_void(rows: &[Vec<u8>], ignored: u8) -> Vec<u8> {
    let values = rows.concat().into_iter();
    values
        .map(|value| if value == ignored { 255 } else { value })
        .collect()
}

#[test]
fn miou_is_that_of_tensorflow() {
    let Some(path) = shared("golden/eval/miou.json") else {
        return;
    };
    let cases: Vec<Case> = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert_eq!(cases.len(), 5);
    for case in cases {
        let mut matrix = ConfusionMatrix::new(case.num_classes);
        let half = case.gt.len() / 2;
        let batches = [0..half, half..case.gt.len()];
        for (rows, running) in batches.into_iter().zip(case.running_miou) {
            let truth = with_void(&case.gt[rows.clone()], case.ignore_label);
            matrix.add(&truth, &case.pred[rows].concat()).unwrap();
            close(matrix.miou(), running);
        }
        close(matrix.miou(), case.miou);
        close(matrix.pixel_accuracy(), case.pixel_accuracy);
        assert_eq!(case.per_class_iou.len(), case.num_classes);
        for (class, expected) in case.per_class_iou.iter().enumerate() {
            match expected {
                Some(expected) => close(matrix.iou_where_true(class), *expected),
                None => assert_eq!(matrix.iou_where_true(class), None),
            }
        }
        for (truth, row) in (0..).zip(case.confusion_gt_rows_pred_cols.unwrap_or_default()) {
            for (prediction, expected) in row.into_iter().enumerate() {
                assert_eq!(matrix.count(truth, prediction), expected);
            }
        }
    }
}

/// Label maps of VOC and, in a temporary folder, predictions that are the truth moved sideways.
fn moved_voc(truth: &Path, predictions: &Path) {
    let limits = Limits::default();
    let colors = Palette::pascal_voc().colors();
    for (number, path) in folder::files_below(truth, folder::is_png)
        .unwrap()
        .iter()
        .enumerate()
    {
        let map = png_file::read(path, &limits).unwrap();
        let [width, height] = map.size();
        let pixels = map.to_vec();
        let mut moved: Vec<u8> = Vec::new();
        for row in pixels.chunks(width as usize) {
            let by = 1 + number % 12;
            moved.extend(&row[by..]);
            moved.extend(vec![0; by]);
        }
        // A prediction has no void; and it takes cats for dogs now and then.
        for (at, value) in moved.iter_mut().enumerate() {
            match *value {
                255 => *value = 0,
                8 if at % 3 == 0 => *value = 12,
                _ => {}
            }
        }
        let map = LabelMap::from_vec(width, height, &moved).unwrap();
        let bytes = png_file::encode(&map, &colors).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy();
        fs::write(predictions.join(format!("{name}.jpg.png")), bytes).unwrap();
    }
}

#[test]
fn a_folder_of_predictions_is_scored_and_reported() {
    let Some(voc) = shared("data/voc") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let palette = Palette::pascal_voc();
    let truth = voc.join("SegmentationClass");
    moved_voc(&truth, folder.path());
    let limits = Limits::default();
    let list = list::read(&voc.join("ImageSets/Segmentation/val.txt"), &limits).unwrap();
    let evaluation = Evaluation {
        predictions: folder.path(),
        truth: &truth,
        palette: &palette,
        list: Some(&list),
        limits: &limits,
    };
    let report = evaluate(&evaluation, &mut Silent).unwrap();
    assert_eq!(report.failed, []);
    assert_eq!(report.images.len(), 45);
}
