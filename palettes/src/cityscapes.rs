//! Cityscapes: every label of the dataset, and the 19 that are trained and scored.

use crate::palette::{Class, Palette, VOID};

/// One label of Cityscapes, as the dataset's own scripts define it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// The label's name.
    pub name: &'static str,
    /// The number in `labelIds` files; -1 for the licence plate, which is never drawn.
    pub id: i16,
    /// The number in `labelTrainIds` files: 0 to 18, 255 where ignored, -1 for the licence plate.
    pub train_id: i16,
    /// The group the label belongs to.
    pub category: &'static str,
    /// Whether single objects are told apart.
    pub has_instances: bool,
    /// The colour in `color` files. Not unique.
    pub color: [u8; 3],
}

impl Label {
    /// The class index in [`Palette::cityscapes`]; `None` for labels that training and scores ignore.
    pub fn class_index(&self) -> Option<u8> {
        u8::try_from(self.train_id).ok().filter(|id| *id != VOID)
    }

    /// Whether training and scores leave the label out.
    pub fn is_ignored(&self) -> bool {
        self.class_index().is_none()
    }
}

/// A row of the table below.
const fn label(
    id: i16,
    train_id: i16,
    name: &'static str,
    category: &'static str,
    has_instances: bool,
    color: [u8; 3],
) -> Label {
    Label {
        name,
        id,
        train_id,
        category,
        has_instances,
        color,
    }
}

/// All 35 labels, by label id, the licence plate last.
#[rustfmt::skip]
pub const LABELS: [Label; 35] = [
    label(0, 255, "unlabeled", "void", false, [0, 0, 0]),
    label(1, 255, "ego vehicle", "void", false, [0, 0, 0]),
    label(2, 255, "rectification border", "void", false, [0, 0, 0]),
    label(3, 255, "out of roi", "void", false, [0, 0, 0]),
    label(4, 255, "static", "void", false, [0, 0, 0]),
    label(5, 255, "dynamic", "void", false, [111, 74, 0]),
    label(6, 255, "ground", "void", false, [81, 0, 81]),
    label(7, 0, "road", "flat", false, [128, 64, 128]),
    label(8, 1, "sidewalk", "flat", false, [244, 35, 232]),
    label(9, 255, "parking", "flat", false, [250, 170, 160]),
    label(10, 255, "rail track", "flat", false, [230, 150, 140]),
    label(11, 2, "building", "construction", false, [70, 70, 70]),
    label(12, 3, "wall", "construction", false, [102, 102, 156]),
    label(13, 4, "fence", "construction", false, [190, 153, 153]),
    label(14, 255, "guard rail", "construction", false, [180, 165, 180]),
    label(15, 255, "bridge", "construction", false, [150, 100, 100]),
    label(16, 255, "tunnel", "construction", false, [150, 120, 90]),
    label(17, 5, "pole", "object", false, [153, 153, 153]),
    label(18, 255, "polegroup", "object", false, [153, 153, 153]),
    label(19, 6, "traffic light", "object", false, [250, 170, 30]),
    label(20, 7, "traffic sign", "object", false, [220, 220, 0]),
    label(21, 8, "vegetation", "nature", false, [107, 142, 35]),
    label(22, 9, "terrain", "nature", false, [152, 251, 152]),
    label(23, 10, "sky", "sky", false, [70, 130, 180]),
    label(24, 11, "person", "human", true, [220, 20, 60]),
    label(25, 12, "rider", "human", true, [255, 0, 0]),
    label(26, 13, "car", "vehicle", true, [0, 0, 142]),
    label(27, 14, "truck", "vehicle", true, [0, 0, 70]),
    label(28, 15, "bus", "vehicle", true, [0, 60, 100]),
    label(29, 255, "caravan", "vehicle", true, [0, 0, 90]),
    label(30, 255, "trailer", "vehicle", true, [0, 0, 110]),
    label(31, 16, "train", "vehicle", true, [0, 80, 100]),
    label(32, 17, "motorcycle", "vehicle", true, [0, 0, 230]),
    label(33, 18, "bicycle", "vehicle", true, [119, 11, 32]),
    label(-1, -1, "license plate", "vehicle", false, [0, 0, 142]),
];

/// See [`Palette::cityscapes`].
pub(crate) fn palette() -> Palette {
    let mut labels: Vec<Label> = LABELS
        .into_iter()
        .filter(|label| !label.is_ignored())
        .collect();
    labels.sort_by_key(|label| label.train_id);
    let class = |label: Label| Class {
        name: label.name.to_owned(),
        color: label.color,
        label_id: Some(label.id),
    };
    Palette {
        name: "cityscapes".to_owned(),
        classes: labels.into_iter().map(class).collect(),
        void_color: [0, 0, 0],
        ignored: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_sits_at_its_train_id() {
        for (index, class) in palette().classes.iter().enumerate() {
            let label = LABELS
                .iter()
                .find(|label| label.name == class.name)
                .unwrap();
            assert_eq!(label.train_id, index as i16);
            assert_eq!(Some(label.id), class.label_id);
        }
    }
}
