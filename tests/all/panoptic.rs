//! Panoptic quality and parsing covering against the golden data, and folders of instance ids.

use std::fs;
use std::path::{Path, PathBuf};

use atrous_engine::metrics::{MeanQuality, PanopticQuality, ParsingCovering, Segment};
use atrous_tests::shared;
use serde_json::{Map, Value};

use crate::cli::{Outcome, atrous, words};

/// As close as the scores must be.
const CLOSE: f64 = 1e-6;

fn golden() -> Option<Value> {
    let path = shared("golden/eval/panoptic.json")?;
    Some(serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
}

fn close(found: f64, expected: &Value, what: &str) {
    let expected = expected.as_f64().unwrap();
    assert!(
        (found - expected).abs() <= CLOSE,
        "{what}: {found}, not {expected}"
    );
}

/// The segments of an image, from its rows of categories and of instances.
fn segments(input: &Value, side: &str) -> Vec<Segment> {
    let flat = |kind: &str| -> Vec<u64> {
        let rows = input[format!("{side}_{kind}")].as_array().unwrap().iter();
        let values = rows.flat_map(|row| row.as_array().unwrap());
        values.map(|value| value.as_u64().unwrap()).collect()
    };
    let pairs = flat("category").into_iter().zip(flat("instance"));
    pairs
        .map(|(class, instance)| Segment {
            class: class as u8,
            instance: instance as u32,
        })
        .collect()
}

/// Which classes `All`, `Things` and `Stuff` are of.
fn is_wanted(case: &Value, set: &str, class: usize) -> bool {
    let thing = case["is_thing"][class].as_u64() == Some(1);
    match set {
        "All" => true,
        "Things" => thing,
        "Stuff" => !thing,
        other => panic!("{other}"),
    }
}

fn sets(value: &Value) -> &Map<String, Value> {
    value["detailed"].as_object().unwrap()
}

/// Compares all that the original says of panoptic quality.
fn check_quality(case: &Value, quality: &PanopticQuality, ignored: u64) {
    let name = case["name"].as_str().unwrap();
    let pq = &case["pq"];
    for class in 0..case["num_categories"].as_u64().unwrap() as usize {
        let tally = quality.tally(class).unwrap();
        let what = format!("{name}: class {class}");
        close(tally.iou, &pq["iou"][class], &what);
        close(tally.true_positives as f64, &pq["tp"][class], &what);
        close(tally.false_negatives as f64, &pq["fn"][class], &what);
        close(tally.false_positives as f64, &pq["fp"][class], &what);
        close(tally.panoptic_quality(), &pq["per_category"][class], &what);
        let counts = tally.has_evidence() && class as u64 != ignored;
        assert_eq!(quality.class(class).is_some(), counts, "{what}");
    }
    for (set, expected) in sets(pq) {
        let MeanQuality {
            pq,
            sq,
            rq,
            classes,
        } = quality.mean(|class| is_wanted(case, set, class)).unwrap();
        let what = format!("{name}: {set}");
        close(pq, &expected["pq"], &what);
        close(sq, &expected["sq"], &what);
        close(rq, &expected["rq"], &what);
        close(classes as f64, &expected["n"], &what);
    }
}

/// Compares all that the original says of parsing covering, by image or by pixels.
fn check_covering(case: &Value, covering: &ParsingCovering, expected: &Value) {
    let name = case["name"].as_str().unwrap();
    for class in 0..case["num_categories"].as_u64().unwrap() as usize {
        let found = covering.class(class);
        let what = format!("{name}: covering of class {class}");
        close(found.weighted_iou, &expected["weighted_iou"][class], &what);
        close(found.area, &expected["gt_area"][class], &what);
        let covering = found.covering().unwrap_or(0.0);
        close(covering, &expected["per_category"][class], &what);
    }
    for (set, expected) in sets(expected) {
        let mean = covering.mean(|class| is_wanted(case, set, class));
        close(mean.unwrap(), &expected["pc"], &format!("{name}: {set}"));
    }
}

#[test]
fn segments_score_as_in_the_original() {
    let Some(golden) = golden() else { return };
    let cases = golden["synthetic"].as_array().unwrap();
    assert!(cases.len() >= 8, "{}", cases.len());
    for case in cases {
        let number = |name: &str| case[name].as_u64().unwrap();
        let (classes, ignored) = (number("num_categories") as usize, number("ignored_label"));
        let mut quality = PanopticQuality::new(classes, ignored as u8);
        let mut by_image = ParsingCovering::new(classes, ignored as u8, true);
        let mut by_pixels = ParsingCovering::new(classes, ignored as u8, false);
        let inputs = case["inputs"].as_array().unwrap().iter();
        let running = case["running"].as_array().unwrap();
        assert_eq!(inputs.len(), running.len());
        for (input, running) in inputs.zip(running) {
            let [truth, predicted] = ["gt", "pred"].map(|side| segments(input, side));
            quality.add(&truth, &predicted).unwrap();
            by_image.add(&truth, &predicted).unwrap();
            by_pixels.add(&truth, &predicted).unwrap();
            close(quality.mean(|_| true).unwrap().pq, &running["pq"], "pq");
            let pc = &running["pc"];
            close(by_image.mean(|_| true).unwrap(), &pc["True"], "pc");
            close(by_pixels.mean(|_| true).unwrap(), &pc["False"], "pc");
        }
        check_quality(case, &quality, ignored);
        check_covering(case, &by_image, &case["pc"]["normalized"]);
        check_covering(case, &by_pixels, &case["pc"]["raw"]);
        close(
            quality.mean(|_| true).unwrap().pq,
            &case["pq"]["result"],
            "pq",
        );
    }
}

/// The instance ids of two frames of Cityscapes.
fn cityscapes() -> Option<PathBuf> {
    shared("data/cityscapes/gtFine")
}

fn evaluated(predictions: &Path, truth: &Path, more: &[&str]) -> (Value, String) {
    let mut args = words![
        "evaluate",
        "--predictions",
        predictions,
        "--truth",
        truth,
        "--palette",
        "cityscapes",
        "--panoptic",
        "--json",
    ]
    .to_vec();
    args.extend(more.iter().map(Into::into));
    let ran = atrous(args);
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    (ran.last(), ran.err)
}

#[test]
fn the_truth_of_cityscapes_scores_perfectly_against_itself() {
    let Some(truth) = cityscapes() else { return };
    let home = tempfile::tempdir().unwrap();
    let page = home.path().join("page.html");
    let table = home.path().join("table.csv");
    let page_text = page.to_str().unwrap().to_owned();
    let table_text = table.to_str().unwrap().to_owned();
    let (report, said) = evaluated(
        &truth,
        &truth,
        &[
            "--html",
            &page_text,
            "--csv",
            &table_text,
            "--boundary",
            "0.005",
        ],
    );
    assert_eq!(report["images"], 2);
    let panoptic = &report["panoptic"];
    for set in ["all", "things", "stuff"] {
        close(
            panoptic[set]["pq"].as_f64().unwrap(),
            &Value::from(1.0),
            set,
        );
    }
    let total = |set: &str| panoptic[set]["classes"].as_u64().unwrap();
    assert_eq!(total("all"), total("things") + total("stuff"));
    close(
        panoptic["parsing_covering"].as_f64().unwrap(),
        &Value::from(1.0),
        "covering",
    );
    assert_eq!(report["miou"], 1.0);
    assert_eq!(report["boundary"]["miou"], 1.0);
    let cars = &report["classes"][13]["segments"];
    assert!(cars["true_positives"].as_u64().unwrap() > 2, "{cars}");
    assert_eq!(cars["is_thing"], true);
    assert!(
        said.contains("PQ 100.00") && said.contains("boundary IoU 100.00"),
        "{said}"
    );
    let page = fs::read_to_string(page).unwrap();
    for words in ["Segments", "Parsing covering", "Boundaries"] {
        assert!(page.contains(words), "{words}");
    }
    let table = fs::read_to_string(table).unwrap();
    assert!(
        table.starts_with("index,name,iou,truth_pixels,predicted_pixels,boundary_iou,pq,sq,rq,")
    );
    assert!(
        table.lines().all(|line| line.split(',').count() == 10),
        "{table}"
    );
}

#[test]
fn label_maps_score_as_one_segment_a_class() {
    let Some(truth) = cityscapes() else { return };
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(truth.join("train/aachen")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with("_labelIds.png") {
            fs::write(folder.path().join(name), fs::read(path).unwrap()).unwrap();
        }
    }
    let (report, _) = evaluated(folder.path(), &truth, &[]);
    assert_eq!(report["miou"], 1.0);
    let panoptic = &report["panoptic"];
    close(
        panoptic["stuff"]["pq"].as_f64().unwrap(),
        &Value::from(1.0),
        "stuff",
    );
    // All cars together are none of them.
    let things = panoptic["things"]["pq"].as_f64().unwrap();
    assert!(things < 0.9, "{things}");
    assert!(report["calibration"].is_null() && report["boundary"].is_null());
}
