//! The polygon: vertices that move, and one edit in the end.

use super::{ALT, Rig};
use atrous::tools::{Button, Input, ToolKind};
use atrous_engine::mask::Point;

const SQUARE: [Point; 4] = [[10.0, 10.0], [40.0, 10.0], [40.0, 40.0], [10.0, 40.0]];

fn drawn() -> Rig {
    let mut rig = Rig::new(ToolKind::Polygon);
    for vertex in SQUARE {
        assert!(rig.click(vertex).edit.is_none());
    }
    rig
}

fn vertices(rig: &Rig) -> Vec<Point> {
    rig.rings().into_iter().next().unwrap_or_default()
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
fn what_is_filled_can_still_be_changed() {
    let mut rig = drawn();
    let before = rig.labels.clone();
    let first = rig.send(Input::Confirm).edit.expect("an edit");
    assert!(rig.tool.is_open());
    // A corner is moved in: what the polygon leaves is as it was.
    rig.press([40.0, 40.0], Button::Primary);
    rig.send(Input::move_to([25.0, 25.0]));
    assert!(rig.tool.is_busy());
    let second = rig.send(Input::Release).edit.expect("one more edit");
    assert_eq!(rig.labels.get(35, 35), Some(0));
    assert_eq!(rig.labels.get(35, 12), Some(3));
    // An edge is split and dragged out.
    rig.press([10.0, 25.0], Button::Primary);
    rig.send(Input::move_to([2.0, 25.0]));
    let third = rig.send(Input::Release).edit.expect("one more edit");
    assert_eq!(rig.labels.get(5, 25), Some(3));
    assert_eq!(vertices(&rig).len(), 5);
    // A vertex is taken out.
    let fourth = rig
        .press([2.0, 25.0], Button::Secondary)
        .edit
        .expect("one more edit");
    assert_eq!(rig.labels.get(5, 25), Some(0));
    for edit in [fourth, third, second, first] {
        edit.revert(&mut rig.labels);
    }
    assert_eq!(rig.labels, before);
}

#[test]
fn a_class_that_is_locked_later_keeps_what_was_filled() {
    let mut rig = drawn();
    rig.send(Input::Confirm).edit.expect("an edit");
    let filled = rig.labels.clone();
    rig.protection.locked[3] = true;
    rig.press([40.0, 40.0], Button::Primary);
    rig.send(Input::move_to([25.0, 25.0]));
    assert!(rig.send(Input::Release).edit.is_none());
    assert_eq!(rig.labels, filled);
}

#[test]
fn a_change_from_elsewhere_ends_it_and_so_do_enter_and_a_press_beside_it() {
    let ends: [fn(&mut Rig); 4] = [
        |rig| rig.tool.labels_changed(),
        |rig| drop(rig.send(Input::Confirm)),
        |rig| drop(rig.send(Input::Abort)),
        |rig| drop(rig.click([60.0, 60.0])),
    ];
    for end in ends {
        let mut rig = drawn();
        rig.send(Input::Confirm);
        let filled = rig.labels.clone();
        end(&mut rig);
        assert!(vertices(&rig).len() < 2);
        assert_eq!(rig.labels, filled);
    }
}

#[test]
fn a_ring_with_alt_is_a_hole() {
    let mut rig = drawn();
    rig.press_holding([20.0, 20.0], ALT);
    rig.send(Input::Release);
    for vertex in [[30.0, 20.0], [30.0, 30.0], [20.0, 30.0]] {
        rig.click(vertex);
    }
    let edit = rig.send(Input::Confirm).edit.expect("an edit");
    assert_eq!(edit.changed(), 30 * 30 - 10 * 10);
    assert_eq!(rig.labels.get(25, 25), Some(0));
    // One more, later; Esc leaves it and keeps the rest.
    rig.press_holding([14.0, 35.0], ALT);
    rig.send(Input::Release);
    assert!(rig.tool.is_busy());
    rig.send(Input::Abort);
    assert_eq!(rig.rings().len(), 2);
    // A hole of fewer than three vertices is none.
    for vertex in [[20.0, 20.0], [30.0, 20.0]] {
        rig.press(vertex, Button::Secondary);
    }
    assert_eq!(rig.rings().len(), 1);
    assert_eq!(rig.labels.get(25, 25), Some(3));
}

#[test]
fn a_polygon_selects_where_that_is_wanted() {
    let mut rig = drawn();
    rig.options.selects = true;
    assert!(rig.send(Input::Confirm).edit.is_none());
    let selection = rig.selection.clone().expect("a selection");
    assert_eq!(selection.region.area(), 30 * 30);
    assert!(!rig.tool.is_open());
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
    rig.send(Input::move_to([50.0, 50.0]));
    assert!(rig.send(Input::Release).edit.is_none());
    assert_eq!(vertices(&rig)[2], [50.0, 50.0]);
    rig.send(Input::Confirm);
    assert_eq!(rig.labels.get(45, 45), Some(3));
}

#[test]
fn the_first_vertex_can_be_dragged_without_filling() {
    let mut rig = drawn();
    rig.press([10.0, 10.0], Button::Primary);
    rig.send(Input::move_to([4.0, 4.0]));
    assert!(rig.send(Input::Release).edit.is_none());
    assert_eq!(vertices(&rig)[0], [4.0, 4.0]);
}

#[test]
fn a_press_on_an_edge_inserts_a_vertex_there() {
    let mut rig = drawn();
    rig.press([40.5, 25.0], Button::Primary);
    rig.send(Input::move_to([55.0, 25.0]));
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
