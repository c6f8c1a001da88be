//! A fine-tuning run as the window shows it.

use atrous_engine::finetune::{CurvePoint, Record};

/// The run under way, or the last one.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// Loss by step.
    pub loss: Vec<[f64; 2]>,
    /// Held-out mIoU by step, from 0 to 1.
    pub held_out: Vec<[f64; 2]>,
    /// What came of it, once it is over.
    pub record: Option<Box<Record>>,
    /// Whether the person stopped it.
    pub stopped: bool,
}

impl Run {
    /// Adds a point of the curves. A point that comes again, now with its score, replaces itself.
    pub fn add(&mut self, point: &CurvePoint) {
        let step = point.step as f64;
        put(&mut self.loss, [step, point.loss]);
        if let Some(score) = point.held_out_miou {
            put(&mut self.held_out, [step, score]);
        }
    }
}

fn put(curve: &mut Vec<[f64; 2]>, point: [f64; 2]) {
    curve.retain(|other| other[0] < point[0]);
    curve.push(point);
}
