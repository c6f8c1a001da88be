//! What the canvas shows besides the image.

/// Modes of the canvas that are not worth remembering between starts.
#[derive(Debug, Clone)]
pub struct View {
    /// Whether labels are shown at all.
    pub labels: bool,
    /// Whether the model's uncertainty is shown.
    pub confidence: bool,
    /// Whether the prediction is shown in place of the labels, while a key is held.
    pub comparing: bool,
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
            comparing: false,
            history: false,
            pixel: None,
            zoom: 1.0,
        }
    }
}
