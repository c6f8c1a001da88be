//! The fill tool relabels a component, a class or the selection.

use super::{ALT, Rig};
use atrous::tools::{Button, Input, Relabels, ToolKind};
use atrous_palettes::VOID;

/// Two squares of class 5 that touch at a corner, on class 0.
fn squares() -> Rig {
    let mut rig = Rig::new(ToolKind::Fill);
    for y in 10..20 {
        rig.labels.fill_span(y, 10..20, 5);
        rig.labels.fill_span(y + 10, 20..30, 5);
    }
    rig
}

fn changed(rig: &mut Rig, at: [f32; 2], button: Button) -> u64 {
    let edit = rig.press(at, button).edit;
    rig.send(Input::Release);
    edit.map_or(0, |edit| edit.changed())
}

#[test]
fn a_click_relabels_what_hangs_together() {
    let mut rig = squares();
    let before = rig.labels.clone();
    let edit = rig
        .press([12.5, 12.5], Button::Primary)
        .edit
        .expect("an edit");
    assert_eq!(edit.changed(), 100);
    assert_eq!(rig.labels.get(25, 25), Some(5));
    edit.revert(&mut rig.labels);
    assert_eq!(rig.labels, before);
    rig.options.corners = true;
    assert_eq!(changed(&mut rig, [12.5, 12.5], Button::Primary), 200);
}

#[test]
fn a_click_relabels_a_whole_class_or_the_selection() {
    let mut rig = squares();
    rig.options.relabels = Relabels::Class;
    assert_eq!(changed(&mut rig, [12.5, 12.5], Button::Primary), 200);

    let mut rig = squares();
    rig.options.relabels = Relabels::Selection;
    assert_eq!(
        changed(&mut rig, [12.5, 12.5], Button::Primary),
        0,
        "nothing is selected"
    );
    let mut select = Rig::new(ToolKind::Rectangle);
    select.options.selects = true;
    select.press([10.0, 10.0], Button::Primary);
    select.send(Input::move_to([30.0, 20.0]));
    select.send(Input::Release);
    rig.selection = select.selection;
    assert_eq!(changed(&mut rig, [12.5, 12.5], Button::Primary), 200);
    assert_eq!(rig.labels.get(25, 15), Some(3), "whatever the class");
    assert_eq!(rig.labels.get(25, 25), Some(5), "it is outside");
}

#[test]
fn the_right_button_erases_alt_takes_and_locks_hold() {
    let mut rig = squares();
    assert_eq!(rig.press_holding([12.5, 12.5], ALT).picked, Some(5));
    assert_eq!(changed(&mut rig, [12.5, 12.5], Button::Secondary), 100);
    assert_eq!(rig.labels.get(12, 12), Some(VOID));
    rig.protection.locked[5] = true;
    assert_eq!(changed(&mut rig, [25.0, 25.0], Button::Primary), 0);
    assert_eq!(
        changed(&mut rig, [-2.0, 70.0], Button::Primary),
        0,
        "outside"
    );
}
