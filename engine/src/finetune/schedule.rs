//! The learning rate over a run, as research/deeplab's `get_model_learning_rate`.

use serde::{Deserialize, Serialize};

/// How the learning rate falls (flag `learning_policy`).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LearningPolicy {
    /// `(base - end) * (1 - step / steps) ^ power + end`.
    Poly {
        /// Flag `learning_power`; 0.9 in the papers.
        learning_power: f64,
        /// Flag `end_learning_rate`.
        end_learning_rate: f64,
    },
    /// `base * factor ^ floor(step / every)`.
    Step {
        /// Flag `learning_rate_decay_factor`.
        learning_rate_decay_factor: f64,
        /// Flag `learning_rate_decay_step`, in steps.
        learning_rate_decay_step: u64,
    },
}

impl Default for LearningPolicy {
    fn default() -> Self {
        Self::Poly {
            learning_power: 0.9,
            end_learning_rate: 0.0,
        }
    }
}

/// The learning rate at each step of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    /// How the rate falls.
    pub policy: LearningPolicy,
    /// The rate that the policy starts from.
    pub base_learning_rate: f64,
    /// Steps of the whole run.
    pub steps: u64,
    /// Steps at the slow start's rate before the policy begins.
    pub slow_start_step: u64,
    /// The slow start's rate.
    pub slow_start_learning_rate: f64,
}

impl Schedule {
    /// The learning rate of `step`, counted from 0.
    pub fn rate(&self, step: u64) -> f64 {
        if step < self.slow_start_step {
            return self.slow_start_learning_rate;
        }
        let step = (step - self.slow_start_step) as f64;
        match self.policy {
            LearningPolicy::Poly {
                learning_power,
                end_learning_rate,
            } => {
                let steps = self.steps.saturating_sub(self.slow_start_step).max(1) as f64;
                let left = 1.0 - step.min(steps) / steps;
                (self.base_learning_rate - end_learning_rate) * left.powf(learning_power)
                    + end_learning_rate
            }
            LearningPolicy::Step {
                learning_rate_decay_factor,
                learning_rate_decay_step,
            } => {
                let times = (step / learning_rate_decay_step.max(1) as f64).floor();
                self.base_learning_rate * learning_rate_decay_factor.powf(times)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poly(steps: u64, slow_start_step: u64) -> Schedule {
        Schedule {
            policy: LearningPolicy::default(),
            base_learning_rate: 0.001,
            steps,
            slow_start_step,
            slow_start_learning_rate: 1e-4,
        }
    }

    #[test]
    fn poly_begins_after_the_slow_start_and_ends_at_the_end_rate() {
        let schedule = poly(10, 2);
        assert_eq!(schedule.rate(1), 1e-4);
        assert_eq!(schedule.rate(2), 0.001);
        assert!((schedule.rate(3) - 0.000_886_762_4).abs() < 1e-10);
        assert_eq!(schedule.rate(10), 0.0);
        assert_eq!(schedule.rate(99), 0.0);
    }

    #[test]
    fn a_run_shorter_than_its_slow_start_has_a_rate() {
        assert_eq!(poly(1, 5).rate(0), 1e-4);
        assert_eq!(poly(0, 0).rate(0), 0.001);
    }

    #[test]
    fn steps_fall_by_their_factor() {
        let policy = LearningPolicy::Step {
            learning_rate_decay_factor: 0.1,
            learning_rate_decay_step: 2000,
        };
        let schedule = Schedule {
            policy,
            ..poly(6000, 0)
        };
        assert_eq!(schedule.rate(1999), 0.001);
        assert!((schedule.rate(2000) - 1e-4).abs() < 1e-12);
        assert!((schedule.rate(4001) - 1e-5).abs() < 1e-12);
    }
}
