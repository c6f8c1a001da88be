//! What is left to be reviewed, in the order in which it most wants a look.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ops::Bound;

use atrous_engine::project::{ImageRecord, Status};

/// Where an image stands in the queue: the most uncertain first, then by path.
pub type Turn = (u32, u32);

/// The images that wait for a review. They are put in order when the first one is asked for; after
/// that, each change costs what one image costs, however many there are.
#[derive(Debug, Default)]
pub struct Queue(OnceCell<BTreeSet<Turn>>);

impl Queue {
    /// The turn of the image at a position, whether it waits or not; none of one that can't be read.
    pub fn turn(image: &ImageRecord, position: usize) -> Option<Turn> {
        // The bits of numbers from 0 on rise as the numbers do.
        let uncertainty = image.uncertainty.unwrap_or(0.0).max(0.0).to_bits();
        let readable = image.error.is_none();
        readable.then_some((!uncertainty, u32::try_from(position).ok()?))
    }

    /// Forgets the order: other images are shown.
    pub fn clear(&mut self) {
        self.0.take();
    }

    /// An image's place in line is given up, because it changes or is not shown any more.
    pub fn leave(&mut self, image: &ImageRecord, position: usize) {
        if let (Some(waiting), Some(turn)) = (self.0.get_mut(), Self::turn(image, position)) {
            waiting.remove(&turn);
        }
    }

    /// An image takes its place in line, if it waits.
    pub fn join(&mut self, image: &ImageRecord, position: usize) {
        if let (Some(waiting), Some(turn)) = (self.0.get_mut(), waits(image, position)) {
            waiting.insert(turn);
        }
    }

    /// The images in line; `all` are those of the film strip, by position.
    pub fn waiting<'a>(&self, all: impl Iterator<Item = (usize, &'a ImageRecord)>) -> Waiting<'_> {
        let line = || all.filter_map(|(position, image)| waits(image, position));
        Waiting(self.0.get_or_init(|| line().collect()))
    }
}

fn waits(image: &ImageRecord, position: usize) -> Option<Turn> {
    let turn = Queue::turn(image, position)?;
    (image.status != Status::Reviewed).then_some(turn)
}

/// The images in line.
pub struct Waiting<'a>(&'a BTreeSet<Turn>);

impl Waiting<'_> {
    /// The position of the first one that comes after a turn.
    pub fn after(&self, turn: Turn) -> Option<usize> {
        let behind = (Bound::Excluded(turn), Bound::Unbounded);
        self.0.range(behind).next().map(position)
    }

    /// The position of the last one that comes before a turn.
    pub fn before(&self, turn: Turn) -> Option<usize> {
        self.0.range(..turn).next_back().map(position)
    }

    /// The position of the first one that is not at `but`.
    pub fn first(&self, but: Option<usize>) -> Option<usize> {
        let mut positions = self.0.iter().map(position);
        positions.find(|position| Some(*position) != but)
    }
}

fn position(turn: &Turn) -> usize {
    turn.1 as usize
}
