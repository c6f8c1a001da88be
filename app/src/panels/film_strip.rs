//! The images, with their thumbnails and statuses, and what is done with several of them.

use std::ops::Range;

use atrous_engine::project::filter::complete;
use atrous_engine::project::{ImageId, ImageRecord, Status};
use atrous_widgets::film_strip::{self, Click, StripItem, StripStatus};
use atrous_widgets::icons::Icon;
use atrous_widgets::query_field::{Offer, Query, QueryField};
use atrous_widgets::{buttons, theme};
use egui::{Align, Layout, Ui, Vec2};

use super::{Surface, top_bar};
use crate::action::{Action, Actions};
use crate::command::Command;
use crate::state::{Choosing, OpenProject, State, Thumbnail};

/// What the film strip keeps for itself between frames.
#[derive(Debug, Default)]
pub struct StripView {
    /// The search field.
    pub query: QueryField,
    /// The image that it last scrolled to because it came on the canvas.
    scrolled_to: Option<ImageId>,
    /// Another image that is to come into view.
    wanted: Option<ImageId>,
}

impl StripView {
    /// Brings the image on the canvas into view, wherever it is now.
    pub fn show_current(&mut self) {
        self.scrolled_to = None;
    }

    /// Brings an image into view.
    pub fn show_image(&mut self, id: ImageId) {
        self.wanted = Some(id);
    }

    /// The place that is to come into view in this frame.
    fn scroll_to(&mut self, project: &OpenProject) -> Option<usize> {
        let moved = self.scrolled_to != project.current;
        self.scrolled_to = project.current;
        match self.wanted.take() {
            Some(id) => project.place_of(id),
            None if moved => project.place(),
            None => None,
        }
    }
}

/// The orders of the film strip.
const ORDERS: [Command; 4] = [
    Command::SortByName,
    Command::SortByUncertainty,
    Command::SortByDisagreement,
    Command::SortByChange,
];

/// What can be done with the chosen images.
const BATCH: [Command; 8] = [
    Command::ReviewSelected,
    Command::UnreviewSelected,
    Command::ExcludeSelected,
    Command::IncludeSelected,
    Command::UndoExclusion,
    Command::PredictSelected,
    Command::DeleteLabels,
    Command::RestoreLabels,
];

pub(super) fn show(ui: &mut Ui, state: &State, surface: &mut Surface, actions: &mut Actions) {
    let Some(project) = &state.project else {
        return;
    };
    let view = &mut surface.strip;
    header(ui, state, project, actions);
    if project.images.is_empty() {
        ui.weak("No images in this folder");
        return;
    }
    search(ui, project, view, actions);
    if !project.selection.is_empty() {
        selection(ui, state, project, actions);
    }
    if project.strip.is_empty() {
        ui.weak("No image passes the filter");
        return;
    }
    let scroll_to = view.scroll_to(project);
    let item = |place| item(project, place);
    let menu = |ui: &mut Ui| batch_menu(ui, state, actions);
    let (len, selected) = (project.strip.len(), project.place());
    let response = film_strip::show(ui, len, selected, scroll_to, item, menu);
    if let Some((place, click)) = response.clicked
        && let Some(image) = project.at(place)
    {
        clicked(project, image.id, click, actions);
    }
    want_thumbnails(project, &response.visible, actions);
}

fn header(ui: &mut Ui, state: &State, project: &OpenProject, actions: &mut Actions) {
    ui.horizontal(|ui| {
        ui.add_space(4.0);
        ui.label(theme::strong("Images"));
        let (shown, all) = (project.strip.len(), project.images.len());
        if project.strip.is_filtered() {
            ui.weak(format!("{shown} of {all}"));
        } else {
            ui.weak(all.to_string());
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let order = ORDERS
                .iter()
                .find(|order| state.is_on(**order) == Some(true));
            let text = order.map_or("Sort", |order| order.text().trim_start_matches("Sort by "));
            let menu = ui.menu_button(capital(text), |ui| {
                for order in ORDERS {
                    top_bar::item(ui, state, order, actions);
                }
            });
            menu.response
                .on_hover_text("What comes first in the film strip");
        });
    });
}

/// "time changed" as the beginning of a sentence.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// The field in which the person says which images to show.
fn search(ui: &mut Ui, project: &OpenProject, view: &mut StripView, actions: &mut Actions) {
    let strip = &project.strip;
    let completion = complete(&strip.query, view.query.cursor(), &project.palette);
    let offers: Vec<Offer<'_>> = completion
        .choices
        .iter()
        .map(|choice| Offer {
            text: &choice.text,
            hint: choice.hint,
        })
        .collect();
    let fault = strip.fault.as_ref();
    let query = Query {
        text: &strip.query,
        hint: "Filter images",
        fault: fault.map(|fault| (&fault.span, fault.expected.as_str())),
        offers: &offers,
        word: &completion.word,
    };
    if let Some(text) = view.query.show(ui, &query) {
        actions.send(Action::Filter(text));
    }
    if let Some(fault) = fault.filter(|_| offers.is_empty() || !view.query.is_focused()) {
        let tokens = theme::tokens(ui.ctx());
        ui.colored_label(tokens.color.error, fault.to_string());
    }
    ui.add_space(4.0);
}

/// How many images are chosen, and what can be done with them.
fn selection(ui: &mut Ui, state: &State, project: &OpenProject, actions: &mut Actions) {
    ui.horizontal(|ui| {
        ui.add_space(4.0);
        let text = format!("{} selected", project.selection.len());
        ui.menu_button(text, |ui| batch_menu(ui, state, actions));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if buttons::icon(ui, Icon::Close, "Clear selection", None, true).clicked() {
                actions.run(Command::Cancel);
            }
        });
    });
}

fn batch_menu(ui: &mut Ui, state: &State, actions: &mut Actions) {
    ui.set_min_width(200.0);
    for command in BATCH {
        top_bar::item(ui, state, command, actions);
    }
}

fn clicked(project: &OpenProject, id: ImageId, click: Click, actions: &mut Actions) {
    let choosing = match click {
        Click::Only => Choosing::Only,
        Click::Toggle => Choosing::Toggle,
        Click::Range => Choosing::Range,
        // The menu is for what is chosen; another image is chosen by opening its menu.
        Click::Menu if project.selection.contains(id) => return,
        Click::Menu if project.selection.is_empty() && project.current == Some(id) => return,
        Click::Menu => Choosing::Only,
    };
    actions.send(Action::Choose(id, choosing));
}

/// Asks for the small copies of the rows in view, if one is missing.
fn want_thumbnails(project: &OpenProject, visible: &Range<usize>, actions: &mut Actions) {
    let missing = visible.clone().any(|place| {
        let image = project.at(place);
        image.is_some_and(|image| project.thumbnails.get(image).is_none())
    });
    if missing {
        actions.send(Action::Thumbnails(visible.clone()));
    }
}

fn item(project: &OpenProject, place: usize) -> StripItem<'_> {
    let Some(image) = project.at(place) else {
        return StripItem {
            name: "",
            status: StripStatus::Unlabelled,
            uncertainty: None,
            thumbnail: None,
            chosen: false,
            excluded: false,
        };
    };
    let thumbnail = project.thumbnails.get(image);
    let unreadable = image.error.is_some() || matches!(thumbnail, Some(Thumbnail::Failed));
    StripItem {
        name: image.path.to_str().unwrap_or("(name is not Unicode)"),
        status: if unreadable {
            StripStatus::Failed
        } else {
            status(image)
        },
        uncertainty: image.uncertainty,
        thumbnail: match thumbnail {
            Some(Thumbnail::Ready(texture)) => Some((texture.id(), texture_size(texture))),
            _ => None,
        },
        chosen: project.selection.contains(image.id),
        excluded: image.excluded,
    }
}

fn texture_size(texture: &egui::TextureHandle) -> Vec2 {
    let [width, height] = texture.size();
    Vec2::new(width as f32, height as f32)
}

fn status(image: &ImageRecord) -> StripStatus {
    match image.status {
        Status::Unlabelled => StripStatus::Unlabelled,
        Status::Predicted => StripStatus::Predicted,
        Status::Corrected => StripStatus::Corrected,
        Status::Reviewed => StripStatus::Reviewed,
    }
}
