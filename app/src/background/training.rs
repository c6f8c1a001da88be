//! The worker's job that fine-tunes.

use std::sync::Arc;

use atrous_engine::Result;
use atrous_engine::finetune::FinetuneOptions;
use atrous_engine::jobs::{Cancel, Context, Monitor, Priority};
use atrous_engine::project::Project;
use atrous_engine::weights::Model;

use super::predicting::{card, keep, read};
use super::{Background, Message, Post, TunedModel};
use crate::state::{ModelChoice, Task, TrainForm};
use crate::tune::{Plan, Stopped, Tuned, run_name, tune};

impl Background {
    /// Trains a copy of the model on the corrected images, keeps the best one for predictions, and
    /// writes it into the project. The run `stopped` goes on where it was stopped.
    ///
    /// # Errors
    /// When a training is running.
    pub fn fine_tune(
        &self,
        project: &Arc<Project>,
        choice: ModelChoice,
        form: TrainForm,
        stopped: Option<Stopped>,
    ) -> Result<Cancel> {
        let (post, project) = (self.post(), project.clone());
        let settle = self.settle();
        let task = Task::FineTune.name();
        self.worker
            .submit(task, Priority::Background, move |context, monitor| {
                settle();
                let model = read(&choice, context)?;
                let (name, options) = match stopped {
                    Some(stopped) => (stopped.name, longer(stopped.run.options, form)),
                    None => (run_name(), options(form, &model)),
                };
                let plan = Plan {
                    name: &name,
                    origin: &choice.origin(),
                    options: &options,
                    out: None,
                };
                let tuned = run(&project, &model, &plan, context, monitor, &post)?;
                post.send(Message::Tuned(Box::new(tuned)));
                Ok(())
            })
    }

    /// Looks for a run that was stopped and can go on.
    pub fn look_for_stopped_run(&self, project: &Arc<Project>) {
        let (project, settle) = (project.clone(), self.settle());
        self.spawn(move |post| {
            settle();
            // Too few images, for instance: training says so when it is asked for.
            let stopped = Stopped::find(&project).unwrap_or_default();
            post.send(Message::StoppedRun(stopped.map(Box::new)));
        });
    }
}

fn run(
    project: &Project,
    model: &Model,
    plan: &Plan<'_>,
    context: &Context,
    monitor: &mut dyn Monitor,
    post: &Post,
) -> Result<TunedModel> {
    let mut on_point = |point| post.send(Message::Curve(point));
    let Tuned {
        path,
        model,
        record,
        stopped,
    } = tune(project, model, plan, monitor, &mut on_point)?;
    keep(ModelChoice::File(path.clone()).into(), &model, context)?;
    Ok(TunedModel {
        path,
        card: Arc::new(card(&model)),
        record,
        stopped,
    })
}

/// The recipe of a run that goes on to another last step.
fn longer(options: FinetuneOptions, form: TrainForm) -> FinetuneOptions {
    FinetuneOptions {
        steps: u64::from(form.steps),
        ..options
    }
}

/// The recipe, with a score ten times in a run.
fn options(form: TrainForm, model: &Model) -> FinetuneOptions {
    FinetuneOptions {
        layers: form.layers,
        steps: u64::from(form.steps),
        batch: form.batch as usize,
        crop: form.crop as usize,
        evaluate_every: u64::from(form.steps / 10).max(1),
        input_size: Some(model.info.input_size),
        ..FinetuneOptions::for_network(model.network.config())
    }
}
