//! Journeys with the tools that look at the image: in the window, by mouse and keyboard.

use atrous::command::Command;
use atrous::state::Task;
use atrous::tools::ToolKind;
use atrous_palettes::VOID;
use egui::{Key, Modifiers, PointerButton};

use crate::window::desk::{Desk, Room};

/// The sky of the demo's scenes, and vegetation, which the key 9 takes.
const SKY: [u32; 2] = [80, 6];
const VEGETATION: u8 = 8;

fn opened(room: &Room) -> Desk {
    let mut desk = room.start();
    desk.open(&room.streets());
    desk.press(Key::Num9);
    desk
}

fn painted(desk: &Desk) -> usize {
    let labels = desk.labels();
    labels.iter().filter(|label| **label == VEGETATION).count()
}

fn wait_found(desk: &mut Desk) {
    desk.wait_until("it is found", |state| !state.searches.is_busy());
}

#[test]
fn the_wand_takes_a_colour_and_its_tolerance_is_dragged_and_remembered() {
    let room = Room::new(1);
    let mut desk = opened(&room);
    let blank = desk.labels();
    desk.press(Key::W);
    assert_eq!(desk.state().tool.kind(), ToolKind::Wand);
    desk.click_at(SKY);
    desk.wait_until("the colour is taken", |state| !state.tool.is_busy());
    let small = painted(&desk);
    assert!(small > 20, "{small}");
    assert_eq!(desk.label(SKY), Some(VEGETATION));
    desk.command(Command::Undo);
    assert_eq!(desk.labels(), blank);

    let before = desk.state().settings.wand_tolerance;
    desk.begin_drag(&[SKY, [SKY[0] + 20, SKY[1]]]);
    wait_found(&mut desk);
    assert!(
        painted(&desk) >= small,
        "it is shown while the button is held"
    );
    assert!(!desk.state().allows(Command::Undo), "the gesture goes on");
    desk.press(Key::Escape);
    assert_eq!(desk.labels(), blank);
    assert_eq!(
        desk.state().settings.wand_tolerance,
        before,
        "and nothing is remembered"
    );
    desk.release();

    desk.drag(&[SKY, [SKY[0] + 20, SKY[1]]]);
    desk.wait_until("the colours are taken", |state| !state.tool.is_busy());
    assert!(painted(&desk) > small);
    assert!(desk.state().settings.wand_tolerance > before);
    let dragged = desk.state().settings.wand_tolerance;
    desk.press(Key::OpenBracket);
    assert_eq!(desk.state().settings.wand_tolerance, dragged - 1);
    desk.wait_saved();
}

#[test]
fn superpixels_are_computed_behind_the_window_and_painted_by_hovering() {
    let room = Room::new(1);
    let mut desk = opened(&room);
    desk.chord(Modifiers::SHIFT, Key::W);
    assert_eq!(desk.state().tool.kind(), ToolKind::Superpixels);
    let ready = |desk: &mut Desk| {
        desk.wait_until("there are superpixels", |state| {
            let document = state.document.as_ref().unwrap();
            document.scene.superpixels.is_some() && !state.jobs.is_running(Task::Superpixels)
        });
    };
    ready(&mut desk);
    let blank = desk.labels();
    desk.drag(&[[20, 60], [90, 62], [120, 90]]);
    let stroked = desk.labels();
    let superpixels = desk
        .state()
        .document
        .as_ref()
        .unwrap()
        .scene
        .superpixels
        .clone()
        .unwrap();
    for [x, y] in [[20, 60], [90, 62], [120, 90], [60, 61]] {
        for span in superpixels.spans(superpixels.at(x, y).unwrap()) {
            for x in span.start..span.end {
                assert_eq!(
                    desk.label([x, span.y]),
                    Some(VEGETATION),
                    "whole superpixels"
                );
            }
        }
    }
    desk.drag_with(PointerButton::Secondary, &[[90, 62]]);
    assert_eq!(desk.label([90, 62]), Some(VOID));
    desk.command(Command::Undo);
    assert_eq!(desk.labels(), stroked);
    desk.command(Command::Undo);
    assert_eq!(desk.labels(), blank);

    desk.press(Key::CloseBracket);
    ready(&mut desk);
    let document = desk.state().document.as_ref().unwrap();
    let larger = document.scene.superpixels.clone().unwrap();
    assert!(larger.len() < superpixels.len());
    // The first size is still known.
    desk.press(Key::OpenBracket);
    let document = desk.state().document.as_ref().unwrap();
    assert_eq!(
        document.scene.superpixels.as_deref(),
        Some(superpixels.as_ref())
    );
}

#[test]
fn a_smart_click_asks_the_network_shows_a_region_and_keeps_it_with_enter() {
    let room = Room::new(1);
    let mut desk = opened(&room);
    let blank = desk.labels();
    desk.press(Key::S);
    desk.wait_until("the network is asked", |state| {
        state
            .document
            .as_ref()
            .unwrap()
            .scene
            .probabilities
            .is_some()
    });
    assert!(desk.state().document.as_ref().unwrap().prediction.is_none());
    desk.click_at(SKY);
    wait_found(&mut desk);
    let shown = painted(&desk);
    assert!(shown > 20 && desk.label(SKY) == Some(VEGETATION), "{shown}");
    desk.press(Key::Escape);
    assert_eq!(desk.labels(), blank);
    assert!(!desk.state().allows(Command::Undo));
    desk.click_at(SKY);
    wait_found(&mut desk);
    desk.command(Command::Undo);
    assert_eq!(desk.labels(), blank, "undo takes back what is shown, too");

    desk.click_at(SKY);
    wait_found(&mut desk);
    desk.press(Key::B);
    assert!(!desk.state().tool.is_busy());
    assert_eq!(painted(&desk), shown, "another tool keeps it");
    desk.command(Command::Undo);
    assert_eq!(desk.labels(), blank);
    desk.press(Key::S);

    desk.click_at(SKY);
    desk.drag_with(PointerButton::Secondary, &[[80, 110]]);
    wait_found(&mut desk);
    assert_eq!(desk.label([80, 110]), Some(VOID));
    desk.press(Key::Backspace);
    wait_found(&mut desk);
    assert!(desk.state().tool.is_busy());
    desk.press(Key::Enter);
    desk.wait_until("it is kept", |state| !state.tool.is_busy());
    assert_eq!(painted(&desk), shown);
    desk.command(Command::Undo);
    assert_eq!(desk.labels(), blank);
    desk.wait_saved();
}

#[test]
fn a_rectangle_is_cut_and_kept_and_another_tool_leaves_no_trace() {
    let room = Room::new(1);
    let mut desk = opened(&room);
    let blank = desk.labels();
    desk.chord(Modifiers::SHIFT, Key::S);
    assert_eq!(desk.state().tool.kind(), ToolKind::GrabCut);
    let corners = [[30, 30], [100, 80], [130, 110]];
    desk.drag(&corners);
    wait_found(&mut desk);
    let shown = painted(&desk);
    assert!(shown > 0 && shown <= 100 * 80);
    desk.press(Key::B);
    assert_eq!(desk.labels(), blank);

    desk.chord(Modifiers::SHIFT, Key::S);
    desk.drag(&corners);
    desk.press(Key::Enter);
    desk.wait_until("it is kept", |state| !state.tool.is_busy());
    assert_eq!(painted(&desk), shown);
    desk.command(Command::Undo);
    assert_eq!(desk.labels(), blank);
}

#[test]
fn another_image_keeps_what_is_shown_and_another_project_forgets_what_is_looked_for() {
    let room = Room::new(2);
    let mut desk = opened(&room);
    desk.press(Key::S);
    desk.click_at(SKY);
    wait_found(&mut desk);
    let first = desk.state().document.as_ref().unwrap().id;
    desk.press(Key::D);
    desk.wait_until("the next image is shown", |state| {
        state
            .document
            .as_ref()
            .is_some_and(|document| document.id != first)
    });
    assert!(!desk.state().tool.is_busy());
    wait_found(&mut desk);
    assert!(desk.labels().iter().all(|label| *label == VOID));
    desk.press(Key::A);
    desk.wait_until("the first is back", |state| {
        state
            .document
            .as_ref()
            .is_some_and(|document| document.id == first)
    });
    assert_eq!(desk.label(SKY), Some(VEGETATION));
    desk.command(Command::Undo);
    assert!(desk.labels().iter().all(|label| *label == VOID));
    desk.click_at(SKY);
    desk.command(Command::CloseProject);
    assert!(desk.state().document.is_none() && !desk.state().searches.is_busy());
}
