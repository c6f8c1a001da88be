//! One gesture of the hand: start, paint, and commit or abort.

use super::edit::{Edit, TileSwap};
use super::label_map::LabelMap;
use super::protection::Protection;
use super::rect::Rect;
use super::span::Span;
use super::tally::Tally;

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
    painted: Painted,
}

/// What was painted so far.
#[derive(Debug, Default)]
struct Painted {
    /// The value painted first.
    value: Option<u8>,
    /// Whether others were painted too: then a pixel may have changed more than once.
    mixed: bool,
    tally: Tally,
}

impl Painted {
    fn note(&mut self, value: u8) {
        self.mixed |= *self.value.get_or_insert(value) != value;
    }
}

impl Gesture {
    /// Starts a gesture on `map`.
    pub fn start(map: &LabelMap, protection: Protection) -> Self {
        Self {
            before: map.clone(),
            protection,
            dirty: Rect::EMPTY,
            painted: Painted::default(),
        }
    }

    /// Paints `value` over the spans, where the protection allows it. Returns a rectangle that
    /// holds every pixel that changed now, empty where none did.
    pub fn paint(&mut self, map: &mut LabelMap, spans: &[Span], value: u8) -> Rect {
        self.painted.note(value);
        let open = self.protection.leaves_open(value);
        let table = (!open).then(|| self.protection.table(value));
        let dirty = map.paint(spans, value, table.as_ref(), &mut self.painted.tally);
        self.dirty = self.dirty.union(dirty);
        dirty
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
        self.painted = Painted::default();
        std::mem::take(&mut self.dirty)
    }

    /// What is painted from now on heeds this protection.
    pub fn protect(&mut self, protection: Protection) {
        self.protection = protection;
    }

    /// Ends the gesture and keeps what was painted. `None` where nothing changed.
    ///
    /// What changed was counted while it was painted, so that the time follows the tiles touched
    /// and no pixel is looked at; unless several values were painted.
    pub fn commit(self, map: &LabelMap) -> Option<Edit> {
        if self.painted.mixed {
            return Edit::between(&self.before, map, self.dirty);
        }
        let swap = TileSwap::unshared(&self.before, map, self.dirty);
        Edit::counted(swap, &self.painted.tally, self.dirty)
    }

    /// Ends the gesture and takes everything back. Returns the rectangle that may have changed.
    pub fn abort(mut self, map: &mut LabelMap) -> Rect {
        self.reset(map)
    }
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

        /// Rectangles of several values, some of whole tiles, now and then all taken back.
        #[test]
        fn what_is_counted_while_painting_is_what_changed(
            steps in prop::collection::vec(
                ((0..500_u32, 0..400_u32), (1..600_u32, 1..500_u32), 0..3_u8, 0..9_u8), 1..8),
            lock: bool,
            one: bool,
        ) {
            let mut before = LabelMap::filled(560, 530, 1);
            (0..530).for_each(|y| before.fill_span(y, y / 2..y, 2));
            let mut map = before.clone();
            let mut protection = Protection::NONE;
            protection.locked[2] = lock;
            let mut gesture = Gesture::start(&map, protection);
            for ((x, y), (width, height), value, reset) in steps {
                if reset == 0 {
                    gesture.reset(&mut map);
                }
                let rect = Rect::new(x, y, width, height).intersection(map.bounds());
                let spans: Vec<Span> = rect
                    .rows()
                    .map(|y| Span { y, start: rect.x, end: rect.right() })
                    .collect();
                gesture.paint(&mut map, &spans, if one { 0 } else { value });
            }
            let edit = gesture.commit(&map);
            let found = Edit::between(&before, &map, map.bounds());
            prop_assert_eq!(&edit, &found);
            if let (Some(edit), Some(found)) = (edit, found) {
                prop_assert_eq!(edit.rect(), found.rect());
                let [mut counts, mut again] = [before.histogram(); 2];
                edit.count_applied(&mut counts);
                found.count_applied(&mut again);
                prop_assert_eq!(counts, map.histogram());
                prop_assert_eq!(again, counts);
                edit.revert(&mut map);
            }
            prop_assert_eq!(map, before);
        }

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
            // What it counted on its way is what a look at all pixels finds.
            let found = Edit::between(&before, &map, map.bounds());
            prop_assert_eq!(&edit, &found);
            if let (Some(edit), Some(found)) = (&edit, &found) {
                prop_assert_eq!(edit.rect(), found.rect());
                prop_assert_eq!((edit.changed(), edit.class()), (found.changed(), found.class()));
            }
            if let Some(edit) = edit {
                edit.revert(&mut map);
            }
            prop_assert_eq!(map, before);
        }
    }
}
