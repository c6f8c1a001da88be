//! From the values of a foreign label file to class indices.

use atrous_palettes::{Palette, VOID, cityscapes};

/// What each value of a foreign label file means: a class index, void, or nothing known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueMapping {
    table: [Option<u8>; 256],
}

/// Values of a file that mean nothing in the palette, and how many pixels have each.
pub type StrayValues = Vec<(u8, u64)>;

impl ValueMapping {
    /// The values are class indices of `palette` already; 255 is void.
    pub fn class_indices(palette: &Palette) -> Self {
        let mut table = [None; 256];
        for (index, meaning) in (0..VOID).zip(&mut table).take(palette.len()) {
            *meaning = Some(index);
        }
        table[usize::from(VOID)] = Some(VOID);
        Self { table }
    }

    /// The values are Cityscapes label ids; those that training ignores become void.
    pub fn cityscapes_label_ids() -> Self {
        let mut table = [None; 256];
        for label in cityscapes::LABELS {
            if let Ok(id) = usize::try_from(label.id) {
                table[id] = Some(label.class_index().unwrap_or(VOID));
            }
        }
        table[usize::from(VOID)] = Some(VOID);
        Self { table }
    }

    /// The same, but `value` is void: CamVid's 11, ADE20K's 0.
    pub fn with_void(mut self, value: u8) -> Self {
        self.table[usize::from(value)] = Some(VOID);
        self
    }

    /// What a value means, if anything.
    pub fn get(&self, value: u8) -> Option<u8> {
        self.table[usize::from(value)]
    }

    /// Turns the values into class indices, or counts those that mean nothing.
    pub fn apply(&self, values: &[u8]) -> Result<Vec<u8>, StrayValues> {
        let mut counts = [0_u64; 256];
        let mapped = values.iter().map(|value| {
            let value = usize::from(*value);
            counts[value] += 1;
            self.table[value].unwrap_or(VOID)
        });
        let mapped = mapped.collect();
        let stray: StrayValues = (0..=255_u8)
            .filter(|value| self.table[usize::from(*value)].is_none())
            .map(|value| (value, counts[usize::from(value)]))
            .filter(|(_, count)| *count > 0)
            .collect();
        if stray.is_empty() {
            Ok(mapped)
        } else {
            Err(stray)
        }
    }
}

/// Stray values as a person reads them: "33 (1204 pixels), 34 (7 pixels)".
pub fn describe_stray<V: std::fmt::Display>(stray: &[(V, u64)]) -> String {
    let mut parts: Vec<String> = stray
        .iter()
        .take(8)
        .map(|(value, pixels)| format!("{value} ({pixels} pixels)"))
        .collect();
    if stray.len() > parts.len() {
        parts.push(format!("and {} more values", stray.len() - parts.len()));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_pass_and_strays_are_counted() {
        let mapping = ValueMapping::class_indices(&Palette::cityscapes());
        assert_eq!(mapping.apply(&[0, 18, 255]), Ok(vec![0, 18, 255]));
        let stray = mapping.apply(&[0, 19, 33, 19]).unwrap_err();
        assert_eq!(stray, [(19, 2), (33, 1)]);
        assert_eq!(describe_stray(&stray), "19 (2 pixels), 33 (1 pixels)");
    }

    #[test]
    fn label_ids_become_class_indices() {
        let mapping = ValueMapping::cityscapes_label_ids();
        assert_eq!(
            mapping.apply(&[7, 33, 4, 29, 255]),
            Ok(vec![0, 18, VOID, VOID, VOID])
        );
        assert_eq!(mapping.apply(&[34, 7]), Err(vec![(34, 1)]));
    }

    #[test]
    fn a_format_may_have_its_own_void() {
        let palette = Palette::from_names("camvid", (0..11).map(|i| i.to_string())).unwrap();
        let mapping = ValueMapping::class_indices(&palette);
        assert_eq!(mapping.apply(&[10, 11]), Err(vec![(11, 1)]));
        assert_eq!(mapping.with_void(11).apply(&[10, 11]), Ok(vec![10, VOID]));
    }

    #[test]
    fn many_strays_are_cut_short() {
        let stray: Vec<(u8, u64)> = (100..120).map(|value| (value, 1)).collect();
        assert!(describe_stray(&stray).ends_with("107 (1 pixels), and 12 more values"));
    }
}
