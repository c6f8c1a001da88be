//! Journeys with what changes masks as a whole: fill, selection, protection, mask operations, and
//! the labels of the image before.

use atrous::command::Command;
use atrous::state::{OperationKind, State, Task};
use atrous::tools::ToolKind;
use atrous_palettes::VOID;
use egui::{Event, Key, Modifiers, PointerButton, TouchDeviceId, TouchId, TouchPhase};
use egui_kittest::kittest::Queryable as _;

use image::{Rgb, RgbImage};

use super::desk::{Desk, Room};

/// Class indices that the keys 1 to 3 take.
const ROAD: u8 = 0;
const SIDEWALK: u8 = 1;
const BUILDING: u8 = 2;

/// A window with one image, on which a square of road stands in void.
fn square() -> (Room, Desk) {
    let room = Room::new(2);
    let mut desk = room.start();
    desk.open(&room.streets());
    desk.press(Key::Num1);
    desk.press(Key::M);
    assert_eq!(desk.state().tool.kind(), ToolKind::Rectangle);
    desk.drag(&[[40, 40], [79, 79]]);
    assert_eq!(area(&desk, ROAD), 40 * 40);
    (room, desk)
}

fn area(desk: &Desk, class: u8) -> usize {
    desk.labels()
        .iter()
        .filter(|label| **label == class)
        .count()
}

/// Chooses another kind of operation, as the menu does.
pub fn choose(desk: &mut Desk, from: OperationKind, to: OperationKind) {
    desk.harness.get_by_value(from.name()).click();
    desk.settle();
    desk.click(to.name());
}

/// Whether a mask operation is computed.
pub fn computed(state: &State) -> bool {
    state
        .operation
        .as_ref()
        .is_some_and(|operation| !operation.working)
}

#[test]
fn shapes_fill_select_and_relabel() {
    let (_room, mut desk) = square();
    desk.press(Key::L);
    desk.press(Key::Num2);
    desk.drag(&[[50, 50], [70, 50], [70, 70], [50, 70]]);
    assert!(area(&desk, SIDEWALK) > 300);

    // The component under the pointer, then the whole class by key.
    desk.press(Key::G);
    desk.press(Key::Num3);
    desk.click_at([60, 60]);
    assert_eq!(area(&desk, SIDEWALK), 0);
    desk.press(Key::Num2);
    desk.hover([42, 42]);
    desk.command(Command::RelabelClass);
    assert_eq!(area(&desk, ROAD), 0);

    // A selection, all of whose pixels become one class.
    desk.press(Key::M);
    desk.click("Select area");
    let before = desk.labels();
    desk.drag(&[[0, 0], [19, 9]]);
    assert_eq!(desk.labels(), before);
    assert_eq!(desk.state().selection().unwrap().region.area(), 200);
    desk.press(Key::Num1);
    desk.command(Command::RelabelSelection);
    assert_eq!(area(&desk, ROAD), 200);
    desk.command(Command::Deselect);
    assert!(desk.state().selection().is_none());
    desk.command(Command::Undo);
    assert_eq!(desk.labels(), before);
}

#[test]
fn a_mask_operation_is_seen_first_and_applied_with_enter() {
    let (_room, mut desk) = square();
    let before = desk.labels();
    desk.command(Command::MaskOperations);
    assert!(desk.sees("Mask operation"));
    desk.wait_until("the preview is there", computed);
    let operation = desk.state().operation.as_ref().unwrap();
    assert!(operation.preview.is_some(), "void grows into the road");
    assert_eq!(desk.labels(), before, "nothing is changed yet");
    assert!(!desk.state().allows(Command::Undo));

    desk.enter("Radius", 1.0);
    desk.wait_until("it is computed again", computed);
    desk.press(Key::Escape);
    assert!(desk.state().operation.is_none());
    assert_eq!(desk.labels(), before, "Esc leaves everything as it was");

    desk.command(Command::MaskOperations);
    desk.press(Key::Enter);
    desk.wait_until("it is applied", |state| state.operation.is_none());
    assert_eq!(
        area(&desk, ROAD),
        40 * 40 + 4 * 40,
        "one pixel on each side"
    );
    desk.command(Command::Undo);
    assert_eq!(desk.labels(), before, "it is one edit");
    desk.command(Command::Redo);
    assert_ne!(desk.labels(), before);
    desk.wait_saved();
}

#[test]
fn a_mask_operation_respects_locks_that_come_after_its_preview() {
    let (_room, mut desk) = square();
    let before = desk.labels();
    desk.command(Command::MaskOperations);
    desk.wait_until("the preview is there", computed);
    desk.command(Command::LockClass);
    assert!(desk.state().classes.protection().locked.contains(&true));
    desk.press(Key::Enter);
    desk.wait_until("it is applied", |state| state.operation.is_none());
    let locked = desk.state().classes.protection().locked;
    for (old, new) in before.iter().zip(desk.labels()) {
        let kept = !locked[usize::from(*old)] && !locked[usize::from(new)];
        assert!(*old == new || kept, "{old} became {new}");
    }
}

#[test]
fn every_mask_operation_can_be_chosen_and_applied() {
    let (_room, mut desk) = square();
    // A hole, a speck and a second class.
    desk.press(Key::B);
    desk.enter("Size", 3.0);
    desk.press(Key::E);
    desk.click_at([60, 60]);
    desk.press(Key::B);
    desk.click_at([120, 20]);
    desk.press(Key::Num3);
    desk.click_at([50, 50]);
    let start = desk.labels();
    let mut last = OperationKind::Grow;
    for kind in OperationKind::ALL {
        desk.command(Command::MaskOperations);
        if kind != last {
            choose(&mut desk, last, kind);
        }
        last = kind;
        desk.wait_until("the preview is there", computed);
        let changes = desk.state().operation.as_ref().unwrap().preview.is_some();
        assert!(changes, "{kind:?} changes nothing");
        desk.click("Apply");
        desk.wait_until("it is applied", |state| state.operation.is_none());
        assert_ne!(desk.labels(), start, "{kind:?}");
        desk.command(Command::Undo);
        assert_eq!(desk.labels(), start, "{kind:?}");
    }
}

#[test]
fn only_the_selection_changes_where_there_is_one() {
    let (_room, mut desk) = square();
    desk.click("Select area");
    desk.drag(&[[80, 0], [100, 100]]);
    desk.command(Command::MaskOperations);
    desk.enter("Radius", 2.0);
    desk.press(Key::Enter);
    desk.wait_until("it is applied", |state| state.operation.is_none());
    // To the right alone; the disc of the radius also reaches around both corners.
    assert_eq!(area(&desk, ROAD), 40 * 40 + 2 * 40 + 2);
    desk.press(Key::Escape);
    assert!(desk.state().selection().is_none(), "Esc deselects");
}

#[test]
fn a_lock_is_heeded_while_an_operation_is_looked_at() {
    let (_room, mut desk) = square();
    let before = desk.labels();
    desk.command(Command::MaskOperations);
    desk.wait_until("the preview is there", computed);
    let operation = desk.state().operation.as_ref().unwrap();
    assert!(operation.preview.is_some(), "void grows into the road");
    desk.hover([20, 20]);
    desk.command(Command::LockClass);
    assert!(desk.state().classes.locked[usize::from(VOID)]);
    desk.press(Key::Enter);
    desk.wait_until("it is over", |state| state.operation.is_none());
    assert_eq!(desk.labels(), before, "void is locked");
}

#[test]
fn tools_paint_only_over_the_classes_chosen() {
    let (_room, mut desk) = square();
    desk.hover([60, 60]);
    desk.command(Command::OnlyOver);
    assert!(desk.sees("Over road"));
    desk.press(Key::Num2);
    desk.drag(&[[20, 20], [90, 90]]);
    assert_eq!(area(&desk, SIDEWALK), 40 * 40);
    // By mouse: everything but road.
    desk.click("Over road");
    desk.click("Everything");
    desk.press(Key::Escape);
    assert!(desk.state().classes.only_over.is_none());
    desk.click("Over everything");
    let checkbox = desk
        .harness
        .get_by_role_and_label(egui::accesskit::Role::CheckBox, "road");
    checkbox.click();
    desk.settle();
    assert!(!desk.state().classes.protection().allows(ROAD, VOID));
    assert!(desk.state().classes.protection().allows(SIDEWALK, ROAD));
}

#[test]
fn void_is_a_class_that_one_can_paint() {
    let (_room, mut desk) = square();
    desk.press(Key::V);
    desk.click_at([120, 20]);
    desk.press(Key::M);
    assert_eq!(desk.state().classes.current, VOID);
    desk.drag(&[[40, 40], [59, 79]]);
    assert_eq!(area(&desk, ROAD), 20 * 40);
    desk.press(Key::X);
    assert_eq!(desk.state().classes.current, ROAD);
    desk.press(Key::X);
    assert_eq!(desk.state().classes.current, VOID);
}

#[test]
fn the_labels_of_the_image_before_are_copied_as_one_edit() {
    let (_room, mut desk) = square();
    assert!(
        !desk.state().allows(Command::CopyPrevious),
        "it is the first"
    );
    let labels = desk.labels();
    desk.press(Key::D);
    desk.wait_until("the next image is shown", |state| {
        state.document.as_ref().map(|document| document.id)
            == state.project.as_ref().unwrap().current
    });
    let before = desk.labels();
    assert_ne!(before, labels);
    desk.command(Command::CopyPrevious);
    desk.wait_until("the labels are copied", |state| state.allows(Command::Undo));
    assert_eq!(desk.labels(), labels);
    desk.command(Command::Undo);
    assert_eq!(desk.labels(), before);
}

#[test]
fn shift_and_a_drag_size_the_brush_and_alt_takes_a_class() {
    let (_room, mut desk) = square();
    desk.press(Key::B);
    desk.press(Key::Num3);
    desk.drag_holding(Modifiers::ALT, &[[60, 60]]);
    assert_eq!(desk.state().classes.current, ROAD);
    let before = (desk.state().settings.brush, desk.labels());
    desk.drag_holding(Modifiers::SHIFT, &[[60, 60], [80, 60]]);
    assert_eq!(desk.state().settings.brush, before.0 + 40);
    assert_eq!(desk.labels(), before.1, "nothing is painted");
    desk.click("Square");
    desk.press(Key::Num3);
    desk.enter("Size", 10.0);
    desk.click_at([20, 100]);
    let painted = area(&desk, BUILDING);
    assert!((100..=121).contains(&painted), "{painted} pixels");
}

#[test]
fn the_right_button_erases_with_the_lasso() {
    let (_room, mut desk) = square();
    let before = desk.labels();
    desk.press(Key::L);
    desk.press(Key::Num2);
    let line = [[50, 50], [70, 50], [70, 70], [50, 70]];
    desk.drag_with(PointerButton::Secondary, &line);
    assert_eq!(desk.label([60, 60]), Some(VOID));
    assert_eq!(
        area(&desk, SIDEWALK),
        0,
        "nothing gets the class in the hand"
    );
    let erased = 40 * 40 - area(&desk, ROAD);
    assert!((380..=441).contains(&erased), "{erased} pixels");
    desk.wait_saved();
    desk.command(Command::Undo);
    assert_eq!(desk.labels(), before, "it is one edit");
}

/// Touches an image pixel with a pen that presses so hard.
fn touch(desk: &mut Desk, point: [u32; 2], force: f32) {
    let pos = desk.on_screen(point);
    let event = |phase, force| Event::Touch {
        device_id: TouchDeviceId(1),
        id: TouchId(1),
        phase,
        pos,
        force,
    };
    let button = |pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    desk.hover(point);
    desk.harness.event(event(TouchPhase::Start, Some(force)));
    desk.harness.event(button(true));
    desk.harness.step();
    desk.harness.event(event(TouchPhase::End, Some(0.0)));
    desk.harness.event(button(false));
    desk.settle();
}

#[test]
fn a_pen_that_presses_lightly_paints_a_narrow_stroke() {
    let (_room, mut desk) = square();
    desk.press(Key::B);
    desk.press(Key::Num3);
    desk.enter("Size", 20.0);
    let painted = |desk: &mut Desk, point, force| {
        touch(desk, point, force);
        let now = area(desk, BUILDING);
        desk.command(Command::Undo);
        now
    };
    let heedless = painted(&mut desk, [20, 20], 0.5);
    desk.click("Pen pressure");
    assert!(desk.state().settings.tools.pen_pressure);
    let light = painted(&mut desk, [20, 20], 0.5);
    let hard = painted(&mut desk, [20, 20], 1.0);
    assert!((290..=340).contains(&hard), "{hard} pixels");
    assert_eq!(heedless, hard, "without the option nothing is narrower");
    assert!((70..=90).contains(&light), "{light} pixels, half as wide");
    // A mouse says nothing of pressure, and paints in full.
    desk.click_at([20, 20]);
    assert_eq!(area(&desk, BUILDING), hard);
}

#[test]
fn labels_of_an_image_of_another_size_are_copied_to_scale() {
    let room = Room::new(1);
    let folder = room.path("sizes");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, [width, height]) in [("a.png", [160, 128]), ("b.png", [80, 64])] {
        let image = RgbImage::from_pixel(width, height, Rgb([120, 90, 60]));
        image.save(folder.join(name)).unwrap();
    }
    let mut desk = room.start();
    desk.open(&folder);
    desk.press(Key::Num1);
    desk.press(Key::M);
    desk.drag(&[[40, 40], [79, 99]]);
    assert_eq!(area(&desk, ROAD), 40 * 60);
    desk.wait_saved();
    desk.press(Key::D);
    desk.wait_until("the smaller image is shown", |state| {
        let document = state.document.as_ref();
        document.is_some_and(|document| document.size == [80, 64])
    });
    desk.command(Command::CopyPrevious);
    desk.wait_until("the labels are copied", |state| state.allows(Command::Undo));
    assert_eq!(area(&desk, ROAD), 20 * 30);
    for (point, label) in [
        ([20, 20], ROAD),
        ([39, 49], ROAD),
        ([19, 20], VOID),
        ([40, 49], VOID),
    ] {
        assert_eq!(desk.label(point), Some(label), "{point:?}");
    }
    desk.wait_saved();
    desk.command(Command::Undo);
    assert_eq!(area(&desk, ROAD), 0, "it is one edit");
}

#[test]
fn a_long_mask_operation_says_how_far_it_is_and_can_be_stopped() {
    let room = Room::new(1);
    let folder = room.path("large");
    std::fs::create_dir_all(&folder).unwrap();
    let image = RgbImage::from_pixel(3000, 2000, Rgb([120, 90, 60]));
    image.save(folder.join("large.png")).unwrap();
    let mut desk = room.start();
    desk.open(&folder);
    desk.press(Key::Num1);
    desk.press(Key::M);
    // Stripes, so that nowhere a border is far: smoothing looks around every pixel.
    for left in [200, 600, 1000, 1400, 1800, 2200, 2600] {
        desk.drag(&[[left, 0], [left + 200, 1999]]);
    }
    let before = desk.labels();
    let runs = |state: &State| {
        let progress = state.jobs.progress(Task::MaskOperation);
        progress.is_some_and(|progress| progress.total > 0)
    };
    let slow = |desk: &mut Desk| {
        desk.command(Command::MaskOperations);
        desk.enter("Radius", 200.0);
        desk.wait_until("it says how far it is", runs);
    };
    desk.command(Command::MaskOperations);
    choose(&mut desk, OperationKind::Grow, OperationKind::Smooth);
    desk.press(Key::Escape);
    slow(&mut desk);
    desk.click("Stop Mask operation");
    desk.wait_until("it is stopped", |state| state.operation.is_none());
    assert!(desk.sees("Mask operation was stopped"));
    assert!(desk.state().jobs.is_empty());
    assert_eq!(desk.labels(), before);

    // By key; and Esc leaves it at once.
    slow(&mut desk);
    desk.command(Command::Stop);
    desk.wait_until("it is stopped again", |state| state.operation.is_none());
    slow(&mut desk);
    desk.press(Key::Escape);
    assert!(desk.state().operation.is_none() && desk.state().jobs.is_empty());
    assert_eq!(desk.labels(), before);
}
