//! A label map's borders moved to the edges of the image.

use std::ops::Range;

use image::RgbImage;

use super::{Alone, Colors, CrfOptions, check_size, refine};
use crate::error::{Error, Result};
use crate::jobs::{Monitor, Progress, Watch};
use crate::mask::{Edit, LabelMap, Pixels, Protection, Rect, Scope};

/// How sure labels are taken to be where nobody says so.
pub const DEFAULT_CERTAINTY: f64 = 0.7;

/// How borders are moved to edges.
#[derive(Debug, Clone, PartialEq)]
pub struct SnapOptions {
    /// How sure it is that a pixel's label is right, from above 0 to below 1: the probability that
    /// the dense CRF starts from. The lower, the farther borders move.
    pub certainty: f64,
    /// The dense CRF.
    pub crf: CrfOptions,
}

impl Default for SnapOptions {
    fn default() -> Self {
        Self {
            certainty: DEFAULT_CERTAINTY,
            crf: CrfOptions::default(),
        }
    }
}

/// The probability that a pixel which may not change has its class.
const FIXED: f64 = 0.9999;

/// Moves the borders of `labels` to the edges of `image`: the dense CRF, started from the labels
/// with some doubt in them. Void takes part like any class.
///
/// A pixel that `protection` holds stays, and is taken for certain; no pixel becomes a locked
/// class. Gives the new label map.
///
/// # Errors
/// [`Error::Argument`] when image and labels are of different sizes or the options make no sense,
/// and [`Error::Cancelled`] when the monitor says so.
pub fn snap_to_edges(
    image: &RgbImage,
    labels: &LabelMap,
    protection: &Protection,
    options: &SnapOptions,
    monitor: &mut dyn Monitor,
) -> Result<LabelMap> {
    snapped(image, labels, protection, options, monitor)
}

/// The edit that [`snap_to_edges`] makes of the labels of `pixels`, as far as `scope` lets it: of one
/// class, only where a pixel becomes that class or leaves it. `None` where nothing would change.
///
/// # Errors
/// As [`snap_to_edges`]; [`Error::Cancelled`] when `watch` says so.
pub fn snap_edit(
    pixels: Pixels<'_>,
    labels: &LabelMap,
    scope: &Scope,
    protection: &Protection,
    options: &SnapOptions,
    watch: &dyn Watch,
) -> Result<Option<Edit>> {
    let after = snapped(&pixels, labels, protection, options, &mut Watched(watch))?;
    // What is left to do takes no time beside that.
    let (silent, maps) = (Quiet(watch), [labels, &after]);
    scope.edit_between(maps, protection, &silent)
}

/// A watch as a monitor.
struct Watched<'a>(&'a dyn Watch);

impl Monitor for Watched<'_> {
    fn checkpoint(&mut self, progress: &Progress) -> Result<()> {
        self.0.tell(progress.done, progress.total);
        self.0.check()
    }
}

/// A watch that is not told anything any more.
struct Quiet<'a>(&'a dyn Watch);

impl Watch for Quiet<'_> {
    fn check(&self) -> Result<()> {
        self.0.check()
    }
}

fn snapped(
    image: &dyn Colors,
    labels: &LabelMap,
    protection: &Protection,
    options: &SnapOptions,
    monitor: &mut dyn Monitor,
) -> Result<LabelMap> {
    if !(0.01..=0.999).contains(&options.certainty) {
        let found = options.certainty.to_string();
        return Err(Error::argument("certainty", "0.01 to 0.999", found));
    }
    let size = [labels.height() as usize, labels.width() as usize];
    check_size(image, size)?;
    let labelled = Labelled {
        labels,
        protection,
        certainty: options.certainty as f32,
    };
    let mut snapped = labels.clone();
    refine(image, &labelled, &options.crf, monitor, &mut |part| {
        let [rows, columns] = &part.core;
        let count = part.classes.len().max(1);
        let pixels = part.values.chunks_exact(columns.len() * count);
        for (y, pixels) in rows.clone().zip(pixels) {
            let rect = row_of(&(y..y + 1), columns);
            let old = labels.read_rect(rect);
            let new: Vec<u8> = old
                .iter()
                .zip(pixels.chunks_exact(count))
                .map(|(old, pixel)| labelled.settle(*old, &part.classes, pixel))
                .collect();
            if new != old {
                snapped.write_row(rect.x, rect.y, &new);
            }
        }
    })?;
    Ok(snapped)
}

impl Colors for Pixels<'_> {
    fn extent(&self) -> [usize; 2] {
        [self.height() as usize, self.width() as usize]
    }

    fn part(&self, [rows, columns]: &[Range<usize>; 2]) -> Vec<[u8; 3]> {
        let row = |y: usize| &self.row(y as u32)[columns.clone()];
        rows.clone().flat_map(row).copied().collect()
    }
}

/// Labels as the CRF takes them.
struct Labelled<'a> {
    labels: &'a LabelMap,
    protection: &'a Protection,
    certainty: f32,
}

impl Labelled<'_> {
    /// Whether a pixel of class `old` may become another.
    fn is_free(&self, old: u8) -> bool {
        let of_classes = |over: [bool; 256]| over[usize::from(old)];
        !self.protection.locked[usize::from(old)]
            && self.protection.only_over.is_none_or(of_classes)
    }

    /// The most probable class that a pixel of class `old` may have.
    fn settle(&self, old: u8, classes: &[u8], probabilities: &[f32]) -> u8 {
        let allowed = classes
            .iter()
            .zip(probabilities)
            .filter(|(class, _)| **class == old || self.protection.allows(old, **class));
        let best = allowed.max_by(|a, b| a.1.total_cmp(b.1));
        best.map_or(old, |(class, _)| *class)
    }
}

impl Alone for Labelled<'_> {
    fn classes(&self, [rows, columns]: &[Range<usize>; 2]) -> Vec<u8> {
        let mut occurs = [false; 256];
        for value in self.labels.read_rect(row_of(rows, columns)) {
            occurs[usize::from(value)] = true;
        }
        (0..=u8::MAX)
            .filter(|class| occurs[usize::from(*class)])
            .collect()
    }

    fn logarithms(&self, [rows, columns]: &[Range<usize>; 2], classes: &[u8]) -> Vec<f32> {
        let others = classes.len().saturating_sub(1).max(1) as f32;
        let pixels = self.labels.read_rect(row_of(rows, columns));
        let mut logarithms = Vec::with_capacity(pixels.len() * classes.len());
        for label in pixels {
            let sure = if self.is_free(label) {
                // Never less sure of the label than of any other class.
                self.certainty.max(1.0 / classes.len() as f32)
            } else {
                FIXED as f32
            };
            let (own, other) = (sure.ln(), ((1.0 - sure) / others).ln());
            logarithms.extend(
                classes
                    .iter()
                    .map(|class| if *class == label { own } else { other }),
            );
        }
        logarithms
    }
}

fn row_of(rows: &Range<usize>, columns: &Range<usize>) -> Rect {
    let narrow = |range: &Range<usize>| range.start as u32..range.end as u32;
    Rect::from_ranges(narrow(columns), narrow(rows))
}

/// What [`snap_to_edges`] changed from `before` to `after`, done on `now`, which has gone on
/// meanwhile: a pixel changes only where it still is as it was before, and where `protection` lets
/// it.
pub fn carry_over(
    [before, after]: [&LabelMap; 2],
    now: &LabelMap,
    protection: &Protection,
) -> LabelMap {
    let mut carried = now.clone();
    for y in 0..now.height() {
        let rect = Rect::new(0, y, now.width(), 1);
        let [before, after, mut row] = [before, after, now].map(|map| map.read_rect(rect));
        let mut changed = false;
        for ((value, before), after) in row.iter_mut().zip(before).zip(after) {
            if *value == before && before != after && protection.allows(before, after) {
                *value = after;
                changed = true;
            }
        }
        if changed {
            carried.write_row(0, y, &row);
        }
    }
    carried
}
