//! A whole run: a score before, steps with scores between, the best weights, a folder to resume from.

use std::path::Path;
use std::time::Instant;

use crossbeam_channel::Receiver;

use super::batches::{Batch, with_batches};
use super::checkpoint::Checkpoint;
use super::data::Datasets;
use super::evaluate::{Evaluation, evaluate};
use super::record::{CurvePoint, Record, RunFolder};
use super::trainer::Trainer;
use crate::error::{Error, Result};
use crate::jobs::{Monitor, Pace};
use crate::limits::Limits;
use crate::metrics::bootstrap_gain;
use crate::network::DeepLab;
use crate::weights::{assign, collect};

/// Steps between two points of the loss curve.
const POINT_EVERY: u64 = 10;

/// The best weights so far.
struct Best {
    step: u64,
    network: DeepLab,
    evaluation: Evaluation,
}

/// A run at work.
pub(super) struct Run<'a> {
    data: &'a Datasets<'a>,
    folder: Option<RunFolder>,
    trainer: Trainer,
    record: Record,
    before: Option<Evaluation>,
    best: Option<Best>,
    /// Losses since the last point of the curve.
    losses: Vec<f64>,
    started: Instant,
    /// Seconds of training before a stop.
    earlier: f64,
    pace: Pace,
    monitor: &'a mut dyn Monitor,
    on_point: &'a mut dyn FnMut(CurvePoint),
}

/// What a run leaves behind.
#[derive(Debug)]
pub struct RunOutcome {
    /// The network with the best weights on the held-out images, those it started from included;
    /// with the last ones where nothing is held out. Its classes are the data's.
    pub network: DeepLab,
    /// What happened: scores before and after, curves, settings.
    pub record: Record,
    /// Whether it was stopped before its last step.
    pub stopped: bool,
}

impl<'a> Run<'a> {
    /// Sets up a run that starts from `network`, which has the data's classes; takes up the run in
    /// `folder` where there is one.
    pub(super) fn new(
        network: &DeepLab,
        data: &'a Datasets<'a>,
        record: Record,
        folder: Option<&Path>,
        monitor: &'a mut dyn Monitor,
        on_point: &'a mut dyn FnMut(CurvePoint),
    ) -> Result<Self> {
        data.check()?;
        let mut run = Self {
            data,
            folder: folder.map(RunFolder::new),
            trainer: Trainer::new(network.clone(), &record.options)?,
            pace: Pace::new(record.options.steps),
            record,
            before: None,
            best: None,
            losses: Vec::new(),
            started: Instant::now(),
            earlier: 0.0,
            monitor,
            on_point,
        };
        run.resume(network)?;
        Ok(run)
    }

    /// Takes up the weights, the momentum and the record of the folder's run.
    fn resume(&mut self, start: &DeepLab) -> Result<()> {
        let Some(folder) = self.folder.clone().filter(RunFolder::holds_a_run) else {
            return Ok(());
        };
        let earlier = folder.load(&self.record)?;
        let checkpoint = Checkpoint::load(&folder.checkpoint(), &Limits::default())?;
        let (network, _) = assign(start.clone(), &checkpoint.variables)?;
        self.trainer = Trainer::new(network, &self.record.options)?;
        self.trainer.restore(&checkpoint.momentum);
        if folder.best().exists() {
            let best = Checkpoint::load(&folder.best(), &Limits::default())?;
            let (network, _) = assign(start.clone(), &best.variables)?;
            let evaluation = self.evaluate(&network)?;
            self.best = Some(Best {
                step: best.step,
                network,
                evaluation,
            });
        }
        self.earlier = earlier.seconds;
        let curve = earlier
            .curve
            .into_iter()
            .filter(|point| point.step <= checkpoint.step);
        self.record.curve = curve.collect();
        self.record.step = checkpoint.step;
        self.pace = Pace::resumed(self.record.options.steps, checkpoint.step);
        self.record
            .curve
            .iter()
            .for_each(|point| (self.on_point)(*point));
        Ok(())
    }

    /// Trains to the last step, or until the monitor says stop.
    ///
    /// `start` is scored first, where it knows the data's classes.
    ///
    /// # Errors
    /// [`Error::Cancelled`] when it was stopped before there was anything to keep.
    pub(super) fn finish(mut self, start: Option<&DeepLab>) -> Result<RunOutcome> {
        let stopped = match self.train(start) {
            Ok(()) => false,
            Err(Error::Cancelled) if self.record.step > 0 => true,
            Err(error) => return Err(error),
        };
        self.save()?;
        let Self {
            best,
            trainer,
            record,
            ..
        } = self;
        let network = best.map_or_else(|| trainer.network(), |best| best.network);
        Ok(RunOutcome {
            network,
            record,
            stopped,
        })
    }

    fn train(&mut self, start: Option<&DeepLab>) -> Result<()> {
        if let Some(start) = start {
            self.score_before(start)?;
        }
        let data = self.data;
        let options = self.record.options.clone();
        let mean_pixel = self.trainer.mean_pixel();
        with_batches(data, &options, mean_pixel, self.record.step, |batches| {
            for step in self.record.step..options.steps {
                let learning_rate = self.step(batches, step)?;
                let done = step + 1;
                let scores = done.is_multiple_of(options.evaluate_every) || done == options.steps;
                let held_out_miou = if scores { self.score()? } else { None };
                if scores || done.is_multiple_of(POINT_EVERY) {
                    self.point(learning_rate, held_out_miou);
                }
                if scores {
                    self.save()?;
                }
            }
            Ok(())
        })
    }

    /// One training step; its learning rate.
    fn step(&mut self, batches: &Receiver<Result<Batch>>, step: u64) -> Result<f64> {
        let latest = self.record.curve.last();
        let note = latest.map_or(String::new(), |point| format!("loss {:.3}", point.loss));
        self.monitor.checkpoint(&self.pace.at(step, note))?;
        let batch = batches.recv().map_err(|_closed| {
            let advice = "Start the run again; it goes on from its last score.";
            Error::machine("preparing a batch", "the thread that does it ended", advice)
        })??;
        let report = self.trainer.step(batch, step)?;
        self.losses.push(report.cross_entropy);
        self.record.step = step + 1;
        Ok(report.learning_rate)
    }

    /// Adds a point to the curve, with the mean loss since the last one.
    fn point(&mut self, learning_rate: f64, held_out_miou: Option<f64>) {
        let losses = std::mem::take(&mut self.losses);
        let point = CurvePoint {
            step: self.record.step,
            loss: losses.iter().sum::<f64>() / losses.len().max(1) as f64,
            learning_rate,
            held_out_miou,
        };
        self.record.curve.push(point);
        (self.on_point)(point);
    }

    /// Scores the model that the run starts from: what training has to beat.
    fn score_before(&mut self, start: &DeepLab) -> Result<()> {
        if self.data.held_out.is_empty() {
            return Ok(());
        }
        let before = self.evaluate(start)?;
        self.record.before = Some(before.score.clone());
        if self.best.is_none() {
            self.keep(start.clone(), before.clone())?;
        }
        self.before = Some(before);
        Ok(())
    }

    /// Scores the weights of now, and keeps them where they are the best so far.
    fn score(&mut self) -> Result<Option<f64>> {
        if self.data.held_out.is_empty() {
            return Ok(None);
        }
        let network = self.trainer.network();
        let evaluation = self.evaluate(&network)?;
        let miou = evaluation.score.miou;
        let best = self.best.as_ref();
        if best.is_none_or(|best| miou > best.evaluation.score.miou) {
            self.keep(network, evaluation)?;
        }
        Ok(miou)
    }

    fn evaluate(&mut self, network: &DeepLab) -> Result<Evaluation> {
        let Self {
            data,
            monitor,
            pace,
            record,
            ..
        } = self;
        let total = data.held_out.len();
        let note = |index| format!("scoring held-out image {} of {total}", index + 1);
        evaluate(
            network,
            data.held_out,
            data.palette,
            &record.options,
            |index| monitor.checkpoint(&pace.at(record.step, note(index))),
        )
    }

    /// These weights are the best so far.
    fn keep(&mut self, network: DeepLab, evaluation: Evaluation) -> Result<()> {
        let step = self.record.step;
        if let Some(folder) = &self.folder {
            let best = Checkpoint {
                step,
                variables: collect(&network)?,
                ..Checkpoint::default()
            };
            best.save(&folder.best())?;
        }
        self.best = Some(Best {
            step,
            network,
            evaluation,
        });
        Ok(())
    }

    /// Brings the record up to date; writes it and the checkpoint, where the run has a folder.
    fn save(&mut self) -> Result<()> {
        self.record.seconds = self.earlier + self.started.elapsed().as_secs_f64();
        self.record.best_step = self
            .best
            .as_ref()
            .map_or(self.record.step, |best| best.step);
        self.record.after = self.best.as_ref().map(|best| best.evaluation.score.clone());
        self.record.gain = self.gain();
        let Some(folder) = &self.folder else {
            return Ok(());
        };
        let checkpoint = Checkpoint {
            step: self.record.step,
            variables: collect(&self.trainer.network())?,
            momentum: self.trainer.momentum()?,
        };
        // The record first: what it says beyond the checkpoint's step is dropped on resuming.
        folder.save(&self.record)?;
        checkpoint.save(&folder.checkpoint())
    }

    fn gain(&self) -> Option<[f64; 2]> {
        let (before, best) = (self.before.as_ref()?, self.best.as_ref()?);
        let seed = self.record.options.seed;
        bootstrap_gain(&before.tallies, &best.evaluation.tallies, seed)
            .map(|interval| [interval.low, interval.high])
    }
}
