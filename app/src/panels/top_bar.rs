//! The bar at the top: menus, the project and how far it is, and the four things to do.

use atrous_engine::project::Status;
use atrous_widgets::buttons;
use atrous_widgets::icons::Icon;
use atrous_widgets::theme;
use egui::{Align, Layout, Role, Ui, WidgetInfo};

use super::{spots, tool_strip};
use crate::action::Actions;
use crate::command::{Command, Group};
use crate::state::{Look, OpenProject, State};

pub(super) fn show(ui: &mut Ui, state: &State, actions: &mut Actions) {
    ui.horizontal_centered(|ui| {
        ui.scope(|ui| {
            egui::containers::menu::menu_style(ui.style_mut());
            ui.spacing_mut().item_spacing.x = 0.0;
            ui.spacing_mut().button_padding = egui::vec2(8.0, 3.0);
            for group in Group::ALL {
                menu(ui, state, group, actions);
            }
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let (icon, name) = match state.settings.look {
                Look::Dark => (Icon::Sun, "Light theme"),
                Look::Light => (Icon::Moon, "Dark theme"),
            };
            let theme = Command::ToggleTheme;
            let button = buttons::icon(ui, icon, name, None, true);
            let tooltip = super::tooltip(ui.ctx(), state, theme);
            if button.on_hover_text(tooltip).clicked() {
                actions.run(theme);
            }
            tool_strip::button(ui, state, Icon::Command, Command::Palette, actions);
            if let Some(project) = &state.project {
                ui.separator();
                for (icon, command) in [
                    (Icon::Report, Command::Report),
                    (Icon::Export, Command::Export),
                    (Icon::FineTune, Command::FineTune),
                    (Icon::PredictAll, Command::PredictFolder),
                    (Icon::Predict, Command::PredictImage),
                ] {
                    tool_strip::button(ui, state, icon, command, actions);
                }
                ui.with_layout(Layout::top_down(Align::Center), |ui| {
                    ui.centered_and_justified(|ui| title(ui, project));
                });
            }
        });
    });
}

fn menu(ui: &mut Ui, state: &State, group: Group, actions: &mut Actions) {
    let menu = ui.menu_button(group.title(), |ui| {
        ui.set_min_width(220.0);
        for command in group.commands() {
            item(ui, state, command, actions);
        }
    });
    spots::note_menu(ui.ctx(), group, menu.response.rect);
}

/// A command as an entry of a menu, named for screen readers by its text alone.
pub(super) fn item(ui: &mut Ui, state: &State, command: Command, actions: &mut Actions) {
    let on = state.is_on(command).unwrap_or(false);
    let button = egui::Button::selectable(on, command.text()).shortcut_text(command.keys(ui.ctx()));
    let response = ui
        .add_enabled(state.allows(command), button)
        .on_hover_text(command.tooltip())
        .on_disabled_hover_text(super::tooltip(ui.ctx(), state, command));
    let name = || WidgetInfo::labeled(Role::Button, response.enabled(), command.text());
    response.widget_info(name);
    // Asked before: the context is locked while the node is written.
    let keys = command.keys(ui.ctx());
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_keyboard_shortcut(keys);
    });
    if response.clicked() {
        actions.run(command);
        ui.close();
    }
}

/// "street 12/480, 37 reviewed"
fn title(ui: &mut Ui, project: &OpenProject) {
    let tokens = theme::tokens(ui.ctx());
    let mut text = egui::text::LayoutJob::default();
    let font = egui::FontId::proportional(tokens.text.body);
    let strong = egui::TextFormat::simple(font.clone(), tokens.color.text_strong);
    let weak = egui::TextFormat::simple(font, tokens.color.text_weak);
    text.append(&project.name(), 0.0, strong);
    let place = project
        .place()
        .map_or_else(|| "-".to_owned(), |place| (place + 1).to_string());
    let facts = format!(
        "{place}/{}, {} reviewed",
        project.images.len(),
        project.count(Status::Reviewed)
    );
    text.append(&facts, 12.0, weak);
    ui.add(egui::Label::new(text).truncate().selectable(false));
}
