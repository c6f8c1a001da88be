//! Every way to look at an image, as a person at the window has it: by key, menu and pointer.

use atrous::command::Command;
use atrous::state::{Peek, Settings};
use atrous_palettes::VOID;
use egui::{Key, Modifiers, pos2};
use egui_kittest::kittest::Queryable as _;

use super::desk::{Desk, Room};

const STROKE: [[u32; 2]; 3] = [[40, 60], [80, 60], [110, 64]];
const ON_STROKE: [u32; 2] = [80, 60];
const VEGETATION: u8 = 8;

/// A window with one image, predicted, and a stroke on it.
fn corrected(room: &Room) -> Desk {
    let mut desk = room.start();
    desk.open(&room.streets());
    desk.press(Key::R);
    desk.wait_until("the image is predicted", |state| {
        let document = state.document.as_ref().unwrap();
        document.prediction.is_some() && state.jobs.is_empty()
    });
    desk.press(Key::Num9);
    desk.press(Key::B);
    desk.drag(&STROKE);
    assert_eq!(desk.label(ON_STROKE), Some(VEGETATION));
    desk
}

/// Holds a key and looks; nothing can be painted meanwhile.
fn hold(desk: &mut Desk, modifiers: Modifiers, key: Key, expected: Peek) {
    desk.harness.key_down_modifiers(modifiers, key);
    desk.settle();
    assert_eq!(desk.state().view.peek, Some(expected));
    let labels = desk.labels();
    desk.drag(&[[30, 30], [60, 30]]);
    assert_eq!(desk.labels(), labels, "nothing is painted meanwhile");
    desk.harness.key_up_modifiers(modifiers, key);
    desk.settle();
    assert_eq!(desk.state().view.peek, None);
}

#[test]
fn the_prediction_and_the_labels_before_are_seen_while_a_key_is_held() {
    let room = Room::new(1);
    let mut desk = corrected(&room);
    hold(&mut desk, Modifiers::NONE, Key::C, Peek::Prediction);
    hold(&mut desk, Modifiers::SHIFT, Key::C, Peek::Before);
    let document = desk.state().document.as_ref().unwrap();
    let [x, y] = ON_STROKE;
    assert_eq!(
        document.before.get(x, y),
        Some(VOID),
        "before the prediction nothing was labelled"
    );
    assert_ne!(document.prediction.as_ref().unwrap().get(x, y), Some(VOID));
}

#[test]
fn a_look_from_the_menu_stays_until_escape() {
    let room = Room::new(1);
    let mut desk = corrected(&room);
    desk.click("View");
    let item = desk.harness.get_by_label_contains("Look at labels before");
    item.click();
    desk.settle();
    assert_eq!(desk.state().view.peek, Some(Peek::Before));
    assert_eq!(desk.state().is_on(Command::PeekBefore), Some(true));
    desk.press(Key::Escape);
    assert_eq!(desk.state().view.peek, None);
}

#[test]
fn the_labels_are_hidden_by_a_press_and_come_back_after_a_look() {
    let room = Room::new(1);
    let mut desk = corrected(&room);
    desk.press(Key::H);
    assert!(!desk.state().view.labels, "a press hides them");
    desk.press(Key::H);
    assert!(desk.state().view.labels);
    desk.harness.key_down(Key::H);
    // A frame of the harness is a quarter of a second.
    desk.harness.run_steps(4);
    assert!(!desk.state().view.labels);
    desk.harness.key_up(Key::H);
    desk.settle();
    assert!(desk.state().view.labels, "held, it was a look at the image");
    desk.command(Command::HideClass);
    desk.command(Command::HideClass);
    desk.command(Command::ToggleHistory);
    assert!(desk.state().view.labels, "other commands share that key");
}

#[test]
fn before_starts_anew_with_each_prediction_and_each_image() {
    let room = Room::new(2);
    let mut desk = corrected(&room);
    desk.press(Key::R);
    desk.wait_until("it is predicted again", |state| {
        let before = &state.document.as_ref().unwrap().before;
        state.jobs.is_empty() && before.get(ON_STROKE[0], ON_STROKE[1]) == Some(VEGETATION)
    });
    desk.press(Key::D);
    desk.wait_until("the next image is shown", |state| {
        let open = state.document.as_ref().map(|document| document.id);
        open.is_some() && open == state.project.as_ref().unwrap().current
    });
    let document = desk.state().document.as_ref().unwrap();
    assert_eq!(document.before, document.labels);
}

#[test]
fn uncertainty_and_disagreement_take_turns() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.open(&room.streets());
    for command in [Command::ToggleConfidence, Command::ToggleDisagreement] {
        assert!(!desk.state().allows(command), "there is no prediction yet");
    }
    drop(desk);
    let room = Room::new(1);
    let mut desk = corrected(&room);
    desk.command(Command::ToggleConfidence);
    assert!(desk.state().view.confidence);
    desk.command(Command::ToggleDisagreement);
    assert!(desk.state().view.disagreement && !desk.state().view.confidence);
    desk.click("Disagreement");
    assert!(!desk.state().view.disagreement);
}

/// Moves a slider.
fn slide(desk: &mut Desk, name: &str, value: f64) {
    desk.harness
        .get_by_role_and_label(egui::accesskit::Role::Slider, name)
        .set_value_accesskit(value);
    desk.settle();
}

#[test]
fn tones_and_class_opacity_have_a_card_and_keys() {
    let room = Room::new(1);
    let mut desk = corrected(&room);
    let labels = desk.labels();
    desk.command(Command::Tones);
    desk.harness.check_accessibility();
    slide(&mut desk, "Brightness", 0.25);
    slide(&mut desk, "Contrast", 2.0);
    slide(&mut desk, "Gamma", 1.5);
    let tone = desk.state().view.tone;
    assert_eq!(
        (tone.brightness, tone.contrast, tone.gamma),
        (0.25, 2.0, 1.5)
    );
    slide(&mut desk, "Opacity of vegetation", 40.0);
    let opacity = |desk: &Desk| desk.state().classes.opacity[usize::from(VEGETATION)];
    assert!((opacity(&desk) - 0.4).abs() < 1e-6);
    desk.command(Command::MoreClassOpacity);
    assert!((opacity(&desk) - 0.5).abs() < 1e-6);
    desk.click("Reset");
    assert_eq!(
        desk.state().view.tone,
        atrous_widgets::canvas::Tone::default()
    );
    desk.click("Close image tones");
    assert!(!desk.sees("Gamma"));
    assert_eq!(desk.labels(), labels, "labels are not touched");
}

#[test]
fn the_view_moves_by_key_and_by_the_minimap() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.open(&room.streets());
    desk.command(Command::ActualSize);
    for _ in 0..14 {
        desk.command(Command::ZoomIn);
    }
    desk.harness.run_steps(6);
    let center = |desk: &Desk| {
        let view = desk.harness.state().canvas().view().unwrap();
        view.to_image(view.rect().center())
    };
    let start = center(&desk);
    desk.command(Command::PanRight);
    desk.command(Command::PanDown);
    desk.harness.run_steps(6);
    let moved = center(&desk) - start;
    assert!(moved.x > 2.0 && moved.y > 1.0, "{moved:?}");
    desk.command(Command::PanLeft);
    desk.command(Command::PanUp);
    desk.harness.run_steps(6);
    assert!((center(&desk) - start).length() < 0.2);

    let name = "Minimap: click or drag to move the view";
    desk.harness.check_accessibility();
    let map = desk.harness.get_by_label(name).rect();
    desk.harness
        .hover_at(map.lerp_inside(egui::vec2(0.75, 0.25)));
    desk.settle();
    desk.harness.get_by_label(name).click();
    desk.settle();
    let size = desk.state().document.as_ref().unwrap().size;
    let middle = pos2(size[0] as f32 / 2.0, size[1] as f32 / 2.0);
    assert!(
        (center(&desk) - middle).length() < 1.0,
        "a click is at its middle"
    );
    desk.command(Command::ToggleMinimap);
    assert!(!desk.sees(name));
    desk.command(Command::TogglePixelGrid);
    desk.close();
    let kept = Settings::read(&room.path("settings.toml")).unwrap();
    assert!(!kept.minimap && !kept.pixel_grid, "remembered");
}

#[test]
fn what_is_under_the_pointer_is_told() {
    let room = Room::new(1);
    let mut desk = corrected(&room);
    let at = desk.on_screen(ON_STROKE);
    desk.harness.hover_at(at);
    desk.settle();
    assert!(desk.sees("80, 60"), "the pixel");
    assert!(desk.sees("vegetation"), "its class");
    let image = desk.harness.state().canvas().image().unwrap().clone();
    let [r, g, b] = image.pixel(ON_STROKE).unwrap();
    assert!(desk.sees(&format!("{r}, {g}, {b}")), "its colour");
    let document = desk.state().document.as_ref().unwrap();
    let percent = f32::from(document.confidence_at(ON_STROKE).unwrap()) / 255.0 * 100.0;
    assert!(desk.sees(&format!("{percent:.0} %")), "the confidence");
}
