//! Changes of whole label maps, computed on the pool: mask operations, relabelling, copied labels.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use atrous_engine::Result;
use atrous_engine::jobs::{Cancel, Pace, Watch};
use atrous_engine::mask::{Edit, Gesture, LabelMap, Operation, Protection, Scope};
use atrous_engine::predict::refine::{SnapOptions, snap_edit};
use atrous_engine::project::{ImageId, Project};

use super::{Background, Message, Post, unless_stopped};
use crate::tools::{Relabelling, Scene};

/// What is quicker than this says nothing of how far it is.
const QUICK: Duration = Duration::from_millis(300);
/// News of how far it is come no faster than this.
const NEWS: Duration = Duration::from_millis(50);

/// What is to be done to a label map.
#[derive(Debug)]
pub enum Work {
    /// What looks at the labels alone.
    Mask(Operation),
    /// Borders move to the edges of the image.
    Snap(Box<SnapOptions>, Scene),
}

impl Work {
    fn edit(
        &self,
        labels: &LabelMap,
        scope: &Scope,
        protection: &Protection,
        watch: &dyn Watch,
    ) -> Result<Option<Edit>> {
        match self {
            Self::Mask(operation) => operation.edit(labels, scope, protection, watch),
            Self::Snap(options, scene) => {
                snap_edit(scene.pixels(), labels, scope, protection, options, watch)
            }
        }
    }
}

/// What a mask operation would change: the edit that would do it and the labels as they would be,
/// none where nothing would change.
pub type Operated = Option<(Arc<Edit>, LabelMap)>;

/// The labels of another image, brought to the size of the open one.
pub struct CopiedLabels {
    /// What they are to be put onto.
    pub onto: LabelMap,
    /// What was protected then.
    pub protection: Box<Protection>,
    /// The edit that does it, none where nothing would change.
    pub edit: Option<Edit>,
}

/// What relabelling something changes.
#[derive(Debug)]
pub struct Relabelled {
    /// The labels that it was computed with.
    pub onto: LabelMap,
    /// What was protected then.
    pub protection: Box<Protection>,
    /// The edit that does it, none where nothing would change.
    pub edit: Option<Edit>,
}

/// Counts questions, so that late answers are known as such.
#[derive(Default)]
pub(super) struct Tickets(AtomicU64);

impl Background {
    /// A number that no question had before.
    pub fn next_ticket(&self) -> u64 {
        self.tickets.0.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Computes what would become of `labels`. What takes long says how far it is.
    pub fn operate(
        &self,
        ticket: u64,
        labels: LabelMap,
        (work, scope): (Work, Scope),
        protection: Protection,
    ) -> Cancel {
        let cancel = Cancel::default();
        let wish = cancel.clone();
        let message = move |answer| Message::Operated(ticket, answer);
        self.answer(message, move |post| {
            let watch = OperationWatch::new(ticket, wish, post);
            let edit = unless_stopped(work.edit(&labels, &scope, &protection, &watch))?;
            Ok(edit.map(|edit| {
                edit.map(|edit| {
                    let mut after = labels;
                    edit.apply(&mut after);
                    (Arc::new(edit), after)
                })
            }))
        });
        cancel
    }

    /// Computes what a relabelling does to `onto`; the answer is none once it is stopped.
    pub fn relabel(
        &self,
        ticket: u64,
        relabelling: Relabelling,
        onto: LabelMap,
        protection: Protection,
    ) -> Cancel {
        let cancel = Cancel::default();
        let wish = cancel.clone();
        let message = move |answer| Message::Relabelled(ticket, answer);
        self.answer(message, move |_post| {
            let edit = unless_stopped(relabelling.edit(&onto, &protection, &wish))?;
            Ok(edit.map(|edit| Relabelled {
                onto,
                protection: Box::new(protection),
                edit,
            }))
        });
        cancel
    }

    /// Computes the edit that gives an image the labels of another one, under its protection.
    pub fn copy_labels(
        &self,
        project: &Arc<Project>,
        from: ImageId,
        (id, onto): (ImageId, LabelMap),
        protection: Protection,
    ) {
        let project = project.clone();
        let message = move |copied| Message::Copied(id, copied);
        self.answer(message, move |_post| {
            let other = project.load_label(from)?.scaled(onto.size());
            let edit = put_onto(&onto, &other, protection.clone());
            Ok(CopiedLabels {
                onto,
                protection: Box::new(protection),
                edit,
            })
        });
    }
}

/// Tells the window how far a mask operation is.
struct OperationWatch {
    ticket: u64,
    cancel: Cancel,
    post: Post,
    since: Instant,
    /// The pace, and when news were sent last; none before the first.
    told: Mutex<Option<(Pace, Instant)>>,
}

impl OperationWatch {
    fn new(ticket: u64, cancel: Cancel, post: &Post) -> Self {
        Self {
            ticket,
            cancel,
            post: post.clone(),
            since: Instant::now(),
            told: Mutex::default(),
        }
    }
}

impl Watch for OperationWatch {
    fn check(&self) -> Result<()> {
        self.cancel.check()
    }

    fn tell(&self, done: u64, total: u64) {
        // Another thread that tells something just now says enough.
        let Ok(mut told) = self.told.try_lock() else {
            return;
        };
        let (pace, last) = told.get_or_insert_with(|| (Pace::new(total), self.since));
        let progress = pace.at(done, "");
        if self.since.elapsed() < QUICK || last.elapsed() < NEWS {
            return;
        }
        *last = Instant::now();
        self.post.send(Message::Operating(self.ticket, progress));
    }
}

/// The edit that makes one map the other, where the protection allows it.
fn put_onto(onto: &LabelMap, other: &LabelMap, protection: Protection) -> Option<Edit> {
    let mut after = onto.clone();
    let mut gesture = Gesture::start(onto, protection);
    gesture.paint_map(&mut after, other);
    gesture.commit(&after)
}
