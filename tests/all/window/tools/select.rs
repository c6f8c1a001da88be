//! The select tool takes classes and leaves labels alone.

use super::Rig;
use atrous::tools::{Button, Input, ToolKind};

#[test]
fn a_click_takes_a_class_and_a_drag_does_not() {
    let mut rig = Rig::new(ToolKind::Select);
    rig.labels.set(10, 12, 7);
    assert_eq!(rig.click([10.5, 12.5]).picked, Some(7));
    rig.press([10.5, 12.5], Button::Primary);
    rig.send(Input::move_to([20.0, 12.5]));
    assert_eq!(rig.send(Input::Release).picked, None);
}

#[test]
fn void_is_a_class_too_and_outside_there_is_none() {
    let mut rig = Rig::new(ToolKind::Select);
    rig.labels.set(0, 0, atrous_palettes::VOID);
    assert_eq!(rig.click([0.5, 0.5]).picked, Some(atrous_palettes::VOID));
    assert_eq!(rig.click([-3.0, 5.0]).picked, None);
    assert_eq!(rig.click([5.0, 64.0]).picked, None);
}
