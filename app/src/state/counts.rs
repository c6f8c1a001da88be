//! How many pixels each class has in the open image.

use atrous_engine::mask::Edit;

/// Pixels of each of the 256 values: counted once behind the window, and kept up to date by what
/// edits say that they change.
#[derive(Debug, Clone)]
pub struct Counts {
    pixels: Option<Box<[u64; 256]>>,
    /// The count that is awaited, or was the last.
    ticket: u64,
    /// What edits changed since that count was asked for, each number modulo 2^64.
    since: Box<[u64; 256]>,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            pixels: None,
            ticket: 0,
            since: Box::new([0; 256]),
        }
    }
}

impl Counts {
    /// Another image is open: nothing is known of it.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// The labels as they are now are being counted, under this number.
    pub fn wait_for(&mut self, ticket: u64) {
        self.ticket = ticket;
        self.since.fill(0);
    }

    /// A count has arrived. Edits may have come in between.
    pub fn arrived(&mut self, ticket: u64, mut pixels: Box<[u64; 256]>) {
        if ticket != self.ticket {
            return;
        }
        for (count, since) in pixels.iter_mut().zip(self.since.iter()) {
            *count = count.wrapping_add(*since);
        }
        self.pixels = Some(pixels);
    }

    /// An edit was made.
    pub fn applied(&mut self, edit: &Edit) {
        edit.count_applied(&mut self.since);
        if let Some(pixels) = &mut self.pixels {
            edit.count_applied(pixels);
        }
    }

    /// An edit was undone.
    pub fn reverted(&mut self, edit: &Edit) {
        edit.count_reverted(&mut self.since);
        if let Some(pixels) = &mut self.pixels {
            edit.count_reverted(pixels);
        }
    }

    /// Pixels of each value, once they are known.
    pub fn pixels(&self) -> Option<&[u64; 256]> {
        self.pixels.as_deref()
    }

    /// The part of the image that a class covers, from 0 to 1.
    pub fn share(&self, class: u8) -> Option<f32> {
        let pixels = self.pixels()?;
        let all: u64 = pixels.iter().sum();
        (all > 0).then(|| (pixels[usize::from(class)] as f64 / all as f64) as f32)
    }
}
