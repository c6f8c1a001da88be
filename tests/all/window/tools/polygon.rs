//! The polygon: vertices that move, and one edit in the end.

use super::{ALT, Rig};
use atrous::tools::{Button, Figure, Hand, Held, Input, ToolKind};
use atrous_engine::mask::{LabelMap, Point};

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

/// A magnetic polygon over an image of a bright disc of radius 20 around (32, 32).
fn magnetic() -> Rig {
    let mut rig = Rig::on_image(ToolKind::Polygon, |x, y| {
        let value = if in_disc([x, y]) { 180 } else { 80 };
        [value; 3]
    });
    rig.options.magnetic = true;
    rig
}

fn in_disc([x, y]: [u32; 2]) -> bool {
    (x as f32 + 0.5 - 32.0).hypot(y as f32 + 0.5 - 32.0) < 20.0
}

/// Clicks a little beside the disc's border.
const BESIDE: [Point; 4] = [[53.5, 32.0], [32.4, 53.0], [10.7, 32.0], [32.0, 13.6]];

/// How many pixels of the painted class and of the disc are one and not the other.
fn wrong(labels: &LabelMap) -> usize {
    let places = (0..64).flat_map(|y| (0..64).map(move |x| [x, y]));
    places
        .filter(|place| (labels.get(place[0], place[1]) == Some(3)) != in_disc(*place))
        .count()
}

/// What is shown while the pointer is over the image.
fn shown(rig: &Rig) -> Vec<Figure> {
    rig.tool.preview(&Hand {
        pointer: Some([0.0, 0.0]),
        reach: 3.0,
        brush: rig.brush,
    })
}

/// What is shown from the last vertex to the pointer.
fn wire(rig: &Rig) -> Vec<Point> {
    let figures = shown(rig).into_iter();
    let mut lines = figures.filter_map(|figure| match figure {
        Figure::Line(line) => Some(line),
        _ => None,
    });
    lines.next().unwrap_or_default()
}

#[test]
fn a_magnetic_polygon_follows_the_border_from_click_to_click() {
    let mut straight = magnetic();
    straight.options.magnetic = false;
    for click in BESIDE {
        straight.click(click);
    }
    straight.send(Input::Confirm);
    let mut rig = magnetic();
    for click in BESIDE {
        assert!(rig.click(click).edit.is_none());
    }
    let vertices = vertices(&rig);
    assert!(
        (8..=40).contains(&vertices.len()),
        "{} vertices",
        vertices.len()
    );
    // A click on the first vertex closes along the border too.
    assert!(rig.click(vertices[0]).edit.is_some());
    let (bad, good) = (wrong(&straight.labels), wrong(&rig.labels));
    assert!(
        bad > 400 && good < 40,
        "{good} pixels wrong, {bad} by straight edges"
    );
}

#[test]
fn the_wire_is_shown_before_the_click_that_keeps_it() {
    let mut rig = magnetic();
    rig.send(Input::Hover { at: BESIDE[0] });
    assert!(wire(&rig).is_empty());
    assert_eq!(shown(&rig).len(), 1, "where the first vertex would be");
    rig.click(BESIDE[0]);
    rig.send(Input::Hover { at: BESIDE[1] });
    let laid = wire(&rig);
    assert!(laid.len() > 3, "{laid:?}");
    rig.click(BESIDE[1]);
    assert_eq!(vertices(&rig), laid);
    assert!(wire(&rig).is_empty());
    // Over the first vertex it shows how the ring would be closed; over others nothing new.
    rig.click(BESIDE[2]);
    rig.click(BESIDE[3]);
    rig.send(Input::Hover { at: laid[0] });
    assert!(wire(&rig).len() > 3);
    rig.send(Input::Hover { at: laid[2] });
    assert!(wire(&rig).is_empty());
    rig.options.magnetic = false;
    rig.send(Input::Hover { at: BESIDE[3] });
    assert!(wire(&rig).is_empty());
}

#[test]
fn backspace_takes_a_whole_leg_back_and_escape_everything() {
    let mut rig = magnetic();
    let mut before = Vec::new();
    for click in BESIDE {
        before.push(vertices(&rig));
        rig.click(click);
    }
    for expected in before.into_iter().rev() {
        rig.send(Input::Back);
        assert_eq!(vertices(&rig), expected);
    }
    assert!(!rig.tool.is_open());
    rig.click(BESIDE[0]);
    rig.click(BESIDE[1]);
    rig.send(Input::Abort);
    assert!(!rig.tool.is_open() && vertices(&rig).is_empty());
    assert_eq!(rig.labels.histogram()[3], 0);
}

#[test]
fn a_click_with_ctrl_sets_a_vertex_freely() {
    let mut rig = magnetic();
    rig.click(BESIDE[0]);
    let free = Held {
        command: true,
        ..Held::default()
    };
    rig.press_holding(BESIDE[1], free);
    rig.send(Input::Release);
    assert_eq!(vertices(&rig)[1..], [BESIDE[1]]);
}

#[test]
fn a_magnetic_vertex_that_is_dragged_while_it_is_set_is_laid_anew() {
    let mut rig = magnetic();
    rig.click(BESIDE[0]);
    rig.click(BESIDE[1]);
    let expected = vertices(&rig);
    rig.send(Input::Back);
    rig.press([50.0, 50.0], Button::Primary);
    rig.send(Input::move_to([40.0, 54.0]));
    assert_eq!(
        vertices(&rig).len(),
        2,
        "a straight edge follows the pointer"
    );
    rig.send(Input::move_to(BESIDE[1]));
    rig.send(Input::Release);
    assert_eq!(vertices(&rig), expected);
    rig.send(Input::Back);
    assert_eq!(vertices(&rig).len(), 1);
}

#[test]
fn magnetic_vertices_are_dragged_split_taken_out_and_have_holes_like_any_others() {
    let mut rig = magnetic();
    for click in BESIDE {
        rig.click(click);
    }
    rig.send(Input::Confirm).edit.expect("an edit");
    let laid = vertices(&rig);
    let (place, top) = laid
        .iter()
        .enumerate()
        .min_by(|a, b| a.1[1].total_cmp(&b.1[1]))
        .unwrap();
    rig.press(*top, Button::Primary);
    rig.send(Input::move_to([32.0, 2.0]));
    rig.send(Input::Release).edit.expect("one more edit");
    assert_eq!(rig.labels.get(31, 6), Some(3));
    rig.press([32.0, 2.0], Button::Secondary)
        .edit
        .expect("one more edit");
    assert_eq!(vertices(&rig).len(), laid.len() - 1);
    // An edge is split, as far from its ends as from anything else.
    let mut edges = (0..laid.len() - 1).map(|at| [laid[at], laid[at + 1]]);
    let long = edges
        .find(|[a, b]| {
            a != &laid[place] && b != &laid[place] && (a[0] - b[0]).hypot(a[1] - b[1]) > 7.0
        })
        .expect("an edge long enough");
    let middle = [0, 1].map(|axis| (long[0][axis] + long[1][axis]) / 2.0);
    rig.press(middle, Button::Primary);
    rig.send(Input::move_to([32.0, 32.0]));
    rig.send(Input::Release).edit.expect("one more edit");
    assert_eq!(vertices(&rig).len(), laid.len());
    rig.send(Input::Confirm);

    // A hole in the middle, where there is no edge to follow.
    let mut rig = magnetic();
    for click in BESIDE {
        rig.click(click);
    }
    rig.press_holding([28.0, 28.0], ALT);
    rig.send(Input::Release);
    for click in [[36.0, 28.0], [36.0, 36.0], [28.0, 36.0]] {
        rig.click(click);
    }
    rig.send(Input::Confirm).edit.expect("an edit");
    assert_eq!(rig.labels.get(32, 32), Some(0));
    assert_eq!(rig.labels.get(40, 32), Some(3));
    let hole = 8 * 8;
    let bad = wrong(&rig.labels);
    assert!(bad < 40 + hole, "the border is followed to its end: {bad}");
}

#[test]
fn a_vertex_set_on_an_open_edge_is_taken_back_alone() {
    let mut rig = drawn();
    rig.press([40.5, 25.0], Button::Primary);
    rig.send(Input::move_to([55.0, 25.0]));
    rig.send(Input::Release);
    for left in [4, 3, 2, 1, 0] {
        rig.send(Input::Back);
        assert_eq!(vertices(&rig).len(), left);
    }
}
