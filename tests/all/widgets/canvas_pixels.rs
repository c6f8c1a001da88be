//! The canvas shader, pixel by pixel, on whatever wgpu adapter there is.

use std::sync::Arc;

use atrous_widgets::canvas::{Appearance, Canvas, FlatMap, Maps, PixelRect, Pyramid};
use atrous_widgets::theme::Theme;
use image::RgbaImage;

use super::canvas_screen::{IMAGE, Screen, color};
use super::screen;

/// Four by four pixels are shown at 8 screen pixels a pixel, in the middle of 64 by 64 and the
/// harness's margin.
const ZOOM: u32 = 8;
const LEFT: u32 = 24;

fn four_by_four(labels: [u8; 16]) -> Option<Screen> {
    Screen::new([80.0, 80.0], [4, 4], labels.to_vec())
}

/// The colour at (dx, dy) of the square of image pixel (x, y).
fn at(screen: &RgbaImage, [x, y]: [u32; 2], [dx, dy]: [u32; 2]) -> [u8; 3] {
    let [r, g, b, a] = screen
        .get_pixel(LEFT + x * ZOOM + dx, LEFT + y * ZOOM + dy)
        .0;
    assert_eq!(a, 255);
    [r, g, b]
}

/// Checks every screen pixel of the image's squares.
fn assert_squares(screen: &RgbaImage, expected: impl Fn([u32; 2]) -> [u8; 3]) {
    for y in 0..4 {
        for x in 0..4 {
            for dy in 0..ZOOM {
                for dx in 0..ZOOM {
                    let found = at(screen, [x, y], [dx, dy]);
                    assert_eq!(found, expected([x, y]), "pixel ({x}, {y}) + ({dx}, {dy})");
                }
            }
        }
    }
}

const LABELS: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 18, 19, 20, 21, 150, 151, 254, 255];

fn class_at([x, y]: [u32; 2]) -> u8 {
    LABELS[(y * 4 + x) as usize]
}

#[test]
fn at_full_opacity_the_colours_are_the_palettes_to_the_last_edge() {
    let Some(mut screen) = four_by_four(LABELS) else {
        return;
    };
    assert_squares(&screen.render(), |pixel| color(class_at(pixel)));
}

#[test]
fn hidden_classes_and_no_labels_show_the_image() {
    let Some(mut screen) = four_by_four(LABELS) else {
        return;
    };
    screen.appearance().hidden[5] = true;
    screen.appearance().hidden[255] = true;
    assert_squares(&screen.render(), |pixel| match class_at(pixel) {
        5 | 255 => IMAGE,
        class => color(class),
    });
    screen.appearance().show_labels = false;
    assert_squares(&screen.render(), |_| IMAGE);
}

#[test]
fn opacity_mixes_with_the_image() {
    let Some(mut screen) = four_by_four([200; 16]) else {
        return;
    };
    screen.appearance().opacity = 0.25;
    let found = at(&screen.render(), [1, 1], [4, 4]);
    for i in 0..3 {
        let expected = 0.75 * f32::from(IMAGE[i]) + 0.25 * f32::from(color(200)[i]);
        assert!((f32::from(found[i]) - expected).abs() <= 0.51, "{found:?}");
    }
}

#[test]
fn an_outline_follows_the_edge_between_classes() {
    let labels = std::array::from_fn(|i| if i % 4 < 2 { 3 } else { 9 });
    let Some(mut screen) = four_by_four(labels) else {
        return;
    };
    screen.appearance().outline = true;
    let picture = screen.render();
    assert_eq!(
        at(&picture, [1, 2], [7, 4]),
        color(3),
        "just left of the edge"
    );
    assert_eq!(at(&picture, [2, 2], [0, 4]), color(9), "just right of it");
    for far in [[0, 2], [3, 2], [0, 0], [3, 3]] {
        assert_eq!(at(&picture, far, [4, 4]), IMAGE, "{far:?} is inside");
    }
    assert_eq!(
        at(&picture, [0, 2], [0, 4]),
        IMAGE,
        "the image's border is no edge"
    );
}

#[test]
fn a_locked_class_is_striped_and_another_is_not() {
    let labels = std::array::from_fn(|i| if i % 4 < 2 { 3 } else { 9 });
    let Some(mut screen) = four_by_four(labels) else {
        return;
    };
    screen.appearance().locked[3] = true;
    let picture = screen.render();
    let row: Vec<_> = (0..16).map(|dx| at(&picture, [0, 1], [dx, 0])).collect();
    assert!(
        row.contains(&color(3)) && row.iter().any(|c| *c != color(3)),
        "{row:?}"
    );
    assert!((0..16).all(|dx| at(&picture, [2, 1], [dx, 0]) == color(9)));
}

#[test]
fn the_hovered_class_is_brought_out_and_no_other() {
    let labels = std::array::from_fn(|i| if i % 4 < 2 { 3 } else { 9 });
    let Some(mut screen) = four_by_four(labels) else {
        return;
    };
    screen.appearance().opacity = 0.0;
    screen.appearance().hovered_class = Some(9);
    let picture = screen.render();
    assert_squares_of(&picture, [0, 1], IMAGE);
    assert_ne!(at(&picture, [3, 1], [4, 4]), IMAGE);
    assert_eq!(at(&picture, [2, 1], [0, 4]), color(9), "its outline");
}

fn assert_squares_of(screen: &RgbaImage, columns: [u32; 2], expected: [u8; 3]) {
    for x in columns {
        assert_eq!(at(screen, [x, 1], [4, 4]), expected);
    }
}

#[test]
fn uncertainty_is_hot_where_the_model_is_not_sure() {
    let Some(mut screen) = four_by_four([0; 16]) else {
        return;
    };
    let sure = |i: usize| if i % 4 < 2 { 255 } else { 0 };
    let confidence = (0..16).map(sure).collect();
    screen.set_confidence(Some(confidence));
    screen.appearance().uncertainty = true;
    let picture = screen.render();
    let [r, g, b, _] = Theme::Dark.tokens().color.heat_high.to_array();
    assert_eq!(at(&picture, [0, 1], [4, 4]), IMAGE);
    assert_eq!(at(&picture, [3, 1], [4, 4]), [r, g, b]);
    screen.set_confidence(None);
    assert_squares(&screen.render(), |_| color(0));
}

#[test]
fn an_update_changes_its_rectangle_and_uploads_nothing_else() {
    let size = [1300, 700];
    let labels: Vec<u8> = (0..size[0] * size[1])
        .map(|i| (i % size[0] / 100) as u8)
        .collect();
    let Some(mut screen) = Screen::new([700.0, 400.0], size, labels) else {
        return;
    };
    screen.canvas().set_zoom(1.0);
    let before = screen.render();
    let uploaded = screen.canvas().uploaded_bytes();

    // Across the seam of two tiles, in the middle of the view.
    let rect = PixelRect {
        x: 505,
        y: 340,
        w: 16,
        h: 9,
    };
    screen.paint(rect, 77);
    let after = screen.render();
    let sent = screen.canvas().uploaded_bytes() - uploaded;
    assert!(sent < 400, "{sent} bytes for {} pixels", 16 * 9);
    let view = screen.canvas().view().unwrap();
    for (x, y, pixel) in after.enumerate_pixels() {
        let image = view.pixel(egui::pos2(x as f32 + 0.5, y as f32 + 0.5));
        let inside = image.is_some_and(|[x, y]| {
            (rect.x..rect.x + rect.w).contains(&x) && (rect.y..rect.y + rect.h).contains(&y)
        });
        let expected = if inside {
            let [r, g, b] = color(77);
            image::Rgba([r, g, b, 255])
        } else {
            *before.get_pixel(x, y)
        };
        assert_eq!(*pixel, expected, "({x}, {y}), image {image:?}");
    }
}

#[test]
fn tiles_meet_without_gaps_at_any_zoom() {
    let size = [1300, 1100];
    let labels = vec![42; 1300 * 1100];
    let Some(mut screen) = Screen::new([400.0, 300.0], size, labels) else {
        return;
    };
    let [r, g, b] = color(42);
    for zoom in [0.21, 0.37, 0.73, 1.0, 1.9] {
        screen.canvas().set_zoom(zoom);
        let picture = screen.render();
        let view = screen.canvas().view().unwrap();
        assert!((view.zoom() - zoom).abs() < 1e-4);
        let corner = |x, y| view.to_screen(egui::pos2(x, y));
        let inner = egui::Rect::from_min_max(corner(0.0, 0.0), corner(1300.0, 1100.0)).shrink(1.0);
        let inner = inner.intersect(view.rect());
        for (x, y, pixel) in picture.enumerate_pixels() {
            if inner.contains(egui::pos2(x as f32, y as f32))
                && inner.contains(egui::pos2(x as f32 + 1.0, y as f32 + 1.0))
            {
                assert_eq!(pixel.0, [r, g, b, 255], "({x}, {y}) at zoom {zoom}");
            }
        }
    }
}

#[test]
fn a_new_label_map_of_the_same_image_replaces_the_old_one() {
    let Some(mut screen) = four_by_four([1; 16]) else {
        return;
    };
    assert_squares(&screen.render(), |_| color(1));
    screen.set_labels(vec![2; 16]);
    assert_squares(&screen.render(), |_| color(2));
}

#[test]
fn a_large_image_comes_in_pieces_and_never_shows_a_hole() {
    let size = [3000, 2500];
    let Some(mut screen) = Screen::new([1616.0, 1116.0], size, vec![9; 3000 * 2500]) else {
        return;
    };
    screen.canvas().set_zoom(1.0);
    let before = screen.canvas().uploaded_bytes();
    screen.harness.step();
    let first = screen.canvas().uploaded_bytes() - before;
    let picture = screen.harness.render().unwrap();
    let [r, g, b] = color(9);
    for pixel in [[8, 8], [1607, 8], [8, 1107], [1607, 1107], [800, 500]] {
        assert_eq!(
            picture.get_pixel(pixel[0], pixel[1]).0,
            [r, g, b, 255],
            "{pixel:?}"
        );
    }
    screen.harness.run();
    let all = screen.canvas().uploaded_bytes() - before;
    assert!(
        first < all,
        "{first} bytes in the first frame, {all} in all"
    );
    screen.harness.run();
    assert_eq!(
        screen.canvas().uploaded_bytes() - before,
        all,
        "all is there"
    );
}

/// What is painted is what the view says is there, also where the widget leaves the screen.
#[test]
fn a_widget_that_is_cut_off_is_not_squeezed() {
    let Some(state) = screen::render_state() else {
        return;
    };
    let mut canvas = Canvas::new(Some(&state));
    let image = Pyramid::new([8, 8], vec![0; 8 * 8 * 3]).unwrap();
    canvas.set_image(Arc::new(image));
    let labels: Vec<u8> = (0..64).collect();
    canvas.set_palette(&std::array::from_fn(|class| color(class as u8)));
    let mut harness = screen::painted([90.0, 70.0], Theme::Dark, &state).build_ui_state(
        move |ui, canvas: &mut Canvas| {
            let labels = FlatMap::new([8, 8], &labels).unwrap();
            let maps = Maps {
                labels: Some(&labels),
                ..Maps::default()
            };
            let rect =
                egui::Rect::from_min_size(egui::pos2(-30.0, -20.0), egui::vec2(100.0, 130.0));
            let builder = egui::UiBuilder::new().max_rect(rect);
            ui.scope_builder(builder, |ui| {
                ui.set_clip_rect(egui::Rect::EVERYTHING);
                let appearance = Appearance {
                    opacity: 1.0,
                    ..Appearance::default()
                };
                canvas.show(ui, &appearance, &maps);
            });
        },
        canvas,
    );
    harness.run();
    let picture = harness.render().unwrap();
    let view = harness.state().view().unwrap();
    let mut seen = 0;
    for (x, y, pixel) in picture.enumerate_pixels() {
        if let Some([ix, iy]) = view.pixel(egui::pos2(x as f32 + 0.5, y as f32 + 0.5)) {
            let [r, g, b] = color((iy * 8 + ix) as u8);
            assert_eq!(pixel.0, [r, g, b, 255], "({x}, {y})");
            seen += 1;
        }
    }
    assert!(
        seen > 1000,
        "only {seen} pixels of the image are on the screen"
    );
}
