//! Jobs of the worker that read models and predict.

use std::rc::Rc;
use std::sync::Arc;

use atrous_engine::jobs::{Cancel, Context, Priority};
use atrous_engine::mask::LabelMap;
use atrous_engine::predict::{
    CrfOptions, PredictOptions, Predictor, predict_folder, predict_selected,
};
use atrous_engine::project::{ImageId, ImageRecord, Project};
use atrous_engine::weights::{self, LoadOptions, Model};
use atrous_engine::{Limits, Result, image_file};

use super::{Background, Message, PredictedImage};
use crate::embedded;
use crate::state::{ModelCard, ModelChoice, PredictWith, Task};
use crate::tools::Scene;

/// The model that stays on the worker between jobs.
pub(super) struct Kept {
    with: PredictWith,
    pub(super) predictor: Predictor,
}

impl Background {
    /// Reads a model and keeps it for predictions.
    ///
    /// # Errors
    /// When another one is being read.
    pub fn read_model(&self, choice: ModelChoice) -> Result<Cancel> {
        let post = self.post();
        let task = Task::Model.name();
        self.worker
            .submit(task, Priority::Interactive, move |context, _monitor| {
                let model = read(&choice, context)?;
                let card = Arc::new(card(&model));
                keep(choice.clone().into(), &model, context)?;
                post.send(Message::Model(choice, card));
                Ok(())
            })
    }

    /// Predicts one image ahead of everything else that waits; `scene` is it, where it is in memory.
    ///
    /// # Errors
    /// When another one is being predicted.
    pub fn predict_image(
        &self,
        project: &Arc<Project>,
        image: ImageRecord,
        scene: Option<Scene>,
        with: PredictWith,
    ) -> Result<Cancel> {
        let (post, project) = (self.post(), project.clone());
        let settle = self.settle();
        let task = Task::PredictImage.name();
        self.worker
            .submit(task, Priority::Interactive, move |context, _monitor| {
                let kept = kept(&with, context)?;
                let pixels = match scene {
                    Some(scene) => scene.to_image(),
                    None => image_file::decode(&project.image_path(&image), project.limits())?,
                };
                let (prediction, probabilities) =
                    kept.predictor.predict_with_probabilities(&pixels)?;
                settle();
                let followed = project.store_prediction(image.id, &prediction.as_new())?;
                let [width, height] = [pixels.width(), pixels.height()];
                let predicted = PredictedImage {
                    followed,
                    labels: LabelMap::from_vec(width, height, &prediction.labels)?,
                    confidence: Arc::new(prediction.confidence),
                    uncertainty: prediction.uncertainty,
                    probabilities: Arc::new(probabilities),
                };
                post.send(Message::Predicted(image.id, predicted));
                Ok(())
            })
    }

    /// Predicts every image that nobody touched.
    ///
    /// `again` also predicts those that have a prediction.
    ///
    /// # Errors
    /// When the folder is being predicted already.
    pub fn predict_folder(
        &self,
        project: &Arc<Project>,
        with: PredictWith,
        again: bool,
    ) -> Result<Cancel> {
        let (post, project) = (self.post(), project.clone());
        let task = Task::PredictFolder.name();
        self.worker
            .submit(task, Priority::Background, move |context, monitor| {
                let kept = kept(&with, context)?;
                let report = predict_folder(&project, &kept.predictor, again, monitor)?;
                post.send(Message::FolderPredicted(report));
                Ok(())
            })
    }

    /// Predicts these images, but for those that a person has touched.
    ///
    /// # Errors
    /// When the folder is being predicted.
    pub fn predict_some(
        &self,
        project: &Arc<Project>,
        with: PredictWith,
        images: Vec<ImageId>,
    ) -> Result<Cancel> {
        let (post, project) = (self.post(), project.clone());
        let settle = self.settle();
        let task = Task::PredictFolder.name();
        self.worker
            .submit(task, Priority::Background, move |context, monitor| {
                settle();
                let kept = kept(&with, context)?;
                let report = predict_selected(&project, &images, &kept.predictor, monitor)?;
                post.send(Message::FolderPredicted(report));
                Ok(())
            })
    }
}

/// The kept model if it is the wanted one, else the wanted one, read and kept.
pub(super) fn kept(with: &PredictWith, context: &Context) -> Result<Rc<Kept>> {
    match context.kept::<Kept>() {
        Some(kept) if kept.with == *with => Ok(kept),
        _ => keep(with.clone(), &read(&with.choice, context)?, context),
    }
}

/// The kept model if it is the wanted one, however it predicts, else the wanted one, read and kept.
pub(super) fn kept_however(choice: &ModelChoice, context: &Context) -> Result<Rc<Kept>> {
    match context.kept::<Kept>() {
        Some(kept) if kept.with.choice == *choice => Ok(kept),
        _ => kept(&choice.clone().into(), context),
    }
}

pub(super) fn keep(with: PredictWith, model: &Model, context: &Context) -> Result<Rc<Kept>> {
    let options = PredictOptions {
        crf: with.crf.then(CrfOptions::default),
        ..PredictOptions::default()
    };
    let predictor = Predictor::new(model, options, context.device())?;
    Ok(context.keep(Kept { with, predictor }))
}

/// Reads a model from where it is.
pub(super) fn read(choice: &ModelChoice, context: &Context) -> Result<Model> {
    match choice {
        ModelChoice::Embedded => embedded::load(context.device()),
        ModelChoice::File(path) => {
            weights::load(path, &LoadOptions::default(), &context.device().device)
        }
        ModelChoice::Published { name, zoo } => {
            let device = &context.device().device;
            zoo.load(zoo.find(name)?, None, Limits::default(), device)
        }
    }
}

/// What is worth knowing about a model.
pub(super) fn card(model: &Model) -> ModelCard {
    let config = model.config();
    ModelCard {
        name: model.info.name.clone(),
        source: model.info.source.clone(),
        licence: model.info.licence.clone(),
        network: format!(
            "{} {}, output stride {}",
            config.model_variant, config.depth_multiplier, config.output_stride
        ),
        palette: Arc::new(model.palette.clone()),
    }
}
