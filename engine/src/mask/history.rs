//! Undo and redo of one label map.

use std::collections::VecDeque;
use std::sync::Arc;

use super::edit::Edit;
use super::label_map::LabelMap;
use super::rect::Rect;

/// How many bytes of edits a history keeps in memory if not told otherwise.
pub const DEFAULT_HISTORY_BYTES: usize = 64 << 20;

/// The edits of one label map, bounded by bytes and not by steps: the oldest go first.
///
/// The newest edits keep their tiles, so that they are undone at once, as far as these take no
/// more bytes than the history may; older ones are packed.
#[derive(Debug, Clone)]
pub struct History {
    done: VecDeque<Step>,
    undone: Vec<Step>,
    used: Used,
    limit: usize,
}

/// An edit, and what it took when that was looked at last: the recorder packs small ones.
#[derive(Debug, Clone)]
struct Step {
    edit: Arc<Edit>,
    used: Used,
}

/// Bytes of edits that hold tiles, and of packed ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Used {
    tiles: usize,
    packed: usize,
}

impl Used {
    fn add(&mut self, other: Self) {
        self.tiles += other.tiles;
        self.packed += other.packed;
    }

    fn take(&mut self, other: Self) {
        self.tiles -= other.tiles;
        self.packed -= other.packed;
    }
}

impl Step {
    fn new(edit: Arc<Edit>) -> Self {
        let mut step = Self {
            edit,
            used: Used::default(),
        };
        step.look();
        step
    }

    /// Looks anew at what it takes.
    fn look(&mut self) {
        let bytes = self.edit.bytes();
        let [tiles, packed] = match self.edit.holds_tiles() {
            true => [bytes, 0],
            false => [0, bytes],
        };
        self.used = Used { tiles, packed };
    }
}

impl History {
    /// An empty history that keeps up to `limit` bytes of packed edits, and as many of tiles; the
    /// last edit is kept in any case.
    pub fn new(limit: usize) -> Self {
        Self {
            done: VecDeque::new(),
            undone: Vec::new(),
            used: Used::default(),
            limit,
        }
    }

    /// A history as it was left: edits that are done, oldest first, and edits that are undone, the
    /// next one to redo last.
    pub fn restored(done: Vec<Arc<Edit>>, undone: Vec<Arc<Edit>>, limit: usize) -> Self {
        let mut history = Self {
            done: done.into_iter().map(Step::new).collect(),
            undone: undone.into_iter().map(Step::new).collect(),
            used: Used::default(),
            limit,
        };
        for step in history.done.iter().chain(&history.undone) {
            history.used.add(step.used);
        }
        history.trim();
        history
    }

    /// Remembers an edit that has been made already. What was undone before is forgotten.
    pub fn push(&mut self, edit: impl Into<Arc<Edit>>) {
        for forgotten in self.undone.drain(..) {
            self.used.take(forgotten.used);
        }
        let step = Step::new(edit.into());
        self.used.add(step.used);
        self.done.push_back(step);
        self.trim();
    }

    /// Takes back the last edit. Returns the rectangle to draw again, `None` where there is none.
    pub fn undo(&mut self, map: &mut LabelMap) -> Option<Rect> {
        let step = self.done.pop_back()?;
        let dirty = step.edit.revert(map);
        self.undone.push(step);
        Some(dirty)
    }

    /// Makes the edit that was undone last again. Returns the rectangle to draw again.
    pub fn redo(&mut self, map: &mut LabelMap) -> Option<Rect> {
        let step = self.undone.pop()?;
        let dirty = step.edit.apply(map);
        self.done.push_back(step);
        Some(dirty)
    }

    /// Undoes or redoes until `depth` edits are done, as far as there are that many. Returns the
    /// rectangle to draw again, empty where nothing was to do.
    pub fn go_to(&mut self, map: &mut LabelMap, depth: usize) -> Rect {
        let mut dirty = Rect::EMPTY;
        while self.done.len() > depth {
            let Some(rect) = self.undo(map) else { break };
            dirty = dirty.union(rect);
        }
        while self.done.len() < depth {
            let Some(rect) = self.redo(map) else { break };
            dirty = dirty.union(rect);
        }
        dirty
    }

    /// The edits, oldest first: those that are done, then those that can be redone.
    pub fn edits(&self) -> impl ExactSizeIterator<Item = &Edit> {
        let done = self.done.len();
        let edit = move |place: usize| match place.checked_sub(done) {
            None => self.done[place].edit.as_ref(),
            Some(next) => self.undone[self.undone.len() - 1 - next].edit.as_ref(),
        };
        (0..done + self.undone.len()).map(edit)
    }

    /// Whether there is something to undo.
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// Whether there is something to redo.
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// How many edits can be undone, and how many can be redone.
    pub fn depths(&self) -> (usize, usize) {
        (self.done.len(), self.undone.len())
    }

    /// How many bytes the edits take.
    pub fn bytes(&self) -> usize {
        self.used.tiles + self.used.packed
    }

    fn trim(&mut self) {
        if self.used.tiles > self.limit {
            self.visit_tiles(|_| {});
            let mut left = self.used.tiles;
            let limit = self.limit;
            self.visit_tiles(|step| {
                if left > limit {
                    left -= step.used.tiles;
                    step.edit.pack();
                }
            });
        }
        while self.used.packed > self.limit && self.done.len() > 1 {
            if let Some(oldest) = self.done.pop_front() {
                self.used.take(oldest.used);
            }
        }
    }

    /// Does something with the steps that were seen to hold tiles, the oldest first, and looks anew
    /// at what they take.
    fn visit_tiles(&mut self, mut act: impl FnMut(&mut Step)) {
        let steps = self.done.iter_mut().chain(self.undone.iter_mut().rev());
        for step in steps.filter(|step| step.used.tiles > 0) {
            act(step);
            self.used.take(step.used);
            step.look();
            self.used.add(step.used);
        }
    }
}

impl Default for History {
    fn default() -> Self {
        Self::new(DEFAULT_HISTORY_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn painted(map: &mut LabelMap, x: u32, value: u8) -> Option<Edit> {
        let before = map.clone();
        map.fill_span(x % map.height(), x..x + 40, value);
        Edit::between(&before, map, map.bounds())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Random painting, undoing and redoing against a list of whole maps.
        #[test]
        fn a_random_series_equals_a_list_of_snapshots(
            steps in prop::collection::vec((0..4_u8, 0..300_u32, any::<u8>()), 1..60),
        ) {
            let mut map = LabelMap::filled(300, 280, 255);
            let mut history = History::default();
            let (mut snapshots, mut at) = (vec![map.clone()], 0_usize);
            for (kind, x, value) in steps {
                match kind {
                    0 => {
                        prop_assert_eq!(history.can_undo(), at > 0);
                        prop_assert_eq!(history.undo(&mut map).is_some(), at > 0);
                        at = at.saturating_sub(1);
                    }
                    1 => {
                        let more = at + 1 < snapshots.len();
                        prop_assert_eq!(history.can_redo(), more);
                        prop_assert_eq!(history.redo(&mut map).is_some(), more);
                        at += usize::from(more);
                    }
                    _ => {
                        if let Some(edit) = painted(&mut map, x, value) {
                            history.push(edit);
                            snapshots.truncate(at + 1);
                            snapshots.push(map.clone());
                            at += 1;
                        }
                    }
                }
                prop_assert_eq!(&map, &snapshots[at]);
            }
            prop_assert_eq!(history.edits().len(), snapshots.len() - 1);
            let series = history.edits().cloned().collect::<Vec<_>>();
            let mut replayed = snapshots[0].clone();
            for (edit, snapshot) in series.iter().zip(&snapshots[1..]) {
                edit.apply(&mut replayed);
                prop_assert_eq!(&replayed, snapshot);
            }
            for depth in (0..snapshots.len()).rev().chain([snapshots.len() / 2, snapshots.len() + 3]) {
                history.go_to(&mut map, depth);
                prop_assert_eq!(&map, &snapshots[depth.min(snapshots.len() - 1)]);
            }
            while history.undo(&mut map).is_some() {}
            prop_assert_eq!(&map, &snapshots[0]);
        }
    }

    #[test]
    fn the_newest_edits_keep_their_tiles_as_far_as_there_is_room() {
        let mut map = LabelMap::filled(400, 400, 0);
        let one = painted(&mut map.clone(), 0, 1).unwrap().bytes();
        let mut history = History::new(one * 3);
        let mut snapshots = vec![map.clone()];
        for step in 0..8 {
            history.push(painted(&mut map, step, step as u8 + 1).unwrap());
            snapshots.push(map.clone());
        }
        let holding: Vec<bool> = history.edits().map(Edit::holds_tiles).collect();
        assert!(holding.is_sorted(), "the oldest are packed: {holding:?}");
        assert!(holding[7] && !holding[0]);
        assert!(history.bytes() <= one * 6);
        for snapshot in snapshots.iter().rev().skip(1) {
            history.undo(&mut map).unwrap();
            assert_eq!(&map, snapshot);
        }
    }

    #[test]
    fn the_oldest_edits_go_when_the_bytes_are_full() {
        let mut map = LabelMap::filled(400, 400, 0);
        let first = painted(&mut map.clone(), 0, 1).unwrap();
        first.pack();
        let one = first.bytes();
        let mut history = History::new(one * 3);
        for step in 0..10 {
            history.push(painted(&mut map, step, step as u8 + 1).unwrap());
            assert!(history.bytes() <= one * 3);
        }
        assert_eq!(history.depths(), (3, 0));
        let mut tiny = History::new(0);
        tiny.push(painted(&mut map, 20, 30).unwrap());
        assert!(tiny.can_undo(), "the last edit can always be undone");
    }
}
