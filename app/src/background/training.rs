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
use crate::tune::{Tuned, run_name, tune};

impl Background {
    /// Trains a copy of the model on the corrected images, keeps the best one for predictions, and
    /// writes it into the project.
    ///
    /// # Errors
    /// When a training is running.
    pub fn fine_tune(
        &self,
        project: &Arc<Project>,
        choice: ModelChoice,
        form: TrainForm,
    ) -> Result<Cancel> {
        let (post, project) = (self.post(), project.clone());
        let settle = self.settle();
        let task = Task::FineTune.name();
        self.worker
            .submit(task, Priority::Background, move |context, monitor| {
                settle();
                let tuned = run(&project, &choice, form, context, monitor, &post)?;
                post.send(Message::Tuned(Box::new(tuned)));
                Ok(())
            })
    }
}

fn run(
    project: &Project,
    choice: &ModelChoice,
    form: TrainForm,
    context: &Context,
    monitor: &mut dyn Monitor,
    post: &Post,
) -> Result<TunedModel> {
    let model = read(choice, context)?;
    let options = options(form, &model);
    let mut on_point = |point| post.send(Message::Curve(point));
    let Tuned {
        path,
        model,
        record,
        stopped,
    } = tune(
        project,
        &model,
        &run_name(),
        &options,
        None,
        monitor,
        &mut on_point,
    )?;
    keep(ModelChoice::File(path.clone()).into(), &model, context)?;
    Ok(TunedModel {
        path,
        card: Arc::new(card(&model)),
        record,
        stopped,
    })
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
