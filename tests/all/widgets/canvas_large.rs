//! A hundred megapixels: what a frame costs does not depend on the image's size.

use std::time::{Duration, Instant};

use atrous_widgets::canvas::{PixelRect, Pyramid};

use super::canvas_screen::Screen;

const SIZE: [u32; 2] = [11_600, 8_700];

fn large() -> Option<Screen> {
    let pixels = SIZE[0] as usize * SIZE[1] as usize;
    let image = Pyramid::new(SIZE, vec![90; pixels * 3]).unwrap();
    Screen::of([900.0, 700.0], 1.0, image, vec![4; pixels])
}

#[test]
fn painting_uploads_the_dirty_rectangle_and_nothing_else() {
    let Some(mut screen) = large() else {
        return;
    };
    screen.canvas().set_zoom(1.0);
    screen.harness.run();
    let shown = screen.canvas().uploaded_bytes();
    assert!(shown < 32 << 20, "{shown} bytes to show a corner of it");
    // A brush of 100 pixels, over a seam of tiles and away from any.
    for (step, x) in (0..40).map(|step| (step, 5_300 + 25 * step)) {
        let before = screen.canvas().uploaded_bytes();
        let rect = PixelRect {
            x,
            y: 4_300,
            w: 125,
            h: 100,
        };
        screen.paint(rect, 9);
        let start = Instant::now();
        screen.harness.step();
        let frame = start.elapsed();
        let sent = screen.canvas().uploaded_bytes() - before;
        // The tiles of coarser levels hold a quarter, a sixteenth... of it, and borders repeat.
        assert!(sent < 125 * 100 * 3 / 2, "step {step}: {sent} bytes");
        // On a busy machine a frame takes a while; reading the whole map would take a second.
        assert!(frame < Duration::from_millis(500), "step {step}: {frame:?}");
    }
}

#[test]
fn the_whole_of_it_is_shown_from_a_few_tiles() {
    let Some(mut screen) = large() else {
        return;
    };
    screen.harness.run();
    let sent = screen.canvas().uploaded_bytes();
    assert!(sent < 32 << 20, "{sent} bytes");
    screen.set_labels(vec![5; SIZE[0] as usize * SIZE[1] as usize]);
    screen.harness.run();
    let labels = screen.canvas().uploaded_bytes() - sent;
    assert!(labels < 8 << 20, "{labels} bytes for another label map");
}
