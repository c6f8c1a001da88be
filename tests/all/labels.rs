//! Palettes against the golden data.

use std::fs;

use atrous_palettes::{ADE20K_NAMES, Palette, VOID, bit_shuffle, cityscapes};
use atrous_tests::shared;
use serde_json::Value;

/// A golden file of `labels/`, or `None` where the reference data is missing.
fn golden(name: &str) -> Option<Value> {
    let path = shared("golden/labels")?.join(name);
    Some(serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
}

fn colors(value: &Value) -> Vec<[u8; 3]> {
    serde_json::from_value(value.clone()).unwrap()
}

fn names(value: &Value) -> Vec<String> {
    serde_json::from_value(value.clone()).unwrap()
}

fn class_names(palette: &Palette) -> Vec<String> {
    let classes = palette.classes.iter();
    classes.map(|class| class.name.clone()).collect()
}

fn class_colors(palette: &Palette) -> Vec<[u8; 3]> {
    palette.classes.iter().map(|class| class.color).collect()
}

#[test]
fn pascal_voc() {
    let (Some(maps), Some(labels)) = (golden("colormaps.json"), golden("labels.json")) else {
        return;
    };
    let expected = colors(&maps["pascal"]);
    assert_eq!(expected.len(), 512);
    assert_eq!((0..512).map(bit_shuffle).collect::<Vec<_>>(), expected);
    let palette = Palette::pascal_voc();
    assert_eq!(palette.colors(), expected[..256]);
    assert_eq!(class_names(&palette), names(&labels["pascal_voc"]));
    assert_eq!(palette.len(), 21);
    assert_eq!(palette.ignored, None);
}

#[test]
fn cityscapes_train_ids() {
    let (Some(maps), Some(labels)) = (golden("colormaps.json"), golden("labels.json")) else {
        return;
    };
    let palette = Palette::cityscapes();
    assert_eq!(class_names(&palette), names(&labels["cityscapes"]));
    let expected = colors(&maps["cityscapes"]);
    assert_eq!(class_colors(&palette), expected[..19]);
    // The original has no colours beyond its classes; void is black as there.
    assert!(expected[19..].iter().all(|color| *color == [0, 0, 0]));
    assert_eq!(palette.colors()[usize::from(VOID)], expected[255]);
    let label_ids: Vec<i16> = palette
        .classes
        .iter()
        .filter_map(|class| class.label_id)
        .collect();
    let expected: Vec<i16> =
        serde_json::from_value(labels["cityscapes_train_id_to_eval_id"].clone()).unwrap();
    assert_eq!(label_ids, expected);
}

#[test]
fn cityscapes_all_labels() {
    let Some(labels) = golden("labels.json") else {
        return;
    };
    let expected = labels["cityscapes_full"].as_array().unwrap();
    assert_eq!(cityscapes::LABELS.len(), expected.len());
    for (label, expected) in cityscapes::LABELS.iter().zip(expected) {
        assert_eq!(expected["name"], label.name);
        assert_eq!(expected["id"], label.id);
        assert_eq!(expected["train_id"], label.train_id);
        assert_eq!(expected["category"], label.category);
        assert_eq!(expected["has_instances"], label.has_instances);
        assert_eq!(
            colors(&Value::Array(vec![expected["color"].clone()])),
            [label.color]
        );
        let train_id = expected["train_id"].as_i64().unwrap();
        assert_eq!(label.is_ignored(), !(0..19).contains(&train_id));
    }
}

#[test]
fn ade20k() {
    let (Some(maps), Some(labels)) = (golden("colormaps.json"), golden("labels.json")) else {
        return;
    };
    let palette = Palette::ade20k();
    assert_eq!(ADE20K_NAMES.map(str::to_owned), *names(&labels["ade20k"]));
    assert_eq!(class_names(&palette), names(&labels["ade20k_short"]));
    assert_eq!(class_colors(&palette), colors(&maps["ade20k"]));
    let ignored = labels["datasets"]["ade20k"]["ignore_label"].as_u64();
    assert_eq!(palette.ignored.map(u64::from), ignored);
}

/// The data set's own list is a second source; it parts words and synonyms with one sign.
#[test]
fn ade20k_names_are_those_of_the_data_set() {
    let Some(path) = shared("data/ade20k/objectInfo150.csv") else {
        return;
    };
    let text = fs::read_to_string(path).unwrap();
    let rows: Vec<Vec<&str>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect())
        .collect();
    assert_eq!(rows.len(), 150);
    for row in rows {
        let index: usize = row[0].parse().unwrap();
        let names = ADE20K_NAMES[index].replace(", ", ";").replace(' ', ";");
        assert_eq!(names, row[5].replace(' ', ";"), "{index}");
    }
}
