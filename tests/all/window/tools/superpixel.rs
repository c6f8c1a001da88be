//! The superpixel brush: whatever the pointer comes over, once.

use std::sync::Arc;

use atrous::tools::{Button, Input, ToolKind};
use atrous_engine::jobs::Silent;
use atrous_engine::mask::{SlicOptions, Superpixels};
use atrous_palettes::VOID;

use super::Rig;

fn rig() -> Rig {
    let mut rig = Rig::on_image(ToolKind::Superpixels, |x, y| {
        [(x * 3) as u8, (y * 3) as u8, 90]
    });
    let options = SlicOptions {
        side: 8,
        ..SlicOptions::default()
    };
    let superpixels = Superpixels::slic(rig.scene.pixels(), &options, &mut Silent).unwrap();
    rig.scene.superpixels = Some(Arc::new(superpixels));
    rig
}

#[test]
fn a_quick_drag_paints_all_superpixels_on_the_way_in_one_edit() {
    let mut rig = rig();
    let before = rig.labels.clone();
    rig.press([4.0, 30.0], Button::Primary);
    rig.send(Input::move_to([60.0, 34.0]));
    let edit = rig.send(Input::Release).edit.expect("an edit");
    let superpixels = rig.scene.superpixels.clone().unwrap();
    for y in 0..64 {
        for x in 0..64 {
            let region = superpixels.at(x, y).unwrap();
            let crossed = (0..=560).any(|step| {
                let at = [4.0 + 0.1 * step as f32, 30.0 + step as f32 * 4.0 / 560.0];
                superpixels.at(at[0] as u32, at[1] as u32) == Some(region)
            });
            // The way may graze a corner between two steps; what is painted is never off the way.
            if rig.labels.get(x, y) == Some(3) {
                assert!(crossed, "{x}, {y}");
            }
        }
    }
    assert_eq!(
        superpixels.at(4, 30).map(|_| rig.labels.get(4, 30)),
        Some(Some(3))
    );
    assert!((4..60).all(|x| rig.labels.get(x, 30 + (x - 4) * 4 / 56) == Some(3)));
    edit.revert(&mut rig.labels);
    assert_eq!(rig.labels, before);
}

#[test]
fn the_right_button_erases_and_escape_leaves_no_trace() {
    let mut rig = rig();
    rig.press([30.0, 30.0], Button::Secondary);
    rig.send(Input::Release);
    assert_eq!(rig.labels.get(30, 30), Some(VOID));
    let before = rig.labels.clone();
    rig.press([10.0, 10.0], Button::Primary);
    assert!(!rig.send(Input::Abort).dirty.is_empty());
    assert_eq!(rig.labels, before);
    assert!(rig.send(Input::Release).edit.is_none());
}

#[test]
fn nothing_is_painted_before_the_superpixels_are_there_or_over_a_lock() {
    let mut rig = rig();
    rig.protection.locked[0] = true;
    rig.press([30.0, 30.0], Button::Primary);
    assert!(rig.send(Input::Release).edit.is_none());
    rig.protection.locked[0] = false;
    rig.scene.superpixels = None;
    rig.press([30.0, 30.0], Button::Primary);
    assert!(!rig.tool.is_busy() && rig.send(Input::Release).edit.is_none());
}
