//! The polygon: vertices that move, and one edit in the end.

use super::Rig;
use atrous::tools::{Button, Input, Tool, ToolKind};
use atrous_engine::mask::Point;

const SQUARE: [Point; 4] = [[10.0, 10.0], [40.0, 10.0], [40.0, 40.0], [10.0, 40.0]];

fn drawn() -> Rig {
    let mut rig = Rig::new(ToolKind::Polygon);
    for vertex in SQUARE {
        assert!(rig.click(vertex).edit.is_none());
    }
    rig
}

fn vertices(rig: &Rig) -> &[Point] {
    match &rig.tool {
        Tool::Polygon(polygon) => polygon.vertices(),
        _ => &[],
    }
}

#[test]
fn enter_fills_exactly_the_square() {
    let mut rig = drawn();
    assert_eq!(rig.labels.histogram()[3], 0, "nothing is painted before");
    let edit = rig.send(Input::Confirm).edit.expect("an edit");
    assert_eq!(edit.changed(), 30 * 30);
    assert!(!rig.tool.is_busy());
}

#[test]
fn a_click_on_the_first_vertex_fills() {
    let mut rig = drawn();
    assert!(rig.click([10.5, 10.5]).edit.is_some());
}

#[test]
fn a_dragged_vertex_changes_the_shape() {
    let mut rig = drawn();
    rig.press([40.0, 40.0], Button::Primary);
    rig.send(Input::Move { at: [50.0, 50.0] });
    assert!(rig.send(Input::Release).edit.is_none());
    assert_eq!(vertices(&rig)[2], [50.0, 50.0]);
    rig.send(Input::Confirm);
    assert_eq!(rig.labels.get(45, 45), Some(3));
}

#[test]
fn the_first_vertex_can_be_dragged_without_filling() {
    let mut rig = drawn();
    rig.press([10.0, 10.0], Button::Primary);
    rig.send(Input::Move { at: [4.0, 4.0] });
    assert!(rig.send(Input::Release).edit.is_none());
    assert_eq!(vertices(&rig)[0], [4.0, 4.0]);
}

#[test]
fn a_press_on_an_edge_inserts_a_vertex_there() {
    let mut rig = drawn();
    rig.press([40.5, 25.0], Button::Primary);
    rig.send(Input::Move { at: [55.0, 25.0] });
    rig.send(Input::Release);
    assert_eq!(vertices(&rig).len(), 5);
    assert_eq!(vertices(&rig)[2], [55.0, 25.0]);
}

#[test]
fn vertices_are_taken_back_and_escape_forgets_all() {
    let mut rig = drawn();
    rig.send(Input::Back);
    rig.press([0.0, 0.0], Button::Secondary);
    assert_eq!(vertices(&rig).len(), 2);
    assert!(
        rig.send(Input::Confirm).edit.is_none(),
        "two are no polygon"
    );
    rig.send(Input::Abort);
    assert!(!rig.tool.is_busy());
}
