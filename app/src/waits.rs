//! How long the person at the window waits, for the log: `ATROUS_LOG=atrous=info` shows it.

use std::time::Instant;

use tracing::Level;

/// The waits that are not over yet.
#[derive(Debug)]
pub(crate) struct Waits {
    /// Since the program's start, until the first frame.
    start: Option<Instant>,
    /// Since an image was asked for, until it is on the canvas.
    image: Option<Instant>,
    /// Whether that image has been read, so that the frame being drawn shows it.
    image_is_here: bool,
    /// Since an image was asked for that has been laid out, until it is painted.
    painting: Option<Instant>,
}

impl Waits {
    /// The program was started at `start`.
    pub(crate) fn new(start: Instant) -> Self {
        Self {
            start: Some(start),
            image: None,
            image_is_here: false,
            painting: None,
        }
    }

    /// An image was asked for.
    pub(crate) fn image_wanted(&mut self) {
        self.image = Some(Instant::now());
        self.image_is_here = false;
    }

    /// The image that was asked for last has been read.
    pub(crate) fn image_read(&mut self) {
        self.image_is_here = true;
    }

    /// A frame begins: the one before is painted.
    pub(crate) fn frame_begins(&mut self) {
        if let Some(wanted) = self.painting.take() {
            tracing::debug!("image painted after {:.1?}", wanted.elapsed());
        }
        tracing::trace!(
            "a frame begins, {:.1?}",
            self.image.map(|wanted| wanted.elapsed())
        );
    }

    /// A frame has been laid out with all that was there.
    pub(crate) fn frame_done(&mut self, context: &egui::Context) {
        tracing::trace!(
            "a frame is laid out, {:.1?}",
            self.image.map(|wanted| wanted.elapsed())
        );
        if let Some(start) = self.start.take() {
            tracing::info!("first frame after {:.0?}", start.elapsed());
        }
        if self.image_is_here
            && let Some(wanted) = self.image.take()
        {
            tracing::info!("image shown after {:.1?}", wanted.elapsed());
            if tracing::enabled!(Level::DEBUG) {
                self.painting = Some(wanted);
                context.request_repaint();
            }
        }
    }
}
