//! The canvas: an image with its label map, zoomed and panned, painted by its own shader.
//!
//! The image is a [`Pyramid`] of tiles that are uploaded as they come into view, so there is no
//! largest image. The maps over it ([`Maps`]) stay with their owner, who says what changed; their
//! tiles are bytes on the GPU. Colour, opacity, outlines, hidden and locked classes, the hovered
//! class, uncertainty, disagreement, brightness and the pixel grid are the fragment shader's work,
//! so that none of them touches a pixel on the CPU. A stroke uploads its dirty rectangle and
//! nothing else.
//!
//! Tools live outside: [`Canvas::show`] answers with pointer events in image coordinates, and
//! [`overlay`] paints what a tool wants to show on top.

mod appearance;
mod cache;
mod glide;
mod gpu;
mod input;
mod maps;
mod minimap;
pub mod overlay;
mod pipeline;
mod pyramid;
mod tiles;
mod view;

use std::sync::Arc;

use eframe::egui_wgpu::RenderState;
use egui::emath::GuiRounding as _;
use egui::{CursorIcon, Key, Pos2, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo};

use crate::theme;
pub use appearance::{Appearance, Tone};
use cache::{Cache, Source};
use glide::Glide;
use gpu::{Gpu, Pane};
pub use input::CanvasEvent;
use input::{Place, PointerState};
pub use maps::{ByteMap, FlatMap, MapKind, Maps};
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

/// An image, and where the user looks. One canvas is kept for all images.
pub struct Canvas {
    gpu: Option<Gpu>,
    cache: Cache,
    image: Option<Arc<Pyramid>>,
    palette: [[u8; 3]; 256],
    camera: Option<Camera>,
    /// In the order in which they were made.
    requests: Vec<Request>,
    glide: Glide,
    pointer: PointerState,
    view: Option<View>,
}

/// A change of the view that waits for the next frame, when the widget's size is known.
#[derive(Clone, Copy, Debug)]
enum Request {
    Fit,
    Zoom(f32),
    LookAt([f64; 2]),
}

impl Canvas {
    /// An empty canvas. Without a render state it lays out and responds, but paints no image.
    #[must_use]
    pub fn new(render_state: Option<&RenderState>) -> Self {
        Self {
            gpu: render_state.map(Gpu::new),
            cache: Cache::default(),
            image: None,
            palette: [[0; 3]; 256],
            camera: None,
            requests: Vec::new(),
            glide: Glide::default(),
            pointer: PointerState::default(),
            view: None,
        }
    }

    /// Shows another image; its maps are others, too. An image of the same size is shown at the
    /// same place, any other is fitted. Returns the one before: letting go of a large one takes a
    /// while.
    pub fn set_image(&mut self, image: Arc<Pyramid>) -> Option<Arc<Pyramid>> {
        if self.size() != Some(image.size()) {
            self.camera = None;
            self.glide = Glide::default();
        }
        self.cache.clear();
        self.image.replace(image)
    }

    /// Shows nothing. Returns what was shown.
    pub fn clear(&mut self) -> Option<Arc<Pyramid>> {
        self.cache.clear();
        self.camera = None;
        self.view = None;
        self.image.take()
    }

    /// The image, if there is one.
    #[must_use]
    pub fn image(&self) -> Option<&Arc<Pyramid>> {
        self.image.as_ref()
    }

    /// Width and height of the image, if there is one.
    #[must_use]
    pub fn size(&self) -> Option<[u32; 2]> {
        self.image.as_ref().map(|image| image.size())
    }

    /// From the next frame on, another map is given for this one: its tiles are uploaded as they
    /// are seen.
    pub fn replaced(&mut self, kind: MapKind) {
        self.cache.replaced(kind);
    }

    /// The label map changed in this rectangle: its texels are uploaded in the next frame, and
    /// nothing else is.
    pub fn changed(&mut self, rect: PixelRect) {
        if let Some(rect) = self.size().and_then(|size| rect.cut(size)) {
            self.cache.changed(rect);
        }
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
        self.requests.push(Request::Fit);
    }

    /// Sets the zoom around the middle: 1.0 shows each image pixel on one physical pixel.
    pub fn set_zoom(&mut self, zoom: f32) {
        self.requests.push(Request::Zoom(zoom));
    }

    /// Multiplies the zoom around the middle, over a few frames.
    pub fn zoom_by(&mut self, factor: f32) {
        self.glide.zoom_by(f64::from(factor), None);
    }

    /// Moves the view by parts of its width and height, over a few frames: (1, 0) shows what was
    /// just beyond the right edge.
    pub fn pan_by(&mut self, parts: Vec2) {
        if let Some(view) = self.view {
            self.glide.pan_by(-parts * view.rect().size());
        }
    }

    /// Brings a point of the image into the middle, in image coordinates.
    pub fn look_at(&mut self, center: Pos2) {
        let center = [center.x, center.y].map(f64::from);
        self.requests.push(Request::LookAt(center));
    }

    /// Bytes of tiles sent to the GPU since the canvas was made.
    #[must_use]
    pub fn uploaded_bytes(&self) -> u64 {
        self.cache.uploaded()
    }

    /// Fills the rest of `ui` with the canvas.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        appearance: &Appearance,
        maps: &Maps<'_>,
    ) -> CanvasResponse {
        let (rect, response) =
            ui.allocate_exact_size(ui.available_size(), Sense::CLICK | Sense::DRAG);
        let pixels_per_point = ui.pixels_per_point();
        let rect = rect.round_to_pixels(pixels_per_point);
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, ui.is_enabled(), "Canvas"));

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
        let shown = self.image.is_some();
        let mut events = Vec::new();
        if shown {
            events = input::handle(&mut self.pointer, &mut camera, &mut self.glide, &place);
            self.glide
                .step(ui, &mut camera, |camera| place.view(camera));
        }
        self.camera = shown.then_some(camera);
        let view = camera.view(size, rect, pixels_per_point);
        self.view = shown.then_some(view);

        let [width, height] = size.map(|side| side as f32);
        let end = view.to_screen(Pos2::new(width, height));
        let covered = Rect::from_min_max(view.to_screen(Pos2::ZERO), end);
        let painted = self.gpu.is_some() && shown;
        fill_ground(ui, &view, painted.then_some(covered));
        self.paint(ui, &view, appearance, maps);
        let hover = response.hover_pos().filter(|_| shown);
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
        for request in self.requests.drain(..) {
            self.glide = Glide::default();
            let view = camera.view(size, rect, pixels_per_point);
            match request {
                Request::Fit => camera = Camera::fit(size, rect, pixels_per_point),
                Request::Zoom(zoom) => {
                    camera.zoom_at(f64::from(zoom) / camera.zoom(), rect.center(), &view);
                }
                Request::LookAt(center) => camera.look_at(center, size),
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

    fn paint(&mut self, ui: &Ui, view: &View, appearance: &Appearance, maps: &Maps<'_>) {
        let Some(image) = &self.image else {
            return;
        };
        let fits = |map: &&dyn ByteMap| map.size() == image.size();
        let maps = Maps {
            labels: maps.labels.filter(fits),
            reference: maps.reference.filter(fits),
            confidence: maps.confidence.filter(fits),
        };
        let appearance = appearance.with(&maps, view.zoom());
        let source = Source {
            image,
            maps: &maps,
            wanted: appearance.reads(),
        };
        if let Some(gpu) = &self.gpu {
            let (tiles, more) = self.cache.prepare(gpu, &source, view);
            if more {
                ui.ctx().request_repaint();
            }
            paint_tiles(ui, gpu, view, &appearance, &self.palette, tiles);
        }
        let corner = appearance.minimap.then(|| minimap::place(view)).flatten();
        if let Some(corner) = corner {
            let (gpu, cache, palette) = (self.gpu.as_ref(), &mut self.cache, &self.palette);
            let corner = corner.round_to_pixels(ui.pixels_per_point());
            let moved = minimap::show(ui, corner, view, |ui, rect| {
                let Some(gpu) = gpu else {
                    return;
                };
                let group = cache.overview(gpu, &source);
                let size = rect.size() * ui.pixels_per_point();
                let tile = (cache::overview_quad(image, size.into()), group);
                let colors = &theme::tokens(ui.ctx()).color;
                let globals = appearance.globals(size.into(), palette, colors);
                let callback = gpu.callback(Pane::Minimap, rect, globals, vec![tile]);
                ui.painter().add(callback);
            });
            if let Some(center) = moved {
                self.requests.push(Request::LookAt(center));
                ui.ctx().request_repaint();
            }
        }
    }
}

/// Fills the widget around what is covered: pixels that are painted over would cost as much as the
/// image's own.
fn fill_ground(ui: &Ui, view: &View, covered: Option<Rect>) {
    let color = theme::tokens(ui.ctx()).color.canvas;
    let whole = view.rect();
    // Edges are soft, so that the parts overlap each other and what is covered.
    let soft = 2.0 / ui.pixels_per_point();
    let covered = covered.map_or(Rect::NOTHING, |covered| covered.shrink(soft));
    let covered = covered.intersect(whole);
    if !covered.is_positive() {
        ui.painter().rect_filled(whole, 0, color);
        return;
    }
    let beside = covered.expand2(Vec2::new(0.0, soft));
    let parts = [
        whole.with_max_y(covered.top()),
        whole.with_min_y(covered.bottom()),
        beside.with_min_x(whole.left()).with_max_x(covered.left()),
        beside.with_min_x(covered.right()).with_max_x(whole.right()),
    ];
    for part in parts {
        let part = part.intersect(whole);
        if part.is_positive() {
            ui.painter().rect_filled(part, 0, color);
        }
    }
}

/// Adds the tiles to the widget's shapes.
fn paint_tiles(
    ui: &Ui,
    gpu: &Gpu,
    view: &View,
    appearance: &Appearance,
    palette: &[[u8; 3]; 256],
    mut tiles: Vec<cache::Painted>,
) {
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
    let colors = &theme::tokens(ui.ctx()).color;
    let globals = appearance.globals(viewport.into(), palette, colors);
    ui.painter()
        .add(gpu.callback(Pane::Canvas, shown, globals, tiles));
}
