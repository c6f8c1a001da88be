//! PASCAL VOC 2012 segmentation: background and 20 classes.

use crate::colormap::bit_shuffle;
use crate::palette::{Class, Palette, VOID};

/// The classes in index order, as the published DeepLab models name them.
const NAMES: [&str; 21] = [
    "background",
    "aeroplane",
    "bicycle",
    "bird",
    "boat",
    "bottle",
    "bus",
    "car",
    "cat",
    "chair",
    "cow",
    "diningtable",
    "dog",
    "horse",
    "motorbike",
    "person",
    "pottedplant",
    "sheep",
    "sofa",
    "train",
    "tv",
];

/// See [`Palette::pascal_voc`].
pub(crate) fn palette() -> Palette {
    let class = |(index, name): (usize, &str)| Class {
        name: name.to_owned(),
        color: bit_shuffle(index),
        label_id: None,
    };
    Palette {
        name: "pascal".to_owned(),
        classes: NAMES.into_iter().enumerate().map(class).collect(),
        void_color: bit_shuffle(VOID.into()),
        ignored: None,
    }
}
