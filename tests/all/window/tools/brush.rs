//! Brush and eraser: strokes are transactions.

use super::Rig;
use atrous::tools::{Button, Input, ToolKind};
use atrous_palettes::VOID;

#[test]
fn a_stroke_is_one_edit_that_can_be_reverted() {
    let mut rig = Rig::new(ToolKind::Brush);
    let before = rig.labels.clone();
    assert!(!rig.press([10.0, 10.0], Button::Primary).dirty.is_empty());
    assert!(rig.tool.is_busy());
    rig.send(Input::Move { at: [40.0, 10.0] });
    let edit = rig.send(Input::Release).edit.expect("an edit");
    assert!(!rig.tool.is_busy());
    assert_eq!(rig.labels.get(25, 10), Some(3));
    edit.revert(&mut rig.labels);
    assert_eq!(rig.labels, before);
}

#[test]
fn escape_and_the_other_button_leave_no_trace() {
    for stop in [
        Input::Abort,
        Input::Press {
            at: [30.0, 30.0],
            button: Button::Secondary,
            straight: false,
        },
    ] {
        let mut rig = Rig::new(ToolKind::Brush);
        let before = rig.labels.clone();
        rig.press([10.0, 10.0], Button::Primary);
        let outcome = rig.send(stop);
        assert!(!outcome.dirty.is_empty() && outcome.edit.is_none());
        assert_eq!(rig.labels, before);
        assert!(rig.send(Input::Release).edit.is_none());
    }
}

#[test]
fn the_right_button_and_the_eraser_paint_void() {
    for (kind, button) in [
        (ToolKind::Brush, Button::Secondary),
        (ToolKind::Eraser, Button::Primary),
    ] {
        let mut rig = Rig::new(kind);
        rig.press([20.0, 20.0], button);
        rig.send(Input::Release);
        assert_eq!(rig.labels.get(20, 20), Some(VOID));
    }
}

#[test]
fn shift_draws_a_straight_stroke_from_the_last_point() {
    let mut rig = Rig::new(ToolKind::Brush);
    rig.click([5.0, 50.0]);
    rig.send(Input::Press {
        at: [60.0, 50.0],
        button: Button::Primary,
        straight: true,
    });
    rig.send(Input::Release);
    assert!((5..60).all(|x| rig.labels.get(x, 50) == Some(3)));
}

#[test]
fn a_locked_class_is_never_painted_over() {
    let mut rig = Rig::new(ToolKind::Brush);
    rig.protection.locked[0] = true;
    rig.press([10.0, 10.0], Button::Primary);
    assert!(rig.send(Input::Release).edit.is_none());
}
