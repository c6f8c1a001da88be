//! The wand: a press tries, dragging sideways changes the tolerance, letting go keeps.

use atrous::tools::{Button, Input, ToolKind};
use atrous_engine::mask::Point;
use atrous_palettes::VOID;

use super::Rig;

/// Three upright stripes that get lighter by 15, and a fourth like the first.
fn stripes(x: u32, _: u32) -> [u8; 3] {
    [[100; 3], [115; 3], [130; 3], [100; 3]][x as usize / 16]
}

const FIRST: Point = [5.0, 30.0];

fn rig() -> Rig {
    Rig::on_image(ToolKind::Wand, stripes)
}

#[test]
fn a_click_takes_the_stripe_once_it_is_found() {
    let mut rig = rig();
    let before = rig.labels.clone();
    let pressed = rig.press(FIRST, Button::Primary);
    assert!(rig.tool.is_busy() && rig.send(Input::Release).edit.is_none());
    let found = rig.answer(&pressed, true);
    let edit = found.edit.expect("an edit");
    assert_eq!(
        (edit.changed(), rig.labels.histogram()[3]),
        (16 * 64, 16 * 64)
    );
    assert_eq!(found.tolerance, Some(10));
    assert!(!rig.tool.is_busy());
    edit.revert(&mut rig.labels);
    assert_eq!(rig.labels, before);
}

#[test]
fn dragging_to_the_right_takes_more_and_to_the_left_less() {
    let mut rig = rig();
    let pressed = rig.press(FIRST, Button::Primary);
    assert!(rig.answer(&pressed, true).edit.is_none());
    assert_eq!(rig.labels.histogram()[3], 16 * 64, "it is shown before");
    let further = rig.send(Input::move_to([15.0, 30.0]));
    assert!(!rig.answer(&further, true).dirty.is_empty());
    assert_eq!(rig.labels.histogram()[3], 32 * 64);
    let back = rig.send(Input::move_to([4.0, 30.0]));
    rig.answer(&back, true);
    assert_eq!(rig.labels.histogram()[3], 16 * 64);
    let again = rig.send(Input::move_to([15.0, 50.0]));
    rig.answer(&again, true);
    let kept = rig.send(Input::Release);
    assert_eq!(kept.edit.expect("an edit").changed(), 32 * 64);
    assert!(kept.tolerance.is_some_and(|tolerance| tolerance >= 15));
}

#[test]
fn what_is_found_on_the_way_is_shown_and_not_kept() {
    let mut rig = rig();
    let pressed = rig.press(FIRST, Button::Primary);
    let further = rig.send(Input::move_to([15.0, 30.0]));
    rig.send(Input::Release);
    assert!(rig.answer(&pressed, false).edit.is_none());
    assert_eq!(rig.labels.histogram()[3], 16 * 64);
    let kept = rig.answer(&further, true);
    assert_eq!(kept.edit.expect("an edit").changed(), 32 * 64);
}

#[test]
fn the_whole_image_is_taken_where_nothing_has_to_hang_together() {
    let mut rig = rig();
    rig.contiguous = false;
    let pressed = rig.press(FIRST, Button::Secondary);
    rig.send(Input::Release);
    let edit = rig.answer(&pressed, true).edit.expect("an edit");
    assert_eq!(edit.changed(), 32 * 64);
    assert_eq!(rig.labels.get(60, 3), Some(VOID), "the right button erases");
}

#[test]
fn escape_another_button_and_locks_leave_no_trace() {
    for stop in [Input::Abort, press_at([9.0, 9.0])] {
        let mut rig = rig();
        let pressed = rig.press(FIRST, Button::Primary);
        rig.answer(&pressed, true);
        assert!(!rig.send(stop).dirty.is_empty());
        assert_eq!(rig.labels.histogram()[3], 0);
        assert!(!rig.tool.is_busy());
    }
    let mut rig = rig();
    rig.protection.locked[0] = true;
    let pressed = rig.press(FIRST, Button::Primary);
    rig.send(Input::Release);
    assert!(rig.answer(&pressed, true).edit.is_none());
}

#[test]
fn a_press_while_the_last_click_is_looked_for_does_not_lose_it() {
    let mut rig = rig();
    let pressed = rig.press(FIRST, Button::Primary);
    rig.send(Input::Release);
    assert!(rig.press([40.0, 30.0], Button::Primary).search.is_none());
    rig.send(Input::Release);
    let kept = rig.answer(&pressed, true);
    assert_eq!(kept.edit.expect("an edit").changed(), 16 * 64);
}

#[test]
fn beside_the_image_there_is_nothing_to_take() {
    let mut rig = rig();
    for at in [[-1.0, 5.0], [64.5, 5.0], [5.0, 64.0]] {
        assert!(rig.press(at, Button::Primary).search.is_none());
        assert!(!rig.tool.is_busy());
    }
}

fn press_at(at: Point) -> Input {
    Input::press(at, Button::Secondary)
}
