//! The Models panel: finding, downloading and taking a published model.

use atrous::command::Command;
use atrous::state::{Dialog, ModelChoice, State, Task};
use atrous_engine::weights::Storage;
use atrous_engine::zoo::Presence;
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;

use super::desk::{Desk, Room, small_model};
use crate::zoo::server::{Answer, Server};
use crate::zoo::tarball::{Member, tar_gz};
use crate::zoo::zoo_at;

/// A room whose zoo is on a server of this machine, with one model that works.
fn room_with(script: impl Into<Vec<Answer>>) -> (Server, Room) {
    let model = small_model().to_bytes(Storage::Float32).unwrap();
    let archive = tar_gz(&[Member::file("small/model.safetensors", &model)]);
    let server = Server::start(&archive, script);
    let mut room = Room::new(1);
    room.zoo = Some(zoo_at(&server, &room.path("cache")));
    (server, room)
}

/// Opens the panel and chooses `small`.
fn choose_small(desk: &mut Desk) {
    desk.command(Command::Models);
    desk.wait_until("somebody looked", |state| !state.zoo.presence.is_empty());
    row(desk, "small").click();
    desk.settle();
}

/// The row of a model.
#[track_caller]
fn row<'a>(desk: &'a Desk, name: &str) -> egui_kittest::Node<'a> {
    let start = format!("{name}, ");
    let mut rows = desk
        .harness
        .query_all_by_role(Role::ListBoxOption)
        .filter(|row| label(row).starts_with(&start));
    rows.next().unwrap_or_else(|| panic!("there is no {name}"))
}

/// Presses the button of that name.
fn press(desk: &mut Desk, name: &str) {
    desk.harness
        .get_by_role_and_label(Role::Button, name)
        .click();
    desk.settle();
}

fn label(node: &egui_kittest::Node<'_>) -> String {
    use egui_kittest::kittest::NodeT as _;
    node.accesskit_node().label().unwrap_or_default()
}

fn rows(desk: &Desk) -> usize {
    desk.harness.query_all_by_role(Role::ListBoxOption).count()
}

fn presence(state: &State) -> Presence {
    state.zoo.presence_of("small")
}

#[test]
fn models_are_found_by_words_data_set_and_backbone() {
    let room = Room::new(1);
    let mut desk = room.start();
    desk.command(Command::Models);
    desk.settle();
    assert_eq!(rows(&desk), 22);
    desk.harness.get_by_role(Role::TextInput).focus();
    desk.settle();
    desk.harness
        .get_by_role(Role::TextInput)
        .type_text("cityscapes xception");
    desk.settle();
    assert_eq!(rows(&desk), 3);
    row(&desk, "xception71_dpc_cityscapes_trainfine").click();
    desk.settle();
    assert!(desk.sees("dense prediction cell, decoder 4"));
    assert!(desk.sees("80.31 mIoU on val, stride 16"));
    assert!(desk.sees("non-commercial"));

    let edit = |desk: &mut Desk, data_set: Option<&str>, family: Option<&str>| {
        let Some(Dialog::Models(mut form)) = desk.state().dialog.clone() else {
            panic!("the panel is closed")
        };
        form.text.clear();
        form.data_set = data_set.map(str::to_owned);
        form.family = family.map(str::to_owned);
        desk.state().zoo.shown(&form).len()
    };
    assert_eq!(edit(&mut desk, Some("pascal"), None), 6);
    assert_eq!(edit(&mut desk, None, Some("MobileNetV3")), 2);
    assert_eq!(edit(&mut desk, Some("imagenet"), Some("Xception")), 4);

    desk.press(Key::Escape);
    assert_eq!(desk.state().dialog, None);
    desk.command(Command::Models);
    desk.settle();
    assert_eq!(rows(&desk), 3, "the panel is as it was left");
}

#[test]
fn a_model_is_downloaded_taken_and_remembered() {
    let (server, room) = room_with([Answer::CloseAfter(100_000)]);
    let mut desk = room.start();
    choose_small(&mut desk);
    assert_eq!(presence(desk.state()), Presence::Absent);
    press(&mut desk, "Download");
    desk.wait_until("the model is here", |state| {
        matches!(presence(state), Presence::Here { .. }) && state.zoo.coming.is_none()
    });
    assert_eq!(server.ranges(), ["all", "100000"]);
    assert!(desk.sees("on this machine"));
    desk.harness.check_accessibility();
    desk.click("Use this model");
    assert_eq!(desk.state().dialog, None);
    desk.wait_until("the model is read", |state| {
        state
            .model
            .card
            .as_ref()
            .is_some_and(|card| card.name == "small" && card.licence.contains("Apache"))
    });
    desk.open(&room.streets());
    desk.command(Command::PredictImage);
    desk.wait_until("the image is predicted", |state| {
        state
            .document
            .as_ref()
            .is_some_and(|document| document.prediction.is_some())
    });
    desk.close();

    let desk = room.start();
    let choice = &desk.state().model.choice;
    assert!(
        matches!(choice, ModelChoice::Published { name, .. } if name == "small"),
        "{choice:?}"
    );
}

#[test]
fn a_download_can_be_stopped_and_gone_on_with() {
    let (server, mut room) = room_with([Answer::FallSilentAfter(100_000)]);
    if let Some(zoo) = &mut room.zoo {
        zoo.options.stall = std::time::Duration::from_secs(60);
    }
    let mut desk = room.start();
    choose_small(&mut desk);
    press(&mut desk, "Download");
    desk.wait_until("all that the server sends has come", |state| {
        state
            .jobs
            .progress(Task::Download)
            .is_some_and(|progress| progress.done == 100_000)
    });
    assert!(desk.sees("0.1/"));
    desk.harness.check_accessibility();
    desk.click("Stop download");
    desk.wait_until("it stopped", |state| !state.jobs.is_running(Task::Download));
    assert!(matches!(
        presence(desk.state()),
        Presence::Begun { bytes: 100_000 }
    ));
    desk.click("Go on downloading");
    desk.wait_until("the model is here", |state| {
        matches!(presence(state), Presence::Here { .. }) && state.zoo.coming.is_none()
    });
    assert_eq!(server.ranges(), ["all", "100000"]);
    desk.click("Remove");
    desk.wait_until("the model is gone", |state| {
        presence(state) == Presence::Absent
    });
}

#[test]
fn a_failed_download_says_why_and_the_window_goes_on() {
    let (_server, room) = room_with([Answer::Status(404)]);
    let mut desk = room.start();
    choose_small(&mut desk);
    press(&mut desk, "Download");
    desk.wait_until("it failed", |state| state.zoo.failed.is_some());
    assert!(desk.sees("HTTP 404"));
    assert!(
        desk.sees("small.tar.gz"),
        "the address to get it from by other means"
    );
    desk.harness.check_accessibility();
    press(&mut desk, "Download");
    desk.wait_until("the second try brings it", |state| {
        matches!(presence(state), Presence::Here { .. })
    });
    assert!(!desk.sees("HTTP 404"));
}

#[test]
fn an_archive_from_elsewhere_is_imported_without_a_network() {
    let (server, room) = room_with([]);
    let model = small_model().to_bytes(Storage::Float32).unwrap();
    let file = room.path("small.tar.gz");
    std::fs::write(
        &file,
        tar_gz(&[Member::file("small/model.safetensors", &model)]),
    )
    .unwrap();
    *room.answers.path.lock().unwrap() = Some(file);
    let mut desk = room.start();
    choose_small(&mut desk);
    desk.click("Import a file...");
    desk.wait_until("the model is here", |state| {
        matches!(presence(state), Presence::Here { .. }) && state.zoo.coming.is_none()
    });
    assert!(server.requests().is_empty());

    *room.answers.path.lock().unwrap() = Some(room.path("model.safetensors"));
    desk.click("Import a file...");
    desk.wait_until("the file is read", |state| {
        state.dialog.is_none() && state.model.card.is_some()
    });
    assert!(matches!(desk.state().model.choice, ModelChoice::File(_)));
}

#[test]
fn without_a_place_for_models_the_panel_says_so() {
    let mut room = Room::new(1);
    room.zoo = None;
    let mut desk = room.start();
    desk.command(Command::Models);
    desk.settle();
    assert!(desk.sees("ATROUS_CACHE"));
    desk.harness.check_accessibility();
}
