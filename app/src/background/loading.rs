//! Brings images to the canvas on a thread of its own, and reads ahead.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;

use atrous_engine::mask::{History, LabelMap};
use atrous_engine::project::{FileMark, ImageId, ImageRecord, Mark, Project};
use atrous_engine::{Error, Result, image_file};
use atrous_widgets::canvas::Pyramid;
use crossbeam_channel::{Receiver, Sender, unbounded};

use super::shelf::{Entry, Shelf};
use super::{Background, Message, Post};

/// An image with all that the canvas needs.
pub struct Loaded {
    /// The file that the image was read from.
    pub file: FileMark,
    /// The image in tiles.
    pub image: Arc<Pyramid>,
    /// The label map in force.
    pub labels: LabelMap,
    /// What can be undone and redone.
    pub history: History,
    /// The model's last label map.
    pub prediction: Option<LabelMap>,
    /// The model's confidence, row by row.
    pub confidence: Option<Arc<Vec<u8>>>,
}

/// The thread that loads the image that was asked for last, and then those that may be next.
pub(super) struct Loader {
    orders: Option<Sender<Order>>,
    /// The last wish that was answered.
    answered: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

enum Order {
    Load(Box<Wish>),
    /// The project is closed: nothing of it is kept.
    Forget,
}

struct Wish {
    ticket: u64,
    project: Arc<Project>,
    image: ImageRecord,
    /// Those to read ahead, the likeliest first.
    ahead: Vec<ImageRecord>,
    /// Only once the image's last stroke is in the journal is it read.
    recorded: Option<Mark>,
    post: Post,
}

impl Loader {
    pub(super) fn start() -> Result<Self> {
        let (orders, received) = unbounded();
        let answered = Arc::new(AtomicU64::new(0));
        let note = answered.clone();
        let thread = std::thread::Builder::new()
            .name("loader".to_owned())
            .spawn(move || serve(&received, &note))
            .map_err(|error| {
                Error::machine(
                    "starting the loader",
                    error.to_string(),
                    "Close other programs.",
                )
            })?;
        Ok(Self {
            orders: Some(orders),
            answered,
            thread: Some(thread),
        })
    }

    /// Lets go of all that was read.
    pub(super) fn forget(&self) {
        self.send(Order::Forget);
    }

    fn send(&self, order: Order) {
        if let Some(orders) = &self.orders {
            // The thread lives as long as its sender.
            drop(orders.send(order));
        }
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // Its panics have been reported as messages.
            drop(thread.join());
        }
    }
}

fn serve(orders: &Receiver<Order>, answered: &AtomicU64) {
    let mut shelf = Shelf::default();
    let mut owner = Weak::new();
    while let Ok(first) = orders.recv() {
        // Whoever flips through the images wants the last one.
        let Order::Load(wish) = orders.try_iter().last().unwrap_or(first) else {
            shelf = Shelf::default();
            continue;
        };
        if !Weak::ptr_eq(&owner, &Arc::downgrade(&wish.project)) {
            shelf = Shelf::default();
            owner = Arc::downgrade(&wish.project);
        }
        if let Some(mark) = wish.recorded {
            mark.wait();
        }
        let image = sized(&wish.project, wish.image);
        let loaded = guarded(|| {
            shelf.make_room(&image);
            load(&wish.project, &image, &mut shelf, &wish.post)
        });
        let result = loaded.map(Box::new).map_err(|error| error.to_string());
        wish.post
            .send(Message::Loaded(image.id, wish.ticket, result));
        answered.store(wish.ticket, Ordering::Release);
        let ahead = wish.ahead.into_iter();
        let ahead: Vec<_> = ahead.map(|image| sized(&wish.project, image)).collect();
        for image in shelf.plan(&image, &ahead) {
            if !orders.is_empty() {
                break;
            }
            // What fails is told when it is wanted.
            if let Err(error) = guarded(|| load(&wish.project, image, &mut shelf, &wish.post)) {
                tracing::debug!("reading ahead: {error}");
            }
        }
    }
}

/// A fresh project knows no sizes yet: the image's header does. One that can't be read is told of
/// when it is wanted.
fn sized(project: &Project, image: ImageRecord) -> ImageRecord {
    if image.width > 0 && image.height > 0 {
        return image;
    }
    let path = project.image_path(&image);
    let (width, height) = image_file::dimensions(&path, project.limits()).unwrap_or_default();
    ImageRecord {
        width,
        height,
        ..image
    }
}

/// A panic becomes an error.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let advice = "The log says more.";
        Err(Error::machine("reading the image", "it broke down", advice))
    })
}

/// Reads what of the image is not on the shelf, or not as it is on disk now. Where its file is
/// another one by now, the window hears of it.
fn load(project: &Project, image: &ImageRecord, shelf: &mut Shelf, post: &Post) -> Result<Loaded> {
    if project.notice(image)? {
        post.send(Message::Stale);
    }
    let stamps = project.stamps(image)?;
    let old = shelf.take(image.id);
    let kept = old.as_ref();
    let pixels = kept.filter(|old| old.stamps.image == stamps.image);
    let labels = kept.filter(|old| old.stamps.labels == stamps.labels);
    let prediction = kept.filter(|old| old.stamps.prediction == stamps.prediction);
    let read_maps = || {
        let labels = match labels {
            Some(old) => (old.labels.clone(), old.history.clone()),
            None => project.open_label(image.id)?,
        };
        let prediction = match prediction {
            Some(old) => (old.prediction.clone(), old.confidence.clone()),
            None => predicted(project, image.id, &labels.0)?,
        };
        Ok::<_, Error>((labels, prediction))
    };
    // Not on the pool: the film strip's thumbnails may stand in a long queue there.
    let (pixels, maps) = std::thread::scope(|scope| {
        let maps = scope.spawn(read_maps);
        let pixels = match pixels {
            Some(old) => Ok(old.image.clone()),
            None => pyramid(project, image),
        };
        (pixels, maps.join())
    });
    let maps = maps.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    let ((labels, history), (prediction, confidence)) = maps;
    let pixels = pixels?;
    if labels.size() != pixels.size() {
        let advice = "It is read again once it is whole.";
        let found = "one that is being written";
        return Err(Error::file(
            project.image_path(image),
            "an image",
            found,
            advice,
        ));
    }
    let entry = Entry {
        id: image.id,
        stamps,
        image: pixels,
        labels,
        history,
        prediction,
        confidence,
    };
    let loaded = entry.loaded();
    shelf.put(entry);
    Ok(loaded)
}

fn pyramid(project: &Project, image: &ImageRecord) -> Result<Arc<Pyramid>> {
    let pixels = image_file::decode(&project.image_path(image), project.limits())?;
    let size = [pixels.width(), pixels.height()];
    let pyramid = Pyramid::new(size, pixels.into_raw())
        .map_err(|error| Error::argument("image", "three bytes a pixel", error.to_string()))?;
    Ok(Arc::new(pyramid))
}

type Predicted = (Option<LabelMap>, Option<Arc<Vec<u8>>>);

/// What the model said, if it is of the label map's size: the image may be another one by now.
fn predicted(project: &Project, id: ImageId, labels: &LabelMap) -> Result<Predicted> {
    let [width, height] = labels.size();
    let prediction = project.load_prediction(id)?;
    let prediction = prediction
        .filter(|map| map.size() == labels.size())
        .map(|mut map| {
            map.share_tiles(labels);
            map
        });
    let confidence = project.load_confidence(id)?;
    let pixels = width as usize * height as usize;
    let confidence = confidence.filter(|map| map.len() == pixels).map(Arc::new);
    Ok((prediction, confidence))
}

impl Background {
    /// Loads an image for the canvas, and then reads others ahead, the likeliest first. An earlier
    /// wish that has not begun is forgotten. Returns the number of this one.
    pub fn load_image(
        &self,
        project: &Arc<Project>,
        image: ImageRecord,
        ahead: Vec<ImageRecord>,
    ) -> u64 {
        let ticket = self.next_ticket();
        self.loader.send(Order::Load(Box::new(Wish {
            ticket,
            project: project.clone(),
            recorded: self.mark(image.id),
            image,
            ahead,
            post: self.post(),
        })));
        ticket
    }

    /// Whether the answer to a wish for an image waits among the messages, or was read already.
    pub fn has_loaded(&self, ticket: u64) -> bool {
        self.loader.answered.load(Ordering::Acquire) == ticket
    }

    /// Counts the pixels of each class.
    pub fn count_classes(&self, id: ImageId, labels: LabelMap) {
        self.spawn(move |post| {
            post.send(Message::Counted(id, Box::new(labels.histogram())));
        });
    }
}
