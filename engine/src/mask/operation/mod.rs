//! Operations on whole classes, selections and label maps: grow, shrink, smooth, fill holes,
//! remove specks, keep the largest, swap, relabel.
//!
//! Each is a pure function of a label map that yields one invertible [`Edit`], computed in bands
//! of rows on all cores. Protection holds: what a class's lock or "paint only over" keeps stays.

mod near;
mod pieces;
mod smooth;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use atrous_palettes::VOID;

use super::edit::Edit;
use super::fill::Connectivity;
use super::gesture::Gesture;
use super::label_map::LabelMap;
use super::protection::Protection;
use super::rect::Rect;
use super::region::Region;
use super::span::Span;
use crate::error::Result;
use crate::jobs::Watch;

/// The largest radius of an operation, in pixels.
pub const LARGEST_RADIUS: u32 = 200;

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A class takes the pixels within the radius. Of all classes at once: void takes the class
    /// of the nearest labelled pixel within it.
    Grow {
        /// In pixels.
        radius: u32,
    },
    /// A class loses the pixels within the radius of another one to the nearest of them. Of all
    /// classes at once: what lies within the radius of a border becomes void.
    Shrink {
        /// In pixels.
        radius: u32,
    },
    /// Each pixel takes the class that most pixels have in the square around it that reaches as
    /// far as the radius. Of one class: only where that gives the class or takes it.
    Smooth {
        /// In pixels.
        radius: u32,
    },
    /// What a class encloses becomes that class. Of all classes at once: void that is enclosed
    /// becomes the class that borders on it most.
    FillHoles {
        /// Holes of more pixels stay.
        largest: u64,
    },
    /// Components of fewer pixels become what borders on them most.
    RemoveSpecks {
        /// Components of so many pixels stay.
        below: u64,
    },
    /// Every component of a class but its largest becomes what borders on it most.
    KeepLargest,
    /// The class's pixels become another class, and the other way round.
    Swap {
        /// The other class.
        with: u8,
    },
    /// The class's pixels become another class; of all classes at once: every pixel.
    Relabel {
        /// The other class.
        to: u8,
    },
}

/// What an operation works on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// One class; otherwise all of them.
    pub class: Option<u8>,
    /// Only pixels of this region change; otherwise those of the whole map.
    pub region: Option<Arc<Region>>,
    /// Which pixels of a class hang together.
    pub connectivity: Connectivity,
}

/// A span that becomes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Patch {
    span: Span,
    value: u8,
}

impl Operation {
    /// The edit that does it to `map`, without making it. `None` where nothing would change.
    ///
    /// # Errors
    /// [`Error::Cancelled`](crate::Error::Cancelled) once `watch` says that somebody asked to stop.
    pub fn edit(
        &self,
        map: &LabelMap,
        scope: &Scope,
        protection: &Protection,
        watch: &dyn Watch,
    ) -> Result<Option<Edit>> {
        let patches = self.patches(map, scope, watch)?;
        painted(map, patches, scope, protection, watch)
    }

    fn patches(&self, map: &LabelMap, scope: &Scope, watch: &dyn Watch) -> Result<Vec<Patch>> {
        match *self {
            Self::Grow { radius } => near::grow(map, scope, radius, watch),
            Self::Shrink { radius } => near::shrink(map, scope, radius, watch),
            Self::Smooth { radius } => smooth::smooth(map, scope, radius, watch),
            Self::FillHoles { largest } => pieces::fill_holes(map, scope, largest, watch),
            Self::RemoveSpecks { below } => pieces::remove_specks(map, scope, below, watch),
            Self::KeepLargest => pieces::keep_largest(map, scope, watch),
            Self::Swap { with } => {
                let Some(class) = scope.class else {
                    return Ok(Vec::new());
                };
                remap(map, scope, watch, |value| match value {
                    value if value == class => with,
                    value if value == with => class,
                    other => other,
                })
            }
            Self::Relabel { to } => remap(map, scope, watch, |value| {
                let hit = scope.class.is_none_or(|class| class == value);
                if hit { to } else { value }
            }),
        }
    }
}

/// The edit that makes patches of a map what they become, as far as protection and region allow.
fn painted(
    map: &LabelMap,
    mut patches: Vec<Patch>,
    scope: &Scope,
    protection: &Protection,
    watch: &dyn Watch,
) -> Result<Option<Edit>> {
    watch.check()?;
    // One value after the other; within it the rows stay in order.
    patches.sort_by_key(|patch| patch.value);
    let mut after = map.clone();
    let mut gesture = Gesture::start(map, protection.clone());
    let mut done = 0;
    for same in patches.chunk_by(|a, b| a.value == b.value) {
        let spans: Vec<Span> = same
            .iter()
            .flat_map(|patch| clipped(patch.span, scope.region.as_deref()))
            .collect();
        gesture.paint(&mut after, &spans, same[0].value);
        watch.check()?;
        done += same.len();
        tell_painted(watch, done, patches.len());
    }
    Ok(gesture.commit(&after))
}

/// An operation counts as so many steps: half of them find what changes, half of them paint it.
const STEPS: u64 = 100;

/// Part of what changes is found.
fn tell_found(watch: &dyn Watch, done: usize, all: usize) {
    watch.tell(STEPS / 2 * done as u64 / all.max(1) as u64, STEPS);
}

/// Everything is found, and part of it painted.
fn tell_painted(watch: &dyn Watch, done: usize, all: usize) {
    let painted = STEPS / 2 * done as u64 / all.max(1) as u64;
    watch.tell(STEPS / 2 + painted, STEPS);
}

/// The parts of a span in the region, all of it where there is none.
fn clipped(span: Span, region: Option<&Region>) -> Vec<Span> {
    match region {
        Some(region) => region.clip(span).collect(),
        None => vec![span],
    }
}

/// Replaces values wherever they are.
fn remap(
    map: &LabelMap,
    scope: &Scope,
    watch: &dyn Watch,
    new: impl Fn(u8) -> u8 + Sync,
) -> Result<Vec<Patch>> {
    bands(scope.bounds(map), watch, |band| {
        let mut patches = Vec::new();
        for y in band.rows() {
            for (columns, value) in map.runs(y, band.columns()) {
                if new(value) != value {
                    let (start, end) = (columns.start, columns.end);
                    patches.push(Patch {
                        span: Span { y, start, end },
                        value: new(value),
                    });
                }
            }
        }
        patches
    })
}

impl Scope {
    /// The edit that makes `before` what `after` is, as far as scope and protection allow: of one
    /// class, only where a pixel gets it or loses it. `None` where nothing would change.
    ///
    /// # Errors
    /// [`Error::Cancelled`](crate::Error::Cancelled) once `watch` says that somebody asked to stop.
    pub fn edit_between(
        &self,
        [before, after]: [&LabelMap; 2],
        protection: &Protection,
        watch: &dyn Watch,
    ) -> Result<Option<Edit>> {
        let patches = bands(self.bounds(before), watch, |band| {
            let mut patches = Vec::new();
            for y in band.rows() {
                let rect = Rect::from_ranges(band.columns(), y..y + 1);
                let rows = before
                    .read_rect(rect)
                    .into_iter()
                    .zip(after.read_rect(rect));
                for (x, (old, new)) in band.columns().zip(rows) {
                    let meant = self.class.is_none_or(|class| class == old || class == new);
                    if old != new && meant {
                        near::add(&mut patches, y, x, new);
                    }
                }
            }
            patches
        })?;
        painted(before, patches, self, protection, watch)
    }

    /// Every pixel that may change.
    fn bounds(&self, map: &LabelMap) -> Rect {
        match &self.region {
            Some(region) => region.bounds().intersection(map.bounds()),
            None => map.bounds(),
        }
    }
}

/// The smallest rectangle inside `within` that holds every pixel of the class.
fn bounds_of(map: &LabelMap, class: u8, within: Rect) -> Rect {
    let mut found = Rect::EMPTY;
    for y in within.rows() {
        let Some(first) = map.find(y, within.columns(), class) else {
            continue;
        };
        let mut last = first;
        for (columns, value) in map.runs(y, first..within.right()) {
            if value == class {
                last = columns.end;
            }
        }
        found = found.union(Rect::from_ranges(first..last, y..y + 1));
    }
    found
}

/// A rectangle with a margin around it, as far as it lies in `limit`.
fn widened(rect: Rect, margin: u32, limit: Rect) -> Rect {
    if rect.is_empty() {
        return rect;
    }
    Rect::from_ranges(
        rect.x.saturating_sub(margin)..rect.right().saturating_add(margin),
        rect.y.saturating_sub(margin)..rect.bottom().saturating_add(margin),
    )
    .intersection(limit)
}

/// Rows worked on at a time.
const BAND: u32 = 128;

/// Works on a rectangle in bands of rows; what comes of them is in the order of rows. On the pool
/// all cores take part; any other thread works alone, because it must not wait for a busy pool.
fn bands(
    rect: Rect,
    watch: &dyn Watch,
    work: impl Fn(Rect) -> Vec<Patch> + Sync,
) -> Result<Vec<Patch>> {
    use rayon::prelude::*;
    let starts: Vec<u32> = rect.rows().step_by(BAND as usize).collect();
    let (done, all) = (AtomicUsize::new(0), starts.len());
    let band = |y: u32| {
        watch.check()?;
        let end = rect.bottom().min(y.saturating_add(BAND));
        let patches = work(Rect::from_ranges(rect.columns(), y..end));
        tell_found(watch, 1 + done.fetch_add(1, Ordering::Relaxed), all);
        Ok(patches)
    };
    let found: Result<Vec<Vec<Patch>>> = if rayon::current_thread_index().is_some() {
        starts.into_par_iter().map(band).collect()
    } else {
        starts.into_iter().map(band).collect()
    };
    Ok(found?.concat())
}

/// Whether a value counts as labelled.
fn is_labelled(value: u8) -> bool {
    value != VOID
}
