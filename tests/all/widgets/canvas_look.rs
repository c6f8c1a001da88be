//! Ways to look at image and maps, pixel by pixel: all of them are the shader's work.

use atrous_widgets::canvas::{Pyramid, Tone, View};
use atrous_widgets::theme::Theme;
use egui::{Pos2, pos2};
use image::RgbaImage;

use super::canvas_screen::{IMAGE, Screen, color};

/// Eight by eight pixels: class 3 in the left half, class 9 in the right one.
const SIDE: u32 = 8;

fn halves() -> Vec<u8> {
    (0..SIDE * SIDE)
        .map(|i| if i % SIDE < SIDE / 2 { 3 } else { 9 })
        .collect()
}

/// The halves, 16 screen pixels an image pixel.
fn screen() -> Option<(Screen, View)> {
    let mut screen = Screen::new([180.0, 180.0], [SIDE, SIDE], halves())?;
    screen.canvas().set_zoom(16.0);
    screen.harness.run();
    let view = screen.canvas().view().unwrap();
    Some((screen, view))
}

fn rgb(picture: &RgbaImage, pixels_per_point: f32, at: Pos2) -> [u8; 3] {
    let at = at * pixels_per_point;
    let [r, g, b, _] = picture.get_pixel(at.x as u32, at.y as u32).0;
    [r, g, b]
}

/// The colour at a point of the image.
fn at(picture: &RgbaImage, view: &View, x: f32, y: f32) -> [u8; 3] {
    rgb(picture, 1.0, view.to_screen(pos2(x, y)))
}

fn near(color: [u8; 3], expected: [f32; 3]) {
    for (found, expected) in color.into_iter().zip(expected) {
        let difference = (f32::from(found) - expected).abs();
        assert!(difference <= 1.0, "{found} instead of {expected}");
    }
}

#[test]
fn tones_change_the_image_and_not_the_labels() {
    let Some((mut screen, view)) = screen() else {
        return;
    };
    let tone = Tone {
        brightness: 0.2,
        contrast: 1.5,
        gamma: 2.0,
    };
    screen.appearance().tone = tone;
    let labelled = screen.render();
    assert_eq!(at(&labelled, &view, 2.5, 2.5), color(3));
    screen.appearance().show_labels = false;
    let picture = screen.render();
    let toned = IMAGE.map(|value| {
        let moved = (f32::from(value) / 255.0 - 0.5) * tone.contrast + 0.5 + tone.brightness;
        255.0 * moved.clamp(0.0, 1.0).powf(1.0 / tone.gamma)
    });
    near(at(&picture, &view, 2.5, 2.5), toned);
    screen.appearance().tone = Tone::default();
    assert_eq!(at(&screen.render(), &view, 2.5, 2.5), IMAGE);
}

#[test]
fn a_class_has_an_opacity_of_its_own() {
    let Some((mut screen, view)) = screen() else {
        return;
    };
    screen.appearance().class_opacity[9] = 0.4;
    let picture = screen.render();
    assert_eq!(at(&picture, &view, 1.5, 1.5), color(3));
    let mixed = [0, 1, 2].map(|i| 0.6 * f32::from(IMAGE[i]) + 0.4 * f32::from(color(9)[i]));
    near(at(&picture, &view, 6.5, 1.5), mixed);
}

#[test]
fn the_grid_is_one_screen_pixel_between_image_pixels() {
    let Some((mut screen, view)) = screen() else {
        return;
    };
    screen.appearance().show_labels = false;
    screen.appearance().pixel_grid = true;
    let picture = screen.render();
    let corner = view.to_screen(Pos2::ZERO);
    for dy in 0..16 * SIDE {
        for dx in 0..16 * SIDE {
            let pixel = picture.get_pixel(corner.x as u32 + dx, corner.y as u32 + dy);
            let line = dx % 16 == 0 || dy % 16 == 0;
            let is_image = pixel.0[..3] == IMAGE;
            assert_eq!(is_image, !line, "({dx}, {dy}): {pixel:?}");
        }
    }
    screen.canvas().set_zoom(7.0);
    let picture = screen.render();
    let view = screen.canvas().view().unwrap();
    let corner = view.to_screen(pos2(3.0, 3.0));
    let far = picture.get_pixel(corner.x as u32, corner.y as u32);
    assert_eq!(far.0[..3], IMAGE, "no lines when pixels are small");
}

#[test]
fn the_reference_is_shown_in_place_of_the_labels() {
    let Some((mut screen, view)) = screen() else {
        return;
    };
    screen.appearance().show_reference = true;
    assert_eq!(
        at(&screen.render(), &view, 1.5, 1.5),
        color(3),
        "no reference yet"
    );
    screen.set_reference(vec![200; (SIDE * SIDE) as usize]);
    let picture = screen.render();
    assert_eq!(at(&picture, &view, 1.5, 1.5), color(200));
    assert_eq!(at(&picture, &view, 6.5, 1.5), color(200));
    screen.appearance().show_reference = false;
    assert_eq!(at(&screen.render(), &view, 6.5, 1.5), color(9));
}

#[test]
fn disagreement_is_striped_in_both_colours_and_agreement_is_grey() {
    let Some((mut screen, view)) = screen() else {
        return;
    };
    screen.set_reference(vec![3; (SIDE * SIDE) as usize]);
    screen.appearance().disagreement = true;
    let picture = screen.render();
    let left = at(&picture, &view, 1.5, 4.5);
    let spread = |c: [u8; 3]| c.iter().max().unwrap() - c.iter().min().unwrap();
    assert!(spread(left) < spread(IMAGE), "{left:?} has less colour");
    let row: Vec<[u8; 3]> = (0..48)
        .map(|dx| at(&picture, &view, 4.6 + dx as f32 / 16.0, 4.5))
        .collect();
    assert!(
        row.contains(&color(3)) && row.contains(&color(9)),
        "{row:?}"
    );
    assert!(
        row.iter().all(|c| [color(3), color(9)].contains(c)),
        "{row:?}"
    );
    screen.appearance().hidden[9] = true;
    let picture = screen.render();
    let shown = |x: f32| at(&picture, &view, x, 4.5) == color(9);
    assert!(!(0..48).any(|dx| shown(4.6 + dx as f32 / 16.0)));
}

/// At 100 % an image pixel is one physical pixel, however many of them a point has.
#[test]
fn every_pixel_is_sharp_on_any_display() {
    let size = [60, 40];
    let labels: Vec<u8> = (0..size[0] * size[1])
        .map(|i| (i * 7 % 251) as u8)
        .collect();
    for pixels_per_point in [1.0, 1.5, 2.0] {
        let made = Screen::dense([120.0, 90.0], pixels_per_point, size, labels.clone());
        let Some(mut screen) = made else {
            return;
        };
        screen.canvas().set_zoom(1.0);
        let picture = screen.render();
        let view = screen.canvas().view().unwrap();
        assert!((view.scale() * pixels_per_point - 1.0).abs() < 1e-5);
        let mut seen = 0;
        for (x, y, pixel) in picture.enumerate_pixels() {
            let point = pos2(x as f32 + 0.5, y as f32 + 0.5) / pixels_per_point;
            if let Some([ix, iy]) = view.pixel(point) {
                let expected = color(labels[(iy * size[0] + ix) as usize]);
                assert_eq!(pixel.0[..3], expected, "({x}, {y}) at {pixels_per_point}");
                seen += 1;
            }
        }
        assert_eq!(seen, size[0] * size[1], "at {pixels_per_point}");
    }
}

#[test]
fn the_minimap_shows_all_of_the_image_and_where_the_view_is() {
    let size = [1000, 500];
    let bytes: Vec<u8> = (0..size[0] * size[1])
        .flat_map(|i| {
            if i % size[0] < 500 {
                [200, 0, 0]
            } else {
                [0, 0, 200]
            }
        })
        .collect();
    let image = Pyramid::new(size, bytes).unwrap();
    let labels = vec![7; 500_000];
    let Some(mut screen) = Screen::of([600.0, 400.0], 1.0, image, labels) else {
        return;
    };
    screen.appearance().show_labels = false;
    screen.appearance().minimap = true;
    screen.canvas().set_zoom(4.0);
    screen.canvas().look_at(pos2(100.0, 250.0));
    screen.harness.run();
    let picture = screen.render();
    let view = screen.canvas().view().unwrap();
    // The lower right corner, 168 by 84 points with a margin of 12.
    let corner = view.rect().max - egui::vec2(12.0, 12.0);
    let map = egui::Rect::from_min_max(corner - egui::vec2(168.0, 84.0), corner);
    let at = |x: f32, y: f32| rgb_in(&picture, map, x, y);
    assert_eq!(at(0.4, 0.1), [200, 0, 0]);
    assert_eq!(at(0.9, 0.9), [0, 0, 200], "what is beyond the screen");
    let ring = Theme::Dark.tokens().color.ring.to_array();
    let found = (0..100).any(|i| at(i as f32 / 200.0, 0.5) == ring[..3]);
    assert!(found, "the view's frame");
    let canvas = rgb(&picture, 1.0, pos2(40.0, 40.0));
    assert_eq!(canvas, [200, 0, 0], "the canvas itself");
}

fn rgb_in(picture: &RgbaImage, rect: egui::Rect, x: f32, y: f32) -> [u8; 3] {
    rgb(picture, 1.0, rect.lerp_inside(egui::vec2(x, y)))
}
