//! Film strip, class list, command palette, notes, progress: what a click or a key does.

use std::time::Duration;

use atrous_widgets::class_list::{self, ClassListResponse, ClassRow};
use atrous_widgets::command_palette::Palette;
use atrous_widgets::film_strip::{self, Click, StripItem, StripResponse, StripStatus};
use atrous_widgets::progress_chip::{self, Progress};
use atrous_widgets::theme::Theme;
use atrous_widgets::toasts::{Level, Toasts};
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::{scenes, screen};

#[derive(Default)]
struct Strip {
    selected: Option<usize>,
    scroll: Option<usize>,
    asked: usize,
    click: Option<(usize, Click)>,
    out: Option<StripResponse>,
}

fn strip() -> Harness<'static, Strip> {
    let names: Vec<String> = (0..100_000).map(|i| format!("image {i}")).collect();
    screen::builder([240.0, 300.0], Theme::Dark).build_ui_state(
        move |ui, state: &mut Strip| {
            state.asked = 0;
            let item = |i: usize| {
                state.asked += 1;
                StripItem {
                    name: &names[i],
                    status: StripStatus::Predicted,
                    uncertainty: Some(0.25),
                    thumbnail: None,
                    chosen: false,
                    excluded: false,
                }
            };
            let menu = |ui: &mut egui::Ui| {
                ui.label("What can be done");
            };
            let scroll = state.scroll;
            let out = film_strip::show(ui, names.len(), state.selected, scroll, item, menu);
            let selected = out.clicked.map(|(place, _)| place);
            state.selected = selected.or(state.selected);
            state.click = out.clicked.or(state.click);
            state.out = Some(out);
        },
        Strip::default(),
    )
}

#[test]
fn of_a_hundred_thousand_images_only_those_in_view_are_asked_for() {
    let mut harness = strip();
    harness.run();
    let state = harness.state();
    let visible = state.out.as_ref().unwrap().visible.clone();
    assert_eq!(visible.start, 0);
    assert!((4..10).contains(&visible.len()), "{visible:?}");
    assert!(
        state.asked <= 2 * visible.len(),
        "{} were asked for",
        state.asked
    );
}

#[test]
fn a_click_selects_and_the_selected_row_comes_into_view() {
    let mut harness = strip();
    harness
        .get_by_label("image 3, predicted, uncertainty 25 %")
        .click();
    harness.run();
    assert_eq!(harness.state().selected, Some(3));

    for target in [77_777, 77_700, 0, 99_999] {
        harness.state_mut().selected = Some(target);
        harness.state_mut().scroll = Some(target);
        harness.run_steps(2);
        harness.state_mut().scroll = None;
        harness.run();
        let visible = harness.state().out.as_ref().unwrap().visible.clone();
        assert!(visible.contains(&target), "{target} is not in {visible:?}");
        harness.get_by_label(&format!("image {target}, predicted, uncertainty 25 %"));
    }
}

#[test]
fn clicks_with_keys_choose_several_and_the_right_button_opens_a_menu() {
    let mut harness = strip();
    let row = |place: usize| format!("image {place}, predicted, uncertainty 25 %");
    for (modifiers, click) in [
        (Modifiers::NONE, Click::Only),
        (Modifiers::COMMAND, Click::Toggle),
        (Modifiers::SHIFT, Click::Range),
    ] {
        harness.get_by_label(&row(2)).click_modifiers(modifiers);
        harness.run();
        assert_eq!(harness.state().click, Some((2, click)));
    }
    harness.get_by_label(&row(1)).click_secondary();
    harness.run();
    assert_eq!(harness.state().click, Some((1, Click::Menu)));
    harness.get_by_label("What can be done");
}

fn classes(count: u8) -> Harness<'static, ClassListResponse> {
    let names: Vec<String> = (0..count).map(|i| format!("class {i}")).collect();
    screen::builder([240.0, 200.0], Theme::Dark).build_ui_state(
        move |ui, state: &mut ClassListResponse| {
            let rows: Vec<ClassRow<'_>> = (0..)
                .zip(&names)
                .map(|(index, name)| ClassRow {
                    index,
                    name,
                    color: [index, 0, 0],
                    key: None,
                    selected: index == 1,
                    hidden: index == 2,
                    locked: index == 3,
                    share: Some(0.1),
                })
                .collect();
            let out = class_list::show(ui, &rows, None, &[]);
            // Kept until the test takes it: later frames have nothing to say.
            state.selected = out.selected.or(state.selected);
            state.toggle_hidden = out.toggle_hidden.or(state.toggle_hidden);
            state.toggle_locked = out.toggle_locked.or(state.toggle_locked);
            state.solo = out.solo.or(state.solo);
        },
        ClassListResponse::default(),
    )
}

#[test]
fn each_part_of_a_class_row_does_one_thing() {
    let none = ClassListResponse::default();
    let cases = [
        (
            "class 0",
            ClassListResponse {
                selected: Some(0),
                ..none
            },
        ),
        (
            "Hide class 1",
            ClassListResponse {
                toggle_hidden: Some(1),
                ..none
            },
        ),
        (
            "Show class 2",
            ClassListResponse {
                toggle_hidden: Some(2),
                ..none
            },
        ),
        (
            "Unlock class 3",
            ClassListResponse {
                toggle_locked: Some(3),
                ..none
            },
        ),
        (
            "Lock class 4",
            ClassListResponse {
                toggle_locked: Some(4),
                ..none
            },
        ),
    ];
    for (label, expected) in cases {
        let mut harness = classes(6);
        harness.get_by_label(label).click();
        harness.run();
        assert_eq!(*harness.state(), expected, "{label}");
    }
}

#[test]
fn alt_on_the_eye_shows_one_class_alone() {
    let mut harness = classes(6);
    harness
        .get_by_label("Hide class 4")
        .click_modifiers(Modifiers::ALT);
    harness.run();
    assert_eq!(harness.state().solo, Some(4));
    assert_eq!(harness.state().toggle_hidden, None);
}

#[test]
fn a_long_list_can_be_searched() {
    assert!(classes(6).query_by_label("Search classes").is_none());
    let mut harness = classes(151);
    harness.get_by_role(egui::Role::TextInput).focus();
    harness.run();
    harness.get_by_role(egui::Role::TextInput).type_text("c149");
    harness.run();
    harness.get_by_label("class 149").click();
    harness.run();
    assert_eq!(harness.state().selected, Some(149));
    assert!(harness.query_by_label("class 0").is_none());
}

#[test]
fn of_a_long_class_list_only_rows_in_view_are_made_and_recent_ones_come_first() {
    let names: Vec<String> = (0..150_u8).map(|index| format!("class {index}")).collect();
    let mut harness = screen::builder([260.0, 300.0], Theme::Dark).build_ui_state(
        move |ui, selected: &mut u8| {
            let rows: Vec<ClassRow<'_>> = (0..)
                .zip(&names)
                .map(|(index, name)| ClassRow {
                    index,
                    name,
                    color: [index, 0, 0],
                    key: None,
                    selected: index == *selected,
                    hidden: false,
                    locked: false,
                    share: None,
                })
                .collect();
            let out = class_list::show(ui, &rows, None, &[149, 3]);
            *selected = out.selected.unwrap_or(*selected);
        },
        0,
    );
    harness.run();
    let made = harness.get_all_by_role(egui::Role::ListBoxOption).count();
    assert!((8..14).contains(&made), "{made} rows are made");
    let at = |harness: &Harness<'_, u8>, name: &str| {
        harness.get_all_by_label(name).next().unwrap().rect().top()
    };
    assert!(at(&harness, "Recent") < at(&harness, "class 149"));
    assert!(at(&harness, "class 149") < at(&harness, "All"));
    assert!(at(&harness, "All") < at(&harness, "class 0"));
    // One that is seen among the recent ones needs no scrolling.
    *harness.state_mut() = 149;
    harness.run();
    harness.get_by_label("class 0");
    // A class that is taken by a key comes into view.
    *harness.state_mut() = 120;
    harness.run();
    harness.get_by_label("class 120");
    assert!(harness.query_by_label("class 0").is_none());
    harness
        .get_by_role_and_label(egui::Role::ListBox, "Classes")
        .focus();
    harness.run();
    for _ in 0..40 {
        harness.key_press(Key::ArrowDown);
        harness.run();
    }
    assert_eq!(*harness.state(), 149);
    harness.get_by_label("class 149");
}

fn palette() -> Harness<'static, (Palette, Option<usize>)> {
    let mut palette = Palette::default();
    palette.toggle();
    let mut harness = screen::builder([700.0, 400.0], Theme::Dark).build_ui_state(
        |ui, (palette, picked): &mut (Palette, Option<usize>)| {
            *picked = palette.show(ui.ctx(), &scenes::entries()).or(*picked);
        },
        (palette, None),
    );
    harness.run_steps(2);
    harness
}

fn type_in(harness: &mut Harness<'_, (Palette, Option<usize>)>, text: &str) {
    harness.event(egui::Event::Text(text.to_owned()));
    harness.run_steps(2);
}

#[test]
fn a_few_letters_and_enter_pick_a_command() {
    let mut harness = palette();
    type_in(&mut harness, "pf");
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    let (palette, picked) = harness.state();
    let picked = picked.unwrap();
    assert_eq!(scenes::entries()[picked].text, "Predict folder");
    assert!(!palette.is_open());
}

#[test]
fn arrows_move_through_the_commands() {
    let mut harness = palette();
    for key in [Key::ArrowDown, Key::ArrowDown, Key::ArrowUp, Key::ArrowDown] {
        harness.key_press(key);
        harness.run_steps(2);
    }
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert_eq!(harness.state().1, Some(2));
}

#[test]
fn a_command_that_cannot_be_done_is_not_picked() {
    let mut harness = palette();
    type_in(&mut harness, "redo");
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert_eq!(harness.state().1, None);
    assert!(harness.state().0.is_open());
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert!(!harness.state().0.is_open());
}

#[test]
fn a_click_picks_a_command() {
    let mut harness = palette();
    harness.get_by_label("Fine-tune").click();
    harness.run_steps(3);
    assert_eq!(harness.state().1, Some(3));
}

#[test]
fn the_click_that_opens_the_palette_does_not_close_it_and_the_next_one_does() {
    let mut harness = screen::builder([700.0, 500.0], Theme::Dark).build_ui_state(
        |ui, palette: &mut Palette| {
            if ui.button("Commands").clicked() {
                palette.toggle();
            }
            palette.show(ui.ctx(), &scenes::entries());
        },
        Palette::default(),
    );
    harness.get_by_label("Commands").click();
    harness.run_steps(3);
    assert!(harness.state().is_open());
    let outside = egui::pos2(690.0, 490.0);
    harness.hover_at(outside);
    harness.drag_at(outside);
    harness.drop_at(outside);
    harness.run_steps(3);
    assert!(!harness.state().is_open());
}

fn notes(toasts: Toasts) -> Harness<'static, Toasts> {
    screen::builder([400.0, 400.0], Theme::Dark)
        .with_step_dt(0.5)
        .build_ui_state(
            |ui, toasts: &mut Toasts| {
                toasts.show(ui.ctx(), 12.0);
            },
            toasts,
        )
}

#[test]
fn notes_go_by_themselves_but_errors_stay_until_closed() {
    let mut toasts = Toasts::default();
    toasts.add(Level::Success, "Saved");
    toasts.add(Level::Error, "Disk full");
    toasts.add(Level::Error, "Disk full");
    let mut harness = notes(toasts);
    harness.get_by_label("Saved");
    harness.run_steps(20);
    let left: Vec<_> = harness.state().texts().map(|(_, text)| text).collect();
    assert_eq!(left, ["Disk full"]);
    harness.get_by_label("Close").click();
    harness.run_steps(2);
    assert_eq!(harness.state().texts().count(), 0);
}

#[test]
fn old_notes_give_way_to_new_ones() {
    let mut toasts = Toasts::default();
    for i in 0..20 {
        toasts.add(Level::Error, format!("error {i}"));
    }
    let texts: Vec<_> = toasts.texts().map(|(_, text)| text.to_owned()).collect();
    assert_eq!(
        texts,
        ["error 15", "error 16", "error 17", "error 18", "error 19"]
    );
}

#[test]
fn a_job_can_be_stopped_once() {
    let mut harness = screen::builder([500.0, 60.0], Theme::Dark).build_ui_state(
        |ui, stopping: &mut bool| {
            let progress = Progress {
                label: "Predict folder",
                done: 3,
                total: 4,
                rate: Some(2.0),
                eta: Some(Duration::from_secs(1)),
                stopping: *stopping,
                bytes: false,
            };
            *stopping |= progress_chip::show(ui, &progress);
        },
        false,
    );
    harness.get_by_label("Predict folder, 3/4, 2.0/s, 1 s left");
    harness.get_by_label("Stop Predict folder").click();
    harness.run();
    assert!(*harness.state());
    harness.get_by_label("Predict folder, 3/4, stopping");
}
