//! Brush and eraser: strokes are transactions.

use super::{ALT, Rig, SHIFT};
use atrous::tools::{Button, Held, Input, ToolKind};
use atrous_engine::mask::BrushShape;
use atrous_palettes::VOID;

#[test]
fn a_stroke_is_one_edit_that_can_be_reverted() {
    let mut rig = Rig::new(ToolKind::Brush);
    let before = rig.labels.clone();
    assert!(!rig.press([10.0, 10.0], Button::Primary).dirty.is_empty());
    assert!(rig.tool.is_busy());
    rig.send(Input::move_to([40.0, 10.0]));
    let edit = rig.send(Input::Release).edit.expect("an edit");
    assert!(!rig.tool.is_busy());
    assert_eq!(rig.labels.get(25, 10), Some(3));
    edit.revert(&mut rig.labels);
    assert_eq!(rig.labels, before);
}

#[test]
fn escape_and_the_other_button_leave_no_trace() {
    for stop in [Input::Abort, Input::press([30.0, 30.0], Button::Secondary)] {
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
    rig.press_holding([60.0, 50.0], SHIFT);
    assert_eq!(rig.labels.get(30, 50), Some(0), "a drag may follow");
    assert!(rig.send(Input::Release).edit.is_some());
    assert!((5..60).all(|x| rig.labels.get(x, 50) == Some(3)));
}

#[test]
fn a_straight_stroke_never_starts_on_another_image() {
    let mut rig = Rig::new(ToolKind::Brush);
    rig.click([5.0, 50.0]);
    rig.tool.labels_changed();
    rig.press_holding([60.0, 50.0], SHIFT);
    assert!(rig.send(Input::Release).edit.is_some());
    assert_eq!(rig.labels.get(30, 50), Some(0));
}

#[test]
fn shift_and_a_drag_change_the_size_and_escape_gives_it_back() {
    let mut rig = Rig::new(ToolKind::Brush);
    let before = rig.labels.clone();
    rig.press_holding([20.0, 20.0], SHIFT);
    assert_eq!(
        rig.send(Input::move_to([21.0, 20.0])).brush,
        None,
        "still a click"
    );
    assert_eq!(rig.send(Input::move_to([30.0, 20.0])).brush, Some(28));
    assert_eq!(
        rig.send(Input::move_to([2.0, 20.0])).brush,
        Some(1),
        "never nothing"
    );
    assert_eq!(rig.send(Input::Abort).brush, Some(8));
    assert!(!rig.tool.is_busy());
    rig.press_holding([20.0, 20.0], SHIFT);
    rig.send(Input::move_to([30.0, 20.0]));
    assert!(rig.send(Input::Release).edit.is_none());
    assert_eq!(rig.labels, before);
}

#[test]
fn alt_takes_the_class_under_the_pointer() {
    let mut rig = Rig::new(ToolKind::Brush);
    rig.labels.set(12, 9, 7);
    assert_eq!(rig.press_holding([12.5, 9.5], ALT).picked, Some(7));
    assert!(!rig.tool.is_busy());
}

#[test]
fn a_square_brush_paints_corners_too() {
    let mut rig = Rig::new(ToolKind::Brush);
    rig.brush.shape = BrushShape::Square;
    rig.press([20.0, 20.0], Button::Primary);
    let edit = rig.send(Input::Release).edit.expect("an edit");
    assert_eq!(edit.changed(), 64);
}

#[test]
fn a_light_pen_paints_a_narrow_stroke_where_that_is_wanted() {
    let touch = |wanted: bool| {
        let mut rig = Rig::new(ToolKind::Brush);
        rig.options.pen_pressure = wanted;
        rig.send(Input::Press {
            at: [20.0, 20.0],
            button: Button::Primary,
            held: Held::default(),
            pressure: Some(0.5),
        });
        rig.send(Input::Release).edit.expect("an edit").rect().width
    };
    assert_eq!([touch(false), touch(true)], [8, 4]);
}

#[test]
fn a_locked_class_is_never_painted_over() {
    let mut rig = Rig::new(ToolKind::Brush);
    rig.protection.locked[0] = true;
    rig.press([10.0, 10.0], Button::Primary);
    assert!(rig.send(Input::Release).edit.is_none());
}
