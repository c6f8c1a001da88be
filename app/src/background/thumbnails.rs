//! Small copies for the film strip, made on the pool: those in view, and no others.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use atrous_engine::project::{ImageRecord, Project};

use super::{Background, Message, Post};

/// The longest side of a thumbnail, in pixels.
const SIDE: u32 = 128;

/// So many are made at a time: the pool has other work too.
const HANDS: usize = 2;

/// The copies that are wanted and not begun.
#[derive(Clone, Default)]
pub(super) struct Wishes(Arc<Mutex<Open>>);

#[derive(Default)]
struct Open {
    /// The project they are of, and who hears of them.
    project: Option<(Arc<Project>, Post)>,
    /// The next one last.
    images: Vec<ImageRecord>,
    /// Tasks of the pool that make copies.
    hands: usize,
}

impl Wishes {
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing is wanted any more.
    pub(super) fn forget(&self) {
        let mut open = self.lock();
        (open.project, open.images) = (None, Vec::new());
    }

    /// Makes the next copy, then has the pool make another: its other tasks have their turn between.
    fn serve(self) {
        let next = {
            let mut open = self.lock();
            let next = open.images.pop();
            if next.is_none() {
                open.hands -= 1;
            }
            open.project.clone().zip(next)
        };
        let Some(((project, post), image)) = next else {
            return;
        };
        let made = catch_unwind(AssertUnwindSafe(|| project.thumbnail(&image, SIDE)));
        let result = match made {
            Ok(Ok(copy)) => {
                let size = [copy.width() as usize, copy.height() as usize];
                Ok(egui::ColorImage::from_rgb(size, copy.as_raw()))
            }
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("Making a small copy broke down".to_owned()),
        };
        drop(project);
        post.send(Message::Thumbnail(image.id, image.file, result));
        rayon::spawn(move || self.serve());
    }
}

impl Background {
    /// Makes small copies of these images for the film strip, the first one first. What was wanted
    /// before and is not begun is forgotten.
    pub fn want_thumbnails(&self, project: &Arc<Project>, mut images: Vec<ImageRecord>) {
        images.reverse();
        let idle = {
            let mut open = self.thumbnails.lock();
            let idle = HANDS.min(images.len()).saturating_sub(open.hands);
            open.hands += idle;
            (open.project, open.images) = (Some((project.clone(), self.post())), images);
            idle
        };
        for _ in 0..idle {
            let wishes = self.thumbnails.clone();
            rayon::spawn(move || wishes.serve());
        }
    }
}
