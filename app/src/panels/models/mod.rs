//! The Models panel: every published model, what it is, and getting it.

mod details;

use atrous_engine::zoo::{Entry, Presence};
use atrous_widgets::icons::Icon;
use atrous_widgets::model_list::{self, Mark, ModelRow};
use atrous_widgets::{buttons, search_field, theme};
use egui::{Align, ComboBox, Id, Layout, Ui, vec2};

use crate::action::{Action, Actions};
use crate::command::Command;
use crate::state::{Dialog, ModelsForm, State, Task, ZooState};

/// The panel's size in points, where the window has room for it.
const SIZE: egui::Vec2 = vec2(860.0, 560.0);
/// Width of the details, in points.
const DETAILS: f32 = 320.0;

pub(super) fn show(ui: &mut Ui, state: &State, form: &ModelsForm, actions: &mut Actions) {
    let room = ui.ctx().content_rect().size() - vec2(64.0, 64.0);
    ui.set_min_size(SIZE.min(room));
    ui.set_max_size(SIZE.min(room));
    top(ui, state, actions);
    ui.add_space(8.0);
    let mut edited = form.clone();
    let zoo = &state.zoo;
    filters(ui, zoo, &mut edited);
    ui.add_space(8.0);
    let shown = zoo.shown(&edited);
    ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
        ui.allocate_ui_with_layout(
            vec2(DETAILS, ui.available_height()),
            Layout::top_down(Align::Min),
            |ui| {
                ui.set_width(DETAILS);
                let selected = edited.selected.as_deref().and_then(|name| zoo.entry(name));
                match selected {
                    Some(entry) => details::show(ui, state, entry, actions),
                    None => hint(ui, &shown),
                }
            },
        );
        ui.separator();
        ui.with_layout(Layout::top_down(Align::Min), |ui| {
            list(ui, state, &shown, &mut edited);
        });
    });
    if edited != *form {
        actions.send(Action::Edit(Dialog::Models(edited)));
    }
}

/// The title, and the way in for a file from elsewhere.
fn top(ui: &mut Ui, state: &State, actions: &mut Actions) {
    ui.horizontal(|ui| {
        ui.heading("Models");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if buttons::icon(ui, Icon::Close, "Close", None, true).clicked() {
                actions.send(Action::CloseDialog);
            }
            let import = Command::ChooseModel;
            ui.add_enabled_ui(state.allows(import), |ui| {
                let button = buttons::labeled(ui, Icon::Folder, "Import a file...");
                let tooltip = "Take a model file, or an archive of one of these that you have";
                if button.on_hover_text(tooltip).clicked() {
                    actions.run(import);
                }
            });
        });
    });
}

fn filters(ui: &mut Ui, zoo: &ZooState, form: &mut ModelsForm) {
    ui.horizontal(|ui| {
        let size = vec2(220.0, ui.spacing().interact_size.y);
        ui.allocate_ui(size, |ui| {
            search_field(
                ui,
                Id::unique("model search"),
                &mut form.text,
                "Find a model",
            );
        });
        let sets = zoo.zoo.iter().flat_map(|zoo| &zoo.catalogue.data_sets);
        let sets: Vec<_> = sets
            .map(|set| (set.key.clone(), set.title.clone()))
            .collect();
        choice(ui, "Data set", &sets, &mut form.data_set);
        let families = zoo.families();
        let families: Vec<_> = families
            .into_iter()
            .map(|family| (family.clone(), family))
            .collect();
        choice(ui, "Backbone", &families, &mut form.family);
    });
}

/// A choice of one value, named by its text, or of all.
fn choice(ui: &mut Ui, name: &str, values: &[(String, String)], chosen: &mut Option<String>) {
    let text = |value: &Option<String>| {
        let chosen = values.iter().find(|(key, _)| Some(key) == value.as_ref());
        chosen.map_or_else(|| "All".to_owned(), |(_, text)| text.clone())
    };
    let label = ui.weak(name);
    let combo = ComboBox::from_id_salt(name)
        .width(140.0)
        .selected_text(text(chosen));
    let response = combo.show_ui(ui, |ui| {
        ui.selectable_value(chosen, None, "All");
        for (key, text) in values {
            ui.selectable_value(chosen, Some(key.clone()), text);
        }
    });
    response.response.labelled_by(label.id);
}

fn list(ui: &mut Ui, state: &State, shown: &[&Entry], form: &mut ModelsForm) {
    if shown.is_empty() {
        ui.weak(if state.zoo.zoo.is_some() {
            "No model fits"
        } else {
            "There is no folder to keep models in: set ATROUS_CACHE to one"
        });
        return;
    }
    let rows: Vec<_> = shown.iter().map(|entry| row(state, entry)).collect();
    if let Some(name) = model_list::show(ui, &rows, form.selected.as_deref()) {
        form.selected = Some(name.to_owned());
    }
}

fn row<'a>(state: &'a State, entry: &'a Entry) -> ModelRow<'a> {
    let zoo = &state.zoo;
    let set = zoo
        .zoo
        .as_ref()
        .and_then(|zoo| zoo.catalogue.data_set(entry));
    let mark = if zoo.coming.as_ref() == Some(&entry.name) {
        Mark::Coming(state.jobs.fraction(Task::Download))
    } else {
        match zoo.presence_of(&entry.name) {
            Presence::Absent => Mark::None,
            Presence::Begun { .. } => Mark::Begun,
            Presence::Here { .. } => Mark::Here,
        }
    };
    ModelRow {
        name: &entry.name,
        kind: format!("{}, {}", entry.backbone(), entry.head()),
        group: set.map_or("", |set| set.title.as_str()),
        score: entry
            .best_miou()
            .map_or(String::new(), |miou| format!("{miou:.1} mIoU")),
        size: entry
            .megabytes
            .map_or(String::new(), |size| format!("{size:.0} MB")),
        mark,
    }
}

/// What stands where the details will.
fn hint(ui: &mut Ui, shown: &[&Entry]) {
    let tokens = theme::tokens(ui.ctx());
    ui.add_space(tokens.space.padding);
    ui.weak(format!(
        "{} models. Choose one to see what it is.",
        shown.len()
    ));
    ui.add_space(tokens.space.item);
    ui.weak(
        "Nothing is downloaded until you ask for it. What you download stays on this machine and \
         works offline.",
    );
}
