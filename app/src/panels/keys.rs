//! The keys dialog: every command with its keys, which can be chosen anew.

use atrous_widgets::key_cap;
use atrous_widgets::{search_field, theme};
use egui::{Align, ComboBox, EventFilter, Id, Layout, Response, RichText, ScrollArea, Ui, vec2};

use crate::action::{Action, Actions, KeyChange};
use crate::command::{Command, Group};
use crate::keymap::{Preset, chord_text};
use crate::state::{Dialog, KeyConflict, KeyOwner, KeysForm, State, key_text};

/// The dialog's size in points, where the window has room for it.
const SIZE: egui::Vec2 = vec2(640.0, 560.0);
/// Width of the commands' names, in points.
const NAMES: f32 = 190.0;

pub(super) fn show(ui: &mut Ui, state: &State, form: &KeysForm, actions: &mut Actions) {
    let room = ui.ctx().content_rect().size() - vec2(64.0, 64.0);
    ui.set_min_size(SIZE.min(room));
    ui.set_max_size(SIZE.min(room));
    let mut edited = form.clone();
    if form.conflict.is_none() {
        ui.data_mut(|data| data.remove_temp::<Option<KeyConflict>>(asked()));
    }
    ui.heading("Keys");
    ui.add_space(8.0);
    top(ui, state, &mut edited, actions);
    ui.add_space(8.0);
    let list = ui.available_height() - 40.0;
    ScrollArea::vertical()
        .max_height(list)
        .auto_shrink(false)
        .show(ui, |ui| groups(ui, state, &mut edited, actions));
    ui.add_space(8.0);
    if edited != *form {
        actions.send(Action::Edit(Dialog::Keys(edited)));
    }
    bottom(ui, state, actions);
}

/// Search and preset.
fn top(ui: &mut Ui, state: &State, form: &mut KeysForm, actions: &mut Actions) {
    ui.horizontal(|ui| {
        let size = vec2(280.0, ui.spacing().interact_size.y);
        ui.allocate_ui(size, |ui| {
            let hint = "Find a command or keys";
            search_field(ui, Id::unique("keys search"), &mut form.text, hint);
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let mut preset = state.settings.keys.chosen_preset();
            let combo = ComboBox::from_id_salt("preset")
                .width(130.0)
                .selected_text(preset.name());
            let shown = combo.show_ui(ui, |ui| {
                for other in Preset::ALL {
                    ui.selectable_value(&mut preset, other, other.name());
                }
            });
            let label = ui.weak("Keys of");
            shown.response.labelled_by(label.id);
            if preset != state.settings.keys.chosen_preset() {
                actions.send(Action::Keys(KeyChange::Take(preset)));
            }
        });
    });
}

fn bottom(ui: &mut Ui, state: &State, actions: &mut Actions) {
    ui.horizontal(|ui| {
        if ui.button("Close").clicked() {
            actions.send(Action::CloseDialog);
        }
        let any = !state.settings.keys.commands.is_empty();
        let reset = ui.add_enabled(any, egui::Button::new("Reset all"));
        let tooltip = "Every command gets the preset's keys back";
        if reset.on_hover_text(tooltip).clicked() {
            actions.send(Action::Keys(KeyChange::ResetAll));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let hint = "1 to 9, 0 take classes, with Shift the next ten";
            ui.add(egui::Label::new(RichText::new(hint).weak()).truncate());
        });
    });
}

fn groups(ui: &mut Ui, state: &State, form: &mut KeysForm, actions: &mut Actions) {
    let mut any = false;
    for group in Group::ALL {
        let found: Vec<Command> = group
            .commands()
            .filter(|command| is_found(ui, *command, &form.text))
            .collect();
        if found.is_empty() {
            continue;
        }
        if any {
            ui.add_space(8.0);
        }
        any = true;
        ui.label(theme::strong(group.title()));
        for command in found {
            row(ui, state, command, form, actions);
        }
    }
    if !any {
        ui.weak("No command has this name or these keys");
    }
}

/// Whether the name or one of the keys has what was typed.
fn is_found(ui: &Ui, command: Command, text: &str) -> bool {
    let text = text.trim().to_lowercase();
    let has = |name: &str| name.to_lowercase().contains(&text);
    let keys = command.all_keys(ui.ctx());
    text.is_empty() || has(command.text()) || keys.iter().any(|keys| has(keys))
}

fn row(ui: &mut Ui, state: &State, command: Command, form: &mut KeysForm, actions: &mut Actions) {
    ui.horizontal(|ui| {
        ui.set_min_height(ui.spacing().interact_size.y);
        ui.spacing_mut().item_spacing.x = 4.0;
        let size = vec2(NAMES, ui.spacing().interact_size.y);
        let left = Layout::left_to_right(Align::Center);
        ui.allocate_ui_with_layout(size, left, |ui| {
            ui.set_min_width(NAMES);
            let name = egui::Label::new(command.title()).truncate();
            ui.add(name).on_hover_text(command.tooltip());
        });
        if command == Command::Cancel {
            ui.weak("Esc, always");
            return;
        }
        for shortcut in state.keymap.shortcuts(command) {
            let text = chord_text(shortcut, ui.ctx().os().is_mac());
            let name = format!("Remove {text} from {}", command.title());
            if key_cap::removable(ui, &text, &name).clicked() {
                actions.send(Action::Keys(KeyChange::Remove(command, *shortcut)));
            }
        }
        if form.waiting == Some(command) {
            waiting(ui, form);
        } else {
            add(ui, command, form);
        }
        if state.keymap.is_changed(command) {
            let reset = ui.link("Reset");
            let name = format!("Reset {}", command.title());
            name_it(&reset, &name);
            if reset.on_hover_text("The preset's keys").clicked() {
                actions.send(Action::Keys(KeyChange::Reset(command)));
            }
        }
    });
    let conflict = form.conflict.filter(|conflict| conflict.command == command);
    if let Some(conflict) = conflict {
        question(ui, state, &conflict, form, actions);
    }
}

/// The button that waits for keys when it is pressed. It has the focus again after a question.
fn add(ui: &mut Ui, command: Command, form: &mut KeysForm) {
    let add = key_cap::add(ui, &format!("Add keys for {}", command.title()));
    if ui.data(|data| data.get_temp(answered())) == Some(command) {
        ui.data_mut(|data| data.remove::<Command>(answered()));
        add.request_focus();
    }
    if add.clicked() {
        *form = KeysForm {
            text: form.text.clone(),
            waiting: Some(command),
            ..KeysForm::default()
        };
    }
}

/// Where it is kept for which command a question was answered.
fn answered() -> Id {
    Id::unique("keys answered")
}

/// In place of the button: the next keys pressed are taken.
fn waiting(ui: &mut Ui, form: &mut KeysForm) {
    let tokens = theme::tokens(ui.ctx());
    let text = RichText::new("Press keys").color(tokens.color.text_on_accent);
    let button = ui.add(egui::Button::new(text).fill(tokens.color.accent));
    name_it(&button, "Press keys, Esc leaves");
    button.request_focus();
    // Tab and arrows are among the keys that may be pressed.
    let all = EventFilter {
        tab: true,
        horizontal_arrows: true,
        vertical_arrows: true,
        escape: true,
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(button.id, all));
    button.scroll_to_me(None);
    match &form.refused {
        Some(reason) => ui.colored_label(tokens.color.warning, reason),
        None => ui.weak("Esc leaves"),
    };
    if button.clicked() {
        form.waiting = None;
        form.refused = None;
    }
}

/// The keys do something else: take them from it? The answer that takes them has the focus first.
fn question(
    ui: &mut Ui,
    state: &State,
    conflict: &KeyConflict,
    form: &mut KeysForm,
    actions: &mut Actions,
) {
    let tokens = theme::tokens(ui.ctx());
    let keys = chord_text(&conflict.shortcut, ui.ctx().os().is_mac());
    let [meaning, owner] = owner_in_words(state, conflict.owner);
    ui.horizontal(|ui| {
        ui.add_space(NAMES + 4.0);
        ui.colored_label(tokens.color.warning, format!("{keys} {meaning}"));
        let take = ui.button("Take it from there");
        name_it(&take, &format!("Take {keys} from {owner}"));
        let asked = ui.data_mut(|data| {
            let asked = data.get_temp_mut_or_default::<Option<KeyConflict>>(asked());
            asked.replace(*conflict)
        });
        if asked != Some(*conflict) {
            take.request_focus();
        }
        take.scroll_to_me(None);
        let left = ui.button("Leave it").clicked();
        if take.clicked() {
            let change = KeyChange::Add(conflict.command, conflict.shortcut);
            actions.send(Action::Keys(change));
        } else if left {
            form.conflict = None;
        } else {
            return;
        }
        ui.data_mut(|data| data.insert_temp(answered(), conflict.command));
    });
}

/// Where it is kept which question was asked last.
fn asked() -> Id {
    Id::unique("keys asked")
}

/// What keys do already, as the end of a sentence, and what that belongs to.
fn owner_in_words(state: &State, owner: KeyOwner) -> [String; 2] {
    let class = |place: usize| {
        let class = state.classes.slots.class(place);
        let project = state.project.as_ref();
        let known = project.and_then(|project| project.palette.class(class?));
        known.map_or_else(|| "a class".to_owned(), |class| class.name.clone())
    };
    match owner {
        KeyOwner::Command(command) => {
            let owner = command.title();
            [format!("is also {owner}"), owner.to_owned()]
        }
        KeyOwner::Class(place) => [format!("also takes {}", class(place)), class(place)],
        KeyOwner::GiveKey(place) => {
            let key = key_text(place);
            [
                format!("also gives a class the key {key}"),
                "classes".to_owned(),
            ]
        }
    }
}

/// Gives a button a name that says more than its text.
fn name_it(response: &Response, name: &str) {
    response
        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, response.enabled(), name));
}
