//! How long the person at the window waits, for the log: `ATROUS_LOG=atrous=info` shows it.

use std::time::Instant;

/// The waits that are not over yet.
#[derive(Debug)]
pub(crate) struct Waits {
    /// Since the program's start, until the first frame.
    start: Option<Instant>,
    /// Since an image was asked for, until it is on the canvas.
    image: Option<Instant>,
    /// Whether that image has been read, so that the frame being drawn shows it.
    image_is_here: bool,
}

impl Waits {
    /// The program was started at `start`.
    pub(crate) fn new(start: Instant) -> Self {
        Self {
            start: Some(start),
            image: None,
            image_is_here: false,
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

    /// A frame has been laid out with all that was there.
    pub(crate) fn frame_done(&mut self) {
        if let Some(start) = self.start.take() {
            tracing::info!("first frame after {:.0?}", start.elapsed());
        }
        if self.image_is_here
            && let Some(wanted) = self.image.take()
        {
            tracing::info!("image shown after {:.1?}", wanted.elapsed());
        }
    }
}
