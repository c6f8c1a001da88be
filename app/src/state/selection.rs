//! The images that are chosen together, to do something with all of them.

use std::collections::HashSet;

use atrous_engine::project::ImageId;

/// What a click in the film strip does to the selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choosing {
    /// This image alone.
    Only,
    /// This one too, or no longer.
    Toggle,
    /// All from the last one chosen to this one.
    Range,
}

/// The images that are chosen besides the one on the canvas; none of them while only that one is.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    chosen: HashSet<ImageId>,
    /// Where a range begins.
    anchor: Option<ImageId>,
    /// Where the last range ended.
    end: Option<ImageId>,
}

impl Selection {
    /// Whether no more than the image on the canvas is chosen.
    pub fn is_empty(&self) -> bool {
        self.chosen.is_empty()
    }

    /// How many images are chosen.
    pub fn len(&self) -> usize {
        self.chosen.len()
    }

    /// Whether an image is chosen.
    pub fn contains(&self, id: ImageId) -> bool {
        self.chosen.contains(&id)
    }

    /// Where a range begins, if one was begun.
    pub fn anchor(&self) -> Option<ImageId> {
        self.anchor
    }

    /// Where the last range ended, or would begin.
    pub fn end(&self) -> Option<ImageId> {
        self.end.or(self.anchor)
    }

    /// Nothing is chosen; ranges begin at `anchor`.
    pub fn clear(&mut self, anchor: Option<ImageId>) {
        *self = Self {
            anchor,
            ..Self::default()
        };
    }

    /// Takes an image in or out. `current`, on the canvas, is chosen as well where nothing was.
    pub fn toggle(&mut self, id: ImageId, current: Option<ImageId>) {
        if self.chosen.is_empty() {
            self.chosen.extend(current.filter(|current| *current != id));
            self.chosen.insert(id);
        } else if !self.chosen.remove(&id) {
            self.chosen.insert(id);
        }
        (self.anchor, self.end) = (Some(id), None);
    }

    /// Chooses these and no others: a range from `anchor` to `end`.
    pub fn set(&mut self, anchor: ImageId, end: ImageId, chosen: impl Iterator<Item = ImageId>) {
        // A hundred thousand at once, without making room for them again and again.
        let most = chosen.size_hint().1.unwrap_or_default();
        self.chosen = HashSet::with_capacity(most);
        self.chosen.extend(chosen);
        (self.anchor, self.end) = (Some(anchor), Some(end));
    }

    /// Lets go of an image that is not to be seen any more.
    pub fn remove(&mut self, id: ImageId) {
        self.chosen.remove(&id);
    }

    /// Lets go of images that are not to be seen any more.
    pub fn retain(&mut self, is_shown: impl Fn(ImageId) -> bool) {
        self.chosen.retain(|id| is_shown(*id));
    }
}
