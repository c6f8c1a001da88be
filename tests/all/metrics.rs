//! Scores against the golden data.

use std::fs;
use std::path::Path;

use atrous_engine::Limits;
use atrous_engine::dataset::{folder, list};
use atrous_engine::jobs::Silent;
use atrous_engine::mask::{LabelMap, png_file};
use atrous_engine::metrics::ConfusionMatrix;
use atrous_engine::report::{Evaluation, Measures, ScoreReport, Scorer, evaluate};
use atrous_palettes::Palette;
use atrous_tests::shared;
use serde::Deserialize;
use serde_json::Value;

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
        measures: Measures {
            boundary: Some(0.02),
            ..Measures::default()
        },
        limits: &limits,
    };
    let report = evaluate(&evaluation, &mut Silent).unwrap();
    assert_eq!(report.failed, []);
    assert_eq!(report.images.len(), 45);

    // The same from the pixels, without the matrix.
    let (mut right, mut scored, mut void) = (0, 0, 0);
    for stem in &list {
        let read = |path: &Path| png_file::read(path, &limits).unwrap().to_vec();
        let truth = read(&truth.join(format!("{stem}.png")));
        let predicted = read(&folder.path().join(format!("{stem}.jpg.png")));
        for (truth, predicted) in truth.into_iter().zip(predicted) {
            void += u64::from(truth == 255);
            scored += u64::from(truth != 255);
            right += u64::from(truth != 255 && truth == predicted);
        }
    }
    let json = folder.path().join("report.json");
    report.write_json(&json).unwrap();
    let value: Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
    assert_eq!(value["images"], 45);
    assert_eq!(value["void_pixels"], void);
    close(
        value["pixel_accuracy"].as_f64(),
        right as f64 / scored as f64,
    );
    let classes = value["classes"].as_array().unwrap();
    assert_eq!(classes.len(), 21);
    let ious: Vec<f64> = classes
        .iter()
        .filter_map(|class| class["iou"].as_f64())
        .collect();
    close(
        value["miou"].as_f64(),
        ious.iter().sum::<f64>() / ious.len() as f64,
    );
    assert_eq!(
        (&classes[8]["index"], &classes[8]["name"]),
        (&Value::from(8), &Value::from("cat"))
    );
    let sum = |key: &str| {
        classes
            .iter()
            .map(|class| class[key].as_u64().unwrap())
            .sum::<u64>()
    };
    assert_eq!(
        (sum("truth_pixels"), sum("predicted_pixels")),
        (scored, scored)
    );
    let [low, high] = ["low", "high"].map(|end| value["miou_interval"][end].as_f64().unwrap());
    let miou = value["miou"].as_f64().unwrap();
    assert!(low < miou && miou < high, "{low} {miou} {high}");

    let html = report.to_html();
    for outside in ["http:", "https:", "src=", "href=", "url(", "@import"] {
        assert!(!html.contains(outside), "{outside} in the page");
    }
    for shown in [
        "aeroplane",
        "prefers-color-scheme",
        "45 images",
        &format!("{:.1}", 100.0 * miou),
    ] {
        assert!(html.contains(shown), "no {shown} in the page");
    }
    assert_eq!(report.to_csv().lines().count(), 23);
    // Boundaries that were moved agree less than what they surround.
    let boundary = value["boundary"]["miou"].as_f64().unwrap();
    assert!(
        boundary < miou && html.contains("Boundaries"),
        "{boundary} {miou}"
    );
    assert!(classes[8]["boundary_iou"].as_f64().unwrap() < 1.0);
}

/// Scores `predictions` against `truth`, both folders of `root`, in three classes.
fn evaluated(root: &Path, list: Option<&[String]>) -> atrous_engine::Result<ScoreReport> {
    let palette = Palette::from_names("own", ["sky", "road", "car"]).unwrap();
    let evaluation = Evaluation {
        predictions: &root.join("predictions"),
        truth: &root.join("truth"),
        palette: &palette,
        list,
        measures: Measures::default(),
        limits: &Limits::default(),
    };
    evaluate(&evaluation, &mut Silent)
}

#[test]
fn what_can_not_be_scored_is_listed_and_the_rest_is_scored() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let write = |name: &str, width: u32, value: u8| {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let map = LabelMap::filled(width, 5, value);
        fs::write(path, png_file::encode_grey(&map).unwrap()).unwrap();
    };
    for name in ["good", "void", "small", "stray", "torn", "missing"] {
        write(
            &format!("truth/{name}.png"),
            4,
            if name == "void" { 255 } else { 1 },
        );
        match name {
            "small" => write("predictions/small.png", 3, 1),
            "stray" => write("predictions/stray.png", 4, 7),
            "missing" => {}
            _ => write(&format!("predictions/{name}.png"), 4, 1),
        }
    }
    let torn = fs::read(root.join("predictions/torn.png")).unwrap();
    fs::write(root.join("predictions/torn.png"), &torn[..torn.len() / 2]).unwrap();

    let report = evaluated(root, None).unwrap();
    assert_eq!(report.images.len(), 2);
    assert_eq!(report.matrix.miou(), Some(1.0));
    assert_eq!(report.matrix.void_pixels(), 20);
    let mut listed: Vec<(String, &str)> = report
        .failed
        .iter()
        .map(|failure| {
            let stem = failure
                .path
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned();
            (stem, failure.reason.as_str())
        })
        .collect();
    listed.sort();
    let expected = [
        ("missing", "no prediction"),
        ("small", "expected 4 x 5 pixels"),
        ("stray", "7 (20 pixels)"),
        ("torn", "PNG"),
    ];
    assert_eq!(listed.len(), expected.len(), "{listed:?}");
    for ((name, reason), (expected_name, hint)) in listed.iter().zip(expected) {
        assert_eq!(name, expected_name);
        assert!(reason.contains(hint), "{name}: {reason}");
    }
    let html = report.to_html();
    assert!(html.contains("Not scored") && html.contains("small.png"));

    let list = ["good".to_owned(), "nowhere".to_owned()];
    let report = evaluated(root, Some(&list)).unwrap();
    assert_eq!((report.images.len(), report.failed.len()), (1, 1));
    assert!(report.failed[0].path.ends_with("nowhere"));

    fs::remove_dir_all(root.join("predictions")).unwrap();
    assert!(
        evaluated(root, None)
            .unwrap_err()
            .to_string()
            .contains("predictions")
    );
    fs::create_dir(root.join("predictions")).unwrap();
    let error = evaluated(root, None).unwrap_err().to_string();
    assert!(error.contains("no PNG file"), "{error}");
}

#[test]
fn a_report_of_nothing_says_so() {
    let palette = Palette::from_names("own", ["sky", "<road>"]).unwrap();
    let mut scorer = Scorer::new(&palette);
    scorer.add("one", &[255, 255], &[0, 1]).unwrap();
    let report = scorer.finish("<script>");
    let value: Value = serde_json::from_str(&report.to_json()).unwrap();
    assert!(value["miou"].is_null() && value["pixel_accuracy"].is_null());
    assert!(value["classes"][1]["iou"].is_null());
    let html = report.to_html();
    assert!(html.contains("no score") && html.contains("No evidence"));
    assert!(
        !html.contains("<script>") && !html.contains("<road>"),
        "names are escaped"
    );
}
