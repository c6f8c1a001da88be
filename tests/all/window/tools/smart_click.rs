//! The smart click: clicks in and out, a preview, and one edit in the end.

use atrous::tools::{Button, Input, Outcome, Tool, ToolKind};
use atrous_engine::mask::Point;

use super::Rig;

/// A red square on green.
fn square(x: u32, y: u32) -> [u8; 3] {
    if (16..40).contains(&x) && (20..50).contains(&y) {
        [190, 40, 40]
    } else {
        [50, 150, 60]
    }
}

const AREA: u64 = 24 * 30;

fn rig() -> Rig {
    Rig::on_image(ToolKind::SmartClick, square)
}

fn click(rig: &mut Rig, at: Point, button: Button) -> Outcome {
    let pressed = rig.press(at, button);
    rig.send(Input::Release);
    rig.answer(&pressed, true)
}

fn marks(rig: &Rig) -> usize {
    match &rig.tool {
        Tool::SmartClick(click) => click.marks().len(),
        _ => 0,
    }
}

#[test]
fn a_click_shows_the_square_and_enter_keeps_it() {
    let mut rig = rig();
    let before = rig.labels.clone();
    let found = click(&mut rig, [25.0, 30.0], Button::Primary);
    assert!(found.edit.is_none() && !found.dirty.is_empty());
    assert_eq!(rig.labels.histogram()[3], AREA);
    let edit = rig.send(Input::Confirm).edit.expect("an edit");
    assert_eq!(edit.changed(), AREA);
    assert!(!rig.tool.is_busy());
    edit.revert(&mut rig.labels);
    assert_eq!(rig.labels, before);
}

#[test]
fn enter_waits_for_what_is_still_looked_for() {
    let mut rig = rig();
    let pressed = rig.press([25.0, 30.0], Button::Primary);
    rig.send(Input::Release);
    assert!(rig.send(Input::Confirm).edit.is_none());
    assert!(rig.tool.is_busy());
    assert!(rig.press([5.0, 5.0], Button::Primary).search.is_none());
    assert_eq!(marks(&rig), 1, "a click comes too late");
    assert!(rig.answer(&pressed, true).edit.is_some());
    assert!(!rig.tool.is_busy());
}

#[test]
fn a_right_click_takes_away_and_backspace_takes_the_click_back() {
    let mut rig = rig();
    click(&mut rig, [25.0, 30.0], Button::Primary);
    click(&mut rig, [38.5, 48.5], Button::Secondary);
    assert_eq!(rig.labels.get(38, 48), Some(0));
    assert_eq!(marks(&rig), 2);
    let back = rig.send(Input::Back);
    rig.answer(&back, true);
    assert_eq!((marks(&rig), rig.labels.histogram()[3]), (1, AREA));
    assert!(!rig.send(Input::Back).dirty.is_empty());
    assert_eq!(rig.labels.histogram()[3], 0);
    assert!(!rig.tool.is_busy());
}

#[test]
fn a_held_button_draws_a_stroke_of_clicks_that_is_taken_back_at_once() {
    let mut rig = rig();
    rig.press([25.0, 30.0], Button::Primary);
    assert!(rig.send(Input::move_to([26.0, 30.0])).search.is_none());
    assert!(rig.send(Input::move_to([30.0, 35.0])).search.is_some());
    assert!(rig.send(Input::move_to([30.0, 45.0])).search.is_some());
    rig.send(Input::Release);
    // One each half radius of the brush, without gaps however fast the hand is.
    assert_eq!(marks(&rig), 9);
    rig.send(Input::Back);
    assert_eq!(marks(&rig), 0);
}

#[test]
fn escape_and_locks_leave_no_trace() {
    let mut rig = rig();
    let before = rig.labels.clone();
    click(&mut rig, [25.0, 30.0], Button::Primary);
    rig.send(Input::Abort);
    assert_eq!(rig.labels, before);
    rig.protection.locked[0] = true;
    click(&mut rig, [25.0, 30.0], Button::Primary);
    assert!(rig.send(Input::Confirm).edit.is_none());
    assert_eq!(rig.labels, before);
}

#[test]
fn a_class_that_is_locked_before_enter_stays() {
    let mut rig = rig();
    let before = rig.labels.clone();
    click(&mut rig, [25.0, 30.0], Button::Primary);
    assert_ne!(rig.labels, before);
    rig.protection.locked[0] = true;
    assert!(rig.send(Input::Confirm).edit.is_none());
    assert_eq!(rig.labels, before);
}

#[test]
fn a_click_beside_the_image_begins_nothing() {
    let mut rig = rig();
    for at in [[-1.0, 5.0], [64.5, 5.0], [5.0, 64.0]] {
        assert!(rig.press(at, Button::Primary).search.is_none());
        assert!(!rig.tool.is_busy());
    }
}

#[test]
fn a_click_beside_the_region_keeps_it_and_begins_another() {
    let mut rig = rig();
    let before = rig.labels.clone();
    click(&mut rig, [25.0, 30.0], Button::Primary);
    // Into the region: it is the same one still.
    let more = click(&mut rig, [35.0, 45.0], Button::Primary);
    assert!(more.edit.is_none());
    assert_eq!(marks(&rig), 2);
    let pressed = rig.press([5.0, 5.0], Button::Primary);
    let edit = pressed.edit.as_ref().expect("the square is kept");
    assert_eq!(edit.changed(), AREA);
    rig.send(Input::Release);
    rig.answer(&pressed, true);
    assert_eq!((marks(&rig), rig.labels.get(5, 5)), (1, Some(3)));
    rig.send(Input::Abort);
    assert_eq!(rig.labels.histogram()[3], AREA);
    edit.revert(&mut rig.labels);
    assert_eq!(rig.labels, before);
}

#[test]
fn what_is_shown_is_kept_when_the_hand_turns_elsewhere_and_what_is_looked_for_is_not() {
    let mut rig = rig();
    assert!(!rig.tool.machine().keeps());
    let pressed = rig.press([25.0, 30.0], Button::Primary);
    rig.send(Input::Release);
    assert!(!rig.tool.machine().keeps());
    rig.answer(&pressed, true);
    assert!(rig.tool.machine().keeps());
}
