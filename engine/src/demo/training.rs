//! Scenes as training data, drawn when they are asked for.

use super::{Scene, Settings, Size, Time, scene};
use crate::error::Result;
use crate::finetune::{Labelled, TrainingData};

/// Scenes by day, one in eight at dusk, in any weather; never at night.
///
/// Seeds below 2^32 are left to users and tests: no model of ours is trained on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayScenes {
    /// How many there are.
    pub count: usize,
    /// Their size.
    pub size: Size,
    /// Which of the 2^16 series of scenes: different series share no scene.
    pub series: u16,
}

impl DayScenes {
    fn seed(&self, index: usize) -> u64 {
        (1 << 48) + (u64::from(self.series) << 32) + index as u64
    }
}

impl TrainingData for DayScenes {
    fn len(&self) -> usize {
        self.count
    }

    fn name(&self, index: usize) -> String {
        format!("scene {:#x}", self.seed(index))
    }

    fn load(&self, index: usize) -> Result<Labelled> {
        let seed = self.seed(index);
        let time = if index % 8 == 7 {
            Time::Dusk
        } else {
            Time::Day
        };
        let Scene { image, labels } = scene(seed, self.size, Settings::at(time, seed));
        Ok(Labelled { image, labels })
    }
}
