//! Fills and relabelling that are computed behind the window.

use std::collections::VecDeque;

use atrous_engine::jobs::Cancel;
use atrous_engine::project::ImageId;

use crate::background::Relabelled;
use crate::tools::Relabelling;

/// What a person asked for: it is done one after the other.
#[derive(Debug, Default)]
pub struct Relabellings {
    /// What is not done yet; the first is being computed.
    pub queue: VecDeque<AskedRelabelling>,
    /// The number of the computation under way, and the wish to stop it.
    pub running: Option<(u64, Cancel)>,
    /// What was computed, until the hand rests.
    pub computed: Option<Box<Relabelled>>,
}

/// A wish to relabel something.
#[derive(Debug)]
pub struct AskedRelabelling {
    /// In which image.
    pub image: ImageId,
    /// What.
    pub relabelling: Relabelling,
    /// What the history calls it.
    pub name: &'static str,
}

impl Relabellings {
    /// Whether something is still to be done.
    pub fn is_busy(&self) -> bool {
        !self.queue.is_empty()
    }
}
