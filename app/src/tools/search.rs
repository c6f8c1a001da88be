//! What a tool has found in the image behind the window, because it takes longer than a frame.

use std::sync::{Arc, Mutex, PoisonError};

use atrous_engine::Result;
use atrous_engine::jobs::Cancel;
use atrous_engine::mask::{GrabCut, LabelMap, SmartClick, Span, Wand, wand};

use super::Scene;

/// What to look for.
#[derive(Debug, Clone)]
pub enum Search {
    /// What hangs together around a pixel, within a tolerance; the wand goes on from where it was.
    Wand(Arc<Mutex<Wand>>, u8),
    /// All pixels of a colour, within a tolerance.
    Color([u8; 3], u8),
    /// What was meant by clicks on these labels.
    Click(SmartClick, LabelMap),
    /// What stands out in a rectangle.
    Cut(GrabCut),
}

impl Search {
    /// Looks for it. Not on the window's thread.
    ///
    /// # Errors
    /// [`Error::Cancelled`](atrous_engine::Error::Cancelled) when nobody wants it any more.
    pub fn run(&self, scene: &Scene, cancel: &Cancel) -> Result<Vec<Span>> {
        let pixels = scene.pixels();
        match self {
            Self::Wand(wand, tolerance) => {
                // A wand is whole at every moment, so a panic elsewhere does not spoil it.
                let mut wand = wand.lock().unwrap_or_else(PoisonError::into_inner);
                wand.spans(pixels, *tolerance, cancel)
            }
            Self::Color(color, tolerance) => Ok(wand::similar(pixels, *color, *tolerance)),
            Self::Click(click, labels) => {
                click.region(pixels, labels, scene.probabilities.as_deref(), cancel)
            }
            Self::Cut(cut) => cut.region(pixels, cancel),
        }
    }

    /// Whether what it finds is worth showing while a newer search waits: a wand that is dragged
    /// shows its way.
    pub fn is_on_the_way(&self) -> bool {
        matches!(self, Self::Wand(..) | Self::Color(..))
    }
}
