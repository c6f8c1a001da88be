//! The open image's maps, as the canvas reads them: nothing is copied but what it uploads.

use atrous_engine::mask::LabelMap;
use atrous_widgets::canvas::{ByteMap, FlatMap, Maps};

use crate::state::{Document, Peek};

/// A label map for the canvas.
struct Labels<'a>(&'a LabelMap);

impl ByteMap for Labels<'_> {
    fn size(&self) -> [u32; 2] {
        self.0.size()
    }

    fn read_row(&self, x: u32, y: u32, into: &mut [u8]) {
        self.0.read_row(x, y, into);
    }
}

/// Hands the maps to `show`: the labels, what they are held against, and the confidence.
pub(super) fn with<R>(
    labels: &LabelMap,
    document: &Document,
    peek: Option<Peek>,
    show: impl FnOnce(&Maps<'_>) -> R,
) -> R {
    let labels = Labels(labels);
    let reference = match peek {
        Some(Peek::Before) => Some(&document.before),
        _ => document.prediction.as_ref(),
    };
    let reference = reference.map(Labels);
    let confidence = document.confidence.as_deref();
    let confidence = confidence.and_then(|bytes| FlatMap::new(document.size, bytes).ok());
    show(&Maps {
        labels: Some(&labels),
        reference: reference.as_ref().map(|map| map as &dyn ByteMap),
        confidence: confidence.as_ref().map(|map| map as &dyn ByteMap),
    })
}
