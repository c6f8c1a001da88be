//! The shortcut sheet: every command that has keys, and what else the keyboard does.

use atrous_widgets::theme;
use egui::{Grid, ScrollArea, Ui};

use crate::action::{Action, Actions};
use crate::command::{Command, Group};

/// How many columns there are, and the space between them in points.
const COLUMNS: usize = 3;
const GAP: f32 = 36.0;

/// What is no command.
const MORE: &str = "1 to 9 and 0 take the first ten classes, with Shift the next ten; with Alt they \
                    give the current class that key. Space held moves the view.";

pub(super) fn show(ui: &mut Ui, actions: &mut Actions) {
    let room = ui.ctx().content_rect().size() - egui::vec2(64.0, 64.0);
    ui.set_max_size(room);
    super::dialogs::title(ui, "Keyboard shortcuts");
    ScrollArea::both()
        .max_height(room.y - 110.0)
        .show(ui, |ui| {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = GAP;
                for groups in columns(ui) {
                    ui.vertical(|ui| {
                        for group in groups {
                            show_group(ui, group);
                        }
                    });
                }
            });
        });
    ui.weak(MORE);
    ui.add_space(8.0);
    ui.horizontal(|ui| {
        if ui.button("Close").clicked() {
            actions.send(Action::CloseDialog);
        }
        if ui.button(Command::CustomiseKeys.text()).clicked() {
            actions.run(Command::CustomiseKeys);
        }
    });
}

/// The groups in columns of about the same height, in their order.
fn columns(ui: &Ui) -> [Vec<Group>; COLUMNS] {
    // A title and the space below it are as high as two commands.
    let height = |group: &Group| 2 + with_keys(ui, *group).len();
    let all: usize = Group::ALL.iter().map(height).sum();
    let mut columns: [Vec<Group>; COLUMNS] = Default::default();
    let mut above = 0;
    for group in Group::ALL {
        // By its middle.
        let middle = above + height(&group) / 2;
        columns[(middle * COLUMNS / all).min(COLUMNS - 1)].push(group);
        above += height(&group);
    }
    columns
}

/// The group's commands that have keys, with them.
fn with_keys(ui: &Ui, group: Group) -> Vec<(Command, String)> {
    let commands = group.commands();
    let keys = commands.map(|command| (command, command.all_keys(ui.ctx()).join(", ")));
    keys.filter(|(_, keys)| !keys.is_empty()).collect()
}

fn show_group(ui: &mut Ui, group: Group) {
    ui.label(theme::strong(group.title()));
    Grid::new(group.title())
        .num_columns(2)
        .min_col_width(120.0)
        .min_row_height(18.0)
        .spacing([12.0, 2.0])
        .show(ui, |ui| {
            for (command, keys) in with_keys(ui, group) {
                ui.label(command.title());
                ui.weak(keys);
                ui.end_row();
            }
        });
    ui.add_space(8.0);
}
