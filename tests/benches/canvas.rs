//! What a frame pays while painting, whatever the image's size:
//! `cargo bench --workspace --bench canvas`.
//!
//! A frame is the brush's segment on the label map, the canvas's own work, and handing the dirty
//! rectangle to the GPU's queue; it ends when the queue is empty. Needs a wgpu adapter; software
//! will do. What the GPU then draws is not in it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use atrous_engine::mask::{Brush, BrushShape, Gesture, LabelMap, Point, Protection};
use atrous_widgets::canvas::{Appearance, ByteMap, Canvas, Maps, PixelRect, Pyramid};
use atrous_widgets::theme;
use eframe::egui_wgpu::wgpu::PollType;
use eframe::egui_wgpu::{RenderState, RendererOptions};
use egui::{RawInput, Rect, pos2, vec2};
use egui_kittest::wgpu::{create_render_state, default_wgpu_setup};

/// The canvas in points; a point is a pixel.
const WINDOW: [f32; 2] = [1280.0, 800.0];
const SEGMENTS: usize = 200;

fn main() {
    let state = create_render_state(default_wgpu_setup(), RendererOptions::PREDICTABLE);
    println!("image        zoom  brush    upload     median      99 %   largest");
    for size in [[4032, 3024], [11_600, 8700]] {
        let start = Instant::now();
        let image = pyramid(size);
        let megapixels = size[0] * size[1] / 1_000_000;
        println!("{megapixels} MP: its pyramid takes {:.0?}", start.elapsed());
        for (zoom, name) in [(Some(1.0), "100 %"), (None, "fit")] {
            for diameter in [50.0, 1000.0] {
                let (sent, mut times) = paint(&state, &image, zoom, diameter / 2.0);
                times.sort_unstable();
                let at = |part: usize| times[(times.len() - 1) * part / 100];
                println!(
                    "{megapixels:>3} MP      {name:>6}  {diameter:>4} px {:>6} KB {:>8.2} ms {:>7.2} ms {:>7.2} ms",
                    sent / 1024 / SEGMENTS as u64,
                    millis(at(50)),
                    millis(at(99)),
                    millis(at(100)),
                );
            }
        }
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn pyramid(size: [u32; 2]) -> Arc<Pyramid> {
    let rgb = (0..size[0] as usize * size[1] as usize * 3)
        .map(|i| (i / 97 % 251) as u8)
        .collect();
    Arc::new(Pyramid::new(size, rgb).expect("the size fits"))
}

struct Labels<'a>(&'a LabelMap);

impl ByteMap for Labels<'_> {
    fn size(&self) -> [u32; 2] {
        self.0.size()
    }

    fn read_row(&self, x: u32, y: u32, into: &mut [u8]) {
        self.0.read_row(x, y, into);
    }
}

/// A stroke over what is seen. Returns the bytes uploaded and each frame's time.
fn paint(
    state: &RenderState,
    image: &Arc<Pyramid>,
    zoom: Option<f32>,
    radius: f32,
) -> (u64, Vec<Duration>) {
    let [width, height] = image.size();
    let mut map = LabelMap::filled(width, height, 0);
    for y in 0..height {
        for start in (0..width).step_by(97) {
            map.fill_span(y, start..start + 97, ((start / 97 + y / 61) % 19) as u8);
        }
    }
    let context = egui::Context::default();
    theme::install(&context);
    let mut canvas = Canvas::new(Some(state));
    canvas.set_image(image.clone());
    match zoom {
        Some(zoom) => canvas.set_zoom(zoom),
        None => canvas.fit(),
    }
    for _ in 0..40 {
        frame(state, &context, &mut canvas, &map);
    }
    let part = zoom.map_or([0.8, 0.6], |_| {
        [WINDOW[0] / width as f32, WINDOW[1] / height as f32]
    });
    let line = wave([width as f32, height as f32], part);
    let brush = Brush {
        shape: BrushShape::Round,
        radius,
    };
    let uploaded = canvas.uploaded_bytes();
    let mut gesture = Gesture::start(&map, Protection::NONE);
    let mut times = Vec::with_capacity(SEGMENTS);
    for pair in line.windows(2) {
        let start = Instant::now();
        let spans = brush.segment(pair[0], pair[1], map.bounds());
        let dirty = gesture.paint(&mut map, &spans, 11);
        canvas.changed(PixelRect {
            x: dirty.x,
            y: dirty.y,
            w: dirty.width,
            h: dirty.height,
        });
        frame(state, &context, &mut canvas, &map);
        times.push(start.elapsed());
    }
    (canvas.uploaded_bytes() - uploaded, times)
}

/// One frame of the window's own work, until what was uploaded is on the GPU.
fn frame(state: &RenderState, context: &egui::Context, canvas: &mut Canvas, map: &LabelMap) {
    let input = RawInput {
        screen_rect: Some(Rect::from_min_size(
            pos2(0.0, 0.0),
            vec2(WINDOW[0], WINDOW[1]),
        )),
        ..RawInput::default()
    };
    let appearance = Appearance::default();
    let _output = context.run_ui(input, |ui| {
        let labels = Labels(map);
        let maps = Maps {
            labels: Some(&labels),
            ..Maps::default()
        };
        canvas.show(ui, &appearance, &maps);
    });
    state.queue.submit([]);
    state
        .device
        .poll(PollType::wait_indefinitely())
        .expect("the device answers");
}

/// A wavy line over the middle `part` of the image.
fn wave(size: [f32; 2], part: [f32; 2]) -> Vec<Point> {
    (0..=SEGMENTS)
        .map(|step| {
            let along = step as f32 / SEGMENTS as f32;
            [
                size[0] * (0.5 + part[0] * (along - 0.5)),
                size[1] * (0.5 + part[1] * 0.4 * (along * 12.0).sin()),
            ]
        })
        .collect()
}
