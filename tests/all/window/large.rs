//! Journeys on an image so large that fills and relabelling are computed behind the window.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use atrous::command::Command;
use atrous::state::State;
use atrous_palettes::VOID;
use egui::Key;
use image::RgbImage;

use super::desk::{Desk, Room};

const WIDTH: u32 = 1024;
const HEIGHT: u32 = 768;
/// Class indices that the keys 1 to 3 take.
const ROAD: u8 = 0;
const SIDEWALK: u8 = 1;
const BUILDING: u8 = 2;

/// Keeps every thread of the pool from working until it is dropped; one test at a time does.
struct HeldPool {
    held: Arc<(Mutex<Held>, Condvar)>,
    _turn: MutexGuard<'static, ()>,
}

static TURN: Mutex<()> = Mutex::new(());

#[derive(Default)]
struct Held {
    threads: usize,
    over: bool,
}

impl HeldPool {
    fn new() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let held = Arc::<(Mutex<Held>, Condvar)>::default();
        let threads = rayon::current_num_threads();
        for _ in 0..threads {
            let held = held.clone();
            rayon::spawn(move || {
                let (state, news) = &*held;
                let mut state = state.lock().unwrap();
                state.threads += 1;
                news.notify_all();
                // Other tests share the pool: nobody holds it for ever.
                let limit = Duration::from_secs(60);
                drop(news.wait_timeout_while(state, limit, |state| !state.over));
            });
        }
        let (state, news) = &*held;
        let wait = |state: &mut Held| state.threads < threads;
        let limit = Duration::from_secs(60);
        let (state, result) = news
            .wait_timeout_while(state.lock().unwrap(), limit, wait)
            .unwrap();
        assert!(!result.timed_out(), "the pool is free in the end");
        drop(state);
        Self { held, _turn: turn }
    }
}

impl Drop for HeldPool {
    fn drop(&mut self) {
        let (state, news) = &*self.held;
        state.lock().unwrap().over = true;
        news.notify_all();
    }
}

/// A window with two large images that nobody labelled.
fn large() -> (Room, Desk) {
    let room = Room::new(1);
    let folder = room.path("large");
    std::fs::create_dir(&folder).unwrap();
    for name in ["a.png", "b.png"] {
        let image = RgbImage::from_pixel(WIDTH, HEIGHT, image::Rgb([90, 120, 90]));
        image.save(folder.join(name)).unwrap();
    }
    let mut desk = room.start();
    desk.open(&folder);
    desk.wait_until("the classes are counted", |state| {
        state.classes.counts.pixels().is_some()
    });
    (room, desk)
}

fn at_rest(state: &State) -> bool {
    !state.relabellings.is_busy()
}

fn area(desk: &Desk, class: u8) -> u64 {
    let document = desk.state().document.as_ref().unwrap();
    let area = document.labels.histogram()[usize::from(class)];
    let counted = desk.state().classes.counts.pixels().unwrap();
    assert_eq!(counted[usize::from(class)], area);
    area
}

fn names(desk: &Desk) -> Vec<String> {
    let document = desk.state().document.as_ref().unwrap();
    let edits = document.history.edits();
    edits.map(|edit| edit.name().to_owned()).collect()
}

/// A bar of road across the image, a hundred pixels high, which cuts void in two.
fn bar(desk: &mut Desk) {
    desk.press(Key::M);
    desk.press(Key::Num1);
    // The image may still be on its way to where it fits.
    let mut corner = desk.on_screen([WIDTH, HEIGHT]);
    loop {
        desk.settle();
        let now = desk.on_screen([WIDTH, HEIGHT]);
        if now == corner {
            break;
        }
        corner = now;
    }
    desk.drag(&[[0, 300], [WIDTH - 1, 399]]);
    assert_eq!(area(desk, ROAD), 100 * u64::from(WIDTH));
}

#[test]
fn a_large_image_is_filled_and_relabelled_behind_the_window() {
    let (_room, mut desk) = large();
    bar(&mut desk);
    let held = HeldPool::new();
    desk.press(Key::G);
    desk.press(Key::Num2);
    desk.click_at([500, 100]);
    desk.press(Key::Num3);
    desk.click_at([500, 700]);
    assert!(desk.sees("Relabelling"));
    assert_eq!(
        area(&desk, VOID),
        668 * u64::from(WIDTH),
        "nothing is done yet"
    );
    assert!(!desk.state().allows(Command::Undo));
    assert!(
        desk.state()
            .why_not(Command::Undo)
            .unwrap()
            .contains("elabelling")
    );
    drop(held);
    desk.wait_until("both are filled", at_rest);
    assert_eq!(area(&desk, SIDEWALK), 300 * u64::from(WIDTH));
    assert_eq!(area(&desk, BUILDING), 368 * u64::from(WIDTH));

    // A class, by key.
    desk.hover([500, 350]);
    desk.command(Command::RelabelClass);
    desk.wait_until("the class is relabelled", at_rest);
    assert_eq!(area(&desk, BUILDING), 468 * u64::from(WIDTH));
    // What is selected, whatever its class.
    desk.press(Key::M);
    desk.click("Select area");
    desk.drag(&[[0, 0], [WIDTH - 1, 599]]);
    desk.press(Key::Num1);
    desk.command(Command::RelabelSelection);
    desk.wait_until("the selection is relabelled", at_rest);
    assert_eq!(area(&desk, ROAD), 600 * u64::from(WIDTH));
    let relabels = [Command::RelabelClass, Command::RelabelSelection].map(Command::text);
    assert_eq!(
        names(&desk)[1..],
        ["Fill", "Fill", relabels[0], relabels[1]]
    );
    for _ in 0..4 {
        desk.command(Command::Undo);
    }
    assert_eq!(area(&desk, ROAD), 100 * u64::from(WIDTH));
    assert_eq!(area(&desk, VOID), 668 * u64::from(WIDTH));
    desk.wait_saved();
}

#[test]
fn a_stroke_while_a_fill_is_computed_is_not_filled_over() {
    let (_room, mut desk) = large();
    bar(&mut desk);
    let held = HeldPool::new();
    desk.press(Key::G);
    desk.press(Key::Num2);
    desk.click_at([500, 100]);
    // Another tool, and a line that cuts what is to be filled in two.
    desk.press(Key::M);
    desk.press(Key::Num3);
    desk.drag(&[[600, 0], [610, 299]]);
    assert_eq!(area(&desk, BUILDING), 11 * 300);
    // One more fill, of what that rectangle covers by then: it is of another class.
    drop(held);
    desk.wait_until("it is filled", at_rest);
    assert_eq!(area(&desk, SIDEWALK), 600 * 300);
    assert_eq!(area(&desk, BUILDING), 11 * 300);
    assert_eq!(names(&desk), ["Rectangle", "Rectangle", "Fill"]);

    let held = HeldPool::new();
    desk.press(Key::G);
    desk.click_at([800, 100]);
    desk.press(Key::M);
    desk.drag(&[[700, 50], [900, 150]]);
    drop(held);
    desk.wait_until("it is given up", at_rest);
    assert_eq!(
        area(&desk, BUILDING),
        11 * 300 + 201 * 101,
        "the point is of another class"
    );
    desk.wait_saved();
}

#[test]
fn esc_and_another_image_leave_what_is_not_filled_yet() {
    let (_room, mut desk) = large();
    bar(&mut desk);
    let held = HeldPool::new();
    desk.press(Key::G);
    desk.press(Key::Num2);
    desk.click_at([500, 100]);
    desk.press(Key::Escape);
    assert!(at_rest(desk.state()));
    drop(held);
    desk.settle();
    assert_eq!(area(&desk, SIDEWALK), 0);

    let held = HeldPool::new();
    desk.click_at([500, 100]);
    let first = desk.state().document.as_ref().unwrap().id;
    desk.press(Key::D);
    drop(held);
    desk.wait_until("the other image is there", |state| {
        state
            .document
            .as_ref()
            .is_some_and(|document| document.id != first)
            && at_rest(state)
    });
    desk.press(Key::A);
    desk.wait_until("the first image is there again", |state| {
        let document = state.document.as_ref();
        document.is_some_and(|document| document.id == first)
            && state.classes.counts.pixels().is_some()
    });
    // Either it was filled before the other image came, or it is as it was.
    let filled = names(&desk).last().is_some_and(|name| name == "Fill");
    assert_eq!(
        area(&desk, SIDEWALK),
        if filled { 300 * u64::from(WIDTH) } else { 0 }
    );
}
