//! Lasso and rectangle: outlines that are filled, or select.

use super::{Rig, SHIFT};
use atrous::tools::{Button, Input, ToolKind};
use atrous_palettes::VOID;

/// Drags along the points with a button.
fn drag(rig: &mut Rig, button: Button, points: &[[f32; 2]]) -> u64 {
    rig.press(points[0], button);
    for point in &points[1..] {
        rig.send(Input::move_to(*point));
    }
    let edit = rig.send(Input::Release).edit;
    edit.map_or(0, |edit| edit.changed())
}

/// Half of a square, whose corners are the first and the last point.
const TRIANGLE: [[f32; 2]; 3] = [[10.0, 10.0], [30.0, 10.0], [30.0, 30.0]];

#[test]
fn a_lasso_fills_what_its_line_encloses() {
    let mut rig = Rig::new(ToolKind::Lasso);
    let changed = drag(&mut rig, Button::Primary, &TRIANGLE);
    assert!((180..=220).contains(&changed), "{changed} pixels");
    assert_eq!(rig.labels.get(28, 12), Some(3));
    assert_eq!(rig.labels.get(12, 28), Some(0));
    assert!(!rig.tool.is_busy());
}

#[test]
fn the_right_button_erases_and_escape_leaves_no_trace() {
    for kind in [ToolKind::Lasso, ToolKind::Rectangle] {
        let mut rig = Rig::new(kind);
        drag(&mut rig, Button::Secondary, &TRIANGLE);
        assert_eq!(rig.labels.get(28, 12), Some(VOID));
        let before = rig.labels.clone();
        rig.press([5.0, 5.0], Button::Primary);
        rig.send(Input::move_to([50.0, 50.0]));
        assert!(rig.tool.is_busy());
        rig.send(Input::Abort);
        assert!(!rig.tool.is_busy() && rig.send(Input::Release).edit.is_none());
        assert_eq!(rig.labels, before);
    }
}

#[test]
fn a_rectangle_holds_every_pixel_that_the_drag_touched() {
    let mut rig = Rig::new(ToolKind::Rectangle);
    let changed = drag(&mut rig, Button::Primary, &[[20.5, 30.2], [10.7, 25.9]]);
    assert_eq!(changed, 11 * 6);
    assert_eq!(rig.labels.get(10, 25), Some(3));
    assert_eq!(rig.labels.get(20, 30), Some(3));
    assert_eq!(rig.labels.get(21, 30), Some(0));
    assert_eq!(
        drag(&mut rig, Button::Primary, &[[50.0, 50.0]]),
        0,
        "a click"
    );
}

#[test]
fn with_shift_the_rectangle_is_a_square() {
    let mut rig = Rig::new(ToolKind::Rectangle);
    rig.press_holding([40.0, 40.0], SHIFT);
    rig.send(Input::move_to([30.0, 37.0]));
    let edit = rig.send(Input::Release).edit.expect("an edit");
    assert_eq!((edit.rect().width, edit.rect().height), (10, 10));
}

#[test]
fn outlines_select_where_that_is_wanted() {
    for kind in [ToolKind::Lasso, ToolKind::Rectangle] {
        let mut rig = Rig::new(kind);
        rig.options.selects = true;
        assert_eq!(drag(&mut rig, Button::Primary, &TRIANGLE), 0);
        let selection = rig.selection.clone().expect("a selection");
        assert!(selection.region.contains(28, 12) && !selection.region.contains(40, 40));
        // Beside the image there is nothing to select.
        drag(
            &mut rig,
            Button::Primary,
            &[[-9.0, -9.0], [-3.0, -3.0], [-3.0, -9.0]],
        );
        assert_eq!(rig.selection, None);
    }
}
