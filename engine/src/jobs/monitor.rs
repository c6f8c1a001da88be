//! Progress, rate and time left; and the wish to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// How far a job is.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// Steps done: images, training steps, files.
    pub done: u64,
    /// Steps in all.
    pub total: u64,
    /// Steps a second over the last few seconds; 0 while unknown.
    pub rate: f64,
    /// Time left at that rate, where it is known.
    pub eta: Option<Duration>,
    /// What is being done, or the latest figure: "IMG_0815.jpg", "loss 0.42".
    pub note: String,
}

impl Progress {
    /// The part done, from 0 to 1.
    pub fn fraction(&self) -> f32 {
        if self.total == 0 {
            0.0
        } else {
            self.done as f32 / self.total as f32
        }
    }
}

/// What long work reports to, and asks whether to go on.
pub trait Monitor {
    /// Reports how far the work is. The worker lets interactive work run here first.
    ///
    /// # Errors
    /// [`Error::Cancelled`] when the person asked to stop: the caller leaves whole files and returns.
    fn checkpoint(&mut self, progress: &Progress) -> Result<()>;
}

/// A monitor that says nothing and never stops.
#[derive(Debug, Default, Clone, Copy)]
pub struct Silent;

impl Monitor for Silent {
    fn checkpoint(&mut self, _progress: &Progress) -> Result<()> {
        Ok(())
    }
}

/// The wish to stop, shared between who wishes and who works. Clones are the same wish.
#[derive(Debug, Default, Clone)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks the work to stop at its next checkpoint.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// # Errors
    /// [`Error::Cancelled`] when somebody asked to stop.
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() {
            Err(Error::Cancelled)
        } else {
            Ok(())
        }
    }
}

/// What work on several threads at once asks whether to go on, and tells how far it is.
pub trait Watch: Sync {
    /// # Errors
    /// [`Error::Cancelled`] when somebody asked to stop.
    fn check(&self) -> Result<()>;

    /// So many of `total` steps are done. Threads may tell this out of order.
    fn tell(&self, _done: u64, _total: u64) {}
}

/// Says nothing and stops when asked to.
impl Watch for Cancel {
    fn check(&self) -> Result<()> {
        Self::check(self)
    }
}

/// A monitor that says nothing and stops when asked to.
impl Monitor for Cancel {
    fn checkpoint(&mut self, _progress: &Progress) -> Result<()> {
        self.check()
    }
}

/// Half of the rate's weight lies on what happened within this time.
const RATE_HALF_LIFE: Duration = Duration::from_secs(5);

/// Turns counts into [`Progress`] with a smoothed rate and the time left.
#[derive(Debug, Clone)]
pub struct Pace {
    total: u64,
    done: u64,
    rate: Option<f64>,
    since: Instant,
    counted: u64,
}

impl Pace {
    /// Starts the clock for `total` steps.
    pub fn new(total: u64) -> Self {
        Self::resumed(total, 0)
    }

    /// Starts the clock where `done` of `total` steps were done at an earlier time, which say
    /// nothing of the rate now.
    pub fn resumed(total: u64, done: u64) -> Self {
        Self {
            total,
            done,
            rate: None,
            since: Instant::now(),
            counted: done,
        }
    }

    /// `done` steps are done by now; `note` says what is at work.
    pub fn at(&mut self, done: u64, note: impl Into<String>) -> Progress {
        self.done = done;
        let elapsed = self.since.elapsed();
        // Counting over at least a tenth of a second keeps quick steps from making the rate jump.
        if done > self.counted && elapsed >= Duration::from_millis(100) {
            let seconds = elapsed.as_secs_f64();
            let now = (done - self.counted) as f64 / seconds;
            let keep = 0.5_f64.powf(seconds / RATE_HALF_LIFE.as_secs_f64());
            self.rate = Some(
                self.rate
                    .map_or(now, |before| keep * before + (1.0 - keep) * now),
            );
            self.since = Instant::now();
            self.counted = done;
        }
        let left = self.total.saturating_sub(done) as f64;
        Progress {
            done,
            total: self.total,
            rate: self.rate.unwrap_or(0.0),
            eta: self
                .rate
                .filter(|rate| *rate > 0.0)
                .and_then(|rate| Duration::try_from_secs_f64(left / rate).ok()),
            note: note.into(),
        }
    }

    /// One more step is done.
    pub fn step(&mut self, note: impl Into<String>) -> Progress {
        self.at(self.done + 1, note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pace_counts_and_gives_the_time_left() {
        let mut pace = Pace::new(10);
        assert_eq!(pace.at(0, "start").eta, None);
        std::thread::sleep(Duration::from_millis(120));
        let progress = pace.at(5, "half");
        assert!(progress.rate > 5.0 && progress.rate < 42.0, "{progress:?}");
        assert!(progress.eta.unwrap() < Duration::from_secs(1));
        assert_eq!(progress.fraction(), 0.5);
        assert_eq!(pace.step("next").done, 6);
    }

    #[test]
    fn what_was_done_before_says_nothing_of_the_rate() {
        let mut pace = Pace::resumed(1000, 900);
        std::thread::sleep(Duration::from_millis(120));
        let progress = pace.at(901, "on");
        assert!(progress.rate > 0.0 && progress.rate < 9.0, "{progress:?}");
    }

    #[test]
    fn a_wish_to_stop_reaches_every_clone() {
        let wish = Cancel::default();
        let mut other = wish.clone();
        assert!(other.checkpoint(&Pace::new(1).at(0, "")).is_ok());
        wish.cancel();
        assert!(
            other
                .checkpoint(&Pace::new(1).at(0, ""))
                .unwrap_err()
                .is_cancelled()
        );
    }
}
