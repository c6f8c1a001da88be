//! The canvas: an image with its label map, zoomed and panned, painted by its own shader.
//!
//! The image is a [`Pyramid`] of tiles that are uploaded as they come into view, so there is no
//! largest image. The label map and the confidence map are bytes on the GPU; colour, opacity,
//! outlines, hidden and locked classes, the hovered class and uncertainty are the fragment
//! shader's work, so that none of them touches a pixel on the CPU. A stroke uploads its dirty
//! rectangle and nothing else.
//!
//! Tools live outside: [`Canvas::show`] answers with pointer events in image coordinates, and
//! [`overlay`] paints what a tool wants to show on top.

mod appearance;
mod cache;
mod gpu;
mod input;
pub mod overlay;
mod pipeline;
mod pyramid;
mod tiles;
mod view;

use std::sync::Arc;

use eframe::egui_wgpu::RenderState;
use egui::emath::GuiRounding as _;
use egui::{CursorIcon, Key, Pos2, Rect, Response, Role, Sense, Ui, WidgetInfo};

use crate::theme;
pub use appearance::Appearance;
use cache::{ByteMap, Cache, Content};
use gpu::Gpu;
pub use input::CanvasEvent;
use input::{Place, PointerState};
pub use pyramid::{Pyramid, WrongSize};
pub use tiles::PixelRect;
use view::Camera;
pub use view::View;

/// What happened on the canvas in a frame.
#[derive(Debug)]
pub struct CanvasResponse {
    /// egui's response: its rectangle, its cursor.
    pub response: Response,
    /// This frame's transform.
    pub view: View,
    /// The pointer in image coordinates while it is over the canvas, also beside the image.
    pub pointer: Option<Pos2>,
    /// The pixel under the pointer; `None` beside the image.
    pub pixel: Option<[u32; 2]>,
    /// What a tool should know, in order.
    pub events: Vec<CanvasEvent>,
    /// The view is being dragged: tools hide their cursors.
    pub panning: bool,
}

/// An image, its label map, and where the user looks. One canvas is kept for all images.
pub struct Canvas {
    gpu: Option<Gpu>,
    cache: Cache,
    content: Option<Content>,
    palette: [[u8; 3]; 256],
    camera: Option<Camera>,
    request: Option<Request>,
    pointer: PointerState,
    view: Option<View>,
}

/// A change of zoom that waits for the next frame, when the widget's size is known.
#[derive(Clone, Copy, Debug)]
enum Request {
    Fit,
    Zoom(f32),
    ZoomBy(f32),
}

impl Canvas {
    /// An empty canvas. Without a render state it lays out and responds, but paints no image.
    #[must_use]
    pub fn new(render_state: Option<&RenderState>) -> Self {
        Self {
            gpu: render_state.map(Gpu::new),
            cache: Cache::default(),
            content: None,
            palette: [[0; 3]; 256],
            camera: None,
            request: None,
            pointer: PointerState::default(),
            view: None,
        }
    }

    /// Shows another image, without a label map or confidence map yet. An image of the same size
    /// is shown at the same place, any other is fitted.
    pub fn set_image(&mut self, image: Arc<Pyramid>) {
        if self.size() != Some(image.size()) {
            self.camera = None;
        }
        self.cache.clear();
        self.content = Some(Content {
            image,
            labels: ByteMap::default(),
            confidence: ByteMap::default(),
        });
    }

    /// Shows nothing.
    pub fn clear(&mut self) {
        self.content = None;
        self.cache.clear();
        self.camera = None;
        self.view = None;
    }

    /// Width and height of the image, if there is one.
    #[must_use]
    pub fn size(&self) -> Option<[u32; 2]> {
        self.content.as_ref().map(|content| content.image.size())
    }

    /// Shows a whole label map: one class index a pixel, row-major.
    ///
    /// # Errors
    /// [`WrongSize`] when it is not the image's size; 0x0 when there is no image.
    pub fn set_labels(&mut self, labels: Vec<u8>) -> Result<(), WrongSize> {
        WrongSize::check(self.size().unwrap_or_default(), 1, labels.len())?;
        if let Some(content) = &mut self.content {
            content.labels.replace(labels);
        }
        Ok(())
    }

    /// Changes a rectangle of the label map, given row by row: only its texels are uploaded.
    ///
    /// # Errors
    /// [`WrongSize`] when `labels` is not the rectangle's size, when the rectangle is not inside
    /// the image, or when there is no label map yet.
    pub fn update_labels(&mut self, rect: PixelRect, labels: &[u8]) -> Result<(), WrongSize> {
        WrongSize::check([rect.w, rect.h], 1, labels.len())?;
        let inside = |size: [u32; 2]| {
            rect.x.saturating_add(rect.w) <= size[0] && rect.y.saturating_add(rect.h) <= size[1]
        };
        let content = self
            .content
            .as_mut()
            .filter(|content| !content.labels.is_empty() && inside(content.image.size()))
            .ok_or(WrongSize {
                size: [rect.w, rect.h],
                expected: 0,
                found: labels.len(),
            })?;
        if rect.w == 0 || rect.h == 0 {
            return Ok(());
        }
        let width = content.image.size()[0] as usize;
        for (y, row) in (rect.y as usize..).zip(labels.chunks_exact(rect.w as usize)) {
            let start = y * width + rect.x as usize;
            content.labels.bytes[start..start + row.len()].copy_from_slice(row);
        }
        if let Some(gpu) = &self.gpu {
            self.cache.update_labels(gpu, content, rect);
        }
        Ok(())
    }

    /// Shows how sure the model is of each pixel (255 is certain), or forgets it.
    ///
    /// # Errors
    /// [`WrongSize`] when it is not the image's size; 0x0 when there is no image.
    pub fn set_confidence(&mut self, confidence: Option<Vec<u8>>) -> Result<(), WrongSize> {
        let confidence = confidence.unwrap_or_default();
        if !confidence.is_empty() {
            WrongSize::check(self.size().unwrap_or_default(), 1, confidence.len())?;
        }
        if let Some(content) = &mut self.content {
            content.confidence.replace(confidence);
        }
        Ok(())
    }

    /// The colour of each class index.
    pub fn set_palette(&mut self, colors: &[[u8; 3]; 256]) {
        self.palette = *colors;
    }

    /// The transform of the last frame, if an image was shown.
    #[must_use]
    pub fn view(&self) -> Option<View> {
        self.view
    }

    /// Shows the whole image, from the next frame on.
    pub fn fit(&mut self) {
        self.request = Some(Request::Fit);
    }

    /// Sets the zoom around the middle: 1.0 shows each image pixel on one physical pixel.
    pub fn set_zoom(&mut self, zoom: f32) {
        self.request = Some(Request::Zoom(zoom));
    }

    /// Multiplies the zoom around the middle.
    pub fn zoom_by(&mut self, factor: f32) {
        self.request = Some(Request::ZoomBy(factor));
    }

    /// Bytes of tiles sent to the GPU since the canvas was made.
    #[must_use]
    pub fn uploaded_bytes(&self) -> u64 {
        self.cache.uploaded()
    }

    /// Fills the rest of `ui` with the canvas.
    pub fn show(&mut self, ui: &mut Ui, appearance: &Appearance) -> CanvasResponse {
        let (rect, response) =
            ui.allocate_exact_size(ui.available_size(), Sense::CLICK | Sense::DRAG);
        let pixels_per_point = ui.pixels_per_point();
        let rect = rect.round_to_pixels(pixels_per_point);
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, ui.is_enabled(), "Canvas"));
        let tokens = theme::tokens(ui.ctx());
        ui.painter().rect_filled(rect, 0, tokens.color.canvas);

        let size = self.size().unwrap_or([1, 1]);
        let space_pans =
            !ui.ctx().egui_wants_keyboard_input() && ui.input(|input| input.key_down(Key::Space));
        let place = Place {
            ui,
            response: &response,
            rect,
            size,
            pan_with_primary: appearance.pan_with_primary || space_pans,
        };
        let mut camera = self.camera_for(size, rect, pixels_per_point);
        let events = if self.content.is_some() {
            input::handle(&mut self.pointer, &mut camera, &place)
        } else {
            Vec::new()
        };
        self.camera = self.content.is_some().then_some(camera);
        let view = camera.view(size, rect, pixels_per_point);
        self.view = self.content.is_some().then_some(view);

        self.paint(ui, &view, appearance);
        let hover = response.hover_pos().filter(|_| self.content.is_some());
        if hover.is_some() {
            self.set_cursor(ui, appearance.pan_with_primary || space_pans);
        }
        CanvasResponse {
            view,
            pointer: hover.map(|pos| view.to_image(pos)),
            pixel: hover.and_then(|pos| view.pixel(pos)),
            events,
            panning: self.pointer.panning(),
            response,
        }
    }

    /// The camera, with what was requested since the last frame.
    fn camera_for(&mut self, size: [u32; 2], rect: Rect, pixels_per_point: f32) -> Camera {
        let mut camera = self
            .camera
            .unwrap_or_else(|| Camera::fit(size, rect, pixels_per_point));
        let view = camera.view(size, rect, pixels_per_point);
        match self.request.take() {
            None => {}
            Some(Request::Fit) => camera = Camera::fit(size, rect, pixels_per_point),
            Some(Request::Zoom(zoom)) => {
                camera.zoom_at(f64::from(zoom) / camera.zoom(), rect.center(), &view);
            }
            Some(Request::ZoomBy(factor)) => {
                camera.zoom_at(f64::from(factor), rect.center(), &view);
            }
        }
        camera
    }

    fn set_cursor(&self, ui: &Ui, would_pan: bool) {
        if self.pointer.panning() {
            ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
        } else if would_pan {
            ui.ctx().set_cursor_icon(CursorIcon::Grab);
        }
    }

    fn paint(&mut self, ui: &Ui, view: &View, appearance: &Appearance) {
        let (Some(gpu), Some(content)) = (&self.gpu, &self.content) else {
            return;
        };
        let (mut tiles, more) = self.cache.prepare(gpu, content, view);
        if more {
            ui.ctx().request_repaint();
        }
        // A viewport cannot leave the screen: where the widget does, only the rest is painted.
        let pixels_per_point = ui.pixels_per_point();
        let screen = ui.ctx().content_rect().round_to_pixels(pixels_per_point);
        let shown = view.rect().intersect(screen);
        if !shown.is_positive() {
            return;
        }
        let cut = (shown.min - view.rect().min) * pixels_per_point;
        for (quad, _) in &mut tiles {
            quad.shift([-cut.x, -cut.y]);
        }
        let viewport = shown.size() * pixels_per_point;
        let shows = appearance::Shows {
            labels: !content.labels.is_empty(),
            confidence: !content.confidence.is_empty(),
        };
        let colors = &theme::tokens(ui.ctx()).color;
        let globals = appearance.globals(viewport.into(), shows, &self.palette, colors);
        ui.painter().add(gpu.callback(shown, globals, tiles));
    }
}
