//! What the canvas shows besides the image.

use atrous_widgets::canvas::Tone;

/// What is shown in place of the labels, for a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peek {
    /// What the model said.
    Prediction,
    /// The labels as they were when the image was opened, or before the last prediction.
    Before,
}

/// Modes of the canvas that are not worth remembering between starts.
#[derive(Debug, Clone)]
pub struct View {
    /// Whether labels are shown at all.
    pub labels: bool,
    /// Whether the model's uncertainty is shown.
    pub confidence: bool,
    /// Whether is shown where labels and prediction differ.
    pub disagreement: bool,
    /// What is shown in place of the labels; nothing is painted meanwhile.
    pub peek: Option<Peek>,
    /// How the image's own colours are shown.
    pub tone: Tone,
    /// Whether the card is open that changes them.
    pub tones_shown: bool,
    /// When the key went down that hid or showed the labels, in seconds of egui's time, until it is
    /// let go of: held for longer, it is a look.
    pub labels_key_down: Option<f64>,
    /// Whether the side panel shows the history in place of the classes.
    pub history: bool,
    /// The pixel under the pointer.
    pub pixel: Option<[u32; 2]>,
    /// Physical screen pixels per image pixel.
    pub zoom: f32,
}

impl Default for View {
    fn default() -> Self {
        Self {
            labels: true,
            confidence: false,
            disagreement: false,
            peek: None,
            tone: Tone::default(),
            tones_shown: false,
            labels_key_down: None,
            history: false,
            pixel: None,
            zoom: 1.0,
        }
    }
}
