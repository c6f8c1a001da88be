//! How many pixels each class has in an image's label map.

use atrous_palettes::VOID;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::mask::LabelMap;

/// Bytes of a class in the index: the class and its pixels.
const ENTRY: usize = 1 + size_of::<u64>();

/// The classes of a label map that have pixels, void included, each with how many.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClassPixels(Box<[(u8, u64)]>);

impl ClassPixels {
    /// From the pixels of each of the 256 values, as [`LabelMap::histogram`] counts them.
    ///
    /// [`LabelMap::histogram`]: crate::mask::LabelMap::histogram
    pub fn new(histogram: &[u64; 256]) -> Self {
        let classes = (0..=u8::MAX).zip(histogram.iter().copied());
        Self(classes.filter(|(_, pixels)| *pixels > 0).collect())
    }

    /// The pixels of a class, 0 where it does not occur.
    pub fn pixels(&self, class: u8) -> u64 {
        let found = self.0.binary_search_by_key(&class, |entry| entry.0);
        found.map_or(0, |place| self.0[place].1)
    }

    /// The part of the image that a class covers, from 0 to 1.
    pub fn share(&self, class: u8) -> f64 {
        let all: u64 = self.0.iter().map(|entry| entry.1).sum();
        self.pixels(class) as f64 / all.max(1) as f64
    }
}

/// The part of the labelled pixels on which a prediction of the same size says something else, from
/// 0 to 1. `None` where no pixel is labelled.
pub(super) fn disagreement(labels: &LabelMap, prediction: &LabelMap) -> Option<f32> {
    if labels.size() != prediction.size() {
        return None;
    }
    let (labels, prediction) = (labels.to_vec(), prediction.to_vec());
    let pairs = labels.iter().zip(&prediction);
    let (mut labelled, mut different) = (0_u64, 0_u64);
    for (label, predicted) in pairs.filter(|(label, _)| **label != VOID) {
        labelled += 1;
        different += u64::from(label != predicted);
    }
    (labelled > 0).then(|| (different as f64 / labelled as f64) as f32)
}

/// In the index: the classes in order, each as one byte and its pixels as eight, the lowest first.
impl ToSql for ClassPixels {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let mut bytes = Vec::with_capacity(self.0.len() * ENTRY);
        for (class, pixels) in &self.0 {
            bytes.push(*class);
            bytes.extend(pixels.to_le_bytes());
        }
        Ok(bytes.into())
    }
}

impl FromSql for ClassPixels {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let (entries, rest) = value.as_blob()?.as_chunks::<ENTRY>();
        let read = |[class, pixels @ ..]: &[u8; ENTRY]| (*class, u64::from_le_bytes(*pixels));
        let classes: Box<[_]> = entries.iter().map(read).collect();
        let in_order = classes.is_sorted_by(|a, b| a.0 < b.0);
        if rest.is_empty() && in_order {
            Ok(Self(classes))
        } else {
            Err(FromSqlError::InvalidType)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_come_back_from_the_index_and_nonsense_does_not() {
        let mut histogram = [0; 256];
        (histogram[3], histogram[255]) = (30, 1 << 40);
        let classes = ClassPixels::new(&histogram);
        let ToSqlOutput::Owned(rusqlite::types::Value::Blob(bytes)) = classes.to_sql().unwrap()
        else {
            panic!("bytes are expected");
        };
        let read = |bytes: &[u8]| ClassPixels::column_result(ValueRef::Blob(bytes));
        assert_eq!(read(&bytes).unwrap(), classes);
        assert_eq!((classes.pixels(3), classes.pixels(4)), (30, 0));
        assert!(read(&bytes[1..]).is_err());
        assert!(
            read(&[&bytes[9..], &bytes[..9]].concat()).is_err(),
            "disorder"
        );
        assert_eq!(read(&[]).unwrap().share(0), 0.0);
    }

    #[test]
    fn labels_disagree_where_they_are_labelled_otherwise() {
        let labels = LabelMap::from_vec(5, 1, &[0, 1, 2, VOID, 3]).unwrap();
        let prediction = LabelMap::from_vec(5, 1, &[0, 1, 1, 4, 3]).unwrap();
        assert_eq!(disagreement(&labels, &prediction), Some(0.25));
        let void = LabelMap::filled(5, 1, VOID);
        assert_eq!(disagreement(&void, &prediction), None);
        assert_eq!(disagreement(&LabelMap::filled(1, 5, 0), &prediction), None);
    }

    #[test]
    fn shares_are_parts_of_the_image() {
        let mut histogram = [0; 256];
        (histogram[0], histogram[7]) = (75, 25);
        let classes = ClassPixels::new(&histogram);
        assert_eq!((classes.share(7), classes.share(8)), (0.25, 0.0));
    }
}
