//! The magnetic polygon, by mouse and keys.

use atrous::command::Command;
use atrous::state::Settings;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use image::{Rgb, RgbImage};

use super::desk::{Desk, Room};

/// The class that the fifth key paints.
const PAINTED: u8 = 4;

/// The disc of the image.
fn in_disc([x, y]: [u32; 2]) -> bool {
    (x as f32 + 0.5 - 80.0).hypot(y as f32 + 0.5 - 60.0) < 40.0
}

/// Clicks beside the disc's border.
const BESIDE: [[u32; 2]; 5] = [[121, 60], [93, 99], [46, 84], [47, 36], [92, 21]];

/// A window with an image of a bright disc in noise, and the polygon in the hand.
fn disc() -> (Room, Desk) {
    let room = Room::new(1);
    let folder = room.path("disc");
    std::fs::create_dir_all(&folder).unwrap();
    let image = RgbImage::from_fn(160, 120, |x, y| {
        let noise = ((x * 7 + y * 13) % 11) as u8;
        Rgb([if in_disc([x, y]) { 170 } else { 80 } + noise; 3])
    });
    image.save(folder.join("disc.png")).unwrap();
    let mut desk = room.start();
    desk.open(&folder);
    desk.press(Key::Num5);
    desk.press(Key::P);
    (room, desk)
}

/// How many pixels are painted or of the disc, and not both.
fn wrong(desk: &Desk) -> usize {
    let labels = desk.labels();
    let places = (0..120).flat_map(|y| (0..160).map(move |x| [x, y]));
    let pairs = places.zip(labels);
    pairs
        .filter(|(place, label)| (*label == PAINTED) != in_disc(*place))
        .count()
}

#[test]
fn clicks_around_a_disc_give_its_border() {
    let (room, mut desk) = disc();
    for click in BESIDE {
        desk.click_at(click);
    }
    desk.press(Key::Enter);
    let straight = wrong(&desk);
    desk.press(Key::Escape);
    desk.command(Command::Undo);

    desk.command(Command::Magnetic);
    assert!(desk.state().settings.tools.magnetic);
    for click in BESIDE {
        desk.hover(click);
        desk.click_at(click);
    }
    assert!(desk.state().tool.is_busy());
    desk.press(Key::Enter);
    let magnetic = wrong(&desk);
    assert!(
        magnetic * 8 < straight,
        "{magnetic} pixels wrong along the edge, {straight} straight"
    );
    desk.wait_saved();
    desk.command(Command::Undo);
    assert_eq!(
        desk.labels()
            .iter()
            .filter(|label| **label == PAINTED)
            .count(),
        0
    );
    desk.close();
    let settings = Settings::read(&room.path("settings.toml")).unwrap();
    assert!(settings.tools.magnetic, "it is remembered");
}

#[test]
fn the_switch_stands_in_the_strip_and_on_the_sheet_of_keys() {
    let (_room, mut desk) = disc();
    let is_magnetic = |desk: &Desk| desk.state().settings.tools.magnetic;
    assert!(!is_magnetic(&desk), "off at first");
    desk.click("Magnetic");
    assert!(is_magnetic(&desk));
    desk.chord(Modifiers::SHIFT, Key::P);
    assert!(!is_magnetic(&desk));
    desk.press(Key::L);
    let lasso = desk.harness.query_by_label("Magnetic").is_some();
    assert!(!lasso, "the lasso follows the hand");
    desk.press(Key::F1);
    assert!(desk.sees("Magnetic polygon"));
}

#[test]
fn backspace_takes_a_leg_back_and_escape_leaves_no_trace() {
    let (_room, mut desk) = disc();
    desk.command(Command::Magnetic);
    let before = desk.labels();
    desk.click_at(BESIDE[0]);
    desk.hover(BESIDE[1]);
    assert!(desk.sees("Ctrl+click sets a vertex freely"));
    desk.click_at(BESIDE[1]);
    desk.press(Key::Backspace);
    assert!(desk.state().tool.is_open());
    desk.press(Key::Backspace);
    assert!(!desk.state().tool.is_open(), "two clicks were two legs");
    desk.click_at(BESIDE[0]);
    desk.click_at(BESIDE[1]);
    desk.click_at(BESIDE[2]);
    desk.press(Key::Escape);
    assert!(!desk.state().tool.is_open());
    assert_eq!(desk.labels(), before);
}
