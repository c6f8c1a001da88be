//! Changes of whole label maps, computed on the pool: mask operations and copied labels.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use atrous_engine::jobs::Cancel;
use atrous_engine::mask::{Edit, Gesture, LabelMap, Operation, Protection, Scope};
use atrous_engine::project::{ImageId, Project};

use super::{Background, Message};

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

/// Counts questions, so that late answers are known as such.
#[derive(Default)]
pub(super) struct Tickets(AtomicU64);

impl Background {
    /// A number that no question had before.
    pub fn next_ticket(&self) -> u64 {
        self.tickets.0.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Computes what an operation would do to `labels`.
    pub fn operate(
        &self,
        ticket: u64,
        labels: LabelMap,
        (operation, scope): (Operation, Scope),
        protection: Protection,
    ) -> Cancel {
        let cancel = Cancel::default();
        let wish = cancel.clone();
        let message = move |change| Message::Operated(ticket, change);
        self.answer(message, move |_post| {
            let edit = operation.edit(&labels, &scope, &protection, &wish)?;
            Ok(edit.map(|edit| {
                let mut after = labels;
                edit.apply(&mut after);
                (Arc::new(edit), after)
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

/// The edit that makes one map the other, where the protection allows it.
fn put_onto(onto: &LabelMap, other: &LabelMap, protection: Protection) -> Option<Edit> {
    let mut after = onto.clone();
    let mut gesture = Gesture::start(onto, protection);
    gesture.paint_map(&mut after, other);
    gesture.commit(&after)
}
