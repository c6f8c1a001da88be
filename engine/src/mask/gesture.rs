//! One gesture of the hand: start, paint, and commit or abort.

use super::coverage;
use super::edit::Edit;
use super::label_map::{LabelMap, TILE, Tile};
use super::protection::Protection;
use super::rect::Rect;
use super::span::Span;

/// A transaction on a label map.
///
/// It keeps a snapshot of the map (shared tiles, no pixels), so that what it costs follows the
/// tiles it touches and never the size of the image. Dropping it keeps what was painted, without a
/// way back: end it with [`commit`](Self::commit) or [`abort`](Self::abort).
#[derive(Debug)]
#[must_use = "a gesture ends with `commit` or `abort`"]
pub struct Gesture {
    before: LabelMap,
    protection: Protection,
    /// What may differ from `before`.
    dirty: Rect,
    /// A tile of the value painted last, for tiles that are painted whole.
    plain: Option<Tile>,
}

impl Gesture {
    /// Starts a gesture on `map`.
    pub fn start(map: &LabelMap, protection: Protection) -> Self {
        Self {
            before: map.clone(),
            protection,
            dirty: Rect::EMPTY,
            plain: None,
        }
    }

    /// Paints `value` over the spans, where the protection allows it. Returns a rectangle that
    /// holds every pixel that changed now, empty where none did.
    pub fn paint(&mut self, map: &mut LabelMap, spans: &[Span], value: u8) -> Rect {
        let dirty = if self.protection.leaves_open(value) {
            self.paint_open(map, spans, value)
        } else {
            let table = self.protection.table(value);
            remap(map, spans, &table)
        };
        self.dirty = self.dirty.union(dirty);
        dirty
    }

    /// Paints where nothing is protected. Tiles that are covered whole are not written to but
    /// replaced, all by the same one: large shapes cost little more than their edges.
    fn paint_open(&mut self, map: &mut LabelMap, spans: &[Span], value: u8) -> Rect {
        let mut dirty = Rect::EMPTY;
        let covered = coverage::whole_tiles(spans, map.size());
        if !covered.is_empty() {
            let plain = self.plain.take().filter(|plain| plain[0] == value);
            let plain = plain.unwrap_or_else(|| LabelMap::plain_tile(value));
            for [column, row] in &covered {
                dirty = dirty.union(map.put_plain_tile(*column, *row, &plain));
            }
            self.plain = Some(plain);
        }
        // What lies in those tiles is only looked at.
        let bands = spans.chunk_by(|a, b| a.y / TILE == b.y / TILE);
        bands.fold(dirty, |dirty, spans| {
            dirty.union(map.paint_band(spans, value))
        })
    }

    /// Paints a whole map of the same size over this one, where the protection allows it. Returns
    /// as [`Gesture::paint`] does.
    pub fn paint_map(&mut self, map: &mut LabelMap, other: &LabelMap) -> Rect {
        let mut spans: Vec<Vec<Span>> = vec![Vec::new(); 256];
        for y in 0..map.height().min(other.height()) {
            for (columns, value) in other.runs(y, 0..map.width()) {
                spans[usize::from(value)].push(Span {
                    y,
                    start: columns.start,
                    end: columns.end,
                });
            }
        }
        let painted = (0..=u8::MAX).zip(&spans);
        painted.fold(Rect::EMPTY, |dirty, (value, spans)| {
            dirty.union(self.paint(map, spans, value))
        })
    }

    /// Takes back what was painted so far; the gesture goes on. This is how a shape that is still
    /// dragged is drawn anew. Returns the rectangle that may have changed.
    pub fn reset(&mut self, map: &mut LabelMap) -> Rect {
        map.clone_from(&self.before);
        std::mem::take(&mut self.dirty)
    }

    /// What is painted from now on heeds this protection.
    pub fn protect(&mut self, protection: Protection) {
        self.protection = protection;
    }

    /// Ends the gesture and keeps what was painted. `None` where nothing changed.
    pub fn commit(self, map: &LabelMap) -> Option<Edit> {
        Edit::between(&self.before, map, self.dirty)
    }

    /// Ends the gesture and takes everything back. Returns the rectangle that may have changed.
    pub fn abort(mut self, map: &mut LabelMap) -> Rect {
        self.reset(map)
    }
}

/// Replaces values span by span and gathers what changed.
fn remap(map: &mut LabelMap, spans: &[Span], table: &[u8; 256]) -> Rect {
    let mut dirty = Rect::EMPTY;
    for span in spans {
        let changed = map.remap_span(*span, table);
        if !changed.is_empty() {
            dirty = dirty.union(Rect::from_ranges(changed, span.y..span.y + 1));
        }
    }
    dirty
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Brush, BrushShape};
    use super::*;

    fn square(x: u32, y: u32, side: u32) -> Vec<Span> {
        (y..y + side)
            .map(|y| Span {
                y,
                start: x,
                end: x + side,
            })
            .collect()
    }

    #[test]
    fn an_aborted_gesture_leaves_no_trace_and_tells_where_it_was() {
        let mut map = LabelMap::filled(600, 600, 0);
        let before = map.clone();
        let mut gesture = Gesture::start(&map, Protection::NONE);
        assert_eq!(
            gesture.paint(&mut map, &square(250, 250, 20), 3),
            Rect::new(250, 250, 20, 20)
        );
        assert_eq!(
            gesture.paint(&mut map, &square(250, 250, 20), 3),
            Rect::EMPTY
        );
        assert_ne!(map, before);
        assert_eq!(gesture.abort(&mut map), Rect::new(250, 250, 20, 20));
        assert_eq!(map, before);
    }

    #[test]
    fn a_shape_dragged_around_leaves_only_its_last_place() {
        let mut map = LabelMap::filled(100, 100, 0);
        let mut gesture = Gesture::start(&map, Protection::NONE);
        for x in 0..50 {
            gesture.reset(&mut map);
            gesture.paint(&mut map, &square(x, 10, 5), 1);
        }
        let edit = gesture.commit(&map).unwrap();
        assert_eq!(edit.rect(), Rect::new(49, 10, 5, 5));
        assert_eq!(map.histogram()[1], 25);
    }

    #[test]
    fn painting_what_is_there_already_is_no_edit() {
        let mut map = LabelMap::filled(64, 64, 5);
        let mut gesture = Gesture::start(&map, Protection::NONE);
        gesture.paint(&mut map, &square(3, 3, 9), 5);
        assert!(gesture.commit(&map).is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn locks_are_never_violated_and_all_else_is_painted(
            pixels in prop::collection::vec(0..4_u8, 90 * 70),
            locked in prop::array::uniform4(any::<bool>()),
            over in prop::option::of(prop::array::uniform4(any::<bool>())),
            ends in prop::array::uniform4(0.0..90.0_f32),
            value in 0..4_u8,
        ) {
            let set = |four: [bool; 4]| {
                let mut set = [false; 256];
                set[..4].copy_from_slice(&four);
                set
            };
            let protection = Protection { locked: set(locked), only_over: over.map(set) };
            let before = LabelMap::from_vec(90, 70, &pixels).unwrap();
            let mut map = before.clone();
            let brush = Brush { shape: BrushShape::Round, radius: 9.0 };
            let spans = brush.segment([ends[0], ends[1]], [ends[2], ends[3]], map.bounds());
            let mut gesture = Gesture::start(&map, protection);
            gesture.paint(&mut map, &spans, value);
            for y in 0..70 {
                for x in 0..90 {
                    let (old, new) = (before.get(x, y).unwrap(), map.get(x, y).unwrap());
                    let hit = spans.iter().any(|span| span.rect().contains(x, y));
                    let may = !locked[usize::from(old)]
                        && !locked[usize::from(value)]
                        && over.is_none_or(|over| over[usize::from(old)]);
                    prop_assert_eq!(new, if hit && may { value } else { old });
                }
            }
            let edit = gesture.commit(&map);
            if let Some(edit) = edit {
                edit.revert(&mut map);
            }
            prop_assert_eq!(map, before);
        }
    }
}
