//! What tools have found out about the open image: on the pool, or, where the network is asked, by
//! the worker.

use std::sync::Arc;

use atrous_engine::Result;
use atrous_engine::jobs::{Cancel, Priority};
use atrous_engine::mask::{Borders, SlicOptions, Superpixels};
use atrous_engine::project::ImageId;
use egui::{Color32, ColorImage};

use super::predicting::kept_however;
use super::{Background, Message, PoolMonitor, unless_stopped};
use crate::state::{CutKey, ModelChoice, Task};
use crate::tools::{Scene, Search};

/// The longest side of the picture of superpixels' borders.
const BORDERS: u32 = 2048;

/// An image in superpixels, and their borders as a picture.
pub struct CutImage {
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
        let message = move |found| Message::Found(gesture, found);
        self.answer(message, move |_post| {
            unless_stopped(search.run(&scene, &wish))
        });
        cancel
    }

    /// Cuts the open image into superpixels.
    pub fn cut_into_superpixels(&self, key: CutKey, scene: Scene) -> Cancel {
        let cancel = Cancel::default();
        let wish = cancel.clone();
        let message = move |cut| Message::Superpixels(key, cut);
        self.answer(message, move |post| {
            let mut monitor = PoolMonitor::new(Task::Superpixels, wish, post);
            let options = SlicOptions {
                side: key.side,
                ..SlicOptions::default()
            };
            let cut = Superpixels::slic(scene.pixels(), &options, &mut monitor);
            let cut = unless_stopped(cut)?;
            Ok(cut.map(|superpixels| {
                Box::new(CutImage {
                    borders: picture(&superpixels.borders(BORDERS)),
                    superpixels: Arc::new(superpixels),
                })
            }))
        });
        cancel
    }

    /// Asks the network what it thinks of every class on the open image, ahead of everything that waits.
    ///
    /// # Errors
    /// When it is being asked already.
    pub fn ask_network(
        &self,
        (id, scene): (ImageId, Scene),
        choice: ModelChoice,
    ) -> Result<Cancel> {
        let post = self.post();
        let task = Task::AskNetwork.name();
        self.worker
            .submit(task, Priority::Interactive, move |context, _monitor| {
                let kept = kept_however(&choice, context)?;
                let probabilities = kept.predictor.probabilities(&scene.to_image())?;
                post.send(Message::Probabilities(id, Arc::new(probabilities)));
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
