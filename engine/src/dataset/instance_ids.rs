//! Instance ids as Cityscapes has them: a number a pixel that says the class, and which of its
//! instances.
//!
//! `id * 1000 + instance` is an instance; a number below 1000 is the id of a class as a whole. Where
//! the truth has that of a class whose instances are told apart, it is a crowd: instances that
//! nobody told apart, which are scored neither way. Ids are Cityscapes' label ids in files of its
//! names (`*_instanceIds.png`), class indices in others; so a label map is one of these too.

use std::collections::BTreeMap;

use atrous_palettes::{Palette, VOID, cityscapes};

use super::mapping::ValueMapping;
use crate::metrics::Segment;

/// Numbers of one id.
const INSTANCES: u16 = 1000;

/// What instance ids mean.
#[derive(Debug)]
pub struct InstanceMapping {
    ids: ValueMapping,
    things: Vec<bool>,
    ignored: Option<u8>,
}

/// An image's pixels by class, and by segment.
#[derive(Debug, PartialEq, Eq)]
pub struct Instances {
    /// The class index of each pixel, or void.
    pub classes: Vec<u8>,
    /// What each pixel belongs to; void and the palette's ignored class are of class [`VOID`].
    pub segments: Vec<Segment>,
}

impl InstanceMapping {
    /// For a palette; if `label_ids`, ids are those of Cityscapes, not class indices.
    pub fn new(palette: &Palette, label_ids: bool) -> Self {
        Self {
            ids: if label_ids {
                ValueMapping::cityscapes_label_ids()
            } else {
                ValueMapping::class_indices(palette)
            },
            things: things(palette),
            ignored: palette.ignored,
        }
    }

    /// What the values of a file mean; if `truth`, also which of them are crowds.
    ///
    /// # Errors
    /// The values that mean nothing, and how many pixels have each.
    pub fn apply(&self, values: &[u16], truth: bool) -> Result<Instances, Vec<(u16, u64)>> {
        let mut known: BTreeMap<u16, Option<(u8, Segment)>> = BTreeMap::new();
        let mut stray: BTreeMap<u16, u64> = BTreeMap::new();
        let mut instances = Instances {
            classes: Vec::with_capacity(values.len()),
            segments: Vec::with_capacity(values.len()),
        };
        for run in values.chunk_by(|a, b| a == b) {
            let value = run[0];
            let meaning = known
                .entry(value)
                .or_insert_with(|| self.meaning(value, truth));
            match meaning {
                Some((class, segment)) => {
                    let length = instances.classes.len() + run.len();
                    instances.classes.resize(length, *class);
                    instances.segments.resize(length, *segment);
                }
                None => *stray.entry(value).or_default() += run.len() as u64,
            }
        }
        if stray.is_empty() {
            Ok(instances)
        } else {
            Err(stray.into_iter().collect())
        }
    }

    /// The class, and the segment, of the pixels with `value`.
    fn meaning(&self, value: u16, truth: bool) -> Option<(u8, Segment)> {
        let (id, instance) = match value {
            u16::MAX => (u16::from(VOID), 0),
            id if id < INSTANCES => (id, 0),
            both => (both / INSTANCES, u32::from(both % INSTANCES) + 1),
        };
        let class = self.ids.get(u8::try_from(id).ok()?)?;
        let is_thing = self.things.get(usize::from(class)) == Some(&true);
        let segment = if class == VOID || Some(class) == self.ignored {
            Segment {
                class: VOID,
                instance: 0,
            }
        } else if truth && is_thing && instance == 0 {
            Segment {
                class: VOID,
                instance: u32::from(class) + 1,
            }
        } else {
            Segment { class, instance }
        };
        Some((class, segment))
    }
}

/// Whether single objects of each class are told apart, as far as the palette says: Cityscapes'.
pub fn things(palette: &Palette) -> Vec<bool> {
    let mut things = vec![false; palette.len()];
    if palette.name == Palette::cityscapes().name {
        for label in cityscapes::LABELS {
            let class = label.class_index().filter(|_| label.has_instances);
            if let Some(thing) = class.and_then(|class| things.get_mut(usize::from(class))) {
                *thing = true;
            }
        }
    }
    things
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(class: u8, instance: u32) -> Segment {
        Segment { class, instance }
    }

    #[test]
    fn cityscapes_ids_are_instances_stuff_and_crowds() {
        let mapping = InstanceMapping::new(&Palette::cityscapes(), true);
        // Road, the first car, the third car, cars together, the ego vehicle, void.
        let values = [7, 26_000, 26_002, 26, 26, 1, 65_535];
        let truth = mapping.apply(&values, true).unwrap();
        assert_eq!(truth.classes, [0, 13, 13, 13, 13, VOID, VOID]);
        let crowd = segment(VOID, 14);
        let void = segment(VOID, 0);
        assert_eq!(
            truth.segments,
            [
                segment(0, 0),
                segment(13, 1),
                segment(13, 3),
                crowd,
                crowd,
                void,
                void
            ]
        );
        let predicted = mapping.apply(&values, false).unwrap();
        assert_eq!(predicted.segments[3], segment(13, 0));
        assert_eq!(predicted.classes, truth.classes);
        let stray = mapping.apply(&[7, 99, 999, 99], true).unwrap_err();
        assert_eq!(stray, [(99, 2), (999, 1)]);
    }

    #[test]
    fn a_label_map_is_one_segment_a_class() {
        let mut palette = Palette::from_names("own", ["none", "sky", "cell"]).unwrap();
        palette.ignored = Some(0);
        let mapping = InstanceMapping::new(&palette, false);
        let found = mapping.apply(&[0, 1, 2, 2004, 255], true).unwrap();
        assert_eq!(found.classes, [0, 1, 2, 2, VOID]);
        let void = segment(VOID, 0);
        assert_eq!(
            found.segments,
            [void, segment(1, 0), segment(2, 0), segment(2, 5), void]
        );
        assert!(mapping.apply(&[3], false).is_err());
    }

    #[test]
    fn cityscapes_things_are_its_eight() {
        let things = things(&Palette::cityscapes());
        let which: Vec<usize> = (0..things.len()).filter(|class| things[*class]).collect();
        assert_eq!(which, [11, 12, 13, 14, 15, 16, 17, 18]);
    }
}
