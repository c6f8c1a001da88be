//! Brings images to the canvas on a thread of its own.

use std::sync::Arc;
use std::thread::JoinHandle;

use atrous_engine::mask::{History, LabelMap};
use atrous_engine::project::{ImageId, ImageRecord, Project};
use atrous_engine::{Error, Result, image_file};
use atrous_widgets::canvas::Pyramid;
use crossbeam_channel::{Receiver, Sender, unbounded};

use super::{Background, Message, Post};

/// An image with all that the canvas needs.
pub struct Loaded {
    /// The image in tiles.
    pub image: Arc<Pyramid>,
    /// The label map in force.
    pub labels: LabelMap,
    /// What can be undone and redone.
    pub history: History,
    /// The model's last label map, row by row.
    pub prediction: Option<Arc<Vec<u8>>>,
    /// The model's confidence, row by row.
    pub confidence: Option<Arc<Vec<u8>>>,
}

/// The thread that loads the image that was asked for last.
pub(super) struct Loader {
    wishes: Option<Sender<Wish>>,
    thread: Option<JoinHandle<()>>,
}

struct Wish {
    project: Arc<Project>,
    image: ImageRecord,
    /// Returns once the image's last stroke is on disk: only then is it read.
    settle: Box<dyn FnOnce() + Send>,
    post: Post,
}

impl Loader {
    pub(super) fn start() -> Result<Self> {
        let (wishes, received) = unbounded();
        let thread = std::thread::Builder::new()
            .name("loader".to_owned())
            .spawn(move || serve(&received))
            .map_err(|error| {
                Error::machine(
                    "starting the loader",
                    error.to_string(),
                    "Close other programs.",
                )
            })?;
        Ok(Self {
            wishes: Some(wishes),
            thread: Some(thread),
        })
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        self.wishes = None;
        if let Some(thread) = self.thread.take() {
            // Its panics have been reported as messages.
            drop(thread.join());
        }
    }
}

fn serve(wishes: &Receiver<Wish>) {
    while let Ok(first) = wishes.recv() {
        // Whoever flips through the images wants the last one.
        let wish = wishes.try_iter().last().unwrap_or(first);
        let (id, post) = (wish.image.id, wish.post.clone());
        let loaded = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| load(wish)));
        let result = match loaded {
            Ok(result) => result.map(Box::new).map_err(|error| error.to_string()),
            Err(_) => Err("Reading the image broke down".to_owned()),
        };
        post.send(Message::Loaded(id, result));
    }
}

fn load(wish: Wish) -> Result<Loaded> {
    (wish.settle)();
    let (project, image) = (wish.project, wish.image);
    let path = project.image_path(&image);
    let pixels = image_file::decode(&path, project.limits())?;
    let size = [pixels.width(), pixels.height()];
    let pyramid = Pyramid::new(size, pixels.into_raw())
        .map_err(|error| Error::argument("image", "three bytes a pixel", error.to_string()))?;
    let (labels, history) = project.open_label(image.id)?;
    let prediction = project.load_prediction(image.id)?;
    let confidence = project.load_confidence(image.id)?;
    Ok(Loaded {
        image: Arc::new(pyramid),
        labels,
        history,
        prediction: prediction.map(|map| Arc::new(map.to_vec())),
        confidence: confidence.map(Arc::new),
    })
}

impl Background {
    /// Loads an image for the canvas. An earlier wish that has not begun is forgotten.
    pub fn load_image(&self, project: &Arc<Project>, image: ImageRecord) {
        let wish = Wish {
            project: project.clone(),
            image,
            settle: self.settle(),
            post: self.post(),
        };
        if let Some(wishes) = &self.loader.wishes {
            // The thread lives as long as its sender.
            drop(wishes.send(wish));
        }
    }

    /// Counts the pixels of each class.
    pub fn count_classes(&self, id: ImageId, labels: LabelMap) {
        self.spawn(move |post| {
            post.send(Message::Counted(id, Box::new(labels.histogram())));
        });
    }
}
