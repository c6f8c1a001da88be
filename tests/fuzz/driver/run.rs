//! The record of a run, as another program or a broken disk may leave it.

use std::fs;
use std::path::Path;

use atrous_engine::Limits;
use atrous_engine::finetune::{
    CurvePoint, Datasets, FinetuneOptions, Labelled, Record, StoppedRun,
};
use atrous_palettes::Palette;
use image::RgbImage;

/// Two images to train on, and one that is held out.
fn images(count: usize) -> Vec<Labelled> {
    let image = Labelled {
        image: RgbImage::new(4, 4),
        labels: vec![1; 16],
    };
    vec![image; count]
}

/// The record of a run over [`images`] that was stopped.
pub fn records() -> Vec<Vec<u8>> {
    let names = |count: usize| (0..count).map(|index| format!("image {index}")).collect();
    let classes = Palette::pascal_voc().classes;
    let record = Record {
        options: FinetuneOptions::default(),
        started_from: "demo".to_owned(),
        new_head: false,
        classes: classes.into_iter().map(|class| class.name).collect(),
        train: names(2),
        held_out: names(1),
        step: 3,
        best_step: 2,
        seconds: 1.5,
        curve: vec![CurvePoint {
            step: 2,
            loss: 0.5,
            learning_rate: 0.01,
            held_out_miou: Some(0.4),
        }],
        before: None,
        after: None,
        gain: Some([-0.1, 0.2]),
    };
    vec![serde_json::to_vec(&record).expect("records are plain")]
}

/// Looks for a run to go on with in a folder whose record is the input.
pub fn feed_record(input: &[u8], folder: &Path) {
    let written = |name: &str, bytes: &[u8]| {
        fs::write(folder.join(name), bytes).expect("scratch files can be written");
    };
    written("checkpoint.safetensors", &[]);
    written("run.json", input);
    let (train, held_out) = (images(2), images(1));
    let data = Datasets {
        train: &train,
        held_out: &held_out,
        palette: &Palette::pascal_voc(),
    };
    let _ = StoppedRun::find(folder, &data, &Limits::default());
}
