//! What tools have found out about the open image: on the pool, or, where the network is asked, by
//! the worker.

use std::sync::Arc;

use atrous_engine::jobs::{Cancel, Priority};
use atrous_engine::mask::{Borders, SlicOptions, Superpixels};
use atrous_engine::project::{ImageId, ImageRecord, Project};
use atrous_engine::{Error, Result, image_file};
use egui::{Color32, ColorImage};

use super::predicting::kept_however;
use super::{Background, Message, PoolMonitor};
use crate::state::{ModelChoice, Task};
use crate::tools::{Scene, Search};

/// The longest side of the picture of superpixels' borders.
const BORDERS: u32 = 2048;

/// An image in superpixels, and their borders as a picture.
pub struct CutImage {
    /// The side that superpixels have on average.
    pub side: u32,
    /// The superpixels.
    pub superpixels: Arc<Superpixels>,
    /// White borders, clear elsewhere.
    pub borders: ColorImage,
}

impl Background {
    /// Looks for a region of the open image. What is found is for this gesture.
    pub fn search(&self, gesture: u64, search: Search, scene: Scene) -> Cancel {
        let cancel = Cancel::default();
        let wish = cancel.clone();
        self.spawn(move |post| {
            let found = match search.run(&scene, &wish) {
                Ok(spans) => Some(spans),
                Err(Error::Cancelled) => None,
                Err(error) => {
                    post.send(Message::Problem(error.to_string()));
                    None
                }
            };
            post.send(Message::Found(gesture, found));
        });
        cancel
    }

    /// Cuts the open image into superpixels of a side.
    pub fn cut_into_superpixels(&self, id: ImageId, side: u32, scene: Scene) -> Cancel {
        let cancel = Cancel::default();
        let wish = cancel.clone();
        self.spawn(move |post| {
            let mut monitor = PoolMonitor::new(Task::Superpixels, wish, post);
            let options = SlicOptions {
                side,
                ..SlicOptions::default()
            };
            let superpixels = Superpixels::slic(scene.pixels(), &options, &mut monitor);
            let result = match superpixels {
                Ok(superpixels) => Ok(Some(Box::new(CutImage {
                    side,
                    borders: picture(&superpixels.borders(BORDERS)),
                    superpixels: Arc::new(superpixels),
                }))),
                Err(Error::Cancelled) => Ok(None),
                Err(error) => Err(error.to_string()),
            };
            post.send(Message::Superpixels(id, side, result));
        });
        cancel
    }

    /// Asks the network what it thinks of every class on an image, ahead of everything that waits.
    ///
    /// # Errors
    /// When it is being asked already.
    pub fn ask_network(
        &self,
        project: &Arc<Project>,
        image: ImageRecord,
        choice: ModelChoice,
    ) -> Result<Cancel> {
        let (post, project) = (self.post(), project.clone());
        let task = Task::AskNetwork.name();
        self.worker
            .submit(task, Priority::Interactive, move |context, _monitor| {
                let kept = kept_however(&choice, context)?;
                let pixels = image_file::decode(&project.image_path(&image), project.limits())?;
                let probabilities = kept.predictor.probabilities(&pixels)?;
                post.send(Message::Probabilities(image.id, Arc::new(probabilities)));
                Ok(())
            })
    }
}

/// The borders of superpixels as a picture.
fn picture(borders: &Borders) -> ColorImage {
    let pixels = borders.shown.iter().map(|shown| match shown {
        true => Color32::WHITE,
        false => Color32::TRANSPARENT,
    });
    ColorImage::new(borders.size.map(|side| side as usize), pixels.collect())
}
