//! The film strip: which images it shows, and in which order.

use atrous_engine::project::filter::{Fault, Filter};
use atrous_engine::project::{ImageId, ImageRecord, Status};
use atrous_palettes::Palette;
use serde::{Deserialize, Serialize};

use super::Images;

/// No place.
const NOWHERE: u32 = u32::MAX;

/// What comes first in the film strip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// By path.
    #[default]
    Name,
    /// What most wants a look: predicted images, the most uncertain first; corrected and reviewed
    /// ones last.
    Uncertainty,
    /// The labels on which the model says most otherwise.
    Disagreement,
    /// The images that changed last.
    Changed,
}

/// The images that the film strip shows, in its order.
#[derive(Debug, Default)]
pub struct Strip {
    /// What is typed to see some of the images only.
    pub query: String,
    /// What is wrong with it. The last filter that made sense holds on.
    pub fault: Option<Fault>,
    filter: Filter,
    order: Order,
    /// Positions of images by place.
    shown: Vec<u32>,
    /// Places by position of the image.
    places: Vec<u32>,
    /// The position of an image that is shown whether it passes the filter or not.
    kept: Option<u32>,
    /// Positions of images that changed since they were put in order.
    changed: Vec<u32>,
}

impl Strip {
    /// Takes over what is typed. Says whether other images may be shown now.
    pub fn ask(&mut self, query: String, palette: &Palette) -> bool {
        let parsed = Filter::parse(&query, palette);
        self.query = query;
        match parsed {
            Ok(filter) => {
                self.fault = None;
                let changed = filter != self.filter;
                self.filter = filter;
                changed
            }
            Err(fault) => {
                self.fault = Some(fault);
                false
            }
        }
    }

    /// Whether some images are left out.
    pub fn is_filtered(&self) -> bool {
        !self.filter.is_empty()
    }

    /// Whether a change of what is known of images can change what is shown.
    pub fn depends_on_images(&self) -> bool {
        self.is_filtered() || self.order != Order::Name
    }

    /// Chooses the images that pass the filter, and the image `kept` whether it does or not, and
    /// puts them in order.
    pub fn arrange(&mut self, images: &Images, order: Order, kept: Option<ImageId>) {
        self.order = order;
        self.changed.clear();
        let kept_at = kept.and_then(|id| images.position(id));
        self.kept = kept_at.and_then(|position| u32::try_from(position).ok());
        let passes = |image: &ImageRecord| Some(image.id) == kept || self.filter.matches(image);
        let passing = (0..).zip(images.iter()).filter(|(_, image)| passes(image));
        let mut keyed: Vec<(u64, u32)> = passing
            .map(|(position, image)| (key(order, image), position))
            .collect();
        if order != Order::Name {
            keyed.sort_unstable();
        }
        self.shown = keyed.into_iter().map(|(_, position)| position).collect();
        self.places.clear();
        self.places.resize(images.len(), NOWHERE);
        self.number();
    }

    /// What is known of the image at a position changed: it may stand elsewhere.
    pub fn note(&mut self, position: usize) {
        if self.depends_on_images() {
            self.changed.extend(u32::try_from(position));
        }
    }

    /// As [`Strip::arrange`] in the present order, where few images have changed since: only those
    /// are looked at. Returns their positions; none where so many changed that all have to be put
    /// in order.
    pub fn settle(&mut self, images: &Images, kept: Option<ImageId>) -> Option<Vec<u32>> {
        const FEW: usize = 256;
        if self.changed.len() > FEW {
            return None;
        }
        let mut loose = std::mem::take(&mut self.changed);
        loose.extend(self.kept.take());
        let kept = kept.and_then(|id| images.position(id));
        self.kept = kept.and_then(|position| u32::try_from(position).ok());
        loose.extend(self.kept);
        loose.sort_unstable();
        loose.dedup();
        for position in &loose {
            self.places[*position as usize] = NOWHERE;
        }
        let places = &self.places;
        self.shown
            .retain(|position| places[*position as usize] != NOWHERE);
        for position in &loose {
            let image = &images[*position as usize];
            if Some(*position) == self.kept || self.filter.matches(image) {
                let place = self.before(images, *position as usize);
                self.shown.insert(place, *position);
            }
        }
        self.number();
        Some(loose)
    }

    /// Numbers the places anew.
    fn number(&mut self) {
        for (place, position) in (0..).zip(&self.shown) {
            self.places[*position as usize] = place;
        }
    }

    /// How many images are shown.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Whether none is shown.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// The position of the image at a place.
    pub fn position(&self, place: usize) -> Option<usize> {
        self.shown.get(place).map(|position| *position as usize)
    }

    /// The positions of all images that are shown, in order.
    pub fn positions(&self) -> impl Iterator<Item = usize> {
        self.shown.iter().map(|position| *position as usize)
    }

    /// The place of the image at a position, where it is shown.
    pub fn place(&self, position: usize) -> Option<usize> {
        let place = self.places.get(position).copied();
        place
            .filter(|place| *place != NOWHERE)
            .map(|place| place as usize)
    }

    /// How many of the images that are shown come before the one at a position, which need not be
    /// shown itself.
    pub fn before(&self, images: &Images, position: usize) -> usize {
        let key = |position: usize| (key(self.order, &images[position]), position);
        let own = key(position);
        self.shown
            .partition_point(|other| key(*other as usize) < own)
    }
}

/// What the strip is sorted by; images with equal keys go by path.
fn key(order: Order, image: &ImageRecord) -> u64 {
    let broken = u64::from(image.error.is_some()) << 63;
    broken
        | match order {
            Order::Name => return 0,
            Order::Uncertainty => rank(image) << 32 | falling(image.uncertainty.unwrap_or(0.0)),
            Order::Disagreement => image.disagreement.map_or(1 << 32, falling),
            Order::Changed => image.changed.map_or(1 << 62, |changed| {
                (1 << 61) - changed.clamp(0, 1 << 60) as u64
            }),
        }
}

/// A number that falls as `value` rises from 0.
fn falling(value: f32) -> u64 {
    // The bits of numbers from 0 on rise as the numbers do.
    u64::from(!value.max(0.0).to_bits())
}

/// Where an image stands in the order of what most wants a look.
fn rank(image: &ImageRecord) -> u64 {
    match image.status {
        Status::Predicted => 0,
        Status::Unlabelled => 1,
        Status::Corrected => 2,
        Status::Reviewed => 3,
    }
}
