//! CamVid: street scenes in the 11 classes of SegNet (Badrinarayanan, Kendall, Cipolla 2015).

use crate::palette::{Class, Palette};

/// Names and colours in index order. What is none of them is written as 11 in the dataset's files.
const CLASSES: [(&str, [u8; 3]); 11] = [
    ("sky", [128, 128, 128]),
    ("building", [128, 0, 0]),
    ("pole", [192, 192, 128]),
    ("road", [128, 64, 128]),
    ("pavement", [60, 40, 222]),
    ("tree", [128, 128, 0]),
    ("sign", [192, 128, 128]),
    ("fence", [64, 64, 128]),
    ("car", [64, 0, 128]),
    ("pedestrian", [64, 64, 0]),
    ("bicyclist", [0, 128, 192]),
];

/// See [`Palette::camvid`].
pub(crate) fn palette() -> Palette {
    let class = |(name, color): (&str, [u8; 3])| Class {
        name: name.to_owned(),
        color,
        label_id: None,
    };
    Palette {
        name: "camvid".to_owned(),
        classes: CLASSES.into_iter().map(class).collect(),
        void_color: [0, 0, 0],
        ignored: None,
    }
}
