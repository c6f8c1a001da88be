//! Walking through many images: filter, order, selection, and what is done with several at once.

use atrous::command::Command;
use atrous::state::{OpenProject, Order};
use atrous_engine::mask::LabelMap;
use atrous_engine::project::{ImageId, NewPrediction, OpenOptions, Project, Status};
use atrous_palettes::{Palette, VOID};
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use super::desk::{Desk, Room};

const CAR: u8 = 13;
const SKY: u8 = 10;

/// What the images of [`predicted`] have: the class that covers them, and the uncertainty.
const PREDICTED: [(u8, f32); 4] = [(SKY, 0.2), (CAR, 0.7), (CAR, 0.5), (SKY, 0.6)];

/// A room whose images, `0.png` and on, are predicted, and a fifth one that is not.
fn predicted() -> Room {
    let room = Room::new(1);
    let folder = room.path("many");
    std::fs::create_dir(&folder).unwrap();
    for number in 0..5_u8 {
        let image = image::RgbImage::from_pixel(40, 30, [number * 40; 3].into());
        image.save(folder.join(format!("{number}.png"))).unwrap();
    }
    let options = OpenOptions {
        palette: Some(Palette::cityscapes()),
        ..OpenOptions::default()
    };
    let project = Project::open(&folder, options).unwrap();
    project.scan(&mut atrous_engine::jobs::Silent).unwrap();
    let images = project.images().unwrap();
    for (image, (class, uncertainty)) in images.iter().zip(PREDICTED) {
        let prediction = NewPrediction {
            width: 40,
            height: 30,
            labels: &[class; 1200],
            confidence: &[200; 1200],
            uncertainty,
        };
        project.store_prediction(image.id, &prediction).unwrap();
    }
    room
}

fn project(desk: &Desk) -> &OpenProject {
    desk.state().project.as_ref().unwrap()
}

/// The names in the film strip, in its order.
fn shown(desk: &Desk) -> Vec<String> {
    let project = project(desk);
    let images = (0..project.strip.len()).map(|place| project.at(place).unwrap());
    images
        .map(|image| name(image.path.to_str().unwrap()))
        .collect()
}

fn name(path: &str) -> String {
    path.trim_end_matches(".png").to_owned()
}

fn named(desk: &Desk, name: &str) -> ImageId {
    let mut images = project(desk).images.iter();
    let path = format!("{name}.png");
    images
        .find(|image| image.path.to_str() == Some(&path))
        .unwrap()
        .id
}

fn status(desk: &Desk, name: &str) -> Status {
    project(desk).image(named(desk, name)).unwrap().status
}

fn current(desk: &Desk) -> String {
    let project = project(desk);
    let image = project.image(project.current.unwrap()).unwrap();
    name(image.path.to_str().unwrap())
}

fn wait_current(desk: &mut Desk, expected: &str) {
    desk.wait_until("the image is shown", |state| {
        let project = state.project.as_ref().unwrap();
        state.document.as_ref().map(|document| document.id) == project.current
    });
    assert_eq!(current(desk), expected);
}

fn type_filter(desk: &mut Desk, text: &str) {
    desk.command(Command::FilterImages);
    field(desk).type_text(text);
    desk.settle();
}

fn field(desk: &Desk) -> egui_kittest::Node<'_> {
    desk.harness
        .get_by_role_and_label(egui::accesskit::Role::TextInput, "Filter images")
}

/// Clicks an image in the film strip with keys held.
fn click_row(desk: &mut Desk, name: &str, modifiers: Modifiers) {
    let start = format!("{name}.png, ");
    let row = desk.harness.get_by(|node| {
        let label = node.label();
        label.is_some_and(|label| label.starts_with(&start))
    });
    row.click_modifiers(modifiers);
    desk.settle();
}

fn selected(desk: &Desk) -> Vec<String> {
    let project = project(desk);
    let paths = project.targets().into_iter().map(|id| {
        let path = &project.image(id).unwrap().path;
        name(path.to_str().unwrap())
    });
    paths.collect()
}

fn wait_batch(desk: &mut Desk) {
    use atrous::state::Task;
    desk.wait_until("it is done with all of them", |state| {
        !state.jobs.is_running(Task::Batch) && state.document.is_some()
    });
}

#[test]
fn the_filter_says_which_images_are_shown_and_walked_through() {
    let room = predicted();
    let mut desk = room.start();
    desk.open(&room.path("many"));
    assert_eq!(shown(&desk), ["0", "1", "2", "3", "4"]);
    type_filter(&mut desk, "status:predicted label:car");
    assert_eq!(shown(&desk), ["1", "2"]);
    assert!(desk.sees("2 of 5"));
    desk.press(Key::Enter);
    desk.press(Key::D);
    wait_current(&mut desk, "1");
    desk.press(Key::D);
    wait_current(&mut desk, "2");
    desk.press(Key::D);
    wait_current(&mut desk, "2");
    desk.press(Key::A);
    wait_current(&mut desk, "1");

    type_filter(&mut desk, "unc>0.4 -name:1*");
    assert_eq!(shown(&desk), ["2", "3"]);
    assert_eq!(current(&desk), "1", "the canvas keeps its image");
    desk.press(Key::Escape);
    assert_eq!(shown(&desk).len(), 5);
    assert_eq!(project(&desk).strip.query, "");
}

#[test]
fn a_word_that_makes_no_sense_is_told_and_the_last_filter_holds() {
    let room = predicted();
    let mut desk = room.start();
    desk.open(&room.path("many"));
    type_filter(&mut desk, "label:car statsu:x");
    let fault = project(&desk).strip.fault.clone().unwrap();
    assert_eq!(fault.word, "statsu:x");
    assert!(desk.sees("expected status:"));
    assert_eq!(shown(&desk).len(), 5, "label:car alone was never typed");
    type_filter(&mut desk, "label:car");
    assert_eq!(shown(&desk), ["1", "2"]);
    type_filter(&mut desk, "label:carr");
    assert_eq!(shown(&desk), ["1", "2"]);
    type_filter(&mut desk, "nothing");
    assert!(desk.sees("No image passes the filter"));
    desk.press(Key::Escape);
    assert_eq!(shown(&desk).len(), 5);
}

#[test]
fn words_are_completed_by_key_and_by_click() {
    let room = predicted();
    let mut desk = room.start();
    desk.open(&room.path("many"));
    type_filter(&mut desk, "st");
    assert!(desk.sees("status:"));
    desk.press(Key::Tab);
    assert_eq!(project(&desk).strip.query, "status:");
    field(&desk).type_text("p");
    desk.settle();
    desk.click("status:predicted");
    assert_eq!(project(&desk).strip.query, "status:predicted ");
    assert_eq!(shown(&desk).len(), 4);
    field(&desk).type_text("label:tra");
    desk.settle();
    desk.press(Key::ArrowDown);
    desk.press(Key::ArrowDown);
    desk.press(Key::Enter);
    assert_eq!(
        project(&desk).strip.query,
        "status:predicted label:\"traffic sign\" "
    );
    let tool = desk.state().tool.kind();
    field(&desk).type_text("e");
    desk.settle();
    assert_eq!(desk.state().tool.kind(), tool, "letters are for the field");
}

#[test]
fn the_strip_is_sorted_and_its_order_is_remembered() {
    let room = predicted();
    let mut desk = room.start();
    desk.open(&room.path("many"));
    desk.click("Image");
    desk.click("Sort by uncertainty");
    assert_eq!(shown(&desk), ["1", "3", "2", "0", "4"]);
    desk.press(Key::D);
    wait_current(&mut desk, "4");
    click_row(&mut desk, "3", Modifiers::NONE);
    wait_current(&mut desk, "3");
    desk.press(Key::D);
    wait_current(&mut desk, "2");

    // The second image gets labels that the model disagrees with, and changes last.
    desk.press(Key::Num1);
    desk.press(Key::B);
    desk.drag(&[[5, 5], [30, 20]]);
    desk.wait_saved();
    desk.wait_until("the disagreement is counted", |state| {
        let project = state.project.as_ref().unwrap();
        let mut images = project.images.iter();
        images.any(|image| image.disagreement.is_some())
    });
    desk.click("Image");
    desk.click("Sort by disagreement");
    assert_eq!(shown(&desk)[0], "2");
    desk.click("Image");
    desk.click("Sort by time changed");
    assert_eq!(shown(&desk)[0], "2");
    assert_eq!(shown(&desk)[4], "4", "it never changed");
    desk.close();
    let mut desk = room.start();
    desk.open(&room.path("many"));
    assert_eq!(desk.state().settings.order, Order::Changed);
    assert_eq!(shown(&desk)[0], "2");
}

#[test]
fn reviewed_images_leave_a_filtered_list_as_one_goes_on() {
    let room = predicted();
    let mut desk = room.start();
    desk.open(&room.path("many"));
    type_filter(&mut desk, "-status:reviewed label:car,sky");
    desk.press(Key::Enter);
    assert_eq!(shown(&desk), ["0", "1", "2", "3"]);
    click_row(&mut desk, "1", Modifiers::NONE);
    wait_current(&mut desk, "1");
    desk.command(Command::MarkReviewed);
    wait_current(&mut desk, "3");
    assert_eq!(
        shown(&desk),
        ["0", "2", "3"],
        "by name, the queue by uncertainty"
    );
    desk.command(Command::MarkReviewed);
    wait_current(&mut desk, "2");
    desk.command(Command::MarkReviewed);
    wait_current(&mut desk, "0");
    desk.command(Command::MarkReviewed);
    assert_eq!(project(&desk).count(Status::Reviewed), 4);
    assert_eq!(status(&desk, "4"), Status::Unlabelled);
    assert!(
        desk.harness
            .state()
            .notes()
            .any(|note| note.contains("reviewed")),
        "nothing is left"
    );
}

#[test]
fn several_images_are_chosen_by_mouse_and_keyboard() {
    let room = predicted();
    let mut desk = room.start();
    desk.open(&room.path("many"));
    assert_eq!(selected(&desk), ["0"], "the one on the canvas");
    click_row(&mut desk, "2", Modifiers::COMMAND);
    assert_eq!(selected(&desk), ["0", "2"]);
    assert_eq!(current(&desk), "0");
    click_row(&mut desk, "4", Modifiers::SHIFT);
    assert_eq!(selected(&desk), ["2", "3", "4"]);
    assert!(desk.sees("3 selected"));
    click_row(&mut desk, "3", Modifiers::COMMAND);
    assert_eq!(selected(&desk), ["2", "4"]);
    desk.press(Key::Escape);
    assert_eq!(selected(&desk), ["0"]);
    desk.command(Command::ExtendDown);
    desk.command(Command::ExtendDown);
    assert_eq!(selected(&desk), ["0", "1", "2"]);
    desk.command(Command::ExtendUp);
    assert_eq!(selected(&desk), ["0", "1"]);
    type_filter(&mut desk, "label:car");
    assert_eq!(
        selected(&desk),
        ["1"],
        "what is not to be seen is not chosen"
    );
    desk.press(Key::Enter);
    desk.command(Command::SelectAll);
    assert_eq!(selected(&desk), ["1", "2"]);
    click_row(&mut desk, "2", Modifiers::NONE);
    wait_current(&mut desk, "2");
    assert_eq!(selected(&desk), ["2"]);
}

#[test]
fn chosen_images_are_marked_and_predicted_together() {
    let room = predicted();
    let mut desk = room.start();
    desk.open(&room.path("many"));
    click_row(&mut desk, "2", Modifiers::SHIFT);
    desk.command(Command::ReviewSelected);
    wait_batch(&mut desk);
    desk.wait_until("three are reviewed", |state| {
        state.project.as_ref().unwrap().count(Status::Reviewed) == 3
    });
    desk.click("3 selected");
    desk.click("Mark selected not reviewed");
    wait_batch(&mut desk);
    desk.wait_until("none is reviewed", |state| {
        state.project.as_ref().unwrap().count(Status::Predicted) == 4
    });
    click_row(&mut desk, "4", Modifiers::NONE);
    wait_current(&mut desk, "4");
    desk.click("Image");
    desk.click("Predict selected");
    desk.wait_until("the fifth is predicted too", |state| {
        state.project.as_ref().unwrap().count(Status::Predicted) == 5
    });
}

#[test]
fn deleted_labels_are_brought_back_by_the_note_and_after_a_restart() {
    let room = predicted();
    let mut desk = room.start();
    desk.open(&room.path("many"));
    let labels = desk.labels();
    click_row(&mut desk, "1", Modifiers::COMMAND);
    desk.command(Command::DeleteLabels);
    wait_batch(&mut desk);
    assert_eq!(
        [status(&desk, "0"), status(&desk, "1")],
        [Status::Unlabelled; 2]
    );
    assert!(desk.labels().iter().all(|label| *label == VOID));
    assert!(desk.sees("Labels of 2 images deleted"));
    desk.click("Undo: Labels of 2 images deleted");
    wait_batch(&mut desk);
    desk.wait_until("they are back", |state| {
        state.project.as_ref().unwrap().count(Status::Predicted) == 4
    });
    assert_eq!(desk.labels(), labels);
    assert!(!desk.state().allows(Command::RestoreLabels));

    desk.command(Command::DeleteLabels);
    wait_batch(&mut desk);
    desk.close();
    assert!(room.path("many/.atrous/trash/1/0.png.png").is_file());
    let mut desk = room.start();
    desk.open(&room.path("many"));
    assert!(desk.labels().iter().all(|label| *label == VOID));
    desk.click("Image");
    desk.click("Restore deleted labels");
    wait_batch(&mut desk);
    desk.wait_until("they are back", |state| {
        state.project.as_ref().unwrap().count(Status::Predicted) == 4
    });
    assert_eq!(desk.labels(), labels);
    desk.close();
    let map = LabelMap::from_vec(40, 30, &labels).unwrap();
    let project = Project::open(&room.path("many"), OpenOptions::default()).unwrap();
    let first = project.images().unwrap()[0].id;
    assert_eq!(project.load_label(first).unwrap(), map);
}
