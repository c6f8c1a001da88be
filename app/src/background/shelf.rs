//! Images that have been read: the one that is shown and those that may be next, within bounds.

use std::sync::Arc;

use atrous_engine::mask::{History, LabelMap};
use atrous_engine::project::{ImageId, ImageRecord, Stamps};
use atrous_widgets::canvas::Pyramid;

use super::Loaded;

/// Bytes of images that are read ahead: three of 24 megapixels, none of 100.
const AHEAD_BYTES: u64 = 384 << 20;

/// Bytes of all images before those that are not wanted any more are let go of, so that a large
/// one has room.
const ALL_BYTES: u64 = 640 << 20;

/// Bytes that a pixel takes at most: four of the image's pyramid, one each of label map,
/// prediction and confidence.
const PIXEL_BYTES: u64 = 7;

/// An image that has been read, and what it was read from. A clone shares what is large.
#[derive(Clone)]
pub(super) struct Entry {
    pub id: ImageId,
    pub stamps: Stamps,
    pub image: Arc<Pyramid>,
    pub labels: LabelMap,
    pub history: History,
    pub prediction: Option<LabelMap>,
    pub confidence: Option<Arc<Vec<u8>>>,
}

impl Entry {
    /// What the window gets of it: nothing large is copied.
    pub(super) fn loaded(&self) -> Loaded {
        Loaded {
            file: self.stamps.image,
            image: self.image.clone(),
            labels: self.labels.clone(),
            history: self.history.clone(),
            prediction: self.prediction.clone(),
            confidence: self.confidence.clone(),
        }
    }

    fn bytes(&self) -> u64 {
        let [width, height] = self.image.size();
        u64::from(width) * u64::from(height) * PIXEL_BYTES
    }
}

/// The images that have been read.
#[derive(Default)]
pub(super) struct Shelf(Vec<Entry>);

impl Shelf {
    /// An image, as it was when it was read.
    pub(super) fn get(&self, id: ImageId) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.id == id)
    }

    /// Keeps an image.
    pub(super) fn put(&mut self, entry: Entry) {
        self.0.retain(|other| other.id != entry.id);
        self.0.push(entry);
    }

    /// Lets go of others where the wanted image would not fit beside them.
    pub(super) fn make_room(&mut self, wanted: &ImageRecord) {
        let mut bytes = bytes_of(wanted);
        self.0.retain(|entry| {
            bytes += entry.bytes();
            entry.id == wanted.id || bytes <= ALL_BYTES
        });
    }

    /// Which images to read ahead, as far as they fit. All others but the shown one are let go of.
    pub(super) fn plan<'a>(
        &mut self,
        shown: &ImageRecord,
        ahead: &'a [ImageRecord],
    ) -> Vec<&'a ImageRecord> {
        let mut bytes = 0;
        let mut plan: Vec<&ImageRecord> = Vec::new();
        for image in ahead {
            let fresh = image.id != shown.id && plan.iter().all(|other| other.id != image.id);
            let fits = bytes + bytes_of(image) <= AHEAD_BYTES;
            if fresh && fits && image.error.is_none() {
                bytes += bytes_of(image);
                plan.push(image);
            }
        }
        self.0
            .retain(|entry| entry.id == shown.id || plan.iter().any(|image| image.id == entry.id));
        plan
    }
}

fn bytes_of(image: &ImageRecord) -> u64 {
    u64::from(image.width) * u64::from(image.height) * PIXEL_BYTES
}
