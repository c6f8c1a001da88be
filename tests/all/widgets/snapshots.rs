//! Every widget of the gallery, light and dark, against the pictures in `tests/snapshots`.

use atrous_widgets::theme::Theme;
use egui::{Frame, Ui};
use egui_kittest::SnapshotResults;

use super::scenes::{self, Gallery};
use super::screen;

/// Compares one scene in both themes. Panels have a margin of 8, as in the application.
fn scene(name: &str, size: [f32; 2], show: fn(&mut Ui, &mut Gallery)) {
    dense_scene(name, size, 1.0, show);
}

/// The same on a screen with this many pixels a point.
fn dense_scene(name: &str, size: [f32; 2], pixels_per_point: f32, show: fn(&mut Ui, &mut Gallery)) {
    let mut results = SnapshotResults::new();
    for theme in [Theme::Dark, Theme::Light] {
        let Some(state) = screen::render_state() else {
            return;
        };
        let gallery = Gallery::new(Some(&state));
        let builder = screen::painted(size, theme, &state).with_pixels_per_point(pixels_per_point);
        let mut harness = builder.build_ui_state(
            |ui, gallery| {
                let fill = ui.visuals().panel_fill;
                let panel = Frame::new().fill(fill).inner_margin(8);
                panel.show(ui, |ui| show(ui, gallery));
            },
            gallery,
        );
        harness.run();
        screen::compare(&mut harness, name, theme);
        results.extend_harness(&mut harness);
    }
}

#[test]
fn canvas() {
    scene("canvas", [256.0, 200.0], |ui, gallery| gallery.canvas(ui));
}

#[test]
fn canvas_outline() {
    scene("canvas_outline", [256.0, 200.0], |ui, gallery| {
        gallery.appearance.outline = true;
        gallery.appearance.locked[0] = true;
        gallery.canvas(ui);
    });
}

#[test]
fn canvas_uncertainty() {
    scene("canvas_uncertainty", [256.0, 200.0], |ui, gallery| {
        gallery.appearance.uncertainty = true;
        gallery.canvas(ui);
    });
}

#[test]
fn canvas_disagreement() {
    scene("canvas_disagreement", [256.0, 200.0], |ui, gallery| {
        gallery.appearance.disagreement = true;
        gallery.canvas(ui);
    });
}

/// The edge of the car, so near that pixels are squares, with minimap and grid.
fn near(ui: &mut Ui, gallery: &mut Gallery) {
    gallery.appearance.minimap = true;
    gallery.appearance.pixel_grid = true;
    let car = egui::pos2(366.0, 320.0);
    match gallery.canvas.view() {
        Some(view) if view.zoom() < 14.0 => gallery.canvas.set_zoom(14.0),
        Some(view) if view.pixel(view.rect().center()) != Some([366, 320]) => {
            gallery.canvas.look_at(car);
        }
        _ => {}
    }
    gallery.canvas(ui);
}

#[test]
fn canvas_near() {
    scene("canvas_near", [400.0, 300.0], near);
}

#[test]
fn canvas_near_on_a_dense_screen() {
    dense_scene("canvas_near_2x", [400.0, 300.0], 2.0, near);
}

#[test]
fn film_strip() {
    scene("film_strip", [256.0, 300.0], |ui, gallery| {
        gallery.strip(ui);
    });
}

#[test]
fn class_list() {
    scene("class_list", [256.0, 184.0], |ui, gallery| {
        gallery.appearance.hidden[2] = true;
        gallery.appearance.locked[4] = true;
        gallery.classes(ui);
    });
}

#[test]
fn tools_and_icons() {
    scene("tools", [420.0, 170.0], |ui, gallery| {
        gallery.tools(ui);
        ui.add_space(8.0);
        scenes::all_icons(ui);
    });
}

#[test]
fn controls() {
    scene("controls", [320.0, 210.0], |ui, gallery| {
        gallery.controls(ui);
    });
}

#[test]
fn curves() {
    scene("curves", [300.0, 290.0], |ui, _| scenes::curves(ui));
}

#[test]
fn status_bar() {
    scene("status", [620.0, 60.0], |ui, _| scenes::status(ui));
}

#[test]
fn empty_state() {
    scene("empty", [480.0, 260.0], |ui, _| scenes::empty(ui, false));
}

#[test]
fn empty_state_with_a_folder_over_it() {
    scene("empty_hovered", [480.0, 260.0], |ui, _| {
        scenes::empty(ui, true);
    });
}

#[test]
fn command_palette() {
    scene("palette", [680.0, 330.0], |ui, gallery| {
        if !gallery.palette.is_open() {
            gallery.palette.toggle();
        }
        gallery.palette.show(ui.ctx(), &scenes::entries());
    });
}

#[test]
fn notes() {
    scene("notes", [360.0, 320.0], |ui, gallery| {
        if gallery.toasts.texts().count() == 0 {
            gallery.notes();
        }
        gallery.toasts.show(ui.ctx(), 12.0);
    });
}
