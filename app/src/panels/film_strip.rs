//! The images, with their thumbnails and statuses.

use atrous_engine::project::{ImageRecord, Status};
use atrous_widgets::buttons;
use atrous_widgets::film_strip::{self, StripItem, StripStatus};
use atrous_widgets::icons::Icon;
use egui::{Align, Layout, Ui, Vec2};

use super::Surface;
use crate::action::{Action, Actions};
use crate::command::Command;
use crate::state::{OpenProject, State, Thumbnail};

pub(super) fn show(ui: &mut Ui, state: &State, surface: &mut Surface, actions: &mut Actions) {
    let Some(project) = &state.project else {
        return;
    };
    header(ui, state, project, actions);
    if project.images.is_empty() {
        ui.weak("No images in this folder");
        return;
    }
    let place = project.place();
    let moved = surface.scrolled_to != project.current;
    let response = film_strip::show(ui, project.order.len(), place, moved, |place| {
        item(project, place)
    });
    surface.scrolled_to = project.current;
    if let Some(image) = response.clicked.and_then(|place| project.at(place)) {
        actions.send(Action::Show(image.id));
    }
    let missing = response.visible.clone().any(|place| {
        project
            .at(place)
            .is_some_and(|image| !project.thumbnails.contains_key(&image.id))
    });
    if missing {
        actions.send(Action::Thumbnails(response.visible));
    }
}

fn header(ui: &mut Ui, state: &State, project: &OpenProject, actions: &mut Actions) {
    ui.horizontal(|ui| {
        ui.add_space(4.0);
        ui.label(atrous_widgets::theme::strong("Images"));
        ui.weak(project.images.len().to_string());
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let command = Command::SortByUncertainty;
            let on = state.is_on(command);
            let button = buttons::icon(ui, Icon::Confidence, command.text(), on, true);
            let tooltip = command.tooltip_with_keys(ui.ctx());
            if button.on_hover_text(tooltip).clicked() {
                actions.run(command);
            }
        });
    });
}

fn item(project: &OpenProject, place: usize) -> StripItem<'_> {
    let Some(image) = project.at(place) else {
        return StripItem {
            name: "",
            status: StripStatus::Unlabelled,
            uncertainty: None,
            thumbnail: None,
        };
    };
    let thumbnail = project.thumbnails.get(&image.id);
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
