//! What the tools that draw outlines have in common: an outline is filled, or becomes the
//! selection.

use std::sync::Arc;

use atrous_engine::mask::{Gesture, Point, Region, polygon};
use atrous_palettes::VOID;

use super::{Bench, Button, Outcome};

/// Pixels that mask operations and relabelling can be limited to.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectedArea {
    /// The pixels.
    pub region: Arc<Region>,
    /// The outline that selected them, by the even-odd rule, in image pixels.
    pub rings: Arc<Vec<Vec<Point>>>,
}

/// Selects what lies in the rings; none where that is no pixel of the image.
pub(super) fn select(bench: &Bench<'_>, rings: Vec<Vec<Point>>) -> Outcome {
    let region = Region::new(polygon::fill(&rings, bench.labels.bounds()));
    let selection = (!region.is_empty()).then(|| SelectedArea {
        region: Arc::new(region),
        rings: Arc::new(rings),
    });
    Outcome {
        selection: Some(selection),
        ..Outcome::default()
    }
}

/// Fills the rings as one edit, or selects what lies in them, as the tools are set.
pub(super) fn finish(bench: &mut Bench<'_>, rings: Vec<Vec<Point>>, button: Button) -> Outcome {
    if bench.options.selects {
        return select(bench, rings);
    }
    let spans = polygon::fill(&rings, bench.labels.bounds());
    let mut gesture = Gesture::start(bench.labels, bench.protection.clone());
    let dirty = gesture.paint(bench.labels, &spans, value(bench, button));
    Outcome {
        dirty,
        edit: gesture.commit(bench.labels),
        ..Outcome::default()
    }
}

/// What a button paints: the current class, or void.
pub(super) fn value(bench: &Bench<'_>, button: Button) -> u8 {
    match button {
        Button::Primary => bench.class,
        Button::Secondary => VOID,
    }
}
