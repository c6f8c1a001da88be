//! The tour: once by itself, with the person, by keyboard, and again from the menu.

use atrous::command::Command;
use atrous::state::{Settings, TourStep};
use egui::Key;
use egui_kittest::kittest::Queryable as _;

use super::desk::{Desk, Room};

/// Where the image is on the screen.
fn image(desk: &Desk) -> egui::Rect {
    let [width, height] = desk.state().document.as_ref().unwrap().size;
    let last = [width - 1, height - 1];
    egui::Rect::from_two_pos(desk.on_screen([0, 0]), desk.on_screen(last))
}

/// A room in which nobody ever started the application.
fn fresh(images: u32) -> Room {
    let room = Room::new(images);
    let path = room.path("settings.toml");
    let settings = Settings::read(&path).unwrap();
    let fresh = Settings {
        tour_seen: false,
        ..settings
    };
    fresh.write(&path).unwrap();
    room
}

fn step(desk: &Desk) -> Option<TourStep> {
    desk.state().tour.map(|tour| tour.step)
}

#[test]
fn it_comes_once_and_again_when_asked_for() {
    let room = fresh(1);
    let mut desk = room.start();
    assert_eq!(step(&desk), Some(TourStep::Open));
    desk.click("Skip the tour");
    assert_eq!(step(&desk), None);
    desk.close();
    let mut desk = room.start();
    assert_eq!(step(&desk), None);
    desk.click("Help");
    desk.click(Command::Tour.text());
    assert_eq!(step(&desk), Some(TourStep::Open));
    desk.press(Key::Escape);
    assert_eq!(step(&desk), None);
}

#[test]
fn the_keyboard_alone_goes_through_it() {
    let room = fresh(1);
    let mut desk = room.start();
    for place in TourStep::ALL {
        assert_eq!(step(&desk), Some(place));
        assert!(desk.sees(place.title()) && desk.sees(place.text()));
        let last = place == TourStep::Export;
        let next = desk
            .harness
            .get_by_label(if last { "Done" } else { "Next" });
        assert!(next.is_focused(), "{place:?}");
        desk.press(Key::Enter);
    }
    assert_eq!(step(&desk), None);
}

#[test]
fn it_follows_what_the_person_does() {
    let room = fresh(1);
    let mut desk = room.start();
    desk.open(&room.streets());
    assert_eq!(step(&desk), Some(TourStep::Predict));
    desk.command(Command::PredictImage);
    desk.wait_until("the image is predicted", |state| {
        state.document.as_ref().unwrap().prediction.is_some() && state.jobs.is_empty()
    });
    assert_eq!(step(&desk), Some(TourStep::Paint));
    desk.press(Key::B);
    for class in [Key::Num1, Key::Num9] {
        desk.press(class);
        desk.drag(&[[100, 110], [140, 110]]);
    }
    assert_eq!(step(&desk), Some(TourStep::Undo));
    desk.command(Command::Undo);
    assert_eq!(step(&desk), Some(TourStep::FineTune));
    desk.click("Back");
    assert_eq!(step(&desk), Some(TourStep::Undo));
    desk.click("Next");
    desk.click("Next");
    desk.click("Done");
    assert_eq!(step(&desk), None);
}

#[test]
fn its_card_leaves_what_it_points_at_in_view() {
    let room = fresh(1);
    let mut desk = room.start();
    let window = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(1280.0, 800.0));
    let demo = desk.harness.get_by_label("Open demo").rect();
    let clear = |desk: &Desk, target: egui::Rect| {
        let parts = ["Skip the tour", "Back", step(desk).unwrap().text()];
        for part in parts {
            let part = desk.harness.get_by_label(part).rect();
            assert!(window.contains_rect(part), "{part:?}");
            assert!(!part.intersects(target), "{part:?} covers {target:?}");
        }
    };
    clear(&desk, demo);
    desk.open(&room.streets());
    for place in &TourStep::ALL[1..] {
        let button = desk.harness.get_all_by_label(place.command().text());
        let target = button.map(|node| node.rect()).next().unwrap();
        clear(&desk, target);
        let card = desk.harness.get_by_label("Skip the tour").rect();
        let (card, image) = (card.expand(14.0), image(&desk));
        assert!(
            !card.intersects(image),
            "{place:?}: {card:?} covers {image:?}"
        );
        desk.press(Key::Enter);
    }
}
