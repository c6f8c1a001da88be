//! GrabCut: a rectangle, a preview, strokes, and one edit in the end.

use atrous::tools::{Button, Input, Outcome, Tool, ToolKind};

use super::Rig;

/// A dark disc on a bright ground.
fn disc(x: u32, y: u32) -> [u8; 3] {
    let noise = ((x * 7 + y * 13) % 11) as u8;
    if inside(x, y) {
        [40 + noise, 30, 60]
    } else {
        [190, 170 + noise, 150]
    }
}

fn inside(x: u32, y: u32) -> bool {
    x.abs_diff(32).pow(2) + y.abs_diff(30).pow(2) <= 14 * 14
}

fn area() -> u64 {
    let places = (0..64).flat_map(|y| (0..64).map(move |x| (x, y)));
    places.filter(|(x, y)| inside(*x, *y)).count() as u64
}

fn dragged(rig: &mut Rig) -> Outcome {
    rig.press([14.0, 12.0], Button::Primary);
    rig.send(Input::move_to([50.0, 48.0]));
    let released = rig.send(Input::Release);
    rig.answer(&released, true)
}

fn rig() -> Rig {
    Rig::on_image(ToolKind::GrabCut, disc)
}

#[test]
fn the_disc_in_the_rectangle_is_shown_and_enter_keeps_it() {
    let mut rig = rig();
    let before = rig.labels.clone();
    assert!(!dragged(&mut rig).dirty.is_empty());
    assert!(rig.labels.histogram()[3].abs_diff(area()) < 12);
    let edit = rig.send(Input::Confirm).edit.expect("an edit");
    assert!(!rig.tool.is_busy());
    edit.revert(&mut rig.labels);
    assert_eq!(rig.labels, before);
}

#[test]
fn strokes_say_what_belongs_to_it_and_backspace_takes_them_back() {
    let mut rig = rig();
    dragged(&mut rig);
    let found = rig.labels.histogram()[3];
    rig.press([16.0, 44.0], Button::Primary);
    rig.send(Input::move_to([22.0, 44.0]));
    let stroke = rig.send(Input::Release);
    rig.answer(&stroke, true);
    assert!((16..22).all(|x| rig.labels.get(x, 44) == Some(3)));
    let back = rig.send(Input::Back);
    rig.answer(&back, true);
    assert_eq!(rig.labels.histogram()[3], found);
    rig.press([32.0, 30.0], Button::Secondary);
    let out = rig.send(Input::Release);
    rig.answer(&out, true);
    assert_eq!(rig.labels.get(32, 30), Some(0));
}

#[test]
fn a_click_or_a_broken_off_drag_is_no_rectangle() {
    let mut rig = rig();
    assert!(rig.click([20.0, 20.0]).search.is_none());
    assert!(!rig.tool.is_busy());
    for stop in [Input::Abort, Input::Back] {
        rig.press([14.0, 12.0], Button::Primary);
        rig.send(Input::move_to([50.0, 48.0]));
        assert!(matches!(&rig.tool, Tool::GrabCut(cut) if cut.corners().is_some()));
        rig.send(stop);
        assert!(rig.send(Input::Release).search.is_none());
        assert!(!rig.tool.is_busy());
    }
}

#[test]
fn escape_leaves_no_trace() {
    let mut rig = rig();
    let before = rig.labels.clone();
    dragged(&mut rig);
    rig.send(Input::Abort);
    assert_eq!(rig.labels, before);
    dragged(&mut rig);
    rig.send(Input::Back);
    assert_eq!(rig.labels, before);
    assert!(!rig.tool.is_busy());
}
