//! The open project as the window shows it.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use atrous_engine::project::{DeletionId, ImageId, ImageRecord, Project, Revision, Status};
use atrous_palettes::Palette;

use super::queue::{Queue, Waiting};
use super::{Choosing, Images, Order, Selection, Strip, Thumbnails};

/// So many exclusions can be taken back.
const EXCLUSIONS: usize = 50;

/// Images that exports leave out from now on, or have again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// Which images.
    pub images: Vec<ImageId>,
    /// Whether exports leave them out.
    pub excluded: bool,
}

/// The open project.
pub struct OpenProject {
    /// The project itself, shared with the threads behind the window.
    pub project: Arc<Project>,
    /// The folder of images.
    pub folder: PathBuf,
    /// Its classes.
    pub palette: Arc<Palette>,
    /// What is known of each image.
    pub images: Images,
    /// What of that is known up to when.
    pub revision: Revision,
    /// The images in the film strip.
    pub strip: Strip,
    /// Those of them that are to be reviewed.
    pub queue: Queue,
    /// The image on the canvas, or on its way there.
    pub current: Option<ImageId>,
    /// The last wish to read an image: what comes of earlier ones is out of date.
    pub wish: u64,
    /// The last of them that was answered.
    pub granted: u64,
    /// The images that are chosen together.
    pub selection: Selection,
    /// Small copies by image.
    pub thumbnails: Thumbnails,
    /// The labels that were deleted last, which can be brought back.
    pub deletion: Option<DeletionId>,
    /// What was excluded from exports or taken in again, the last one at the end.
    pub exclusions: Vec<Exclusion>,
}

impl OpenProject {
    /// The folder's own name.
    pub fn name(&self) -> String {
        self.folder.file_name().map_or_else(
            || self.folder.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        )
    }

    /// Puts other images in place of those known so far. Returns those, which take a while to drop.
    pub fn replace(&mut self, images: Images, order: Order) -> Images {
        let kept = self.kept();
        let former = std::mem::replace(&mut self.images, images);
        self.arrange_around(order, kept);
        former
    }

    /// Chooses and orders the images of the film strip anew.
    pub fn arrange(&mut self, order: Order) {
        self.arrange_around(order, self.kept());
    }

    /// As [`OpenProject::arrange`], for another filter: the current image may go as well.
    pub fn arrange_freely(&mut self, order: Order) {
        self.arrange_around(order, None);
    }

    /// The current image, if the film strip shows it: nothing vanishes under a person's hands.
    fn kept(&self) -> Option<ImageId> {
        self.current.filter(|_| self.place().is_some())
    }

    /// As [`OpenProject::arrange`] in the same order, for what changed since: nothing is looked for
    /// among all images.
    pub fn settle(&mut self, order: Order) {
        let Some(changed) = self.strip.settle(&self.images, self.kept()) else {
            return self.arrange(order);
        };
        for position in changed {
            let position = position as usize;
            let image = &self.images[position];
            if self.strip.place(position).is_some() {
                self.queue.join(image, position);
            } else {
                self.queue.leave(image, position);
                self.selection.remove(image.id);
            }
        }
    }

    /// Changes what is known of an image. It stands where it stood until the film strip is
    /// arranged again.
    pub fn change(&mut self, id: ImageId, change: impl FnOnce(&mut ImageRecord)) {
        let Some(position) = self.images.position(id) else {
            return;
        };
        self.queue.leave(&self.images[position], position);
        self.images.change(position, change);
        if self.strip.place(position).is_some() {
            self.queue.join(&self.images[position], position);
        }
        self.strip.note(position);
    }

    fn arrange_around(&mut self, order: Order, kept: Option<ImageId>) {
        self.queue.clear();
        self.strip.arrange(&self.images, order, kept);
        let (images, strip) = (&self.images, &self.strip);
        self.selection.retain(|id| {
            let position = images.position(id);
            position.is_some_and(|position| strip.place(position).is_some())
        });
    }

    /// What is known of an image.
    pub fn image(&self, id: ImageId) -> Option<&ImageRecord> {
        self.images.find(id)
    }

    /// The image at a place of the film strip.
    pub fn at(&self, place: usize) -> Option<&ImageRecord> {
        self.images.get(self.strip.position(place)?)
    }

    /// An image's place in the film strip; none where the filter leaves it out.
    pub fn place_of(&self, id: ImageId) -> Option<usize> {
        self.strip.place(self.images.position(id)?)
    }

    /// The current image's place in the film strip.
    pub fn place(&self) -> Option<usize> {
        self.place_of(self.current?)
    }

    /// The image `step` places from the current one; none past the ends. From an image that the
    /// film strip does not show, it goes to the one that would stand beside it.
    pub fn neighbour(&self, step: isize) -> Option<ImageId> {
        let place = match self.place() {
            Some(place) => place.checked_add_signed(step)?,
            None => {
                let position = self.current.and_then(|id| self.images.position(id));
                let before = position.map_or(0, |at| self.strip.before(&self.images, at));
                before.checked_add_signed(if step > 0 { step - 1 } else { step })?
            }
        };
        self.at(place).map(|image| image.id)
    }

    /// Which way along the film strip `id` lies from the current image: 1 or -1.
    pub fn step_to(&self, id: ImageId) -> isize {
        if self.neighbour(-1) == Some(id) {
            -1
        } else {
            1
        }
    }

    /// The images that may be wanted next by somebody who walks in direction `step`, the likeliest
    /// first: the next one, the next in the queue, and the one before.
    pub fn likely_next(&self, step: isize) -> Vec<ImageRecord> {
        let likely = [
            self.neighbour(step),
            self.next_to_review(),
            self.neighbour(-step),
        ];
        let images = likely.into_iter().flatten();
        images.filter_map(|id| self.image(id).cloned()).collect()
    }

    /// The next image to look at, of those in the film strip: the most uncertain one that is not
    /// reviewed and comes after the current one in that order, or before it with `step` -1.
    pub fn next_uncertain(&self, step: isize) -> Option<ImageId> {
        let waiting = self.waiting();
        let position = self.current.and_then(|id| self.images.position(id));
        let turn = position.and_then(|position| Queue::turn(&self.images[position], position));
        let next = match turn {
            Some(turn) if step < 0 => waiting.before(turn),
            Some(turn) => waiting.after(turn),
            None => waiting.first(position),
        };
        Some(self.images[next?].id)
    }

    /// The image to go on with once the current one is reviewed: the next in the queue, else the
    /// first one left in it.
    pub fn next_to_review(&self) -> Option<ImageId> {
        let first = || {
            let current = self.current.and_then(|id| self.images.position(id));
            self.waiting().first(current)
        };
        let id = |position: usize| self.images[position].id;
        self.next_uncertain(1).or_else(|| first().map(id))
    }

    /// The images of the film strip that are not reviewed.
    fn waiting(&self) -> Waiting<'_> {
        let positions = self.strip.positions();
        let shown = positions.map(|position| (position, &self.images[position]));
        self.queue.waiting(shown)
    }

    /// Chooses an image of the film strip, in one of three ways.
    pub fn choose(&mut self, id: ImageId, choosing: Choosing) {
        match choosing {
            Choosing::Only => self.selection.clear(Some(id)),
            Choosing::Toggle => self.selection.toggle(id, self.current),
            Choosing::Range => {
                let anchor = self.selection.anchor().or(self.current).unwrap_or(id);
                let places = [anchor, id].map(|id| self.place_of(id).unwrap_or(0));
                let range = places[0].min(places[1])..places[0].max(places[1]) + 1;
                self.choose_places(anchor, id, range);
            }
        }
    }

    /// Chooses every image of the film strip.
    pub fn choose_all(&mut self) {
        let ends = [0, self.strip.len().saturating_sub(1)].map(|place| self.at(place));
        if let [Some(first), Some(last)] = ends {
            let (first, last) = (first.id, last.id);
            self.choose_places(first, last, 0..self.strip.len());
        }
    }

    /// Makes the range of chosen images end `step` places further. Returns where that is.
    pub fn extend(&mut self, step: isize) -> Option<ImageId> {
        let end = self.selection.end().or(self.current)?;
        let place = self.place_of(end)?.checked_add_signed(step)?;
        let id = self.at(place)?.id;
        if self.selection.anchor().is_none() {
            self.selection.clear(self.current);
        }
        self.choose(id, Choosing::Range);
        Some(id)
    }

    fn choose_places(&mut self, anchor: ImageId, end: ImageId, places: Range<usize>) {
        let (images, strip) = (&self.images, &self.strip);
        let positions = places.filter_map(|place| strip.position(place));
        let ids = positions.map(|position| images[position].id);
        self.selection.set(anchor, end, ids);
    }

    /// The images that a command for several works on, in the order of the film strip: those that
    /// are chosen, else the current one.
    pub fn targets(&self) -> Vec<ImageId> {
        if self.selection.is_empty() {
            return self.current.into_iter().collect();
        }
        let shown = self
            .strip
            .positions()
            .map(|position| self.images[position].id);
        shown.filter(|id| self.selection.contains(*id)).collect()
    }

    /// Remembers an exclusion, so that it can be taken back.
    pub fn note_exclusion(&mut self, exclusion: Exclusion) {
        if self.exclusions.len() == EXCLUSIONS {
            self.exclusions.remove(0);
        }
        self.exclusions.push(exclusion);
    }

    /// How many images have the status.
    pub fn count(&self, status: Status) -> usize {
        self.images.count(status)
    }

    /// How many images a person corrected or reviewed.
    pub fn touched(&self) -> usize {
        self.count(Status::Corrected) + self.count(Status::Reviewed)
    }
}
