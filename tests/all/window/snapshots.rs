//! What the main states look like, dark and light.

use atrous::command::Command;
use atrous::state::{Look, Thumbnail};
use atrous_engine::jobs::Silent;
use atrous_engine::project::{OpenOptions, Project, Status};
use atrous_engine::zoo::{Receipt, UnpackedFile};
use atrous_palettes::Palette;
use atrous_widgets::theme::Theme;
use eframe::egui_wgpu::RenderState;
use egui::{Key, PointerButton, Rect, pos2, vec2};
use egui_kittest::SnapshotResults;
use egui_kittest::kittest::Queryable as _;

use super::classes::ade20k_room;
use super::desk::{Desk, Room};
use crate::widgets::screen;

/// Where the status bar names the compute device, which differs from machine to machine.
const DEVICE: Rect = Rect {
    min: pos2(1040.0, 778.0),
    max: pos2(1276.0, 799.0),
};

/// Takes a snapshot. The machine's own words are covered.
fn compare(desk: &mut Desk, name: &str, theme: Theme) {
    desk.harness.remove_cursor();
    desk.wait_until("nothing runs", |state| state.jobs.is_empty());
    desk.harness.mask(DEVICE);
    // A temporary folder has another name each time.
    let folder = desk.harness.query_by_label_contains("/streets-voc");
    if let Some(folder) = folder.map(|folder| folder.rect()) {
        let row = Rect::from_min_size(folder.min, vec2(380.0, 24.0));
        desk.harness.mask(row.expand(6.0));
    }
    screen::compare(&mut desk.harness, name, theme);
}

/// Takes pictures in both themes, each in a room of its own; without a Vulkan driver there are none.
#[must_use]
fn in_both_themes(
    room: impl Fn() -> Room,
    take: impl Fn(&RenderState, &Room, Theme) -> Desk,
) -> SnapshotResults {
    let mut results = SnapshotResults::new();
    for (theme, look) in [(Theme::Dark, Look::Dark), (Theme::Light, Look::Light)] {
        let Some(state) = screen::render_state() else {
            break;
        };
        let room = room();
        room.paint(look);
        let mut desk = take(&state, &room, theme);
        results.extend_harness(&mut desk.harness);
    }
    results
}

#[test]
fn the_main_states_look_as_they_should() {
    in_both_themes(
        || Room::new(3),
        |state, room, theme| {
            let mut desk = room.start_painted(state, theme);
            compare(&mut desk, "window_start", theme);
            edit(&mut desk, room);
            compare(&mut desk, "window_editing", theme);
            desk.press(Key::Escape);
            for (command, name) in [
                (Command::FineTune, "window_fine_tune"),
                (Command::Shortcuts, "window_shortcuts"),
                (Command::CustomiseKeys, "window_keys"),
                (Command::Palette, "window_palette"),
            ] {
                desk.command(command);
                compare(&mut desk, name, theme);
                desk.press(Key::Escape);
            }
            desk
        },
    )
    .unwrap();
}

#[test]
fn many_classes_look_as_they_should() {
    in_both_themes(ade20k_room, |state, room, theme| {
        let mut desk = room.start_painted(state, theme);
        desk.open(&room.streets());
        for key in [Key::Num7, Key::Num3, Key::Num0] {
            desk.press(key);
        }
        // An odd size: no pixel's middle lies on the rim, where rounding decides.
        desk.enter("Size", 25.0);
        desk.drag(&[[10, 110], [150, 110]]);
        desk.wait_until("the shares are counted", |state| {
            state.classes.counts.pixels().is_some()
        });
        desk.wait_saved();
        compare(&mut desk, "window_ade20k", theme);
        desk
    })
    .unwrap();
}

/// An image that exports leave out, and the dialog that counts it.
#[test]
fn exports_look_as_they_should() {
    let room = || {
        let room = Room::new(3);
        let options = OpenOptions {
            palette: Some(Palette::cityscapes()),
            ..OpenOptions::default()
        };
        let project = Project::open(&room.streets(), options).unwrap();
        project.scan(&mut Silent).unwrap();
        let images = project.images().unwrap();
        for image in &images[..2] {
            project.set_status(image.id, Status::Reviewed).unwrap();
        }
        project.set_excluded(&[images[1].id], true).unwrap();
        room
    };
    in_both_themes(room, |state, room, theme| {
        let mut desk = room.start_painted(state, theme);
        desk.open(&room.streets());
        wait_thumbnails(&mut desk);
        desk.command(Command::Export);
        compare(&mut desk, "window_export", theme);
        desk
    })
    .unwrap();
}

/// What hands meet first: the tour, the history, a question about keys; sharp screens too.
#[test]
fn dialogs_look_as_they_should_at_both_scales() {
    let mut results = SnapshotResults::new();
    for scale in [1, 2] {
        results.extend(in_both_themes(
            || Room::new(3),
            |state, room, theme| {
                let mut desk = room.start_dense(state, theme, scale as f32);
                let take = |desk: &mut Desk, name: &str| {
                    compare(desk, &format!("{name}_{scale}x"), theme);
                };
                desk.click("Help");
                desk.click(Command::Tour.text());
                take(&mut desk, "window_tour_start");
                edit(&mut desk, room);
                desk.press(Key::Escape);
                desk.command(Command::ToggleHistory);
                desk.command(Command::Undo);
                desk.wait_saved();
                take(&mut desk, "window_tour_history");
                desk.press(Key::Escape);
                desk.command(Command::CustomiseKeys);
                desk.click("Add keys for Export");
                desk.press(Key::E);
                take(&mut desk, "window_keys_conflict");
                desk
            },
        ));
    }
    results.unwrap();
}

/// The tools that look at the image, each at work.
#[test]
fn tools_at_work_look_as_they_should() {
    in_both_themes(
        || Room::new(1),
        |state, room, theme| {
            let mut desk = room.start_painted(state, theme);
            desk.open(&room.streets());
            desk.press(Key::Num9);
            desk.command(Command::Superpixels);
            desk.wait_until("there are superpixels", |state| {
                let document = state.document.as_ref();
                document.is_some_and(|document| document.scene.superpixels.is_some())
                    && state.jobs.is_empty()
            });
            desk.drag(&[[20, 60], [90, 62]]);
            desk.wait_saved();
            compare(&mut desk, "window_superpixels", theme);
            desk.command(Command::SmartClick);
            desk.wait_until("the network is asked", |state| {
                let document = state.document.as_ref();
                document.is_some_and(|document| document.scene.probabilities.is_some())
                    && state.jobs.is_empty()
            });
            desk.click_at([80, 6]);
            desk.drag_with(PointerButton::Secondary, &[[80, 110]]);
            desk.wait_until("it is found", |state| !state.searches.is_busy());
            compare(&mut desk, "window_smart_click", theme);
            desk.command(Command::GrabCut);
            desk.drag(&[[30, 30], [100, 80], [130, 110]]);
            desk.wait_until("it is found", |state| !state.searches.is_busy());
            compare(&mut desk, "window_grab_cut", theme);
            desk
        },
    )
    .unwrap();
}

/// What the ways to look look like, at one and at two screen pixels a point.
#[test]
fn the_ways_to_look_look_as_they_should() {
    let mut results = SnapshotResults::new();
    for (density, suffix) in [(1.0, ""), (2.0, "_2x")] {
        results.extend(in_both_themes(
            || Room::new(3),
            |state, room, theme| {
                let mut desk = room.start_dense(state, theme, density);
                edit(&mut desk, room);
                desk.press(Key::Escape);
                desk.command(Command::ActualSize);
                for _ in 0..12 {
                    desk.command(Command::ZoomIn);
                }
                desk.command(Command::Tones);
                desk.harness.run_steps(6);
                compare(&mut desk, &format!("window_looking{suffix}"), theme);
                desk
            },
        ));
    }
    results.unwrap();
}

#[test]
fn the_models_panel_looks_as_it_should() {
    in_both_themes(
        || Room::new(1),
        |state, room, theme| {
            place_models(room);
            let mut desk = room.start_painted(state, theme);
            desk.command(Command::Models);
            desk.wait_until("somebody looked", |state| !state.zoo.presence.is_empty());
            compare(&mut desk, "window_models", theme);
            let row = "mobilenetv2_coco_voc_trainaug, MobileNetV2, image pooling, 77.3 mIoU, 23 MB, on this machine";
            desk.click(row);
            compare(&mut desk, "window_models_details", theme);
            desk
        },
    )
    .unwrap();
}

/// One model that is here, and one whose download was begun.
fn place_models(room: &Room) {
    let zoo = room.zoo.as_ref().unwrap();
    let here = zoo.find("mobilenetv2_coco_voc_trainaug").unwrap();
    let folder = zoo.cache.model_folder(here);
    std::fs::create_dir_all(&folder).unwrap();
    let file = UnpackedFile {
        path: "model.ckpt.index".to_owned(),
        bytes: 24_000_000,
        sha256: String::new(),
    };
    let receipt = Receipt {
        name: here.name.clone(),
        source: String::new(),
        archive_bytes: 23_000_000,
        archive_sha256: String::new(),
        files: vec![file],
    };
    let text = serde_json::to_vec(&receipt).unwrap();
    std::fs::write(folder.join("receipt.json"), text).unwrap();
    let begun = zoo.find("xception65_coco_voc_trainaug").unwrap();
    let part = zoo.cache.folder().join(format!("{}.part", begun.archive));
    std::fs::write(part, [0; 1000]).unwrap();
}

fn wait_thumbnails(desk: &mut Desk) {
    desk.wait_until("all thumbnails are there", |state| {
        let project = state.project.as_ref().unwrap();
        let mut thumbnails = project.thumbnails.iter();
        thumbnails.len() == 3 && thumbnails.all(|it| matches!(it, Thumbnail::Ready(_)))
    });
}

/// Two strokes, and a polygon in the making.
fn edit(desk: &mut Desk, room: &Room) {
    desk.open(&room.streets());
    wait_thumbnails(desk);
    desk.press(Key::Num1);
    desk.drag(&[[10, 110], [150, 110]]);
    desk.press(Key::Num9);
    desk.drag(&[[20, 20], [60, 40]]);
    desk.press(Key::P);
    for vertex in [[90, 20], [140, 20], [130, 70], [100, 60]] {
        desk.click_at(vertex);
    }
    desk.wait_saved();
    desk.wait_until("the shares are counted", |state| {
        state.classes.counts.pixels().is_some()
    });
}
