//! A canvas on a screen whose pixels can be read.

use std::sync::Arc;

use atrous_widgets::canvas::{
    Appearance, ByteMap, Canvas, FlatMap, MapKind, Maps, PixelRect, Pyramid,
};
use atrous_widgets::theme::Theme;
use egui_kittest::Harness;
use image::RgbaImage;

use super::screen;

/// The image's colour everywhere.
pub const IMAGE: [u8; 3] = [10, 20, 30];

/// A colour for each class that no other class has.
pub fn color(class: u8) -> [u8; 3] {
    [class, 255 - class, class.wrapping_mul(7)]
}

/// What the window shows.
pub struct Shown {
    pub canvas: Canvas,
    pub appearance: Appearance,
    pub size: [u32; 2],
    pub labels: Vec<u8>,
    pub reference: Option<Vec<u8>>,
    pub confidence: Option<Vec<u8>>,
}

pub struct Screen {
    pub harness: Harness<'static, Shown>,
}

impl Screen {
    /// A flat image under a label map, at opacity 1, in a window of so many points.
    pub fn new(window: [f32; 2], size: [u32; 2], labels: Vec<u8>) -> Option<Self> {
        Self::dense(window, 1.0, size, labels)
    }

    /// The same on a screen with this many pixels a point.
    pub fn dense(
        window: [f32; 2],
        pixels_per_point: f32,
        size: [u32; 2],
        labels: Vec<u8>,
    ) -> Option<Self> {
        let rgb = IMAGE.repeat((size[0] * size[1]) as usize);
        let image = Pyramid::new(size, rgb).unwrap();
        Self::of(window, pixels_per_point, image, labels)
    }

    /// The same with an image.
    pub fn of(
        window: [f32; 2],
        pixels_per_point: f32,
        image: Pyramid,
        labels: Vec<u8>,
    ) -> Option<Self> {
        let state = screen::render_state()?;
        let mut canvas = Canvas::new(Some(&state));
        let size = image.size();
        canvas.set_image(Arc::new(image));
        canvas.set_palette(&std::array::from_fn(|class| color(class as u8)));
        let shown = Shown {
            canvas,
            appearance: Appearance {
                opacity: 1.0,
                ..Appearance::default()
            },
            size,
            labels,
            reference: None,
            confidence: None,
        };
        let harness = screen::painted(window, Theme::Dark, &state)
            .with_pixels_per_point(pixels_per_point)
            .build_ui_state(show, shown);
        Some(Self { harness })
    }

    pub fn appearance(&mut self) -> &mut Appearance {
        &mut self.harness.state_mut().appearance
    }

    pub fn canvas(&mut self) -> &mut Canvas {
        &mut self.harness.state_mut().canvas
    }

    /// Shows another label map.
    pub fn set_labels(&mut self, labels: Vec<u8>) {
        self.harness.state_mut().labels = labels;
        self.canvas().replaced(MapKind::Labels);
    }

    /// Paints a rectangle of the label map, as a stroke does.
    pub fn paint(&mut self, rect: PixelRect, class: u8) {
        let shown = self.harness.state_mut();
        let width = shown.size[0] as usize;
        for y in rect.y as usize..(rect.y + rect.h) as usize {
            let start = y * width + rect.x as usize;
            shown.labels[start..start + rect.w as usize].fill(class);
        }
        shown.canvas.changed(rect);
    }

    pub fn set_reference(&mut self, reference: Vec<u8>) {
        self.harness.state_mut().reference = Some(reference);
        self.canvas().replaced(MapKind::Reference);
    }

    pub fn set_confidence(&mut self, confidence: Option<Vec<u8>>) {
        self.harness.state_mut().confidence = confidence;
        self.canvas().replaced(MapKind::Confidence);
    }

    pub fn render(&mut self) -> RgbaImage {
        self.harness.run();
        self.harness.render().unwrap()
    }
}

fn show(ui: &mut egui::Ui, shown: &mut Shown) {
    fn flat(size: [u32; 2], bytes: &[u8]) -> FlatMap<'_> {
        FlatMap::new(size, bytes).unwrap()
    }
    let size = shown.size;
    let labels = flat(size, &shown.labels);
    let reference = shown.reference.as_deref().map(|bytes| flat(size, bytes));
    let confidence = shown.confidence.as_deref().map(|bytes| flat(size, bytes));
    let maps = Maps {
        labels: Some(&labels),
        reference: reference.as_ref().map(|map| map as &dyn ByteMap),
        confidence: confidence.as_ref().map(|map| map as &dyn ByteMap),
    };
    shown.canvas.show(ui, &shown.appearance, &maps);
}
