//! What tools have found out about the open image: on the pool, or, where the network is asked, by
//! the worker.

use std::sync::Arc;

use atrous_engine::jobs::{Cancel, Priority};
use atrous_engine::mask::{SlicOptions, Superpixels};
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
                    borders: borders(&superpixels),
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

/// The borders of superpixels, of large images at a whole part of their size.
fn borders(superpixels: &Superpixels) -> ColorImage {
    let [width, height] = superpixels.size();
    let shrink = width.max(height).div_ceil(BORDERS).max(1);
    let size = [width.div_ceil(shrink), height.div_ceil(shrink)];
    let row = |y: u32| -> Vec<u32> {
        let mut regions = Vec::with_capacity(width as usize);
        for (columns, region) in superpixels.pieces(y.min(height.saturating_sub(1)), 0..width) {
            regions.extend(columns.map(|_| region));
        }
        let last = regions.last().copied().unwrap_or_default();
        let sampled = regions.into_iter().step_by(shrink as usize);
        sampled.chain(std::iter::once(last)).collect()
    };
    let mut pixels = Vec::with_capacity(size[0] as usize * size[1] as usize);
    let mut above = row(0);
    for y in 1..=size[1] {
        let below = row(y * shrink);
        let cells = above.windows(2).zip(&below).take(size[0] as usize);
        pixels.extend(cells.map(|(pair, below)| {
            if pair[0] != pair[1] || pair[0] != *below {
                Color32::WHITE
            } else {
                Color32::TRANSPARENT
            }
        }));
        above = below;
    }
    ColorImage::new(size.map(|side| side as usize), pixels)
}

#[cfg(test)]
mod tests {
    use atrous_engine::jobs::Silent;
    use atrous_engine::mask::Pixels;

    use super::*;

    #[test]
    fn borders_lie_between_superpixels_and_only_there() {
        let rgb: Vec<u8> = (0..40 * 30 * 3).map(|at| (at * 37 % 251) as u8).collect();
        let options = SlicOptions {
            side: 8,
            ..SlicOptions::default()
        };
        let pixels = Pixels::new([40, 30], &rgb).unwrap();
        let superpixels = Superpixels::slic(pixels, &options, &mut Silent).unwrap();
        let picture = borders(&superpixels);
        assert_eq!(picture.size, [40, 30]);
        for y in 0..30 {
            for x in 0..40 {
                let here = superpixels.at(x, y);
                let differs = |other: Option<u32>| other.is_some() && other != here;
                let border = differs(superpixels.at(x + 1, y)) || differs(superpixels.at(x, y + 1));
                let shown = picture.pixels[(y * 40 + x) as usize] == Color32::WHITE;
                assert_eq!(shown, border, "{x}, {y}");
            }
        }
    }
}
