//! Images that are read ahead, and files that are replaced while the window is open.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use atrous::command::Command;
use atrous::state::{Document, State, Thumbnail};
use egui::Key;
use image::{Rgb, RgbImage};

use super::desk::{Desk, Room};

const RED: [u8; 3] = [200, 20, 20];
const BLUE: [u8; 3] = [20, 20, 200];

/// A folder of images of one colour. Bitmaps of one size are equally long, whatever they show.
fn folder(room: &Room, images: usize) -> PathBuf {
    let folder = room.path("plain");
    fs::create_dir(&folder).unwrap();
    for number in 0..images {
        write(&folder.join(format!("{number}.bmp")), [48, 32], RED);
    }
    folder
}

fn write(path: &Path, [width, height]: [u32; 2], color: [u8; 3]) {
    RgbImage::from_pixel(width, height, Rgb(color))
        .save(path)
        .unwrap();
}

/// Puts another file in the place of `path` at once, as old as that one where `disguised`.
fn replace(room: &Room, path: &Path, size: [u32; 2], color: [u8; 3], disguised: bool) {
    let other = room.path("other.bmp");
    write(&other, size, color);
    if disguised {
        let time = fs::metadata(path).unwrap().modified().unwrap();
        let file = File::options().write(true).open(&other).unwrap();
        file.set_modified(time).unwrap();
    }
    fs::rename(&other, path).unwrap();
}

/// The colour in the middle of the image on the canvas.
fn color(desk: &Desk) -> [u8; 3] {
    let image = desk.harness.state().canvas().image().expect("an image");
    image.pixel(image.size().map(|side| side / 2)).unwrap()
}

fn document(state: &State) -> &Document {
    state.document.as_ref().expect("an image is open")
}

/// Goes on to the next image.
fn next(desk: &mut Desk) {
    let before = document(desk.state()).id;
    desk.harness.key_press(Key::D);
    desk.wait_until("the next image is there", |state| {
        document(state).id != before
    });
}

#[test]
fn the_next_image_is_read_ahead_and_shown_from_memory() {
    let room = Room::new(1);
    let folder = folder(&room, 3);
    let mut desk = room.start();
    desk.open(&folder);
    // Enough for a busy machine to read a small image.
    std::thread::sleep(Duration::from_secs(2));
    replace(&room, &folder.join("1.bmp"), [48, 32], BLUE, true);
    next(&mut desk);
    assert_eq!(
        color(&desk),
        RED,
        "nothing told that the file is another one"
    );
}

#[test]
fn what_was_read_ahead_is_not_shown_once_its_file_is_another_one() {
    let room = Room::new(1);
    let folder = folder(&room, 3);
    let mut desk = room.start();
    desk.open(&folder);
    std::thread::sleep(Duration::from_secs(1));
    replace(&room, &folder.join("1.bmp"), [40, 40], BLUE, false);
    next(&mut desk);
    assert_eq!(color(&desk), BLUE);
    assert_eq!(document(desk.state()).size, [40, 40]);
    assert_eq!(document(desk.state()).labels.size(), [40, 40]);
    desk.wait_until("the list knows the new size", |state| {
        let project = state.project.as_ref().unwrap();
        let image = project.image(project.current.unwrap()).unwrap();
        [image.width, image.height] == [40, 40]
    });
}

#[test]
fn a_file_that_is_replaced_while_it_is_open_is_shown_anew() {
    let room = Room::new(1);
    let folder = folder(&room, 1);
    let mut desk = room.start();
    desk.open(&folder);
    let thumbnail = |state: &State| {
        let project = state.project.as_ref().unwrap();
        match project.thumbnails.get(project.at(0).unwrap()) {
            Some(Thumbnail::Ready(texture)) => Some(texture.size()),
            _ => None,
        }
    };
    desk.wait_until("the small copy is there", |state| {
        thumbnail(state).is_some()
    });
    desk.command(Command::Superpixels);
    let superpixels = |state: &State| document(state).scene.superpixels.clone();
    desk.wait_until("there are superpixels", |state| {
        superpixels(state).is_some()
    });
    let before = superpixels(desk.state()).unwrap();
    assert_eq!(before.size(), [48, 32]);

    // Of the same size, so that only its content tells that it is another one.
    replace(&room, &folder.join("0.bmp"), [48, 32], BLUE, false);
    desk.wait_until("the new image is shown and cut", |state| {
        superpixels(state).is_some_and(|now| !Arc::ptr_eq(&now, &before))
    });
    assert_eq!(color(&desk), BLUE);

    replace(&room, &folder.join("0.bmp"), [32, 48], RED, false);
    desk.wait_until("the upright image is shown and cut", |state| {
        let cut = superpixels(state);
        let cut = cut.is_some_and(|cut| cut.size() == [32, 48]);
        cut && document(state).size == [32, 48]
    });
    assert_eq!(color(&desk), RED);
    assert_eq!(document(desk.state()).labels.size(), [32, 48]);
    desk.wait_until("the small copy is upright", |state| {
        thumbnail(state).is_some_and(|[width, height]| width < height)
    });
}

#[test]
fn an_image_that_comes_before_the_folder_is_watched_is_listed() {
    let room = Room::new(1);
    let folder = folder(&room, 2);
    let mut desk = room.start();
    desk.open(&folder);
    write(&folder.join("2.bmp"), [48, 32], BLUE);
    desk.wait_until("the new image is listed", |state| {
        state.project.as_ref().unwrap().images.len() == 3
    });
}
