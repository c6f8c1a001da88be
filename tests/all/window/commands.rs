//! Commands that are not part of a journey: view, classes, settings, what can go wrong.

use atrous::command::{Command, Group};
use atrous::state::{Look, Settings};
use atrous::tools::ToolKind;
use atrous_engine::project::Status;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use super::desk::{Desk, Room};

#[test]
fn classes_are_taken_by_key_by_name_and_from_the_image() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.open(&room.streets());
    desk.press(Key::Num3);
    assert_eq!(desk.state().classes.current, 2);
    desk.chord(Modifiers::SHIFT, Key::Num1);
    assert_eq!(desk.state().classes.current, 10);
    desk.press(Key::X);
    assert_eq!(desk.state().classes.current, 2);
    desk.press(Key::B);
    desk.click_at([80, 64]);
    desk.press(Key::Num1);
    desk.press(Key::V);
    assert_eq!(desk.state().tool.kind(), ToolKind::Select);
    desk.click_at([80, 64]);
    assert_eq!(desk.state().classes.current, 2);
}

#[test]
fn the_brush_and_the_opacity_have_keys_and_are_remembered() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.open(&room.streets());
    let before = desk.state().settings.clone();
    desk.press(Key::CloseBracket);
    assert!(desk.state().settings.brush > before.brush);
    desk.command(Command::BrushMuchLarger);
    desk.press(Key::Period);
    assert!(desk.state().settings.opacity > before.opacity);
    desk.press(Key::O);
    let chosen = desk.state().settings.clone();
    assert!(chosen.outline);
    desk.close();
    let kept = Settings::read(&room.path("settings.toml")).unwrap();
    assert_eq!(kept, chosen);
    let first = std::fs::canonicalize(room.streets()).unwrap();
    assert_eq!(kept.recent.first(), Some(&first));
}

#[test]
fn the_brushs_keys_set_superpixels_and_the_wand_by_as_much_as_they_say() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.open(&room.streets());
    let side = |desk: &Desk| {
        let size = desk.state().document.as_ref().unwrap().size;
        desk.state().settings.superpixel_side(size)
    };
    desk.command(Command::Superpixels);
    let before = side(&desk);
    for (command, by) in [
        (Command::BrushMuchLarger, 10),
        (Command::BrushLarger, 11),
        (Command::BrushSmaller, 10),
        (Command::BrushMuchSmaller, 0),
    ] {
        desk.command(command);
        assert_eq!(side(&desk), before + by, "{command:?}");
    }
    desk.command(Command::Wand);
    let before = desk.state().settings.wand_tolerance;
    desk.command(Command::BrushMuchLarger);
    desk.command(Command::BrushSmaller);
    assert_eq!(desk.state().settings.wand_tolerance, before + 9);
}

#[test]
fn alt_and_the_wheel_turn_what_the_tool_is_set_by_however_small_it_is() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.open(&room.streets());
    desk.slide("Size", 1.0);
    desk.hover([80, 60]);
    let turn = |desk: &mut Desk, lines: f32| {
        desk.harness
            .event(egui::Event::ModifiersChanged(Modifiers::ALT));
        desk.harness.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Line,
            delta: egui::vec2(0.0, lines),
            modifiers: Modifiers::ALT,
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
        });
        desk.harness.run_steps(30);
        desk.harness
            .event(egui::Event::ModifiersChanged(Modifiers::NONE));
        desk.settle();
    };
    assert_eq!(desk.state().settings.brush, 1);
    turn(&mut desk, 8.0);
    let brush = desk.state().settings.brush;
    assert!(brush > 1, "{brush}");
    turn(&mut desk, -40.0);
    assert_eq!(desk.state().settings.brush, 1);

    let before = desk.state().settings.clone();
    desk.command(Command::Wand);
    turn(&mut desk, 8.0);
    assert!(desk.state().settings.wand_tolerance > before.wand_tolerance);
    desk.command(Command::Superpixels);
    turn(&mut desk, 8.0);
    assert!(desk.state().settings.superpixels > before.superpixels);
    assert_eq!(desk.state().settings.brush, 1);
}

#[test]
fn every_tools_options_fit_over_the_canvas_and_its_hint_below() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.open(&room.streets());
    for command in Group::Tool.commands() {
        desk.command(command);
        // While superpixels are computed the hint says so.
        desk.wait_until("nothing runs", |state| state.jobs.is_empty());
        let canvas = desk.harness.state().canvas().view().unwrap().rect();
        assert_eq!(canvas.top(), 64.0, "{command:?}: one row");
        let opacity = desk
            .harness
            .get_by_role_and_label(Role::Slider, "Opacity")
            .rect();
        // Behind it is its value.
        let end = opacity.right() + 56.0;
        assert!(end <= canvas.right(), "{command:?}: {opacity:?}");
        let hint = desk.state().tool.hint().into_owned();
        let hint = desk.harness.get_by_label(&hint).rect();
        assert!(hint.top() > canvas.bottom() && hint.right() < 1280.0);
    }
}

#[test]
fn broken_settings_are_told_and_defaults_used() {
    let room = Room::new(1);
    let model = Settings::read(&room.path("settings.toml")).unwrap().model;
    std::fs::write(room.path("settings.toml"), "look = \"purple\"").unwrap();
    let error = Settings::read(&room.path("settings.toml")).unwrap_err();
    assert!(error.to_string().contains("settings.toml"), "{error}");
    Settings {
        model,
        look: Look::Light,
        ..Settings::default()
    }
    .write(&room.path("settings.toml"))
    .unwrap();
    let desk = room.start();
    assert_eq!(desk.state().settings.look, Look::Light);
}

#[test]
fn a_file_that_is_no_folder_of_images_is_told() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.drop_path(&room.path("nowhere"));
    desk.wait_until("it is over", |state| state.jobs.is_empty());
    let notes: Vec<String> = desk.harness.state().notes().map(str::to_owned).collect();
    assert!(
        notes.iter().any(|note| note.contains("nowhere")),
        "{notes:?}"
    );
    assert!(desk.state().project.is_none());
}

#[test]
fn a_broken_image_is_listed_with_its_reason_and_the_rest_goes_on() {
    let room = Room::new(2);
    std::fs::write(room.path("streets/zz-broken.png"), b"no image").unwrap();
    let mut desk = room.start();
    desk.open(&room.streets());
    desk.wait_until("the headers are read", |state| {
        let images = &state.project.as_ref().unwrap().images;
        images.iter().any(|image| image.error.is_some())
    });
    let broken = {
        let project = desk.state().project.as_ref().unwrap();
        assert_eq!(project.images.len(), 3);
        let broken = project.images.iter().find(|image| image.error.is_some());
        broken.expect("a broken image").clone()
    };
    assert!(broken.path.ends_with("zz-broken.png"));
    desk.press(Key::D);
    desk.press(Key::D);
    desk.wait_until("the broken one is chosen", |state| {
        state.project.as_ref().unwrap().current == Some(broken.id)
    });
    assert!(desk.state().document.is_none());
    desk.press(Key::A);
    desk.wait_until("a good one is back", |state| state.document.is_some());
}

#[test]
fn images_that_come_later_are_noticed() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.open(&room.streets());
    let first = std::fs::read_dir(room.streets())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.is_file())
        .unwrap();
    std::fs::copy(first, room.path("streets/new.png")).unwrap();
    desk.wait_until("the new image is listed", |state| {
        state.project.as_ref().unwrap().images.len() == 2
    });
}

#[test]
fn the_view_zooms_and_fits() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.open(&room.streets());
    let zoom = |desk: &Desk| desk.harness.state().canvas().view().unwrap().zoom();
    desk.command(Command::Fit);
    let fitted = zoom(&desk);
    desk.command(Command::ActualSize);
    assert!((zoom(&desk) - 1.0).abs() < 1e-4);
    desk.command(Command::ZoomIn);
    desk.harness.run_steps(6);
    assert!((zoom(&desk) - 1.25).abs() < 1e-3);
    desk.press(Key::Minus);
    desk.harness.run_steps(6);
    assert!((zoom(&desk) - 1.0).abs() < 1e-3);
    desk.command(Command::Fit);
    assert!((zoom(&desk) - fitted).abs() < 1e-4);
}

#[test]
fn reviewing_goes_on_until_every_image_is_done() {
    let room = Room::new(3);
    let mut desk = room.start();
    desk.open(&room.streets());
    // From the queue's end: what comes before is not forgotten.
    desk.press(Key::D);
    desk.press(Key::D);
    for done in 1..=3 {
        desk.wait_until("the image is shown", |state| {
            state.document.as_ref().map(|document| document.id)
                == state.project.as_ref().unwrap().current
        });
        desk.command(Command::MarkReviewed);
        desk.wait_until("it is reviewed", |state| {
            state.project.as_ref().unwrap().count(Status::Reviewed) == done
        });
    }
}
