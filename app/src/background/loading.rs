//! Brings images to the canvas on a thread of its own; beside it, another one reads ahead.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;

use atrous_engine::mask::{History, LabelMap};
use atrous_engine::project::{FileMark, ImageId, ImageRecord, Mark, Project};
use atrous_engine::{Error, Result};
use atrous_widgets::canvas::Pyramid;
use crossbeam_channel::{Receiver, Sender, unbounded};

use super::reading::{read, sized};
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

/// The thread that loads the image that was asked for last, and the one that reads those ahead that
/// may be next: what is in memory is handed over at once, whatever is being decoded.
pub(super) struct Loader {
    orders: Sender<Order>,
    /// The last wish that was answered.
    answered: Arc<AtomicU64>,
    threads: Vec<JoinHandle<()>>,
}

enum Order {
    Load(Box<Wish>),
    /// An image was read ahead, or was not.
    Read(Weak<Project>, ImageId, Box<Result<Entry>>),
    /// The project is closed: nothing of it is kept.
    Forget,
    Stop,
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

/// An image to read ahead.
struct Ahead {
    project: Arc<Project>,
    image: ImageRecord,
    /// What is known of it, where it was read before.
    kept: Option<Entry>,
    post: Post,
}

impl Loader {
    pub(super) fn start() -> Result<Self> {
        let (orders, received) = unbounded();
        let (ahead, wanted) = unbounded();
        let answered = Arc::new(AtomicU64::new(0));
        let (note, done) = (answered.clone(), orders.clone());
        let threads = vec![
            thread("loader", move || serve(&received, &ahead, &note))?,
            thread("reader", move || read_ahead(&wanted, &done))?,
        ];
        Ok(Self {
            orders,
            answered,
            threads,
        })
    }

    /// Lets go of all that was read.
    pub(super) fn forget(&self) {
        self.send(Order::Forget);
    }

    fn send(&self, order: Order) {
        // The thread lives until it is told to stop.
        drop(self.orders.send(order));
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        self.send(Order::Stop);
        for thread in self.threads.drain(..) {
            // Its panics have been reported as messages.
            drop(thread.join());
        }
    }
}

fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    let builder = std::thread::Builder::new().name(name.to_owned());
    builder.spawn(work).map_err(|error| {
        let what = format!("starting the {name}");
        Error::machine(what, error.to_string(), "Close other programs.")
    })
}

fn serve(orders: &Receiver<Order>, ahead: &Sender<Ahead>, answered: &AtomicU64) {
    let mut desk = Desk::default();
    while let Ok(first) = orders.recv() {
        for order in std::iter::once(first).chain(orders.try_iter()) {
            match order {
                Order::Load(wish) => desk.want(wish),
                Order::Read(project, id, entry) => desk.keep(&project, id, *entry),
                Order::Forget => desk.forget(),
                Order::Stop => return,
            }
        }
        desk.answer(answered);
        desk.read_ahead(ahead);
    }
}

fn read_ahead(wanted: &Receiver<Ahead>, done: &Sender<Order>) {
    for ahead in wanted {
        let Ahead {
            project,
            image,
            kept,
            post,
        } = ahead;
        let entry = read(&project, &image, kept.as_ref(), &post);
        let project = Arc::downgrade(&project);
        // The loader may have stopped.
        drop(done.send(Order::Read(project, image.id, entry.into())));
    }
}

/// What the loader knows.
#[derive(Default)]
struct Desk {
    shelf: Shelf,
    /// The project that all of this is of.
    owner: Weak<Project>,
    /// What is wanted and not answered: whoever flips through the images wants the last one.
    wish: Option<Box<Wish>>,
    /// The images to read ahead, the likeliest first.
    plan: Vec<ImageId>,
    /// Those of them that are not begun.
    waiting: VecDeque<Ahead>,
    /// The one that is being read ahead.
    reading: Option<ImageId>,
}

impl Desk {
    fn want(&mut self, wish: Box<Wish>) {
        let owner = Arc::downgrade(&wish.project);
        if !Weak::ptr_eq(&self.owner, &owner) {
            self.forget();
            self.owner = owner;
        }
        self.wish = Some(wish);
    }

    /// Keeps an image that was read ahead, if it may still be wanted.
    fn keep(&mut self, project: &Weak<Project>, id: ImageId, entry: Result<Entry>) {
        self.reading = None;
        if !Weak::ptr_eq(&self.owner, project) {
            return;
        }
        let wished = self.wish.as_ref().is_some_and(|wish| wish.image.id == id);
        match entry {
            Ok(entry) if wished || self.plan.contains(&id) => self.shelf.put(entry),
            Ok(_) => {}
            // It is told when the image is wanted.
            Err(error) => tracing::debug!("reading ahead: {error}"),
        }
    }

    fn forget(&mut self) {
        *self = Self {
            reading: self.reading,
            ..Self::default()
        };
    }

    /// Hands over the image that is wanted, unless it is being read ahead and will soon be here.
    fn answer(&mut self, answered: &AtomicU64) {
        let reading = self.reading;
        let wish = self.wish.take_if(|wish| reading != Some(wish.image.id));
        let Some(wish) = wish else {
            return;
        };
        if let Some(mark) = wish.recorded {
            mark.wait();
        }
        let image = sized(&wish.project, wish.image);
        self.shelf.make_room(&image);
        let kept = self.shelf.get(image.id);
        let entry = read(&wish.project, &image, kept, &wish.post);
        let loaded = entry.map(|entry| {
            let loaded = Box::new(entry.loaded());
            self.shelf.put(entry);
            loaded
        });
        let loaded = loaded.map_err(|error| error.to_string());
        wish.post
            .send(Message::Loaded(image.id, wish.ticket, loaded));
        answered.store(wish.ticket, Ordering::Release);

        let ahead = wish.ahead.into_iter();
        let ahead: Vec<_> = ahead.map(|image| sized(&wish.project, image)).collect();
        let plan = self.shelf.plan(&image, &ahead);
        self.plan = plan.iter().map(|image| image.id).collect();
        self.waiting = plan
            .into_iter()
            .map(|image| Ahead {
                project: wish.project.clone(),
                image: image.clone(),
                kept: None,
                post: wish.post.clone(),
            })
            .collect();
    }

    /// Has the next image read ahead, if none is being read.
    fn read_ahead(&mut self, to: &Sender<Ahead>) {
        if self.reading.is_some() {
            return;
        }
        let Some(mut ahead) = self.waiting.pop_front() else {
            return;
        };
        let id = ahead.image.id;
        ahead.kept = self.shelf.get(id).cloned();
        if to.send(ahead).is_ok() {
            self.reading = Some(id);
        }
    }
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

    /// Counts the pixels of each class. Returns the number of this question.
    pub fn count_classes(&self, labels: LabelMap) -> u64 {
        let ticket = self.next_ticket();
        self.spawn(move |post| {
            post.send(Message::Counted(ticket, Box::new(labels.histogram())));
        });
        ticket
    }
}
