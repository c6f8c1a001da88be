//! What the tool in the hand has looked for behind the window.

use atrous_engine::jobs::Cancel;

use crate::tools::Search;

/// The search under way, and the one that waits for it.
#[derive(Debug, Default)]
pub struct Searches {
    /// Counts gestures: what is found for an earlier one is not for the present one.
    pub gesture: u64,
    /// The wish to stop the search under way, if there is one.
    pub running: Option<Cancel>,
    /// The search to make next.
    pub waiting: Option<Search>,
}

impl Searches {
    /// Whether something is being looked for.
    pub fn is_busy(&self) -> bool {
        self.running.is_some()
    }

    /// Forgets what is looked for: the gesture is over.
    pub fn forget(&mut self) {
        self.waiting = None;
        if let Some(running) = self.running.take() {
            running.cancel();
        }
        self.gesture += 1;
    }
}
