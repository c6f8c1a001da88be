//! Scores against the golden data.

use std::fs;

use atrous_engine::metrics::ConfusionMatrix;
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
